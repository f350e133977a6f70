"""Which times can be booked: those that are shown, each of them, and no others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInputError, NotFoundError, SlotTakenError
from chalicelib.domain.slots import Availability, WorkingRange
from chalicelib.records.appointment import Appointment
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.keys import TenantKey
from chalicelib.records.service import Service
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, registered, terms, wish
from tests.services.looking import busy_owners, stored, the
from tests.services.prepared import open_business
from tests.stage import Stage, stage

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NOBODY = "f" * 32


def offered(on: Stage, of: Business, **changes: Any) -> Service:
    """The one service of the business, with other terms."""
    new = terms(of.expert, **changes)
    return on.services.offering.change_service(of.session, of.service.id, new, version=None, network=NETWORK)


def open_always(on: Stage, of: Business, **exceptions: Any) -> None:
    """The expert works day and night."""
    always = Availability(zone="UTC", weekly={day: (WorkingRange(0, 1440),) for day in range(7)}, exceptions=exceptions)
    on.services.offering.set_availability(of.session, of.expert, always, version=None, network=NETWORK)


def can_book(on: Stage, of: Business, at: datetime) -> bool:
    """Whether the time is given to who asks for it."""
    try:
        booked(on, of, starts_at=at)
    except SlotTakenError:
        return False
    return True


def shown(on: Stage, of: Business, *, days: int) -> Sequence[datetime]:
    """The free times from that Monday on."""
    frm = MONDAY_10.replace(hour=0)
    return on.services.offering.slots(of.tenant, of.service.id, of.expert, frm=frm, to=frm + days * DAY)


def test_every_time_that_is_shown_can_be_booked() -> None:
    """One after the other, each after looking again, until nothing is left."""
    with open_business() as (on, of):
        offered(on, of, duration=90, step=15, buffer_after=15)
        taken = 0

        while free := shown(on, of, days=2):
            assert can_book(on, of, free[-1 if taken % 2 else 0])
            taken += 1

        assert taken == 2 * 5  # eight to five holds five stretches of 105 minutes
        assert len(busy_owners()) == taken


def test_every_time_that_is_not_shown_is_refused() -> None:
    """Each quarter of an hour of the day, with one appointment in the way."""
    with open_business() as (on, of):
        booked(on, of)
        free = set(shown(on, of, days=1))
        midnight = MONDAY_10.replace(hour=0)
        others = [at for quarter in range(96) if (at := midnight + quarter * timedelta(minutes=15)) not in free]

        assert len(others) == 96 - len(free)
        assert not [at for at in others if can_book(on, of, at)]


@pytest.mark.parametrize(
    ("minutes", "free"),
    [(-61, True), (-60, True), (-59, False), (-1, False), (0, False), (1, False), (59, False), (60, True), (61, True)],
)
def test_times_that_overlap_are_given_once(minutes: int, free: bool) -> None:
    """Touching is fine, a minute more is not."""
    with open_business() as (on, of):
        offered(on, of, step=1)
        booked(on, of)

        assert can_book(on, of, MONDAY_10 + minutes * MINUTE) is free


@pytest.mark.parametrize(
    ("minutes", "free"), [(-76, True), (-75, True), (-74, False), (74, False), (75, True), (76, True)]
)
@pytest.mark.parametrize("buffers", [{"buffer_before": 15}, {"buffer_after": 15}])
def test_a_buffer_keeps_its_distance_to_the_minute(buffers: dict[str, int], minutes: int, free: bool) -> None:
    """On whichever side of the appointment it lies, it keeps neighbours on both sides away."""
    with open_business() as (on, of):
        offered(on, of, step=1, **buffers)
        booked(on, of)

        assert can_book(on, of, MONDAY_10 + minutes * MINUTE) is free


@pytest.mark.parametrize(("minutes", "free"), [(-30, False), (0, False), (30, False), (60, True), (-60, True)])
def test_an_appointment_over_midnight_lies_on_two_sheets(minutes: int, free: bool) -> None:
    """Half an hour each on two UTC days, and both stop an overlap."""
    with open_business() as (on, of):
        open_always(on, of)
        at = datetime(2026, 11, 9, 23, 30, tzinfo=UTC)
        first = booked(on, of, starts_at=at)
        assert [len(each.content.entries) for each in stored(DaySheet)] == [1, 1]

        assert can_book(on, of, at + minutes * MINUTE) is free

        assert busy_owners().count(first.id) == 2


@pytest.mark.parametrize("hour", [0, 3, 4, 12, 15, 16, 23])
def test_the_longest_appointment_with_the_longest_buffers_is_kept_free_of_others(hour: int) -> None:
    """A day, with a day before and after it: three days or four, whatever the hour."""
    with open_business() as (on, of):
        open_always(on, of)
        offered(on, of, duration=1440, buffer_before=1440, buffer_after=1440, step=60)
        at = datetime(2026, 11, 11, hour, 0, tzinfo=UTC)
        first = booked(on, of, starts_at=at)
        assert busy_owners().count(first.id) == (3 if hour == 0 else 4)

        around = [at + shift * DAY for shift in (-3, -1, 0, 1, 3)]
        offered(on, of, duration=60, step=60)
        assert [can_book(on, of, each) for each in around] == [True, False, False, False, True]


def test_a_buffer_before_midnight_is_kept_free() -> None:
    """The appointment starts at midnight; the hour before belongs to it."""
    with open_business() as (on, of):
        open_always(on, of)
        offered(on, of, buffer_before=60, step=30)
        midnight = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
        booked(on, of, starts_at=midnight)
        offered(on, of, step=30)

        assert [can_book(on, of, midnight - each * MINUTE) for each in (60, 90, 120)] == [False, False, True]


@pytest.mark.parametrize(("seconds", "free"), [(-1, True), (0, True), (1, False)])
def test_notice_is_kept_to_the_second(seconds: int, free: bool) -> None:
    """An hour before the start is early enough."""
    with open_business() as (on, of):
        on.clock.now = MONDAY_10 - HOUR + timedelta(seconds=seconds)

        assert can_book(on, of, MONDAY_10) is free


@pytest.mark.parametrize(("days", "free"), [(-1, True), (0, True), (1, False)])
def test_the_horizon_is_kept_to_the_day(days: int, free: bool) -> None:
    """Counted in the expert's calendar from today."""
    with open_business() as (on, of):
        open_always(on, of)
        offered(on, of, horizon_days=30)

        assert can_book(on, of, MONDAY_10.replace(month=12, day=2) + days * DAY) is free


