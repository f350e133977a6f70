"""The bundle: the program and its dependencies in one zip file whose bytes depend on its contents only."""

import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
_READABLE = 0o100644 << 16


def write(target: Path, *, program: Path, site_packages: Path) -> None:
    """Join Chalice's zip file (our code and Chalice's two files) with the dependencies, sorted, without times."""
    contents = {path.relative_to(site_packages).as_posix(): path for path in site_packages.rglob("*") if path.is_file()}
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(program) as ours, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as joined:
        for name in sorted({*ours.namelist(), *contents}):
            if not name.endswith("/"):
                data = contents[name].read_bytes() if name in contents else ours.read(name)
                joined.writestr(_entry(name), data)
    unfinished.replace(target)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _READABLE
    return entry
