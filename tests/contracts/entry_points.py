"""What can start code here, from its three sources: app.py, .chalice/ and the packaged template."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from app import app
from infra.tools.fragments import function_names, logical_id
from infra.tools.package import package

ROOT = Path(__file__).parents[2]
STAGES = ("local", "prod")


def declared() -> dict[str, str]:
    """Name and handler string of every function that app.py declares."""
    others: list[Any] = [*app.event_sources, *app.pure_lambda_functions, *app.builtin_auth_handlers]
    api = {"api_handler": "app.app"} if app.routes else {}
    return api | {one.name: one.handler_string for one in others}


def configured() -> list[str]:
    """The functions that .chalice/config.json lists."""
    return function_names(ROOT)


def policy_of(function: str) -> list[dict[str, Any]]:
    """The statements of a function's policy file."""
    document = json.loads((ROOT / ".chalice" / f"policy-{function}.json").read_text())
    return list(document["Statement"])


def packaged(stage: str) -> Path:
    """The folder of a packaged stage; built once, whatever the number of test processes."""
    return _packaged()[stage]


@cache
def _packaged() -> dict[str, Path]:
    """Both stages, one right after the other, so that they show the same state of a checkout that is worked in."""
    return {stage: package(root=ROOT, stage=stage, out=ROOT / "build" / stage) for stage in STAGES}


@cache
def template(stage: str) -> dict[str, Any]:
    """The template of a packaged stage. Tests read it and change nothing."""
    read: dict[str, Any] = json.loads((packaged(stage) / "sam.json").read_text())
    return read


def resources(kind: str, stage: str = "prod") -> dict[str, dict[str, Any]]:
    """The properties of all resources of one type, by logical id."""
    found = template(stage)["Resources"].items()
    return {name: body.get("Properties", {}) for name, body in found if body["Type"] == kind}


def function_properties(function: str) -> dict[str, Any]:
    """The properties of a function in the packaged template, by its name in Chalice."""
    return resources("AWS::Serverless::Function")[logical_id(function)]


def body(name: str) -> dict[str, Any]:
    """A whole resource of the packaged template: its type, policies and properties."""
    found: dict[str, Any] = template("prod")["Resources"][name]
    return found