@pytest.mark.parametrize("seconds", [-1, 0])
def test_the_past_cannot_be_booked(seconds: int) -> None:
    """Even without notice; the answer names the field."""
    with open_business() as (on, of):
        offered(on, of, notice=0)
        on.clock.now = MONDAY_10 - timedelta(seconds=seconds)

        with pytest.raises(InvalidInputError) as refused:
            booked(on, of)

        assert refused.value.field == "starts_at"


@pytest.mark.parametrize(
    "at",
    [
        MONDAY_10 + timedelta(seconds=1),
        MONDAY_10 + timedelta(seconds=59),
        MONDAY_10 + timedelta(microseconds=1),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    ],
)
def test_times_that_nobody_can_offer_are_taken(at: datetime) -> None:
    """Between two minutes, or at the ends of the calendar: a plain no."""
    with open_business() as (on, of), pytest.raises(SlotTakenError):
        booked(on, of, starts_at=at)


def test_a_time_is_the_same_in_every_zone() -> None:
    """What is asked for in Zurich's time is stored in UTC."""
    with open_business() as (on, of):
        booked(on, of, starts_at=datetime.fromisoformat("2026-11-09T10:00:00+01:00"))

        assert the(Appointment).starts_at == MONDAY_10


def test_an_expert_without_hours_cannot_be_booked() -> None:
    """They offer no times yet."""
    with stage() as on:
        caller = on.services.sessions.authenticate(registered(on).token)
        made = on.services.offering.create_service(caller, terms(caller.staff), network=NETWORK, repeat=None)

        with pytest.raises(SlotTakenError):
            booked(on, Business(session=caller, token="", service=made))


def test_what_does_not_exist_here_cannot_be_booked() -> None:
    """An unknown service or expert, or those of another tenant."""
    with open_business() as (on, of):
        other = business(on, email="urs@andere.example")

        for changes in (
            {"service": NOBODY},
            {"expert": NOBODY},
            {"service": other.service.id},
            {"expert": other.expert},
            {"tenant": other.tenant},
        ):
            with pytest.raises(NotFoundError):
                booked(on, of, **changes)

        assert stored(Appointment) == []


def test_an_unknown_business_gets_no_key() -> None:
    """Whoever guesses ids must not fill the table of keys."""
    with open_business() as (on, of):
        before, made = len(stored(TenantKey)), on.kms.calls

        with pytest.raises(NotFoundError):
            on.services.booking.book(wish(of, tenant=NOBODY), network=NETWORK, repeat=None)

        assert (len(stored(TenantKey)), on.kms.calls) == (before, made)


def test_an_exception_replaces_the_weekly_hours() -> None:
    """A holiday is closed, whatever the weekday says."""
    with open_business() as (on, of):
        closed = Availability(
            zone="Europe/Zurich", weekly={0: (WorkingRange(480, 1020),)}, exceptions={MONDAY_10.date(): ()}
        )
        on.services.offering.set_availability(of.session, of.expert, closed, version=None, network=NETWORK)

        assert not can_book(on, of, MONDAY_10)
        assert can_book(on, of, MONDAY_10 + 7 * DAY)
