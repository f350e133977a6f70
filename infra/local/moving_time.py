"""Lets a whole Python process live at a moved time: now plus the seconds in a file of eight bytes.

Emulator and functions start it from outside (the functions by a .pth file in their virtual environment), so that
production code, which asks one clock, needs no switch. It reads the file at every question for the time, so that a
move holds at once and everywhere. This file is copied into that environment and may only use what stands there.
"""

import importlib
import mmap
import os
import struct
from pathlib import Path

OFFSET_VARIABLE = "LOCAL_CLOUD_OFFSET_FILE"
_SECONDS = struct.Struct("<q")


def write_offset(path: Path, seconds: int) -> None:
    """Sets how far the time of those who follow this file is moved."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.write(_SECONDS.pack(seconds))


def read_offset(path: Path) -> int:
    """How far the time is moved, in seconds."""
    return int(_SECONDS.unpack(path.read_bytes())[0])


def follow(path: Path) -> None:
    """Moves this process's wall clock by what the file says, from now on; the monotonic clock stays as it is."""
    time_machine = importlib.import_module("time_machine")
    if time_machine.traveller_stack:
        return  # a .pth file is read twice when a site directory is listed twice
    original_time_ns = importlib.import_module("_time_machine").original_time_ns
    with path.open("rb") as file:
        shared = mmap.mmap(file.fileno(), _SECONDS.size, access=mmap.ACCESS_READ)

    class Follower(time_machine.Traveller):  # type: ignore[misc, name-defined]
        """The time machine's traveller, with the file as its only destination."""

        def time_ns(self) -> int:
            return int(original_time_ns() + _SECONDS.unpack_from(shared)[0] * 1_000_000_000)

    time_machine.travel(0).start()
    time_machine.traveller_stack[-1] = Follower(0, None, True)


def follow_environment() -> None:
    """Follows the file that the environment names; does nothing when it names none."""
    named = os.environ.get(OFFSET_VARIABLE)  # noqa: TID251 - runs inside the emulator, before any settings exist
    if named:
        follow(Path(named))
