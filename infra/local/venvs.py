"""Makes the virtual environments, when missing or when their requirements changed: `python -m infra.local.venvs [dev]`.

`cloud` runs the emulator; `lambda` is the bare Python the functions run in, so that nothing of the emulator's packages
hides what the bundle lacks; `dev` is .venv. Uses the standard library only, since it runs before anything is installed.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import LocalCloudError
from infra.local.paths import BUILD, CLOUD_VENV, LAMBDA_VENV, ROOT

_MOVING_TIME = Path(__file__).with_name("moving_time.py")
_PTH = "import moving_time; moving_time.follow_environment()\n"


@dataclass(frozen=True)
class Venv:
    """One virtual environment and what it is made of."""

    directory: Path
    requirements: Path
    moves_time: bool = False
    in_use: bool = False  # brought up to date where it stands, since someone may be working in it

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.directory / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Holds the fingerprint of what was installed; written last."""
        return self.directory / ".complete"

    def fingerprint(self) -> str:
        """Changes when the environment has to be made again."""
        digest = hashlib.sha256(sys.version.encode())
        digest.update(self.requirements.read_bytes())
        if self.moves_time:
            digest.update(_MOVING_TIME.read_bytes() + _PTH.encode())
        return digest.hexdigest()

    def is_current(self) -> bool:
        """Whether it stands and fits its requirements."""
        return self.python.exists() and self.stamp.exists() and self.stamp.read_text() == self.fingerprint()


VENVS = {
    "cloud": Venv(CLOUD_VENV, ROOT / "requirements-cloud.txt"),
    "lambda": Venv(LAMBDA_VENV, ROOT / "requirements-runtime.txt", moves_time=True),
    "dev": Venv(ROOT / ".venv", ROOT / "requirements-dev.txt", in_use=True),
}


def ensure(names: Sequence[str] = ("cloud", "lambda")) -> list[str]:
    """Makes what is missing or out of date; returns the names of what it made. Safe to call from several processes."""
    with _one_at_a_time():
        outdated = [name for name in names if not VENVS[name].is_current()]
        for name in outdated:
            _make(VENVS[name])
        return outdated


def _make(venv: Venv) -> None:
    if not (venv.in_use and venv.python.exists()):
        shutil.rmtree(venv.directory, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(venv.directory)], what=f"make {venv.directory.name}")
    install = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"]
    _run([str(venv.python), *install, str(venv.requirements)], what=f"install {venv.requirements.name}")
    if venv.moves_time:
        _add_moving_time(venv)
    venv.stamp.write_text(venv.fingerprint())


def _add_moving_time(venv: Venv) -> None:
    site = next(venv.directory.glob("lib/python3*/site-packages"))
    shutil.copy(_MOVING_TIME, site / "moving_time.py")
    (site / "moving_time.pth").write_text(_PTH)


def _run(command: list[str], *, what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise LocalCloudError(f"Could not {what}: {errors[-1] if errors else 'no reason given'}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".venvs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        for made in ensure(sys.argv[1:] or ("cloud", "lambda")):
            print(f"Made {VENVS[made].directory.relative_to(ROOT)}.")
    except LocalCloudError as problem:
        sys.exit(str(problem))
