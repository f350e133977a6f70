"""One route, described: who may call, what it takes, what it gives, which problems it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import RouteEntry

from chalicelib.api.http.answer import CLEAR_HEADER, NO_STORE
from chalicelib.api.http.auth import LINK_HEADER, Auth, Link, Operator, Provider, Public, Staff
from chalicelib.api.http.endpoint import Endpoint
from chalicelib.api.http.models import Body, Query, View
from chalicelib.api.http.request import JSON_TYPE
from chalicelib.api.openapi._problems import Kind, kinds, response_name, responses
from chalicelib.api.openapi._samples import NoSampleError, sample

SECURITY_SCHEMES: Mapping[str, Any] = {
    "staff": {"type": "http", "scheme": "bearer", "description": "The token of a session, from signing in."},
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a session of somebody who works for the operator.",
    },
    "server": {"type": "http", "scheme": "bearer", "description": "The key of a business's own server."},
    "link": {
        "type": "apiKey",
        "in": "header",
        "name": LINK_HEADER,
        "description": "The token of a capability link: the part after the # of the address that was mailed or texted.",
    },
}


@dataclass(frozen=True)
class Schemas:
    """The JSON schemas by name, and which model became which reference."""

    by_name: Mapping[str, Any]
    bodies: Mapping[type[Body | Query], str]
    views: Mapping[type[View], str]

    def ref(self, name: str) -> dict[str, str]:
        """A reference to a schema."""
        return {"$ref": f"#/components/schemas/{name}"}


def operation(entry: RouteEntry, schemas: Schemas) -> dict[str, Any]:
    """The operation object of a route."""
    declared = declaration(entry)
    described: dict[str, Any] = {
        "operationId": f"{declared.tag}_{entry.view_function.__name__}",
        "tags": [declared.tag],
        "summary": declared.summary,
        "description": _described(declared),
        "security": _security(declared.auth),
        "parameters": _parameters(entry, declared, schemas),
        "responses": _responses(entry, declared, schemas),
    }
    if body := _request_body(entry, declared, schemas):
        described["requestBody"] = body
    return described


def declaration(entry: RouteEntry) -> Endpoint:
    """What `@endpoint` left on the view; TypeError when there was none."""
    declared = getattr(entry.view_function, "__endpoint__", None)
    if not isinstance(declared, Endpoint):
        raise TypeError(f"{entry.method} {entry.uri_pattern} has no @endpoint")
    return declared


def problem_kinds(entry: RouteEntry) -> list[Kind]:
    """The kinds of problem a route can answer with."""
    declared = declaration(entry)
    return kinds(declared, has_path=bool(entry.view_args), has_body=_has_body(entry, declared))


def _has_body(entry: RouteEntry, declared: Endpoint) -> bool:
    takes = declared.takes is not None or declared.takes_bytes
    return bool(takes) or (isinstance(declared.auth, Provider) and entry.method == "POST")


def _described(declared: Endpoint) -> str:
    match declared.auth:
        case Public():
            who = f"Anyone may call this: {declared.auth.why}."
            who += _servers(declared.auth.key)
        case Staff():
            roles = " or ".join(sorted(declared.auth.roles))
            who = f"For staff with the role {roles}." if roles else "For staff."
            who += _servers(declared.auth.key)
        case Link():
            who = f"For whoever holds a link to {declared.auth.purpose}."
        case Operator():
            who = "For the operator of the installation."
        case Provider():
            where = f"the header {declared.auth.header}" if declared.auth.header else "the call itself"
            who = f"For the provider {declared.auth.name}, which proves itself in {where}."
    return f"{declared.description}\n\n{who}".strip()


def _servers(scope: str) -> str:
    return f" Servers of the business call it with a key of the scope `{scope}`." if scope else ""


def _security(auth: Auth) -> list[dict[str, list[str]]]:
    match auth:
        case Staff():
            return [{"staff": []}, {"server": []}] if auth.key else [{"staff": []}]
        case Public():
            return [{}, {"server": []}] if auth.key else []
        case Link():
            return [{"link": []}]
        case Operator():
            return [{"operator": []}]
        case Provider() if auth.header:
            return [{f"provider-{auth.name}": []}]
        case _:
            return []


def provider_scheme(auth: Auth) -> dict[str, Any]:
    """The security scheme of a provider that signs in a header, by its name."""
    if not isinstance(auth, Provider) or not auth.header:
        return {}
    told = f"The signature that {auth.name} puts on its calls."
    return {f"provider-{auth.name}": {"type": "apiKey", "in": "header", "name": auth.header, "description": told}}


def _parameters(entry: RouteEntry, declared: Endpoint, schemas: Schemas) -> list[dict[str, Any]]:
    found = [
        {"name": n, "in": "path", "required": True, "schema": {"type": "string", "pattern": declared.pattern(n)}}
        for n in entry.view_args
    ]
    if declared.query is not None:
        found += _query_parameters(schemas.by_name[schemas.bodies[declared.query]])
    wanted = {
        "Zusage-Form": bool(declared.form),
        "Idempotency-Key": declared.idempotent,
        "If-Match": declared.match,
        "If-None-Match": _kept(declared),
    }
    return found + [{"$ref": f"#/components/parameters/{name}"} for name, is_wanted in wanted.items() if is_wanted]


def _query_parameters(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in schema.get("properties", {}).items()
    ]


def _kept(declared: Endpoint) -> bool:
    return declared.cache != NO_STORE


def _request_body(entry: RouteEntry, declared: Endpoint, schemas: Schemas) -> dict[str, Any]:
    if declared.takes is not None:
        media: dict[str, Any] = {"schema": schemas.ref(schemas.bodies[declared.takes])}
        return {"required": True, "content": {JSON_TYPE: _with_example(media, schemas)}}
    if declared.takes_bytes:
        return {"required": True, "content": {kind: {} for kind in sorted(declared.takes_bytes)}}
    if _has_body(entry, declared):
        return {"required": True, "content": {kind: {"schema": {}} for kind in sorted(entry.content_types)}}
    return {}


def _with_example(media: dict[str, Any], schemas: Schemas) -> dict[str, Any]:
    try:
        return {**media, "example": sample(media["schema"], schemas.by_name)}
    except NoSampleError:
        return media


def _responses(entry: RouteEntry, declared: Endpoint, schemas: Schemas) -> dict[str, Any]:
    headers: dict[str, Any] = {"Zusage-Request-Id": {"$ref": "#/components/headers/Zusage-Request-Id"}}
    if _kept(declared) or declared.versioned:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if declared.location:
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    if declared.ends_session:
        headers[CLEAR_HEADER] = {"$ref": f"#/components/headers/{CLEAR_HEADER}"}
    good: dict[str, Any] = {"description": declared.summary, "headers": headers}
    if content := _content(declared, schemas):
        good["content"] = content
    found: dict[str, Any] = {str(declared.success): good}
    if _kept(declared):
        found["304"] = {"description": "Nothing has changed.", "headers": headers}
    for status, same in responses(problem_kinds(entry)).items():
        found[status] = {"$ref": f"#/components/responses/{response_name(same)}"}
    return dict(sorted(found.items()))


def _content(declared: Endpoint, schemas: Schemas) -> dict[str, Any]:
    if declared.success == 204:
        return {}
    if declared.gives is not None:
        return {JSON_TYPE: _with_example({"schema": schemas.ref(schemas.views[declared.gives])}, schemas)}
    if isinstance(declared.auth, Provider) and declared.produces == JSON_TYPE:
        return {"text/plain": {"schema": {"type": "string"}}}
    return {kind: _untyped(kind) for kind in declared.media_types}


def _untyped(kind: str) -> dict[str, Any]:
    """What can be said of a content that no model describes; of bytes nothing (OpenAPI 3.1 leaves out their schema)."""
    if kind == JSON_TYPE:
        return {"schema": {"type": "object"}}
    return {"schema": {"type": "string"}} if kind.startswith("text/") else {}
