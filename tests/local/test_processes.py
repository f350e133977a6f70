"""Programs start in an empty environment and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.errors import LocalCloudError
from infra.local.paths import ROOT
from infra.local.processes import Program, free_port, refuse_port_in_use

PARENT_AND_CHILD = """
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
child.wait()
"""


def soon(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a few seconds."""
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def is_running(pid: int) -> bool:
    """Whether there is such a process that is not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def a_program(tmp_path: Path, code: str, *arguments: str) -> Program:
    """A Python program."""
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return Program(command, environment={"ONLY": "this"}, directory=tmp_path, log=tmp_path / "log")


def test_stop_ends_children_too(tmp_path: Path) -> None:
    """The whole group."""
    pid_file = tmp_path / "pid"
    program = a_program(tmp_path, PARENT_AND_CHILD, str(pid_file))
    program.wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()), what="program")
    child = int(pid_file.read_text())

    program.stop()

    assert not is_running(program.pid)
    assert soon(lambda: not is_running(child))


def test_stop_ends_what_does_not_listen(tmp_path: Path) -> None:
    """First asked, then killed."""
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    program = a_program(tmp_path, code)
    program.wait_until(lambda: "deaf" in program.log.read_text(), what="program")

    begun = time.monotonic()
    program.stop(seconds=0.1)

    assert not is_running(program.pid)
    assert time.monotonic() - begun < 30


def test_stop_of_what_has_ended_is_fine(tmp_path: Path) -> None:
    """And so is a second stop."""
    program = a_program(tmp_path, "")
    assert soon(lambda: not is_running(program.pid))

    program.stop()
    program.stop()


def test_sees_nothing_of_our_environment(tmp_path: Path) -> None:
    """Only what it was given."""
    program = a_program(tmp_path, "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}), flush=True)")

    assert soon(lambda: "\n" in program.log.read_text())
    program.stop()

    assert program.log.read_text() == "['ONLY']\n"


def test_says_why_a_program_did_not_start(tmp_path: Path) -> None:
    """With its last words."""
    program = a_program(tmp_path, "raise SystemExit('the disk is full')")

    with pytest.raises(LocalCloudError, match=r"^The emulator did not start: the disk is full$"):
        program.wait_until(lambda: False, what="emulator")

    program.stop()


def test_waits_for_a_bounded_time(tmp_path: Path) -> None:
    """And names the log."""
    program = a_program(tmp_path, "import time; time.sleep(60)")

    with pytest.raises(LocalCloudError, match=r"was not ready after 0 seconds: see .*log\.$"):
        program.wait_until(lambda: False, what="emulator", seconds=0.05)

    program.stop()


def test_a_port_in_use_is_one_sentence() -> None:
    """That names the port and the option."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(LocalCloudError) as refused:
            refuse_port_in_use(port, option="--port")

    assert str(refused.value) == (
        f"Port {port} on 127.0.0.1 is in use: stop what uses it, or choose another port with --port."
    )


def test_a_free_port_is_free() -> None:
    """At least now."""
    refuse_port_in_use(free_port(), option="--port")


def test_the_simulator_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """Even without a chance to say goodbye."""
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent("""
                import sys, time
                from pathlib import Path
                from infra.local import moving_time
                from infra.local.simulation import Simulation
                run = Path(sys.argv[1])
                moving_time.write_offset(run / "offset", 0)
                simulation = Simulation(port=0, run=run, offset_file=run / "offset")
                print(simulation._program.pid, flush=True)
                time.sleep(60)
            """),
            str(tmp_path),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    simulator = int(parent.stdout.readline())
    assert is_running(simulator)

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert soon(lambda: not is_running(simulator))
