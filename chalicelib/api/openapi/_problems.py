"""Which problems an endpoint can answer with: those it names, and those that follow from what it declares."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.api.http.auth import Link, Operator, Provider, Public, Staff
from chalicelib.api.http.endpoint import Endpoint
from chalicelib.api.http.problem import (
    INTERNAL,
    PROBLEM_TYPE,
    MalformedError,
    RefusedFieldsError,
    UnsupportedTypeError,
    problem_type,
)
from chalicelib.domain.errors import (
    CallerError,
    FormRefusedError,
    IdempotencyMismatchError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    ReadOnlyError,
    SecondFactorRequiredError,
    SecrecyRequiredError,
    SetupRequiredError,
    SignatureInvalidError,
    TooLargeError,
    TryAgainError,
    VersionMismatchError,
)

_INSTANCE = "urn:uuid:8c5f0a52-6f0d-4c39-9a51-0f2f6f9f3c11"


class Kind(NamedTuple):
    """A kind of problem, as the documentation lists it."""

    status: int
    slug: str
    title: str


TOO_MANY = Kind(429, "too-many", "Too many requests; slow down")
BROKEN = Kind(INTERNAL.status, INTERNAL.slug, INTERNAL.title)

PROBLEM_SCHEMAS: Mapping[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "A refusal (RFC 9457). `detail` says how to mend it; nothing that was sent is repeated.",
        "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "The kind of problem."},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "The remedy."},
            "instance": {"type": "string", "format": "uri", "description": "The id of this request."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        },
    },
    "FieldProblem": {
        "type": "object",
        "description": "What is wrong with one field.",
        "required": ["field", "problem", "remedy"],
        "properties": {
            "field": {"type": "string", "examples": ["customer.email"]},
            "problem": {"type": "string"},
            "remedy": {"type": "string"},
        },
    },
}


def kinds(declared: Endpoint, *, has_path: bool, has_body: bool) -> list[Kind]:
    """Every kind of problem an endpoint can answer with, by status and slug."""
    errors = {*declared.errors, *_implied(declared), *_by_auth(declared, has_path=has_path)}
    if has_body:
        errors |= {TooLargeError, UnsupportedTypeError}
    return sorted({*(_kind(error) for error in errors), TOO_MANY, BROKEN})


def _kind(error: type[CallerError | TryAgainError]) -> Kind:
    return Kind(error.status, error.slug, error.title)


def _implied(declared: Endpoint) -> Iterator[type[CallerError | TryAgainError]]:
    yield TryAgainError
    if not declared.before_setup:
        yield SetupRequiredError
    yield UnsupportedTypeError  # Chalice looks at the Content-Type of every request, with a body or without
    if declared.takes or declared.idempotent:
        yield MalformedError
    if declared.form:
        yield FormRefusedError
    if declared.idempotent:
        yield IdempotencyMismatchError
    if declared.match:
        yield VersionMismatchError
    if not declared.any_query and not isinstance(declared.auth, Provider):
        yield RefusedFieldsError


def _by_auth(declared: Endpoint, *, has_path: bool) -> Iterator[type[CallerError]]:
    if has_path:
        yield NotFoundError
    match declared.auth:
        case Staff():
            yield from (NotSignedInError, NotAllowedError)
        case Link():
            yield from (LinkInvalidError, LinkUsedError, LinkExpiredError)
        case Operator(early=early):
            yield from (NotSignedInError, NotAllowedError)
            if not early:
                yield from (SecrecyRequiredError, SecondFactorRequiredError)
        case Provider():
            yield SignatureInvalidError
        case Public(key=key):
            if key:
                yield from (NotSignedInError, NotAllowedError, ReadOnlyError)


def responses(found: Iterable[Kind]) -> dict[str, list[Kind]]:
    """The kinds by status."""
    by_status: dict[str, list[Kind]] = {}
    for kind in found:
        by_status.setdefault(str(kind.status), []).append(kind)
    return by_status


def response_name(found: Iterable[Kind]) -> str:
    """The name of the shared response that stands for these kinds."""
    return ".".join(kind.slug for kind in found)


def response(found: list[Kind]) -> dict[str, Any]:
    """The response object for kinds of one status."""
    headers: dict[str, Any] = {"Zusage-Request-Id": {"$ref": "#/components/headers/Zusage-Request-Id"}}
    if found[0].status in {429, 503}:
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    if found[0].status == 401:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    return {
        "description": "; ".join(kind.title for kind in found),
        "headers": headers,
        "content": {
            PROBLEM_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.slug: {"value": _example(kind)} for kind in found},
            }
        },
    }


def _example(kind: Kind) -> dict[str, Any]:
    return {"type": problem_type(kind.slug), "title": kind.title, "status": kind.status, "instance": _INSTANCE}
