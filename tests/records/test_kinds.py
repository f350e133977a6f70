"""What single kinds know about themselves: where they lie, and what they are asked for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.busy import DayBusy, Entry
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import WorkingRange
from chalicelib.domain.tokens import Token
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.idempotency import Idempotency, SeenEvent
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.processors import PROCESSORS, processor
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.writing import Transaction
from tests.records.record_builders import (
    BEN,
    EXPERT,
    NOW,
    OTHER,
    TENANT,
    THING,
    appointment,
    notification,
    person,
    ref_of,
    store,
    stored,
)
from tests.stage import stage


def hour(number: int) -> datetime:
    """The start of an hour from now."""
    return NOW + timedelta(hours=number)


def of_number(number: int, **changes: Any) -> Appointment:
    """An appointment that starts in that hour."""
    return appointment(thing=f"{number:032x}", starts_at=hour(number), **changes)


# Appointments


@pytest.mark.parametrize(
    ("frm", "to", "numbers"),
    [
        (hour(0), hour(3), [0, 1, 2]),
        (hour(1), hour(2), [1]),
        (hour(1) + timedelta(seconds=1), hour(3), [2]),
        (hour(1) - timedelta(seconds=1), hour(1), []),
        (hour(1) - timedelta(seconds=1), hour(1) + timedelta(seconds=1), [1]),
        (hour(9), hour(10), []),
        (datetime(1, 1, 2, tzinfo=UTC), hour(1), [0]),
        (hour(2), datetime(9999, 12, 30, tzinfo=UTC), [2]),
    ],
)
def test_an_experts_appointments(frm: datetime, to: datetime, numbers: list[int]) -> None:
    """In order of their start; only the start counts, and the end of the range is not in it."""
    with stage() as on:
        person(on)
        store(*(of_number(number) for number in (2, 0, 1)), of_number(5, expert=BEN))

        found = Appointment.of_expert(TENANT, EXPERT, frm=frm, to=to)

    assert [each.id for each in found] == [f"{number:032x}" for number in numbers]


def test_nobody_sees_another_tenants_appointments() -> None:
    """Not even with the expert's id."""
    with stage() as on:
        person(on)
        store(of_number(0))

        assert Appointment.of_expert(OTHER, EXPERT, frm=hour(-1), to=hour(9)) == []


def test_a_moved_appointment_moves_in_the_list() -> None:
    """And stands in it once."""
    with stage() as on:
        person(on)
        record = of_number(0)
        store(record)
        record.starts_at, record.ends_at = hour(7), hour(8)
        transaction = Transaction()
        transaction.update(record)
        transaction.commit()

        assert Appointment.of_expert(TENANT, EXPERT, frm=hour(0), to=hour(7)) == []
        (found,) = Appointment.of_expert(TENANT, EXPERT, frm=hour(7), to=hour(8))
        assert found.given_name == record.given_name


# Day sheets


