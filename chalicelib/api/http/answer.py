"""How answers leave: security headers on every one, JSON from the view's model, ETags, 304 and 204."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic

from chalice.app import Response
from typing_extensions import TypeVar

from chalicelib.api.http.cookies import SetCookie
from chalicelib.api.http.models import View
from chalicelib.api.http.problem import PROBLEM_TYPE, Problem
from chalicelib.api.http.request import JSON_TYPE

ViewT_co = TypeVar("ViewT_co", bound=View, default=View, covariant=True)

NO_STORE = "no-store"
REQUEST_ID_HEADER = "Zusage-Request-Id"
SECURITY_HEADERS: Mapping[str, str] = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": NO_STORE,
}


# What the browser keeps of us beside cookies: those are forgotten one by one, since another portal's session and what a
# customer asked it to remember may stand in them.
CLEAR_HEADER = "Clear-Site-Data"
CLEARED = '"cache", "storage"'


@dataclass(frozen=True)
class Versioned(Generic[ViewT_co]):
    """A view and the version of what it shows; the version goes out as ETag and comes back as If-Match."""

    view: ViewT_co
    version: int


@dataclass(frozen=True)
class Text:
    """An answer that is no JSON of ours: a page, a script, a file, what a provider wants to hear."""

    body: str | bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WithCookie:
    """An answer that sets a cookie, too, or has it forgotten."""

    answer: View | Versioned[View] | Text | None
    cookie: SetCookie


def answered(
    body: str | bytes, content_type: str, *, status: int, headers: Mapping[str, str], request_id: str
) -> Response:
    """A response with everything that every response carries; `headers` win."""
    typed = {"Content-Type": content_type} if content_type else {}
    return Response(
        body=body, status_code=status, headers={**SECURITY_HEADERS, REQUEST_ID_HEADER: request_id, **typed, **headers}
    )


def problem_answer(problem: Problem, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal as application/problem+json."""
    extra = dict(headers or {})
    if problem.retry_after is not None:
        extra["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    body = json.dumps(problem.body(request_id), ensure_ascii=False, separators=(",", ":"))
    return answered(body, PROBLEM_TYPE, status=problem.status, headers=extra, request_id=request_id)


def view_answer(result: View | Versioned[View], *, status: int, cache: str, seen: str, request_id: str) -> Response:
    """A view as JSON. Where the answer may be kept (`cache`), an If-None-Match (`seen`) that fits gets a 304."""
    view = result.view if isinstance(result, Versioned) else result
    body = view.model_dump_json(by_alias=True)
    headers = {"Cache-Control": cache}
    if isinstance(result, Versioned):
        headers["ETag"] = f'"{result.version}"'
    return _perhaps_unchanged(body, JSON_TYPE, status=status, headers=headers, seen=seen, request_id=request_id)


def text_answer(text: Text, *, status: int, cache: str, seen: str, request_id: str) -> Response:
    """A text, cached as `cache` says unless its own headers say otherwise."""
    headers = {"Cache-Control": cache, **text.headers}
    return _perhaps_unchanged(
        text.body, text.content_type, status=status, headers=headers, seen=seen, request_id=request_id
    )


def empty_answer(*, status: int, request_id: str) -> Response:
    """An answer without a body."""
    return answered("", "", status=status, headers={}, request_id=request_id)


def _perhaps_unchanged(
    body: str | bytes, content_type: str, *, status: int, headers: dict[str, str], seen: str, request_id: str
) -> Response:
    if headers["Cache-Control"] == NO_STORE:
        return answered(body, content_type, status=status, headers=headers, request_id=request_id)
    raw = body.encode() if isinstance(body, str) else body
    tag = headers.setdefault("ETag", f'"{hashlib.sha256(raw).hexdigest()[:32]}"')
    if tag in (one.strip().removeprefix("W/") for one in seen.split(",")):
        return answered("", "", status=304, headers=headers, request_id=request_id)
    return answered(body, content_type, status=status, headers=headers, request_id=request_id)
