"""`python -m infra.local`: what is in the way is one sentence and exit code 1."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.paths import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command."""
    command = [sys.executable, "-m", "infra.local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("option", ["--port", "--inbox-port"])
def test_a_port_in_use(option: str) -> None:
    """Told before anything is built."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ports = {"--port": "0", "--inbox-port": "0", option: port}

        done = run("--once", *(word for pair in ports.items() for word in pair))

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"Port {port} on 127.0.0.1 is in use: stop what uses it, or choose another port with {option}.\n"
    )


@pytest.mark.deployed
def test_a_package_that_is_missing(tmp_path: Path) -> None:
    """The sentence says how to make it; no traceback, and the emulator is stopped."""
    done = run("--once", "--port", "0", "--inbox-port", "0", "--run", str(tmp_path / "run"), "--package", str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"{tmp_path}/sam.json is missing: run python -m infra.tools.package")