def test_a_day_sheet_comes_back() -> None:
    """With its busy times; it ends a week after its day."""
    day = date(2026, 11, 2)
    sheet = DaySheet.blank(TENANT, EXPERT, day)
    assert sheet.content == DayBusy()
    with stage():
        sheet.content = sheet.content.with_entry(Entry(600, 660, THING))
        store(sheet)
        found = fetch(DaySheet.ref(TENANT, EXPERT, day))

    assert found is not None
    assert (found.day, found.content) == (day, DayBusy().with_entry(Entry(600, 660, THING)))
    assert found.ends_at == datetime(2026, 11, 3, tzinfo=UTC)
    assert found.expires_at == datetime(2026, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize(("first", "last", "days"), [(1, 3, [1, 2, 3]), (2, 2, [2]), (3, 9, [3, 4]), (5, 9, [])])
def test_the_sheets_of_some_days(first: int, last: int, days: list[int]) -> None:
    """Both ends included, one expert's only."""
    with stage():
        store(*(DaySheet.blank(TENANT, EXPERT, date(2026, 11, day)) for day in (4, 3, 2, 1)))
        store(DaySheet.blank(TENANT, BEN, date(2026, 11, 2)))

        found = DaySheet.between(TENANT, EXPERT, date(2026, 11, first), date(2026, 11, last))

    assert [sheet.day.day for sheet in found] == days


# Availability and services


def test_rules_come_back() -> None:
    """Hours, exceptions and closed days, to midnight."""
    rules = Rules(
        zone="America/New_York",
        weekly={0: (WorkingRange(480, 720), WorkingRange(780, 1440)), 6: ()},
        exceptions={date(2026, 12, 24): (WorkingRange(480, 720),), date(2026, 12, 25): ()},
    )
    with stage():
        store(Availability.of(TENANT, EXPERT, zone="Europe/Zurich", rules=rules))
        found = fetch(Availability.ref(TENANT, EXPERT))

    assert found is not None
    assert found.rules() == rules
    assert (found.zone, found.expert_zone) == ("Europe/Zurich", "America/New_York")


def test_a_tenants_services() -> None:
    """The oldest first, and nothing else that lies with the tenant."""
    common = {"duration": 60, "step": 30, "horizon_days": 9, "reminder_minutes": 0, "experts": {EXPERT}}
    with stage():
        for number in (2, 1):
            ref = Service.ref(TENANT, f"{number:032x}")
            store(Service(ref.pk, ref.sk, name=f"service {number}", created_at=NOW, **common))
        store(Availability.of(TENANT, EXPERT, zone="UTC", rules=Rules(zone="UTC", weekly={}, exceptions={})))

        found = Service.all_of(TENANT)

    assert [(each.id, each.name) for each in found] == [(f"{n:032x}", f"service {n}") for n in (1, 2)]


# Sessions, idempotency, events


def test_secrets_are_stored_as_hashes_only() -> None:
    """Who reads the table can neither sign in nor repeat a request."""
    token, other = Token(TENANT, EXPERT, b"secret" * 5 + b"!!"), Token(TENANT, EXPERT, b"other!" * 5 + b"!!")
    keys = [Session.ref(token).sk, PendingSignIn.ref(token).sk, Idempotency.ref("secret-token", "secret-key").pk]
    keys.append(SeenEvent.of("twilio", "secret-token", at=NOW).pk)

    assert not [key for key in keys if "secret" in key or token.secret.hex() in key or token.spell() in key]
    assert len({*keys, Session.ref(other).sk, Idempotency.ref("secret-token", "another").pk}) == 6


def test_keys_of_two_callers_do_not_meet() -> None:
    """The same Idempotency-Key of another caller is another key, as is the same event of another provider."""
    assert Idempotency.ref("a", "k").pk != Idempotency.ref("b", "k").pk
    assert SeenEvent.of("twilio", "1", at=NOW).pk != SeenEvent.of("mailgun", "1", at=NOW).pk


@pytest.mark.parametrize(("seconds", "worth"), [(0, False), (299, False), (300, True), (301, True)])
def test_a_session_notes_its_use_every_five_minutes(seconds: int, *, worth: bool) -> None:
    """A write for every click would be dear."""
    ref = Session.ref(Token.new(TENANT, EXPERT))
    session = Session(ref.pk, ref.sk, started_at=NOW, seen_at=NOW)
    at = NOW + timedelta(seconds=seconds)

    assert session.seen(at) is worth
    assert session.seen_at == (at if worth else NOW)


# Notifications


def test_a_history_is_bounded() -> None:
    """A provider that repeats itself can't make a record grow for ever: the last twenty steps stay."""
    record = notification()
    for number in range(25):
        record.note(Delivery.SENT, at=NOW + timedelta(seconds=number), provider="twilio", code=str(number))

    assert [step.code for step in record.reports] == [str(number) for number in range(5, 25)]


def test_a_history_comes_back() -> None:
    """State, time, provider, and the provider's own code if it gave one."""
    with stage():
        record = notification()
        record.note(Delivery.ACCEPTED, at=NOW, provider="mailgun")
        store(record)
        found = fetch(ref_of(record))

    assert found is not None
    (step,) = found.reports
    assert (step.state, step.at, step.provider, step.code) == ("accepted", NOW, "mailgun", None)


# The ledger and the processors


def test_an_entry_of_the_ledger() -> None:
    """By tenant and day, in order of time, kept for two years from the end of its day."""
    at = datetime(2026, 11, 2, 23, 59, 59, tzinfo=UTC)
    entries = [LedgerEntry.of(TENANT, Action.SWEPT, at=at, counts={"CUSTOMER": 2}) for _ in range(2)]
    with stage():
        store(*entries)
        item = stored(ref_of(entries[0]))

    assert {entry.pk for entry in entries} == {f"TENANT#{TENANT}#2026-11-02"}
    assert all(entry.sk.startswith("235959#") for entry in entries)
    assert entries[0].sk != entries[1].sk
    assert entries[0].expires_at == datetime(2028, 11, 3, tzinfo=UTC)
    assert item is not None
    assert {"actor", "about", "thing", "network", "sealed"}.isdisjoint(item)


@pytest.mark.parametrize("name", [each.name for each in PROCESSORS])
def test_a_registered_processor(name: str) -> None:
    """Is found by its name."""
    assert processor(name).name == name


def test_an_unregistered_processor() -> None:
    """Can't be found, so it can't be called."""
    with pytest.raises(LookupError, match="sendgrid is not in the register"):
        processor("sendgrid")
