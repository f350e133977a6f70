"""Amazon SES's events: what they say of which mail, in both styles."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.adapters.webhooks.ses import SesWebhook
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import Receipt, WebhookRequest
from tests.adapters.provider_builders import NOW, REFERENCE, a_call, now
from tests.adapters.sns_messages import (
    CERTIFICATE_URL,
    ORIGIN,
    SUBSCRIBE_URL,
    TOPIC,
    Web,
    a_message,
    a_subscription,
    signed,
)

AT = "2026-03-02T07:59:00.000Z"
MAIL = {"messageId": "0100-1", "tags": {"ref": [REFERENCE], "ses:operation": ["SendRawEmail"]}}


def webhook(web: Web | None = None) -> SesWebhook:
    """The webhook with this web around it."""
    return SesWebhook(topic_arn=TOPIC, signing_origin=ORIGIN, clock=now, fetch=(web or Web()).fetch)


def call(event: Any) -> WebhookRequest:
    """A call with this event, as SNS makes it: JSON that says it is plain text."""
    return a_call("/v1/webhooks/ses", body=signed(a_message(event)), content_type="text/plain; charset=UTF-8")


def an_event(kind: str, part: str, mail: Any = MAIL, **details: Any) -> dict[str, Any]:
    """An event in the style of configuration sets."""
    return {"eventType": kind, "mail": mail, part: {"timestamp": AT, **details}}


def test_a_receipt() -> None:
    """The reference comes back as a tag; SNS's message id stays the same when it repeats itself."""
    bounce = an_event("Bounce", "bounce", bounceType="Permanent", bounceSubType="NoEmail", bouncedRecipients=[{}])

    assert webhook().read(call(bounce)) == [
        Receipt(
            provider="ses",
            reference=REFERENCE,
            provider_id="0100-1",
            event_id="11111111-2222-3333-4444-555555555555",
            delivery=Delivery.BOUNCED,
            at=datetime(2026, 3, 2, 7, 59, tzinfo=UTC),
            code="NoEmail",
            suppress=True,
        )
    ]


@pytest.mark.parametrize(
    ("event", "delivery", "suppress"),
    [
        (an_event("Send", "send"), Delivery.ACCEPTED, False),
        (an_event("Delivery", "delivery"), Delivery.DELIVERED, False),
        (an_event("Reject", "reject", reason="Bad content"), Delivery.FAILED, False),
        (an_event("Rendering Failure", "failure"), Delivery.FAILED, False),
        (an_event("Bounce", "bounce", bounceType="Undetermined"), Delivery.FAILED, False),
        (an_event("Bounce", "bounce", bounceType="Permanent"), Delivery.BOUNCED, True),
        (an_event("Complaint", "complaint"), Delivery.COMPLAINED, True),
        (an_event("Complaint", "complaint", complaintFeedbackType="abuse"), Delivery.COMPLAINED, True),
        (an_event("Complaint", "complaint", complaintFeedbackType="a new one"), Delivery.COMPLAINED, True),
    ],
)
def test_what_an_event_means(event: dict[str, Any], delivery: Delivery, suppress: bool) -> None:
    """The state, and whether the address is not to be written to again; the same in the style of identities."""
    for each in (event, {**event, "notificationType": event["eventType"], "eventType": None}):
        (receipt,) = webhook().read(call(each))

        assert isinstance(receipt, Receipt)
        assert (receipt.delivery, receipt.suppress) == (delivery, suppress)


@pytest.mark.parametrize(
    "event",
    [
        an_event("Bounce", "bounce", bounceType="Transient", bounceSubType="General"),
        an_event("Bounce", "bounce", bounceType="New"),
        an_event("Bounce", "bounce", bounceType=["Permanent"]),
        {"eventType": "Bounce", "mail": MAIL},
        an_event("Complaint", "complaint", complaintFeedbackType="not-spam"),
        an_event("DeliveryDelay", "deliveryDelay"),
        an_event("Open", "open"),
        an_event("Click", "click"),
        an_event("Something new", "new"),
        {"eventType": ["Send"], "mail": MAIL},
        {},
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "[]",
        an_event("Delivery", "delivery", mail=None),
        an_event("Delivery", "delivery", mail={}),
        an_event("Delivery", "delivery", mail={"tags": {"ref": []}}),
        an_event("Delivery", "delivery", mail={"tags": {"ref": ["a/b"]}}),
        an_event("Delivery", "delivery", mail={"tags": {"ref": "text"}}),
        an_event("Delivery", "delivery", mail={"headers": [{"name": "Subject", "value": REFERENCE}, None, 7]}),
        an_event("Delivery", "delivery", mail={"headers": [{"name": "Message-ID", "value": "<a.b@x>"}]}),
    ],
)
def test_what_says_nothing(event: Any) -> None:
    """Absence notes, "not spam", opens, unknown events, mails that are not ours: proven and ignored."""
    assert webhook().read(call(event)) == []


def test_the_style_of_identities_has_no_tags() -> None:
    """There the reference is taken from the id that we gave the mail."""
    headers = [{"name": "From", "value": "x"}, {"name": "message-id", "value": f"<{REFERENCE}@mail.example.ch>"}]
    event = {"notificationType": "Delivery", "mail": {"messageId": "0100-1", "headers": headers}, "delivery": {}}

    (receipt,) = webhook().read(call(event))

    assert isinstance(receipt, Receipt)
    assert (receipt.reference, receipt.at) == (REFERENCE, NOW)


def test_a_subscription_is_confirmed() -> None:
    """Once the message is proven; there is no receipt in it."""
    web = Web()

    assert webhook(web).read(a_call("/v1/webhooks/ses", body=signed(a_subscription()))) == []
    assert web.fetched == [CERTIFICATE_URL, SUBSCRIBE_URL]


def test_a_forged_subscription_is_not_confirmed() -> None:
    """A changed message calls nothing."""
    web = Web()

    with pytest.raises(SignatureInvalidError):
        webhook(web).read(a_call("/v1/webhooks/ses", body=signed(a_subscription(), Token="other")))

    assert SUBSCRIBE_URL not in web.fetched


def test_the_end_of_a_subscription_says_nothing() -> None:
    """It is proven and left alone: calling its address would subscribe again."""
    web = Web()
    ending = signed(a_subscription(Type="UnsubscribeConfirmation"))

    assert webhook(web).read(a_call("/v1/webhooks/ses", body=ending)) == []
    assert SUBSCRIBE_URL not in web.fetched
