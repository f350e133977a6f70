"""Several services in one visit, and the same again every few weeks: all of it or nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import InvalidInputError, SlotTakenError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.services.booking.wishing import Repeat
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK
from tests.fakes import DrivenClock
from tests.services.booking_builders import book, experts, service, visit
from tests.services.looking import busy_owners, messages, now_of, stored, the
from tests.services.meddling import before_commit, calls
from tests.services.prepared import open_business

DAY, HOUR, MINUTE, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(weeks=1)


def times(made: list[Appointment]) -> list[tuple[int, int]]:
    """Starts and ends in minutes since ten o'clock."""
    return [((each.starts_at - MONDAY_10) // MINUTE, (each.ends_at - MONDAY_10) // MINUTE) for each in made]


def test_services_follow_each_other_with_the_room_that_both_ask_for() -> None:
    """Also off the grid of the later ones; the room around counts with each expert."""
    with open_business() as (on, of):
        one, two = experts(on, of, 2)
        cut = service(on, of, [one], duration=45, buffer_after=5)
        dye = service(on, of, [one, two], duration=30, buffer_before=10, buffer_after=10, step=60)
        dry = service(on, of, [two], duration=15)

        made = visit(on, of, cut, dye, dry)

        assert times(made) == [(0, 45), (60, 90), (100, 115)]
        assert [each.expert for each in made] == [one, one, two]
        assert {each.series for each in made} == {made[0].series}
        assert made[0].series is not None
        assert len(busy_owners()) == len(set(busy_owners())) == 3
        assert (len(messages("appointments-confirmed")), messages("appointment-confirmed")) == (1, [])
        assert the(Customer).last_appointment_at == made[-1].ends_at


def test_one_that_is_taken_takes_all_of_them_away() -> None:
    """The answer says which."""
    with open_business() as (on, of):
        who = experts(on, of, 1)
        cut, dye = service(on, of, who), service(on, of, who)
        book(on, of, dye, starts_at=MONDAY_10 + HOUR)

        with pytest.raises(SlotTakenError, match="2026-11-09T10:00:00Z is not free"):
            visit(on, of, cut, dye)

        assert len(stored(Appointment)) == 1


def test_one_that_is_taken_meanwhile_takes_all_of_them_away() -> None:
    """In a race as well."""
    with open_business() as (on, of):
        who = experts(on, of, 1)
        cut, dye = service(on, of, who), service(on, of, who)

        with (
            before_commit(lambda: book(on, of, dye, starts_at=MONDAY_10 + HOUR)),
            pytest.raises(SlotTakenError, match="10:00:00Z"),
        ):
            visit(on, of, cut, dye)

        assert len(stored(Appointment)) == 1


def test_what_is_repeated_keeps_its_time_on_the_wall() -> None:
    """Over the end of summer time: an hour later in UTC."""
    with open_business(DrivenClock(datetime(2026, 10, 5, 6, tzinfo=UTC))) as (on, of):
        what = service(on, of, experts(on, of, 1), occurrences=4)
        start = datetime(2026, 10, 12, 7, tzinfo=UTC)

        made = visit(on, of, what, starts_at=start, repeat=Repeat(weeks=1, times=4))

        assert [f"{each.starts_at:%d %H:%M}" for each in made] == ["12 07:00", "19 07:00", "26 08:00", "02 08:00"]
        assert all(each.state is State.CONFIRMED for each in made)


def test_a_visit_can_be_repeated_as_a_whole() -> None:
    """Each time in the same order."""
    with open_business() as (on, of):
        who = experts(on, of, 1)
        cut, dye = service(on, of, who, occurrences=3), service(on, of, who, occurrences=2)

        made = visit(on, of, cut, dye, repeat=Repeat(weeks=2, times=2))

        assert [each.starts_at - MONDAY_10 for each in made] == [0 * DAY, HOUR, 2 * WEEK, 2 * WEEK + HOUR]
        assert [each.service for each in made] == [cut.id, dye.id] * 2
        with pytest.raises(InvalidInputError, match="2 times"):
            visit(on, of, cut, dye, starts_at=MONDAY_10 + 3 * HOUR, repeat=Repeat(weeks=2, times=3))


def test_a_start_that_the_clocks_skip_is_named() -> None:
    """Half past two on the Sunday on which summer time begins."""
    with open_business(DrivenClock(datetime(2027, 3, 1, 6, tzinfo=UTC))) as (on, of):
        (one,) = experts(on, of, 1)
        what = service(on, of, [one], occurrences=9)

        with pytest.raises(SlotTakenError, match="skip it on 2027-03-28"):
            visit(on, of, what, starts_at=datetime(2027, 3, 14, 1, 30, tzinfo=UTC), repeat=Repeat(weeks=1, times=3))


def test_a_visit_comes_once_however_often_it_is_sent() -> None:
    """With its Idempotency-Key: the same appointments, as they stand by now."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), occurrences=3)
        keyed = Repeatable.of("key-0001", scope="visit", content="the request")

        made = visit(on, of, what, repeat=Repeat(weeks=1, times=3), keyed=keyed)
        again = visit(on, of, what, repeat=Repeat(weeks=1, times=3), keyed=keyed)

        assert [each.id for each in again] == [each.id for each in made]
        assert len(stored(Appointment)) == 3


def test_each_of_them_is_moved_and_cancelled_by_itself() -> None:
    """The others stay."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), occurrences=3)
        first, second, third = visit(on, of, what, repeat=Repeat(weeks=1, times=3))

        on.services.changing.cancel(on.services.linking.self_service(first)["cancel"], network=NETWORK)
        token = on.services.linking.self_service(second)["reschedule"]
        on.services.changing.move(token, second.starts_at + HOUR, network=NETWORK)

        assert [now_of(each).state for each in (first, second, third)] == [
            State.CANCELLED,
            State.CONFIRMED,
            State.CONFIRMED,
        ]
        assert sorted(busy_owners()) == sorted([second.id, third.id])


def test_a_series_costs_as_many_round_trips_as_one_appointment() -> None:
    """One more than that of a new customer, since the later weeks are known only by then."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), occurrences=12)
        book(on, of, what)

        with calls() as made:
            visit(on, of, what, starts_at=MONDAY_10 + HOUR, repeat=Repeat(weeks=1, times=12))

        assert made == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
