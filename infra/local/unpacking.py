"""Unpacks a function bundle once, however many workers start from it."""

import hashlib
import os
import shutil
import threading
import uuid
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

_lock = threading.Lock()
_END = 1 << 20  # bytes; the list of 4,000 files takes half of it


def unpacked(bundle: Path, directory: Path) -> Path:
    """Where the content of `bundle` stands; unpacks it when no one did before. Never seen half unpacked."""
    target = directory / _fingerprint(bundle)
    with _lock:
        if not target.exists():
            half = directory / f"half-{uuid.uuid4().hex}"
            with zipfile.ZipFile(bundle) as file:
                file.extractall(half)
            try:
                half.rename(target)
            except OSError:  # another process was faster
                shutil.rmtree(half, ignore_errors=True)
    os.utime(target)
    return target


def _fingerprint(bundle: Path) -> str:
    """Of its end, where a zip file lists its content with sizes and checksums: a worker starts sooner so."""
    size = bundle.stat().st_size
    with bundle.open("rb") as file:
        file.seek(max(0, size - _END))
        return hashlib.sha256(file.read() + str(size).encode()).hexdigest()


def shared_unpacking(directory: Path) -> Any:
    """A stand-in for the module `zipfile` whose `extractall` links to the one unpacked copy in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)

    class LinkingZipFile:
        """A zip file that is not unpacked where it should be, but linked to where it already is."""

        def __init__(self, file: str) -> None:
            self._file = Path(file)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *problem: object) -> None:
            """Nothing is open."""

        def extractall(self, path: str) -> None:
            """Replaces the empty directory `path` by a link to the content."""
            Path(path).rmdir()
            Path(path).symlink_to(unpacked(self._file, directory), target_is_directory=True)

    return SimpleNamespace(
        ZipFile=LinkingZipFile,
        BadZipFile=zipfile.BadZipFile,
        LargeZipFile=zipfile.LargeZipFile,
        LargeFileError=zipfile.LargeZipFile,
    )


def prune(directory: Path, *, keep: int) -> None:
    """Removes all but the `keep` bundles used last."""
    if directory.exists():
        for old in sorted(directory.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)[keep:]:
            shutil.rmtree(old, ignore_errors=True)
