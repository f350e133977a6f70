"""Shows that each promise check can fail: `python -m infra.tools.mutations [id ...]`, or `make promises-mutations`.

For each promise that is said to be kept, docs/promises-mutations.yaml names one way to break it: a text in a file of
the program and what to put in its place. The working tree is copied, broken there, deployed to a local cloud of its
own, and the promise's checks are run. A check that goes red is what is wanted; a promise whose checks stay green with
its mechanism broken is not shown to be kept, and ends this with 1.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import pytest
import yaml  # type: ignore[import-untyped]

from infra.local.paths import ROOT

LIST = ROOT / "docs" / "promises-mutations.yaml"
CHECKS = Path("tests/promises")
AT_ONCE = 2
_SHARED = (".venv", "build/venv-cloud", "build/venv-lambda", "build/cache")
_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One way to break a promise: in `file`, `text` (which stands there once) becomes `instead`."""

    promise: str
    file: str
    text: str
    instead: str
    breaks: str

    def apply(self, root: Path) -> None:
        """Breaks the copy at `root`. ValueError when the text does not stand there exactly once."""
        path = root / self.file
        held = path.read_text(encoding="utf-8")
        if held.count(self.text) != 1:
            raise ValueError(f"{self.promise}: the text stands {held.count(self.text)} times in {self.file}")
        path.write_text(held.replace(self.text, self.instead), encoding="utf-8")


class Selected:
    """A plugin that runs the checks of one promise only, and notes which of them saw something wrong."""

    def __init__(self, promise: str) -> None:
        self._promise = promise
        self.ran = 0
        self.red: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leaves out the checks of other promises."""
        items[:] = [item for item in items if self._promise in {mark.args[0] for mark in item.iter_markers("promise")}]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A check has gone red when its own call failed; a stack that does not start shows nothing."""
        if report.when == "call":
            self.ran += 1
            if report.failed:
                self.red.append(report.nodeid)


def read_mutations(path: Path = LIST) -> list[Mutation]:
    """The list, in its order."""
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Mutation(promise=promise, **said) for promise, said in listed.items()]


def try_mutation(mutation: Mutation) -> tuple[bool, str]:
    """Whether a check went red, and the last lines of what it said."""
    with tempfile.TemporaryDirectory(prefix="zusage-mutation-") as scratch:
        copy = Path(scratch) / "zusage"
        for path in _tracked():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            copyfile(ROOT / path, copy / path)
        for name in _SHARED:
            (copy / name).parent.mkdir(exist_ok=True)
            (copy / name).symlink_to(ROOT / name)
        mutation.apply(copy)
        command = [sys.executable, "-m", "infra.tools.mutations", "--inside", mutation.promise]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=_SECONDS)
    return done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def _tracked() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return (Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file())


def run_inside(promise: str) -> int:
    """Within a broken copy: 0 when a check of the promise went red."""
    seen = Selected(promise)
    pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", "--tb=short", str(CHECKS)], plugins=[seen])
    print(f"{promise}: {len(seen.red)} of {seen.ran} checks went red")
    return 0 if seen.red else 1


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 when a promise's checks stayed green."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("promises", nargs="*", metavar="id", help="all when none is named")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        return run_inside(given.inside)
    listed = read_mutations()
    if unknown := set(given.promises) - {one.promise for one in listed}:
        parser.error(f"there is no mutation for {', '.join(sorted(unknown))}")
    chosen = [one for one in listed if not given.promises or one.promise in given.promises]
    green = []
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        for mutation, (red, said) in zip(chosen, at_once.map(try_mutation, chosen), strict=True):
            print(f"{'red' if red else 'STAYED GREEN':<12} {mutation.promise:<26} {mutation.breaks}", flush=True)
            if not red:
                green.append(mutation.promise)
                print(said)
    print(f"{len(chosen) - len(green)} of {len(chosen)} promises: broken on purpose, and their checks saw it.")
    return 1 if green else 0


if __name__ == "__main__":
    sys.exit(main())
