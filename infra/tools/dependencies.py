"""The packages that go into the bundle: installed by hash, for Lambda's platform, and pruned to what runs, compiled.

Chalice would fetch wheels for another platform again without looking at the hashes, and would only warn when one is
missing (see docs/decisions/0001-packaging.md). What is installed is kept by the hash of the lock file.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.tools.compiled import compile_all

PLATFORMS = ("manylinux_2_26_x86_64", "manylinux2014_x86_64")  # what Lambda's Python 3.11 loads: its glibc is 2.26

# botocore describes every service that AWS has; these are the ones that the functions call, and those boto3 needs to
# find endpoints and roles. Adding an adapter for another service means adding it here; tests/package finds it out.
SERVICES = {"apigateway", "backup", "dynamodb", "kms", "logs", "s3", "secretsmanager", "ses", "sns", "sqs", "sts"}

_NEVER_RUN = ("tests", "testing", "__pycache__", "bin", "examples")
_NEVER_RUN_SUFFIXES = {".pyi", ".pyx", ".pxd", ".c", ".h", ".rst", ".md"}
# cffi's compiler half: what is compiled already (cryptography's bindings) needs the `_cffi_backend` extension only.
_NEVER_IMPORTED = ("cffi", "pycparser")

# What Pillow needs for other formats, fonts and colour profiles. Of its libraries stays what the rest is linked with.
_NO_PHOTO = {
    "PIL": ("_avif.", "_imagingcms.", "_imagingft.", "_imagingmath.", "_imagingmorph.", "_imagingtk."),
    "pillow.libs": ("libavif-", "libbrotli", "libfreetype-", "libharfbuzz-", "liblcms2-", "libpng16-"),
}

# Public holidays of six countries, with their names in the first language of each. The `__init__.py` of these two
# folders import all countries, and ask the installer's notes for a version; without them they are namespaces, and a
# country loads what it needs itself.
_HOLIDAY_SHARED = {"constants.py", "helpers.py", "holiday_base.py", "observed_holiday_base.py"}
_HOLIDAY_NAMES = {"de": {"AT.mo", "CH.mo", "DE.mo", "LI.mo"}, "fr": {"FR.mo"}, "it_IT": {"IT.mo"}}
_HOLIDAY_COUNTRIES = {
    f"{name}.py" for name in ("austria", "france", "germany", "italy", "liechtenstein", "switzerland")
}
_HOLIDAY_FOLDERS = {"calendars", "countries", "groups", "locale"}


class DependencyError(Exception):
    """Raised when a pinned dependency cannot be had as a wheel with its pinned hash."""


def site_packages(requirements: Path, *, cache: Path) -> Path:
    """A folder with the pruned dependencies, made once for each lock file, interpreter and version of these rules."""
    digest = hashlib.sha256(requirements.read_bytes() + Path(__file__).read_bytes() + sys.version.encode())
    kept = cache / digest.hexdigest()[:16]
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch) / "site-packages"
            _install(requirements, made)
            prune(made)
            compile_all(made)
            _keep(made, kept)
    return kept


def prune(folder: Path) -> None:
    """Remove what no function imports: other services' descriptions, tests, typing stubs, installers' notes."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if not _runs(path.relative_to(folder), is_file=path.is_file()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _runs(path: Path, *, is_file: bool) -> bool:
    if path.suffix == ".dist-info" or path.name in _NEVER_RUN or path.as_posix() in _NEVER_IMPORTED:
        return False
    if is_file and path.suffix in _NEVER_RUN_SUFFIXES:
        return False
    if is_file and path.suffix != ".py" and path.name.startswith(_NO_PHOTO.get(path.parent.as_posix(), ())):
        return False
    if path.parts[0] == "holidays" and not _tells_holidays(path.parts[1:]):
        return False
    described = len(path.parts) == 3 and path.parts[:2] == ("botocore", "data") and not is_file
    return not described or path.name in SERVICES


def _tells_holidays(parts: tuple[str, ...]) -> bool:
    match parts:
        case (name,):
            return name in _HOLIDAY_SHARED | _HOLIDAY_FOLDERS
        case ("countries", name):
            return name in _HOLIDAY_COUNTRIES
        case ("locale", language, *rest):
            return language in _HOLIDAY_NAMES and (not rest[1:] or rest[-1] in _HOLIDAY_NAMES[language])
        case _:
            return not parts or parts[0] in _HOLIDAY_FOLDERS


def _install(requirements: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    for platform in PLATFORMS:
        command += ["--platform", platform]
    command += ["--implementation", "cp", "--python-version", _python()]
    command += ["--no-compile", "--target", str(target), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DependencyError(f"pip ended with {done.returncode}:\n{done.stderr.strip()}")


def _keep(made: Path, kept: Path) -> None:
    """Another run may have finished first; then its result stays."""
    try:
        made.rename(kept)
    except OSError:
        if not kept.exists():
            raise


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
