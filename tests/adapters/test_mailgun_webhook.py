"""Mailgun's events: the signature, its age, and what the events say."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.webhooks.mailgun import OLDEST, MailgunWebhook
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import Receipt, WebhookRequest
from tests.adapters.provider_builders import NOW, REFERENCE, VECTORS, a_call, now

KEY = "signing key"
TOKEN = "0123456789" * 5
STAMP = str(int(NOW.timestamp()))


def a_signature(timestamp: str = STAMP, token: str = TOKEN, key: str = KEY) -> dict[str, Any]:
    """The block that proves the call."""
    mac = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": mac}


def an_event(**changes: Any) -> dict[str, Any]:
    """An event about our mail."""
    return {
        "event": "delivered",
        "timestamp": 1772438300.25,
        "message": {"headers": {"message-id": "2026.1@mail.example.ch"}},
        "user-variables": {"ref": REFERENCE},
        **changes,
    }


def call(event: Any, signature: Any = None) -> WebhookRequest:
    """A call with this event."""
    return a_call(
        "/v1/webhooks/mailgun",
        body={"signature": a_signature() if signature is None else signature, "event-data": event},
    )


def webhook(key: str = KEY) -> MailgunWebhook:
    """The webhook with the key of the tests."""
    return MailgunWebhook(signing_key=key, clock=now)


def test_the_published_vector() -> None:
    """Its signature holds at its time."""
    vector = VECTORS["mailgun"]
    at_its_time = MailgunWebhook(
        signing_key=vector["signing_key"], clock=lambda: datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    )

    (receipt,) = at_its_time.read(
        call(an_event(), {name: vector[name] for name in ("timestamp", "token", "signature")})
    )

    assert receipt.event_id == vector["token"]


def test_a_receipt() -> None:
    """The reference comes back in the variables; the token, which may be taken once, is the event."""
    assert webhook().read(call(an_event(**{"delivery-status": {"code": 250, "message": "OK anna"}}))) == [
        Receipt(
            provider="mailgun",
            reference=REFERENCE,
            provider_id="2026.1@mail.example.ch",
            event_id=TOKEN,
            delivery=Delivery.DELIVERED,
            at=datetime(2026, 3, 2, 7, 58, 20, 250_000, UTC),
            code="250",
        )
    ]


@pytest.mark.parametrize(
    "signature",
    [
        a_signature(key="another key"),
        {**a_signature(), "token": TOKEN[::-1]},
        {**a_signature(), "timestamp": str(int(STAMP) + 1)},
        {**a_signature(), "signature": a_signature()["signature"].upper()},
        {**a_signature(), "signature": ""},
        {**a_signature(), "signature": None},
        {**a_signature(), "signature": "ä"},
        {**a_signature(), "timestamp": float(STAMP)},
        {"timestamp": STAMP, "token": TOKEN},
        a_signature(timestamp="١٧٧٢٤٣٨٤٠٠"),
        a_signature(token="short"),
        a_signature(token=""),
        [],
        "text",
    ],
)
def test_what_does_not_prove_itself(signature: Any) -> None:
    """Another key, other values, wrong types: nothing is read."""
    with pytest.raises(SignatureInvalidError):
        webhook().read(call(an_event(), signature))


def test_a_time_as_a_number_is_the_same_time() -> None:
    """Whether the seconds come as a text or as a number, the signature is over their digits."""
    assert webhook().read(call(an_event(), {**a_signature(), "timestamp": int(STAMP)}))


def test_an_empty_key_proves_nothing() -> None:
    """A key that is not set must not make everyone's signature good."""
    with pytest.raises(SignatureInvalidError):
        webhook("").read(call(an_event(), a_signature(key="")))


@pytest.mark.parametrize("move", [-1, 1])
def test_the_border_between_time_and_token_can_not_be_moved(move: int) -> None:
    """Time and token are signed without a border; another split would make a new event of an old signature."""
    joined, border = STAMP + TOKEN, len(STAMP) + move
    moved = {**a_signature(), "timestamp": joined[:border], "token": joined[border:]}

    with pytest.raises(SignatureInvalidError):
        webhook().read(call(an_event(), moved))


