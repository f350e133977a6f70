"""Virtual environments are made when they are missing or out of date, and only then."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import venvs
from infra.local.errors import LocalCloudError
from infra.local.venvs import Venv


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Venv:
    """An environment without packages, known as `cloud`."""
    (tmp_path / "requirements.txt").write_text("")
    made = Venv(tmp_path / "venv", tmp_path / "requirements.txt", moves_time=True)
    monkeypatch.setattr(venvs, "VENVS", {"cloud": made})
    monkeypatch.setattr(venvs, "BUILD", tmp_path)
    return made


@pytest.fixture
def commands(venv: Venv, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run, instead of running them."""
    run: list[list[str]] = []

    def pretend(command: list[str], *, what: str) -> None:
        run.append(command)
        (venv.directory / "lib" / "python3.11" / "site-packages").mkdir(parents=True, exist_ok=True)
        (venv.directory / "bin").mkdir(exist_ok=True)
        venv.python.touch()

    monkeypatch.setattr(venvs, "_run", pretend)
    return run


def test_makes_what_is_missing_once(venv: Venv, commands: list[list[str]]) -> None:
    """The second time there is nothing to do."""
    assert venvs.ensure(["cloud"]) == ["cloud"]
    assert venvs.ensure(["cloud"]) == []

    assert [command[2] for command in commands] == ["venv", "pip"]
    assert next(venv.directory.glob("lib/*/site-packages/moving_time.pth")).read_text().startswith("import moving_time")


def test_makes_it_again_when_requirements_changed(venv: Venv, commands: list[list[str]]) -> None:
    """By their content."""
    venvs.ensure(["cloud"])

    venv.requirements.write_text("# changed")

    assert venvs.ensure(["cloud"]) == ["cloud"]


def test_makes_it_again_when_it_was_left_half_made(venv: Venv, commands: list[list[str]]) -> None:
    """The stamp is written last."""
    venvs.ensure(["cloud"])

    venv.stamp.unlink()

    assert venvs.ensure(["cloud"]) == ["cloud"]


def test_does_not_pull_an_environment_from_under_its_user(
    venv: Venv, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that people work in is brought up to date where it stands; others are made anew."""
    monkeypatch.setattr(venvs, "VENVS", {"cloud": venv, "dev": replace(venv, in_use=True)})
    venvs.ensure(["cloud"])
    (venv.directory / "mine").touch()

    venv.requirements.write_text("# changed")
    venvs.ensure(["dev"])
    stands = (venv.directory / "mine").exists()
    venv.requirements.write_text("# changed again")
    venvs.ensure(["cloud"])

    assert stands
    assert not (venv.directory / "mine").exists()


def test_says_what_pip_said() -> None:
    """In one sentence."""
    with pytest.raises(LocalCloudError, match=r"^Could not install x: ERROR: no matching distribution$"):
        venvs._run(["sh", "-c", "echo WARNING >&2; echo ERROR: no matching distribution >&2; exit 1"], what="install x")


def test_needs_nothing_but_the_standard_library() -> None:
    """It runs before anything is installed."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.append({str(venvs.ROOT)!r}); import infra.local.venvs",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
