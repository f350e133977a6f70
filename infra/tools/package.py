"""Build what is deployed, from nothing: `python -m infra.tools.package --stage prod --out build/prod`.

Leaves three files in the folder given: `deployment.zip`, `sam.json` (minified) and `sam.pretty.json` (the same, to be
read). Both go into the same bucket: CloudFormation takes a template of this size by its address (TemplateURL) only.
Equal sources give equal bytes, and when nothing has changed since the last time, nothing is done. Two runs at once
wait for each other.
"""

import argparse
import fcntl
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.tools import bundle, chalice_runner, dependencies, fragments
from infra.tools.staging import source_files, stage_sources

STAGES = ("local", "prod")
PRODUCTS = ("deployment.zip", "sam.json", "sam.pretty.json")
TEMPLATE_URL_LIMIT = 1_000_000  # bytes; what is handed over in the call itself (TemplateBody) ends at 51,200


class PackagingError(Exception):
    """Raised when what was built could not be deployed."""


def package(*, root: Path, stage: str, out: Path) -> Path:
    """The folder with the bundle and the template of one stage, built only when it is not up to date."""
    out.mkdir(parents=True, exist_ok=True)
    mark = out / ".fingerprint"
    with _alone(out / ".lock"):
        wanted = fingerprint(root=root, stage=stage)
        if not (mark.exists() and mark.read_text() == wanted and all((out / name).exists() for name in PRODUCTS)):
            mark.unlink(missing_ok=True)
            _build(root=root, stage=stage, out=out)
            mark.write_text(wanted)
    return out


def fingerprint(*, root: Path, stage: str) -> str:
    """A hash of everything that decides what is built."""
    digest = hashlib.sha256(f"{stage} {sys.version}".encode())
    tools = sorted(Path(__file__).parent.glob("*.py"))
    inputs = [*source_files(root), root / "requirements.txt", *fragments.fragment_files(root), *tools]
    for path in inputs:
        digest.update(path.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _build(*, root: Path, stage: str, out: Path) -> None:
    site_packages = dependencies.site_packages(root / "requirements.txt", cache=root / "build" / "cache")
    with tempfile.TemporaryDirectory(prefix="zusage-package-") as scratch:
        project = stage_sources(root, Path(scratch) / "project")
        merge = Path(scratch) / "merge.json"
        merge.write_text(json.dumps(fragments.merged(root, stage=stage)))
        made = chalice_runner.run(project=project, stage=stage, merge_template=merge, out=Path(scratch) / "made")
        bundle.write(out / "deployment.zip", program=made / "deployment.zip", site_packages=site_packages)
        _write_template(json.loads((made / "sam.json").read_text()), out)


def _write_template(template: fragments.Template, out: Path) -> None:
    small = json.dumps(template, separators=(",", ":"), sort_keys=True)
    if len(small.encode()) > TEMPLATE_URL_LIMIT:
        raise PackagingError(f"the template has {len(small.encode())} bytes, more than {TEMPLATE_URL_LIMIT}")
    (out / "sam.json").write_text(small)
    (out / "sam.pretty.json").write_text(json.dumps(template, indent=2, sort_keys=True) + "\n")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock file: tests that run side by side build once."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one sentence when the package cannot be built."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clean", action="store_true", help="build again, dependencies too")
    given = parser.parse_args(arguments)
    root = Path.cwd()
    if given.clean:
        shutil.rmtree(root / "build" / "cache", ignore_errors=True)
        shutil.rmtree(given.out, ignore_errors=True)
    try:
        out = package(root=root, stage=given.stage, out=given.out)
    except (PackagingError, chalice_runner.ChaliceFailedError, dependencies.DependencyError) as error:
        print(f"not packaged: {error}", file=sys.stderr)
        return 1
    for name in PRODUCTS:
        print(f"{out / name}  {(out / name).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
