"""A process that follows the file lives at the moved time, at once and with its monotonic clock unmoved."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.local_time import moved_clock
from infra.local.moving_time import OFFSET_VARIABLE, follow_environment, read_offset, write_offset
from infra.local.paths import ROOT

FOLLOWER = """
import datetime, sys, time
from infra.local.moving_time import follow_environment
began = time.monotonic()
follow_environment()
follow_environment()
for line in sys.stdin:
    print(time.time(), datetime.datetime.now(datetime.UTC).timestamp(), time.monotonic() - began, flush=True)
"""


@pytest.mark.parametrize("seconds", [0, 1, 31_536_000, -1])
def test_the_file_holds_the_offset(tmp_path: Path, seconds: int) -> None:
    """Written over and over, always of one size."""
    file = tmp_path / "offset"
    write_offset(file, 5)

    write_offset(file, seconds)

    assert (read_offset(file), file.stat().st_size) == (seconds, 8)


def test_the_clock_follows_the_file(tmp_path: Path) -> None:
    """As the emulator's does."""
    file = tmp_path / "offset"
    write_offset(file, 0)
    clock = moved_clock(file)
    before = clock()

    write_offset(file, 86_400)

    assert timedelta(days=1) <= clock() - before < timedelta(days=1, seconds=30)
    assert clock().tzinfo is UTC


def test_a_process_follows_every_move_at_once(tmp_path: Path) -> None:
    """Both of Python's clocks, while waiting times stay real."""
    file = tmp_path / "offset"
    write_offset(file, 0)
    process = subprocess.Popen(
        [sys.executable, "-c", FOLLOWER],
        env={OFFSET_VARIABLE: str(file), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    with process:
        for days in (0, 1, 365):
            write_offset(file, days * 86_400)
            process.stdin.write("\n")
            process.stdin.flush()
            wall, instant, waited = (float(word) for word in process.stdout.readline().split())
            expected = (datetime.now(UTC) + timedelta(days=days)).timestamp()  # noqa: TID251 - the machine's own time

            assert abs(wall - expected) < 30
            assert abs(instant - expected) < 30
            assert waited < 30


def test_without_a_file_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the functions outside of the local cloud."""
    monkeypatch.delenv(OFFSET_VARIABLE, raising=False)
    before = datetime.now(UTC)  # noqa: TID251 - the machine's own time

    follow_environment()

    assert datetime.now(UTC) - before < timedelta(seconds=30)  # noqa: TID251 - the machine's own time