@pytest.mark.parametrize(
    ("age", "accepted"),
    [
        (OLDEST - timedelta(seconds=1), True),
        (OLDEST, True),
        (OLDEST + timedelta(seconds=1), False),
        (timedelta(minutes=-10) + timedelta(seconds=1), True),
        (timedelta(minutes=-10), True),
        (timedelta(minutes=-10, seconds=-1), False),
    ],
)
def test_the_age_at_its_edges(age: timedelta, accepted: bool) -> None:
    """Nine hours old and ten minutes ahead pass; a second more does not."""
    signature = a_signature(timestamp=str(int((NOW - age).timestamp())))

    if accepted:
        assert webhook().read(call(an_event(), signature))
    else:
        with pytest.raises(SignatureInvalidError):
            webhook().read(call(an_event(), signature))


def a_failure(severity: str = "permanent", reason: str = "bounce", **status: Any) -> dict[str, Any]:
    """An event about a failure."""
    return an_event(event="failed", severity=severity, reason=reason, **{"delivery-status": status})


@pytest.mark.parametrize(
    ("event", "delivery", "suppress"),
    [
        (an_event(event="accepted"), Delivery.ACCEPTED, False),
        (an_event(event="rejected"), Delivery.FAILED, False),
        (an_event(event="complained"), Delivery.COMPLAINED, True),
        (a_failure(code=550), Delivery.BOUNCED, True),
        (a_failure(code=550, **{"enhanced-code": "5.1.1"}), Delivery.BOUNCED, True),
        (a_failure(reason="suppress-bounce", code=605), Delivery.BOUNCED, False),
        (a_failure(code=550, **{"enhanced-code": "5.7.1"}), Delivery.FAILED, False),
        (a_failure(reason="old", code=602), Delivery.FAILED, False),
        (a_failure(reason="espblock", code=550), Delivery.FAILED, False),
        (a_failure(reason="something new"), Delivery.BOUNCED, True),
    ],
)
def test_what_an_event_means(event: dict[str, Any], delivery: Delivery, suppress: bool) -> None:
    """The state, and whether the address is not to be written to again."""
    (receipt,) = webhook().read(call(event))

    assert isinstance(receipt, Receipt)
    assert (receipt.delivery, receipt.suppress) == (delivery, suppress)


@pytest.mark.parametrize(
    "event",
    [
        a_failure(severity="temporary"),
        a_failure(severity="new"),
        an_event(event="opened"),
        an_event(event="clicked"),
        an_event(event="unsubscribed"),
        an_event(event="something new"),
        an_event(event=None),
        an_event(event=["delivered"]),
        an_event(**{"user-variables": {}}),
        an_event(**{"user-variables": []}),
        an_event(**{"user-variables": {"ref": "a/b"}}),
        an_event(**{"user-variables": {"ref": 7}}),
        None,
        "text",
        [],
    ],
)
def test_what_says_nothing(event: Any) -> None:
    """Temporary failures, opens, unknown events, events about other mails: proven and ignored."""
    assert webhook().read(call(event)) == []


def test_odd_details_do_not_stop_a_receipt() -> None:
    """A time or an id in an unknown shape is replaced; a text in the place of a code is dropped."""
    event = an_event(timestamp="soon", message=7, **{"delivery-status": {"code": "anna@example.org is unknown"}})

    (receipt,) = webhook().read(call(event))

    assert isinstance(receipt, Receipt)
    assert (receipt.at, receipt.provider_id, receipt.code) == (NOW, "", "")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_bodies_that_are_no_objects(body: bytes) -> None:
    """There is nothing to prove."""
    with pytest.raises(SignatureInvalidError):
        webhook().read(a_call("/v1/webhooks/mailgun", body=body))
