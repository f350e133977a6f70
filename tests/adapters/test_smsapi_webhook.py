"""SMSAPI's reports: the secret in the path, and many reports in one call."""

from datetime import UTC, datetime

import pytest

from chalicelib.adapters.smsapi import idx_of
from chalicelib.adapters.webhooks.smsapi import STATUSES, SmsapiWebhook
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import Receipt, WebhookRequest
from tests.adapters.provider_builders import NOW, REFERENCE, a_call, now

SECRET = "a-long-random-secret"
PATH = f"/v1/webhooks/smsapi/{SECRET}/{REFERENCE}"


def call(path: str = PATH, **query: str) -> WebhookRequest:
    """A report; what is not given is what SMSAPI sends on a delivery."""
    fields = {"MsgId": "6373A1", "status": "404", "donedate": "1700000000", "idx": idx_of(REFERENCE), **query}
    return a_call(path, query=fields, content_type="")


def webhook(secret: str = SECRET) -> SmsapiWebhook:
    """The webhook with the secret of the tests."""
    return SmsapiWebhook(callback_secret=secret, clock=now)


def test_a_receipt() -> None:
    """The reference is in the path, the event is the message and its state."""
    assert webhook().read(call()) == [
        Receipt(
            provider="smsapi",
            reference=REFERENCE,
            provider_id="6373A1",
            event_id="6373A1:404",
            delivery=Delivery.DELIVERED,
            at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            code="404",
        )
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/webhooks/smsapi/{SECRET[:-1]}/{REFERENCE}",
        f"/v1/webhooks/smsapi/{SECRET}x/{REFERENCE}",
        f"/v1/webhooks/smsapi/{SECRET.upper()}/{REFERENCE}",
        f"/v1/webhooks/smsapi//{REFERENCE}",
        f"/v1/webhooks/smsapi/ä/{REFERENCE}",
        f"/v1/webhooks/smsapi/{REFERENCE}",
        "/v1/webhooks/smsapi",
        "/",
    ],
)
def test_without_the_secret_nothing_is_read(path: str) -> None:
    """A secret that is shorter, longer, missing or another one is refused."""
    with pytest.raises(SignatureInvalidError):
        webhook().read(call(path))


def test_a_secret_that_is_not_set_opens_nothing() -> None:
    """An empty secret does not fit an empty place in the path."""
    with pytest.raises(SignatureInvalidError):
        webhook("").read(call(f"/v1/webhooks/smsapi//{REFERENCE}"))


def test_many_reports_in_one_call() -> None:
    """Each field is a list with commas; unknown states are left out, the others keep their order."""
    batch = call(MsgId="A,B,C,D", status="403,404,999,402", donedate="1700000000,,x,1700000001", idx="")

    receipts = webhook().read(batch)

    assert [(r.provider_id, r.delivery) for r in receipts if isinstance(r, Receipt)] == [
        ("A", Delivery.SENT),
        ("B", Delivery.DELIVERED),
        ("D", Delivery.FAILED),
    ]
    assert [r.at for r in receipts if isinstance(r, Receipt)][1] == NOW
    assert len({r.event_id for r in receipts}) == 3


def test_reports_of_other_messages_are_left_out() -> None:
    """A report with another message's id must not be taken for ours."""
    batch = call(MsgId="A,B", status="404,404", donedate="1,1", idx=f"{idx_of('other')},{idx_of(REFERENCE)}")

    assert [receipt.event_id for receipt in webhook().read(batch)] == ["B:404"]


@pytest.mark.parametrize("status", [*STATUSES])
def test_every_known_status(status: str) -> None:
    """Each status gives the state of the table."""
    (receipt,) = webhook().read(call(status=status))

    assert isinstance(receipt, Receipt)
    assert (receipt.delivery, receipt.suppress) == STATUSES[status]


def test_only_a_stop_stops_for_good() -> None:
    """A failed delivery may work next time; a STOP is a wish."""
    assert [status for status, (_, suppress) in STATUSES.items() if suppress] == ["412"]


@pytest.mark.parametrize(
    "query", [{"status": "408"}, {"status": ""}, {"status": "DELIVERED"}, {"MsgId": ""}, {"MsgId": "a b"}]
)
def test_what_says_nothing(query: dict[str, str]) -> None:
    """Unknown, new and empty values: nothing."""
    assert webhook().read(call(**query)) == []


@pytest.mark.parametrize("path", [f"/v1/webhooks/smsapi/{SECRET}", f"/v1/webhooks/smsapi/{SECRET}/a/b", PATH + "."])
def test_a_path_without_a_reference(path: str) -> None:
    """Proven, but about nothing of ours."""
    assert webhook().read(call(path)) == []


def test_missing_fields() -> None:
    """A call without any field is no report."""
    assert webhook().read(a_call(PATH, content_type="")) == []


def test_columns_of_different_length() -> None:
    """A row that lacks a field is read as far as it goes."""
    assert [receipt.event_id for receipt in webhook().read(call(MsgId="A,B", status="404", idx=""))] == ["A:404"]


def test_the_answer() -> None:
    """Anything but these two letters would be repeated to us."""
    assert webhook().answer.body == "OK"
