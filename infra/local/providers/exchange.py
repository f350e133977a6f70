"""Requests and answers as plain values, so that the simulated providers need no network in their tests."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, kw_only=True)
class Request:
    """What came in; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def form(self) -> dict[str, str]:
        """The body as form fields; of a repeated field the last."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; ValueError when it is none."""
        return json.loads(self.body)

    def basic_auth(self) -> tuple[str, str]:
        """User and password of the Authorization header; empty when there are none."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        return user, password


@dataclass(frozen=True)
class Response:
    """What goes out."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, content: Any) -> Response:
    """An answer in JSON."""
    return Response(status, json.dumps(content, ensure_ascii=False).encode())


def text_response(status: int, text: str) -> Response:
    """An answer in plain text."""
    return Response(status, text.encode(), "text/plain; charset=utf-8")


@dataclass(frozen=True)
class Call:
    """A call that a simulated provider makes to the API."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class UnknownEventError(Exception):
    """Raised when a provider can't report this event of this kind of message."""
