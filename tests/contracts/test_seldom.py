"""The resources that are loaded at their first call are known as if they were loaded at the start."""

from collections.abc import Iterable
from importlib import import_module
from operator import itemgetter
from pathlib import Path
from types import ModuleType

import pytest
from chalice.app import Blueprint, Chalice, RouteEntry

from app import app
from chalicelib.api import _seldom
from chalicelib.api.http import late
from tests.contracts.entry_points import ROOT

MODULES = sorted({*_seldom.ROUTES, *_seldom.PAGES})


def routes_of(blueprints: Iterable[Blueprint]) -> list[tuple[object, ...]]:
    """Each route with all that Chalice knows of it, and the module of its view."""
    scratch = Chalice(app_name="scratch", configure_logs=False)
    for blueprint in blueprints:
        scratch.register_blueprint(blueprint)
    entries = [entry for methods in scratch.routes.values() for entry in methods.values()]
    return sorted(map(_known, entries), key=itemgetter(0, 1))


def _known(entry: RouteEntry) -> tuple[object, ...]:
    told = {name: value for name, value in vars(entry).items() if name != "view_function"}
    return entry.uri_pattern, entry.method, entry.view_function.__module__, entry.view_function.__name__, told


def loaded(module: str) -> ModuleType:
    """A module of resources."""
    return import_module(f"chalicelib.api.{module}")


def _dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("name", ["routes", "pages"])
def test_the_list_says_what_the_modules_hold(name: str) -> None:
    """No route is missing, and none is listed otherwise than it is written."""
    listed = _seldom._blueprint(_seldom.ROUTES if name == "routes" else _seldom.PAGES)

    held = [getattr(loaded(module), name) for module in MODULES if hasattr(loaded(module), name)]

    assert routes_of([listed]) == routes_of(held)


def test_each_resource_is_registered() -> None:
    """By app.py itself, or by the list: a module with routes that stands nowhere would answer nobody."""
    files = (ROOT / "chalicelib" / "api").rglob("*.py")
    modules = {_dotted(each) for each in files if "Blueprint(__name__)" in each.read_text()} - {_seldom.__name__}

    answering = {str(entry.view_function.__module__) for methods in app.routes.values() for entry in methods.values()}

    assert modules == answering


def test_a_view_is_itself_once_it_is_asked_for() -> None:
    """What it declares, and what it answers with, are the loaded view's."""
    entry = app.routes["/v1/contact"]["GET"]

    assert isinstance(entry.view_function, late.Seldom)
    assert entry.view_function.view is loaded("accountability.contact").contact
    assert entry.view_function.__endpoint__ is loaded("accountability.contact").contact.__endpoint__
