"""Run `chalice package` in a bare environment, and believe neither its exit code nor its silence alone."""

import os
import subprocess
import sys
from pathlib import Path

REGION = "eu-central-2"


class ChaliceFailedError(Exception):
    """Raised when Chalice fails or warns; carries what it printed."""


def run(*, project: Path, stage: str, merge_template: Path, out: Path) -> Path:
    """Package the project's stage into `out`. The environment is empty, so no profile or variable of a host counts."""
    command = [
        *("env", "-i", f"PATH={os.defpath}", f"HOME={project}", "LC_ALL=C.UTF-8"),
        *(f"AWS_DEFAULT_REGION={REGION}", "PIP_ONLY_BINARY=:all:", "PYTHONDONTWRITEBYTECODE=1", "PYTHONHASHSEED=0"),
        *(sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"),
        *("package", "--stage", stage, "--merge-template", str(merge_template), str(out)),
    ]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    printed = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or "Could not install dependencies" in printed:
        raise ChaliceFailedError(f"chalice package ended with {done.returncode}:\n{printed}")
    return out
