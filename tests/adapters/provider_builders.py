"""Messages, webhook calls and times for the tests of providers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chalicelib.services.ports import Email, Sms, WebhookRequest

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text())

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
REFERENCE = "Ab-_" * 16
PHONE = "+41790000002"
ADDRESS = "anna@example.org"


def now() -> datetime:
    """The clock of the tests."""
    return NOW


def an_email(**changes: Any) -> Email:
    """A mail to Anna."""
    fields: dict[str, Any] = {
        "to": ADDRESS,
        "to_name": "Anna Müller",
        "sender": "termine@mail.example.ch",
        "sender_name": "Praxis Muster",
        "reply_to": "praxis@example.ch",
        "subject": "Ihr Termin",
        "text": "Grüezi Anna",
        "html": "<p>Grüezi Anna</p>",
        "headers": {},
        "reference": REFERENCE,
    }
    return Email(**{**fields, **changes})


def an_sms(**changes: Any) -> Sms:
    """A text message to Anna."""
    return Sms(**{"to": PHONE, "text": "Grüezi + bis morgen & danke", "reference": REFERENCE, **changes})


def a_call(
    path: str,
    *,
    body: bytes | str | dict[str, Any] = b"",
    form: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> WebhookRequest:
    """A webhook call; `form` makes it a form, a dict as `body` makes it JSON."""
    raw = json.dumps(body) if isinstance(body, dict) else body
    if form is not None:
        raw, content_type = urlencode(form), "application/x-www-form-urlencoded; charset=UTF-8"
    return WebhookRequest(
        path=path,
        query=tuple((query or {}).items()),
        headers=headers or {},
        body=raw.encode() if isinstance(raw, str) else raw,
        content_type=content_type,
    )
