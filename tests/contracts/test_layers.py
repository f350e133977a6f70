"""Imports run one way: `.importlinter` holds the floors, this file what it can't say."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from itertools import permutations
from pathlib import Path

import grimp
import pytest

from tests.contracts.entry_points import ROOT

# Which sibling may import which, beyond `_`-prefixed modules and ports. Each line is a decision; none makes a circle.
LISTED: dict[str, dict[str, set[str]]] = {
    "api": {
        "accountability": {"http"},
        "appointments": {"booking", "http"},
        "booking": {"http"},
        "calendars": {"http"},
        "customers": {"http"},
        "health": {"http"},
        "offering": {"http"},
        "openapi": {"http"},
        "operator": {"http"},
        "pages": {"http"},
        "sign_in": {"http"},
        "staff": {"http"},
        "tenancy": {"http"},
        "webhooks": {"http"},
    },
    "services": {
        "appointments": {"booking", "customers", "door", "linking", "offering", "outbox", "paying", "sign_in"},
        "attending": {
            "appointments",
            "booking",
            "customers",
            "door",
            "outbox",
            "paying",
            "repeating",
            "side_by_side",
            "sign_in",
        },
        "booking": {
            "customers",
            "door",
            "forms",
            "linking",
            "outbox",
            "paying",
            "repeating",
            "side_by_side",
            "sign_in",
        },
        "calendars": {"door", "outbox", "side_by_side", "sign_in"},
        "customers": {"door", "outbox", "people", "repeating", "rights", "side_by_side", "sign_in"},
        "door": {"side_by_side"},
        "ledger": {"linking", "side_by_side", "sign_in"},
        "notice": {"ledger", "outbox", "sign_in"},
        "notifying": {"appointments", "booking", "linking", "sign_in", "waiting"},
        "offering": {"door", "repeating", "side_by_side", "sign_in"},
        "operator": {"outbox", "people", "sign_in"},
        "paying": {"linking", "sign_in"},
        "retention": {"people"},
        "rights": {"repeating", "sign_in"},
        "second_factors": {"outbox", "sign_in"},
        "sign_in": {"forms", "linking", "outbox"},
        "staff": {
            "appointments",
            "booking",
            "calendars",
            "door",
            "linking",
            "outbox",
            "people",
            "repeating",
            "sign_in",
        },
        "tenancy": {"forms", "linking", "outbox", "people", "repeating", "sign_in", "staff"},
        "waiting": {"booking", "customers", "door", "forms", "linking", "outbox", "side_by_side", "sign_in"},
    },
    "adapters": {
        "registry": {"mailgun", "ses", "smsapi", "twilio", "webhooks"},
        "webhooks": {"smsapi"},
    },
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Who imports whom in chalicelib, imports for type checkers left out."""
    return grimp.build_graph("chalicelib", cache_dir=None, exclude_type_checking_imports=True)


def test_floors_import_downwards_only() -> None:
    """Every contract of .importlinter is kept."""
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [linter, "--config", ROOT / ".importlinter", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("floor", LISTED)
def test_siblings_import_each_other_where_listed_only(graph: grimp.ImportGraph, floor: str) -> None:
    """What two resources, use cases or providers share moves down, or into a module that says so by its name."""
    siblings = sorted(one for one in graph.find_children(f"chalicelib.{floor}") if not _shared(one))

    found = {
        (_last(importer), _last(imported))
        for importer, imported in permutations(siblings, 2)
        if graph.direct_import_exists(importer=importer, imported=imported, as_packages=True)
    }

    assert found - {(who, whom) for who, listed in LISTED[floor].items() for whom in listed} == set()


@pytest.mark.parametrize("floor", LISTED)
def test_the_list_makes_no_circle(floor: str) -> None:
    """Two that need each other are one."""
    order = list(TopologicalSorter(LISTED[floor]).static_order())

    assert len(order) == len(set(order))


def _last(module: str) -> str:
    return module.rpartition(".")[2]


def _shared(module: str) -> bool:
    return _last(module).startswith("_") or _last(module) == "ports"


def test_app_imports_no_storage_and_no_provider() -> None:
    """app.py is a table of contents."""
    tree = ast.parse((ROOT / "app.py").read_text())
    imported = {name for node in ast.walk(tree) for name in _imported(node)}

    forbidden = ("chalicelib.records", "chalicelib.adapters", "chalicelib.domain", "boto3", "botocore", "pynamodb")
    assert not [name for name in imported if name.startswith(forbidden)]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_the_program_never_reaches_for_what_is_not_packaged() -> None:
    """Neither infra nor tests are there when a function runs."""
    files = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    names = {name for path in files for node in ast.walk(ast.parse(path.read_text())) for name in _imported(node)}

    assert not [name for name in names if name.split(".")[0] in {"infra", "tests"}]
