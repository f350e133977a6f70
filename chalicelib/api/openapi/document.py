"""The OpenAPI 3.1 document, made from the routes and their declarations: nothing in it is written by hand twice."""

import functools
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from chalice.app import Blueprint, Chalice, RouteEntry
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from chalicelib.api.http.answer import CLEAR_HEADER, CLEARED, Text
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.forms import FORM_HEADER
from chalicelib.api.http.request import JSON_TYPE, Call
from chalicelib.api.openapi._operations import (
    SECURITY_SCHEMES,
    Schemas,
    declaration,
    operation,
    problem_kinds,
    provider_scheme,
)
from chalicelib.api.openapi._problems import PROBLEM_SCHEMAS, response, response_name, responses

routes = Blueprint(__name__)

_REFS = "#/components/schemas/{model}"
_INFO = {
    "title": "Zusage",
    "version": "1",
    "description": "Appointments, and what is said around them. Times are UTC, `2026-11-02T09:00:00Z`; free times "
    "come in the zone that is asked for, and what comes in may carry any offset. Refusals are problems (RFC 9457) that "
    "name the field and the remedy. What GET gives can be changed and sent back whole with PUT: what is `readOnly` "
    "there only the server sets, and is ignored; what is `writeOnly` is never shown, and sent anew. Any other unknown "
    "field or query parameter is refused. An answer with a `cursor` has more: ask again with `?cursor=` until it is "
    "null.",
}
_HEADERS = {
    CLEAR_HEADER: {"description": "What the browser drops of what it keeps of us.", "schema": {"const": CLEARED}},
    "ETag": {"description": "The version, for If-Match and If-None-Match.", "schema": {"type": "string"}},
    "Location": {
        "description": "Where what was made is read, relative to the address that was called.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "Zusage-Request-Id": {"description": "The id to name in a report.", "schema": {"type": "string", "format": "uuid"}},
}
_PARAMETERS = {
    FORM_HEADER: {
        "name": FORM_HEADER,
        "in": "header",
        "description": "The token that came with the form, from `/v1/forms`. It works once. Keys of servers need none.",
        "schema": {"type": "string", "maxLength": 2048},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Any new text. The same request with the same key is carried out once and answered the same.",
        "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{8,128}$", "examples": ["b0c7d6be-5c3a-4f0e"]},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of what you read; the change is refused if it is no longer current.",
        "schema": {"type": "string", "pattern": '^("[0-9]{1,18}"|\\*)$', "examples": ['"7"']},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An ETag that you have; 304 if it is still current.",
        "schema": {"type": "string"},
    },
}


class _PlainTitles(GenerateJsonSchema):
    """Schemas without a title a field: it would only repeat the field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def document(app: Chalice) -> dict[str, Any]:
    """The document of all routes of `app`; the same routes give the same document, in the same order."""
    entries = sorted(_entries(app), key=lambda entry: (entry.uri_pattern, entry.method))
    schemas = _schemas(entries)
    paths: dict[str, Any] = {}
    for entry in entries:
        paths.setdefault(entry.uri_pattern, {})[entry.method.lower()] = operation(entry, schemas)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "."}],
        "tags": _tags(entries),
        "paths": paths,
        "components": _components(entries, schemas),
    }


def _entries(app: Chalice) -> Iterator[RouteEntry]:
    for methods in app.routes.values():
        yield from methods.values()


def _schemas(entries: Iterable[RouteEntry]) -> Schemas:
    declared = [declaration(entry) for entry in entries]
    taken = {model: None for one in declared for model in (one.takes, one.query) if model is not None}
    given = {one.gives: None for one in declared if one.gives is not None}
    wanted: list[Any] = [(model, "validation") for model in taken] + [(model, "serialization") for model in given]
    refs, whole = models_json_schema(wanted, ref_template=_REFS, schema_generator=_PlainTitles)
    names = {key: ref["$ref"].rpartition("/")[2] for key, ref in refs.items()}
    return Schemas(
        by_name=whole.get("$defs", {}),
        bodies={model: names[model, "validation"] for model in taken},
        views={model: names[model, "serialization"] for model in given},
    )


def _tags(entries: Iterable[RouteEntry]) -> list[dict[str, str]]:
    modules = {declaration(entry).tag: entry.view_function.__module__ for entry in entries}
    docs = {tag: (sys.modules[module].__doc__ or "").partition("\n")[0] for tag, module in modules.items()}
    return [{"name": tag, "description": told} for tag, told in sorted(docs.items())]


def _components(entries: Iterable[RouteEntry], schemas: Schemas) -> dict[str, Any]:
    entries = list(entries)
    queries = {schemas.bodies[query] for one in entries if (query := declaration(one).query) is not None}
    shown = {name: schema for name, schema in schemas.by_name.items() if name not in queries}
    same = [found for entry in entries for found in responses(problem_kinds(entry)).values()]
    schemes = [provider_scheme(declaration(entry).auth) for entry in entries]
    return {
        "schemas": dict(sorted({**shown, **PROBLEM_SCHEMAS}.items())),
        "responses": dict(sorted((response_name(found), response(found)) for found in same)),
        "headers": _HEADERS,
        "parameters": _PARAMETERS,
        "securitySchemes": {**SECURITY_SCHEMES, **{name: it for one in schemes for name, it in sorted(one.items())}},
    }


@functools.cache
def _written(app: Chalice) -> str:
    return json.dumps(document(app), ensure_ascii=False, separators=(",", ":"))


@routes.route("/openapi.json")
@endpoint(
    auth=Public("whoever writes a client needs it"),
    summary="This document",
    status=200,
    cache="public, max-age=300",
)
def openapi(call: Call) -> Text:
    """The description of everything that can be called here."""
    return Text(_written(routes.current_app), JSON_TYPE)
