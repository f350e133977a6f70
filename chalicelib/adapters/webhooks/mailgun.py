"""Mailgun's events. The signature covers only a time and a token, so the token must be taken once (`event_id`)."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.adapters._provider import Outside, required
from chalicelib.adapters.webhooks._reading import (
    code_of,
    instant_of,
    is_reference,
    nested,
    object_in,
    refuse_unless_recent,
    same,
)
from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import Answer, OptOut, Receipt, WebhookRequest

NAME = "mailgun"

OLDEST = timedelta(hours=9)
"""Mailgun repeats itself for eight hours, and it isn't said whether it signs afresh."""

EVENTS: Mapping[str, Delivery] = {
    "accepted": Delivery.ACCEPTED,
    "rejected": Delivery.FAILED,
    "delivered": Delivery.DELIVERED,
    "complained": Delivery.COMPLAINED,
}
"""Events that mean one thing. A failure needs a closer look; opens, clicks and the like are nobody's business."""

GAVE_UP = frozenset({"old", "espblock"})
"""Reasons of a permanent failure that say nothing about the address: tried too long, our server is blocked."""

_ALREADY_SUPPRESSED = "605"
_ABOUT_THE_CONTENT = "5.7."

# Exactly ten digits: the signed text is time and token without a border between them, and a border that could
# be moved would make another token, and thus another event, of the same signature.
_SECONDS = re.compile(r"[0-9]{10}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")


class MailgunWebhook:
    """Proves and reads one event. `signing_key` is the webhook signing key, not the API key."""

    answer: Answer = Answer()

    def __init__(self, *, signing_key: str, clock: Clock) -> None:
        self._key = signing_key.encode()
        self._clock = clock

    def read(self, request: WebhookRequest) -> Sequence[Receipt | OptOut]:
        """The receipt in the event, if it has one."""
        body = object_in(request.body)
        token = self._prove(body.get("signature"))
        event = body.get("event-data")
        reference = nested(event, "user-variables", "ref")
        outcome = _outcome(event)
        if outcome is None or not is_reference(reference):
            return []
        delivery, suppress = outcome
        return [
            Receipt(
                provider=NAME,
                reference=reference,
                provider_id=_message_id(nested(event, "message", "headers", "message-id")),
                event_id=token,
                delivery=delivery,
                at=instant_of(nested(event, "timestamp"), otherwise=self._clock()),
                code=code_of(nested(event, "delivery-status", "code")),
                suppress=suppress,
            )
        ]

    def _prove(self, signature: object) -> str:
        """The token, once it is proven to be Mailgun's and recent."""
        timestamp, token = code_of(nested(signature, "timestamp")), nested(signature, "token")
        if not _matches(_SECONDS, timestamp) or not _matches(_TOKEN, token):
            raise SignatureInvalidError
        expected = hmac.new(self._key, f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
        if not self._key or not same(nested(signature, "signature"), [expected]):
            raise SignatureInvalidError
        now: datetime = self._clock()
        refuse_unless_recent(instant_of(timestamp, otherwise=now), now=now, oldest=OLDEST)
        return str(token)


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _message_id(value: Any) -> str:
    """The message id as Mailgun writes it in events, without angle brackets."""
    return value.strip("<>")[:200] if isinstance(value, str) else ""


def _outcome(event: object) -> tuple[Delivery, bool] | None:
    """The state an event reports, and whether the address must not be written to again."""
    kind = nested(event, "event")
    if kind == "failed":
        return _failure(event) if nested(event, "severity") == "permanent" else None
    delivery = EVENTS.get(kind) if isinstance(kind, str) else None
    return (delivery, delivery is Delivery.COMPLAINED) if delivery else None


def _failure(event: object) -> tuple[Delivery, bool]:
    if nested(event, "reason") in GAVE_UP:
        return Delivery.FAILED, False
    if str(nested(event, "delivery-status", "enhanced-code") or "").startswith(_ABOUT_THE_CONTENT):
        return Delivery.FAILED, False
    return Delivery.BOUNCED, str(nested(event, "delivery-status", "code")) != _ALREADY_SUPPRESSED


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> MailgunWebhook:
    """The webhook out of secrets."""
    return MailgunWebhook(signing_key=required(NAME, secrets, "mailgun_signing_key"), clock=outside.clock)
