"""What a record tells: every kind of stored value as JSON, and nothing that its declarations keep back."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.records._fields import Form
from chalicelib.records.notification import Report
from chalicelib.records.telling import Json, as_json, told
from tests.records.record_builders import NOW, PERSONAL, appointment, notification, person, store
from tests.stage import stage


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        ("text", "text"),
        (3, 3),
        (Decimal(3), 3),
        (Decimal("3.5"), 3.5),
        (datetime(2026, 11, 2, 9, 0, tzinfo=timezone(timedelta(hours=1))), "2026-11-02T08:00:00Z"),
        (Delivery.WAITING, "waiting"),
        ({"b", "a"}, ["a", "b"]),
        ([NOW, None], ["2026-11-02T08:00:00Z", None]),
        ({"at": {"to": NOW}}, {"at": {"to": "2026-11-02T08:00:00Z"}}),
        (b"\x01\xff", "01ff"),
    ],
)
def test_values_as_json(value: object, written: Json) -> None:
    """Instants in UTC, words of ours by their value, sets in order."""
    assert as_json(value) == written
    assert json.loads(json.dumps(as_json(value))) == written


def test_the_history_of_a_message() -> None:
    """What lies deeper is written the same way."""
    record = notification()
    record.reports = [Report(state="sent", at=datetime(2026, 11, 2, 8, 0, tzinfo=UTC), provider="twilio", code=None)]

    with stage():
        (field,) = [each for each in told(record).fields if each.name == "reports"]

    assert field.value == [{"state": "sent", "at": "2026-11-02T08:00:00Z", "provider": "twilio", "code": None}]


def test_what_is_internal_is_not_told() -> None:
    """Sealed fields in the clear, with how they are stored; the machinery's own not at all."""
    with stage() as on:
        person(on)
        store(appointment())
        record = told(appointment())

    fields = {each.name: (each.form, each.value) for each in record.fields}
    assert {name: fields[name] for name in PERSONAL} == {name: (Form.SEALED, text) for name, text in PERSONAL.items()}
    assert not {"blocked_from", "sequence", "unsent", "ttl", "version"} & fields.keys()
    assert (record.kind, record.recipients) == ("Appointment", ("mailgun", "ses", "twilio", "smsapi"))
