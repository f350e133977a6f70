"""A new record kind is one new file and one line in the catalogue: the example of docs/patterns.md, really tried."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import copyfile, copytree, ignore_patterns

import pytest

from tests.contracts.entry_points import ROOT

FOLDERS = ("chalicelib", "tests", "infra", "docs", ".chalice")
FILES = ("app.py", "pyproject.toml", "README.md", ".importlinter", "requirements.txt", "Makefile", "CHANGELOG.md")
EXAMPLE = re.compile(r"```python\n(\"\"\"Who waits.*?)```", re.DOTALL)
FOLLOW = (
    "tests/contracts/test_records.py",
    "tests/contracts/test_notice_words.py",
    "tests/records/test_publications.py",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the example in it."""
    root = tmp_path_factory.mktemp("project")
    for folder in FOLDERS:
        copytree(ROOT / folder, root / folder, ignore=ignore_patterns("__pycache__"))
    for name in FILES:
        copyfile(ROOT / name, root / name)
    found = EXAMPLE.search((ROOT / "docs" / "patterns.md").read_text())
    assert found is not None
    (root / "chalicelib" / "records" / "waiting.py").write_text(found.group(1))
    catalogue = root / "chalicelib" / "records" / "catalogue.py"
    listed = catalogue.read_text().replace("= (\n    Tenant,", "= (\n    WaitingEntry,\n    Tenant,")
    catalogue.write_text(_with_import(listed))
    return root


def _with_import(catalogue: str) -> str:
    before = "\n\nRECORDS"
    assert catalogue.count(before) == 1
    return catalogue.replace(before, f"\nfrom chalicelib.records.waiting import WaitingEntry{before}")


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A Python module, run in the copy."""
    return subprocess.run([sys.executable, "-m", *command], cwd=copy, capture_output=True, text=True, check=False)


def test_the_example_is_all_that_it_takes(copy: Path) -> None:
    """After the two commands that write what follows, the contracts hold, and the notice and the record tell of it."""
    noticed = run(copy, "infra.tools.notice", "2026-12-24")
    rendered = run(copy, "infra.tools.render")
    held = run(copy, "pytest", "-q", "-x", "-p", "no:cacheprovider", *FOLLOW)

    assert noticed.returncode == 0, noticed.stderr
    assert "waiting list" in noticed.stdout
    assert rendered.returncode == 0, rendered.stderr
    assert "Place on the waiting list" in (copy / "docs" / "record-of-processing.md").read_text()
    assert held.returncode == 0, held.stdout[-3000:]


def test_without_the_line_in_the_catalogue_the_contracts_say_so(copy: Path) -> None:
    """What is not listed would be neither swept, exported nor erased."""
    catalogue = copy / "chalicelib" / "records" / "catalogue.py"
    listed = catalogue.read_text()
    catalogue.write_text(listed.replace("    WaitingEntry,\n", ""))

    held = run(copy, "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/contracts/test_records.py", "-k", "listed")

    catalogue.write_text(listed)
    assert held.returncode == 1
    assert "WaitingEntry" in held.stdout
