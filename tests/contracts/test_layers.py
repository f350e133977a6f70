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
    "api": {},
    "services": {
        "admins": {"outbox"},
        "lapsing": {"admins", "terminating"},
        "tenancies": {"admins", "sessions"},
        "reserving": {"choosing", "door", "forms", "repeating", "sheets", "throttling"},
        "settling": {"changing", "door", "outbox", "paying", "pending"},
        "deciding": {"door", "linking", "outbox", "sessions", "settling"},
        "pending": {"outbox"},
        "paying": {"linking", "sessions"},
        "exporting": {"sessions"},
        "accessing": {"outbox", "sessions"},
        "founding": {"password_sign_in", "people", "signing_in"},
        "operating": {"sessions"},
        "pledging": {"sessions"},
        "unlocking": {"signing_in", "throttling"},
        "accepting": {"sessions"},
        "admitting": {"sessions"},
        "announcing": {"outbox"},
        "agenda": {"answering", "sessions", "side_by_side"},
        "attending": {
            *("agenda", "answering", "changing", "choosing", "counting", "customers", "door", "outbox", "paying"),
            *("pending", "repeating", "sessions", "settling", "sheets", "side_by_side", "working"),
        },
        "api_keys": {"sessions"},
        "booking": {"answering", "choosing", "customers", "door", "forms", "repeating", "reserving", "sheets"},
        "changing": {"answering", "choosing", "customers", "door", "linking", "offering", "outbox", "paying", "sheets"},
        "customers": {
            *("calendar_notes", "holding", "outbox", "people", "repeating", "sessions", "side_by_side"),
        },
        "composing": {"linking", "signing_in", "suppressing"},
        "choosing": {"door", "sheets", "working"},
        "freeing": {"sheets"},
        "door": {"calendar_notes", "counting", "freeing", "sheets"},
        "changing_email": {"linking", "outbox", "sessions", "signing_in", "slowing"},
        "calendars": {"offering", "outbox", "sessions", "side_by_side"},
        "deleting_staff": {"calendars", "reassigning", "sessions", "signing_in", "team"},
        "dispatching": {"composing", "suppressing"},
        "explaining": {"offering", "sessions", "side_by_side", "working"},
        "holding": {"repeating", "sessions"},
        "inviting": {"linking", "outbox", "people", "repeating", "sessions", "signing_in", "team"},
        "extracting": {"agenda", "sessions"},
        "legal_years": {"people"},
        "offering": {"recounting", "repeating", "sessions", "side_by_side", "working"},
        "recounting": {"counting"},
        "password_sign_in": {
            *("admitting", "forms", "refusing", "sessions", "signing_in", "slowing", "throttling"),
        },
        "passwords": {
            *("forms", "linking", "outbox", "password_sign_in", "refusing", "sessions", "signing_in", "slowing"),
            "throttling",
        },
        "processing_record": {"telling"},
        "profiles": {"sessions"},
        "reassigning": {"changing", "door", "outbox", "paying", "sessions", "sheets", "working"},
        "receiving": {"suppressing"},
        "registering": {"forms", "linking", "outbox", "people", "repeating", "sessions", "signing_in"},
        "restricting": {"sessions"},
        "second_factors": {"admitting", "outbox", "sessions", "slowing"},
        "signing_in": {"admitting", "linking", "outbox", "sessions", "slowing"},
        "sweeping": {"sweeping_plan", "sweeping_steps"},
        "sweeping_steps": {"sweeping_plan"},
        "team": {"sessions"},
        "telling": {"linking", "sessions", "side_by_side"},
        "trusting": {"auditing"},
        "showing": {"linking"},
        "proposing": {
            *("choosing", "customers", "door", "outbox", "repeating", "sessions", "sheets", "side_by_side"),
        },
        "proposed": {"booking", "linking", "outbox", "proposing", "sheets"},
        "waiting": {
            *("booking", "choosing", "customers", "door", "forms", "linking", "outbox", "sessions", "sheets"),
            "side_by_side",
        },
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
