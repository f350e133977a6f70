"""A clean copy of what belongs to the program, so that a stray file in a checkout never reaches a deployment."""

import shutil
from collections.abc import Iterator
from pathlib import Path

POLICIES = "policy-*.json"

# chalicelib holds code, and the texts that are sent and shown; anything else in it is there by accident.
_SUFFIXES = {".py", ".txt", ".html", ".css", ".js", ".svg", ".json"}


def source_files(root: Path) -> list[Path]:
    """Every file of the program, in a fixed order."""
    return sorted(_sources(root))


def stage_sources(root: Path, project: Path) -> Path:
    """Copy the program into a new folder; its requirements are empty there, `dependencies` brings them."""
    for path in source_files(root):
        target = project / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (project / "requirements.txt").write_text("")
    return project


def _sources(root: Path) -> Iterator[Path]:
    yield root / "app.py"
    yield root / ".chalice" / "config.json"
    yield from (root / ".chalice").glob(POLICIES)
    for path in (root / "chalicelib").rglob("*"):
        if path.is_file() and path.suffix in _SUFFIXES and not _hidden(path.relative_to(root)):
            yield path


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)
