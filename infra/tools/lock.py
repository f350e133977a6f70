"""Pins requirements*.in into requirements*.txt with hashes: `python -m infra.tools.lock`. Needs the package index."""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_COMMON = ("--generate-hashes", "--no-header", "--no-emit-index-url", "--python-version", "3.11", "--quiet")
_FILES = {
    "requirements": ("--only-binary", ":all:"),
    "requirements-dev": ("--constraints", "requirements.txt"),
    "requirements-cloud": (),
    "requirements-runtime": ("--constraints", "requirements.txt"),
}


def main() -> int:
    """The command line: writes all of them; the first failure ends it."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name, extra in _FILES.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", *_COMMON, *extra, f"{name}.in", "-o", f"{name}.txt"]
        done = subprocess.run(command, cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
