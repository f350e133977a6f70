"""The browser of the tests: found where it is, installed where that is possible, and otherwise asked for."""

import subprocess
from collections.abc import Sequence

import pytest

from infra.local import browsers
from infra.local.errors import LocalCloudError


class Machine:
    """A machine with these programs; installing Chromium succeeds, or fails with a word of apt's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *programs: str, root: bool = True, refuses: str = "") -> None:
        self.programs, self.refuses, self.commands = set(programs), refuses, []  # type: ignore[var-annotated]
        monkeypatch.setattr(
            browsers.shutil, "which", lambda name: f"/usr/bin/{name}" if name in self.programs else None
        )
        monkeypatch.setattr(browsers.os, "geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(browsers.subprocess, "run", self.run)

    def run(self, command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        """Instead of the machine's own."""
        self.commands.append(" ".join(command[:2]))
        if self.refuses:
            return subprocess.CompletedProcess(command, 100, stderr=f"Reading lists\nE: {self.refuses}\n")
        self.programs |= {"chromium"} if command[1] == "install" else set()
        return subprocess.CompletedProcess(command, 0, stderr="")


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_what_is_there_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing is installed."""
    machine = Machine(monkeypatch, name, "apt-get")

    assert browsers.ensure() == f"/usr/bin/{name}"
    assert machine.commands == []


def test_what_is_missing_is_installed_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From Debian's own packages."""
    machine = Machine(monkeypatch, "apt-get")

    assert browsers.ensure() == "/usr/bin/chromium"
    assert machine.commands == ["apt-get update", "apt-get install"]
    assert "Installing Chromium" in capsys.readouterr().err


@pytest.mark.parametrize(("programs", "root"), [((), True), (("apt-get",), False)], ids=["no apt", "not root"])
def test_where_it_can_not_be_installed_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, programs: tuple[str, ...], root: bool
) -> None:
    """With what to do."""
    machine = Machine(monkeypatch, *programs, root=root)

    with pytest.raises(LocalCloudError, match="install it"):
        browsers.ensure()
    assert machine.commands == []


def test_a_failure_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installer's own reason."""
    Machine(monkeypatch, "apt-get", refuses="Unable to fetch some archives")

    with pytest.raises(LocalCloudError, match=r"could not be installed \(apt-get update\): E: Unable to fetch"):
        browsers.ensure()
