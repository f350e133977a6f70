"""The bundle: the program and its dependencies in one zip file whose bytes depend on its contents only."""

import tempfile
import zipfile
from pathlib import Path

from infra.tools.compiled import compile_all

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
_READABLE = 0o100644 << 16


def write(target: Path, *, program: Path, site_packages: Path) -> None:
    """Join Chalice's zip file (our code and Chalice's two files) with the dependencies, sorted, without times."""
    unfinished = target.with_suffix(".part")
    with tempfile.TemporaryDirectory(prefix="zusage-bundle-") as scratch:
        ours = Path(scratch) / "program"
        with zipfile.ZipFile(program) as archive:
            archive.extractall(ours)
        compile_all(ours)
        contents = {**_files(ours), **_files(site_packages)}
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as joined:
            for name in sorted(contents):
                joined.writestr(_entry(name), contents[name].read_bytes())
    unfinished.replace(target)


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _READABLE
    return entry
