"""Looking at items as they lie: what is too old, what lies in the clear."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.periods import months
from chalicelib.records._base import EXPIRY, shard
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import client
from chalicelib.records.sampling import Sample, overdue, sample
from tests.stage import Stage, stage

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TENANT = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"
PERSON = f"TENANT#{TENANT}#SUBJECT#0198b6a2f4c17d3e9a5b1c2d3e4f5a6c"
GRACE = timedelta(hours=48)
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def on() -> Iterator[Stage]:
    """A stage."""
    with stage() as built:
        yield built


def put(pk: str = PERSON, sk: str = "APPOINTMENT#1", **attributes: Any) -> None:
    """Stores an item as it is given, whatever a record would say to it."""
    given = {"kind": {"S": "Appointment"}} | attributes
    client().put_item(TableName=RecordsTable.Meta.table_name, Item={"pk": {"S": pk}, "sk": {"S": sk}, **given})


def due(at: datetime, action: str = EXPIRY) -> dict[str, Any]:
    """The place of an item in the due index."""
    return {"due_shard": {"S": shard(action, PERSON)}, "due_at": {"N": str(int(at.timestamp()))}}


def ends(at: datetime, name: str = "expires_at") -> dict[str, Any]:
    """An instant of an item."""
    return {name: {"N": str(int(at.timestamp()))}}


def taken(each: int = 25) -> Sample:
    """A sample of everything."""
    return sample(now=NOW, far=timedelta(days=730), dice=0.5, each=each, partitions=50, grace=GRACE)


@pytest.mark.parametrize(("late", "found"), [(-1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("action", ["EXPIRY", "BLOCK", "FILES", "TENANCY", "CLOSE"])
def test_overdue_entries(on: Stage, late: int, found: int, action: str) -> None:
    """Counted from the second on at which the grace is over."""
    put(**due(NOW - GRACE - timedelta(seconds=late), action))

    assert overdue(before=NOW - GRACE, limit=10) == found


def test_what_is_to_be_sent_is_not_overdue(on: Stage) -> None:
    """It has a promise of its own."""
    put(**due(NOW - timedelta(days=9), "SEND"))

    assert overdue(before=NOW - GRACE, limit=10) == 0


@pytest.mark.parametrize(("late", "found"), [(-1, {}), (0, {"Appointment": 1}), (1, {"Appointment": 1})])
def test_what_is_past_its_period(on: Stage, late: int, found: dict[str, int]) -> None:
    """Even when the index says that it is not due for a year."""
    put(**due(NOW + timedelta(days=365)), **ends(NOW - GRACE - timedelta(seconds=late)))

    assert taken().too_old == found


def test_what_is_held_may_be_past_its_period(on: Stage) -> None:
    """Until the hold ends, and the grace after it."""
    put(**due(NOW), **ends(NOW - timedelta(days=90)), **ends(NOW - GRACE + timedelta(seconds=1), "held_until"))

    assert taken().too_old == {}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ({"given_name": {"S": "Jane"}}, {"Appointment.given_name": 1}),
        ({"iban": {"S": "x"}}, {"Appointment.(undeclared)": 1}),
        ({"service": {"S": "jane.doe@example.org"}}, {"Appointment.service": 1}),
        ({"service": {"S": "call +41 79 123 45 67"}}, {"Appointment.service": 1}),
        ({"service": {"L": [{"M": {"x": {"S": "0041791234567"}}}]}}, {"Appointment.service": 1}),
        ({"service": {"SS": ["jane.doe@example.org"]}}, {"Appointment.service": 1}),
        ({"sealed": {"S": "in the clear"}}, {"Appointment.sealed": 1}),
        ({"sealed": {"B": b"jane.doe@example.org"}}, {}),
        ({"service": {"S": "0198b6a2f4c17d3e9a5b1c2d3e4f5a6c"}}, {}),
        ({"version": {"N": "41791234567"}}, {}),
    ],
)
def test_what_lies_in_the_clear(on: Stage, planted: dict[str, Any], found: dict[str, int]) -> None:
    """A sealed field beside its blob, a field nobody declared, anything that looks like an address."""
    put(**due(NOW), **planted)

    assert taken().in_the_clear == found


def test_an_address_in_a_key(on: Stage) -> None:
    """Keys are shown in more places than anything else."""
    put(sk="CUSTOMER#jane.doe@example.org", **due(NOW))
    put(sk="CUSTOMER#+41791234567", **due(NOW))
    put(sk=f"AUDIT#{int(NOW.timestamp()):012d}#0198b6a2f4c17d3e9a5b1c2d3e4f5a6c", **due(NOW))

    assert taken().in_the_clear == {"Appointment.sk": 2}


def test_the_number_of_a_mail_is_no_address(on: Stage) -> None:
    """Though it is spelled like one."""
    number = {"S": "<20261122040000.1234@mail.example.ch>"}
    put(sk="NOTIFICATION#1", kind={"S": "Notification"}, provider_id=number, **due(NOW))

    assert taken().in_the_clear == {}


def test_items_without_a_running_period_are_met_in_their_partitions(on: Stage) -> None:
    """Those of the person, and those of the business."""
    put(**due(NOW))
    put(sk="CUSTOMER", email={"S": "x"})
    put(pk=f"TENANT#{TENANT}", sk="TENANT", street={"S": "x"})

    looked = taken()

    assert looked.items == 3
    assert looked.in_the_clear == {"Appointment.email": 1, "Appointment.street": 1}


def test_a_sample_is_bounded(on: Stage) -> None:
    """However much there is."""
    for number in range(60):
        put(sk=f"APPOINTMENT#{number}", **due(NOW + timedelta(minutes=number)))

    assert taken(each=5).items <= 3 * 5 + 5


def test_nothing_stored_is_nothing_found(on: Stage) -> None:
    """An empty installation is in order."""
    looked = taken()

    assert (looked.items, looked.too_old, looked.in_the_clear) == (0, {}, {})


@pytest.mark.parametrize("action", ["EXPIRY", "BLOCK", "FILES", "SEND", "SETTLE", "SYNC", "OFFER", "LAPSE"])
def test_a_sample_is_taken_of_every_list(on: Stage, action: str) -> None:
    """Whatever an item waits for, it may be past its period."""
    put(**due(NOW - timedelta(days=3), action), **ends(NOW - timedelta(days=3)))

    assert taken().too_old == {"Appointment": 1}


@pytest.mark.parametrize(("seconds", "found"), [(-1, {"Appointment": 1}), (0, {"Appointment": 1}), (1, {})])
@pytest.mark.parametrize("stamp", [{}, ends(NOW + timedelta(days=365))], ids=["none", "another"])
def test_what_is_past_its_period_whatever_its_stamp_says(
    on: Stage, stamp: dict[str, Any], seconds: int, found: dict[str, int]
) -> None:
    """What was never stamped, or by another declaration, is as old as what it says: twelve months after its end."""
    over = NOW - GRACE + timedelta(seconds=seconds)
    put(**due(NOW + timedelta(days=9)), **stamp, ends_at={"N": str(int(months(-12).after(over, UTC_ZONE).timestamp()))})

    assert taken().too_old == found


def test_what_can_not_be_read_is_told_by_its_stamp(on: Stage) -> None:
    """One that nobody can read stops no audit."""
    put(**due(NOW), **ends(NOW - timedelta(days=3)), state={"S": "no-state-at-all"})

    assert taken().too_old == {"Appointment": 1}
