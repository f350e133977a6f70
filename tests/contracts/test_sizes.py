"""Files and functions stay small enough to be read at once."""

import ast
from pathlib import Path

import pytest

from tests.contracts.entry_points import ROOT

FILE_CAP = 300
FUNCTION_CAP = 40
FILES = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py")), *sorted((ROOT / "infra").rglob("*.py"))]


def too_long(path: Path) -> list[str]:
    """What exceeds its cap in a file, with its length in lines."""
    text = path.read_text()
    found = [f"{path.name}: {count}"] if (count := len(text.splitlines())) > FILE_CAP else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            found += [f"{path.name}:{node.name}: {lines}"] if lines > FUNCTION_CAP else []
    return found


def test_no_file_and_no_function_exceeds_its_cap() -> None:
    """What grows beyond it is two things."""
    assert [one for path in FILES for one in too_long(path)] == []


@pytest.mark.parametrize(("lines", "found"), [(FILE_CAP - 1, []), (FILE_CAP, []), (FILE_CAP + 1, ["file.py: 301"])])
def test_a_file_may_have_300_lines(tmp_path: Path, lines: int, found: list[str]) -> None:
    """The cap itself is allowed."""
    path = tmp_path / "file.py"
    path.write_text("x = 1\n" * lines)

    assert too_long(path) == found


@pytest.mark.parametrize(("lines", "found"), [(FUNCTION_CAP, []), (FUNCTION_CAP + 1, ["file.py:f: 41"])])
def test_a_function_may_have_40_lines(tmp_path: Path, lines: int, found: list[str]) -> None:
    """Counted from `def`, decorators left out."""
    path = tmp_path / "file.py"
    path.write_text("@staticmethod\ndef f():\n" + "    x = 1\n" * (lines - 1))

    assert too_long(path) == found
