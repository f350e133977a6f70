"""Starts a program in a process group of its own and makes sure that nothing of it is left."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from infra.local.errors import LocalCloudError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of this machine that nothing uses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def refuse_port_in_use(port: int, *, option: str) -> None:
    """Stops with one sentence when something listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise LocalCloudError(
                f"Port {port} on {LOOPBACK} is in use: stop what uses it, or choose another port with {option}."
            ) from None


class Program:
    """A running program; it sees nothing of our environment and ends when the pipe to it closes."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], directory: Path, log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is the id of the group too."""
        return self._process.pid

    def wait_until(self, ready: Callable[[], bool], *, what: str, seconds: float = 30) -> None:
        """Returns when `ready`; stops with one sentence when the program ends before that or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None:
                raise LocalCloudError(f"The {what} did not start: {_last_line(self.log)}")
            if time.monotonic() > deadline:
                raise LocalCloudError(f"The {what} was not ready after {seconds:.0f} seconds: see {self.log}.")
            time.sleep(0.02)

    def stop(self, *, seconds: float = 3) -> None:
        """Asks the program to end, then kills what is left of its group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=seconds)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."
