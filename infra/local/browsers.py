"""A real browser for tests: Debian's Chromium, put in place when it is missing: `python -m infra.local.browsers`."""

import os
import shutil
import subprocess
import sys

from infra.local.errors import LocalCloudError

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_PATIENT = ("-o", "DPkg::Lock::Timeout=300")  # somebody else may be installing something
_INSTALL = (
    ("apt-get", "update", "-q"),
    ("apt-get", "install", "-y", "-q", "--no-install-recommends", *_PATIENT, "chromium"),
)


def found() -> str | None:
    """Where a browser stands that speaks the DevTools protocol."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def ensure() -> str:
    """The browser's path; installs Chromium where there is none. LocalCloudError says what stands in the way."""
    if (path := found()) is not None:
        return path
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise LocalCloudError("The tests in a browser need Chromium: install it (Debian: `apt-get install chromium`).")
    print("Installing Chromium for the tests in a browser ...", file=sys.stderr)
    for command in _INSTALL:
        _run(command)
    if (path := found()) is None:
        raise LocalCloudError("Chromium was installed, but there is no program of that name.")
    return path


def _run(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")] or ["no reason given"]
        raise LocalCloudError(f"Chromium could not be installed ({' '.join(command[:2])}): {lines[-1]}")


if __name__ == "__main__":
    try:
        print(ensure())
    except LocalCloudError as problem:
        sys.exit(str(problem))
