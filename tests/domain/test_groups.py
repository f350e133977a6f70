"""Group appointments: which can be joined, and what is busy beside them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from chalicelib.domain.busy import DayBusy, Entry, Outside
from chalicelib.domain.groups import group_of, taken
from chalicelib.domain.slots import Interval
from chalicelib.domain.wall_time import DAY, day_number
from tests.domain.slots_cases import an_offer, minute, utc

SERVICE, OTHER = "5" * 32, "6" * 32
MONDAY = date(2026, 11, 2)
TEN = 600
START = minute("2026-11-02T10:00")
OFFER = an_offer(60, before=10, after=5)


def seat(number: int, group: int, *, start: int = TEN - 10, end: int = TEN + 65) -> Entry:
    """Of one of the attendees."""
    return Entry(start, end, f"{number:032x}", group=group)


def day(*entries: Entry, outside: tuple[Outside, ...] = ()) -> list[tuple[date, DayBusy]]:
    """A Monday with these entries."""
    return [(MONDAY, DayBusy(tuple(sorted(entries)), outside))]


@pytest.mark.parametrize(("held", "left"), [(1, 2), (2, 1), (3, None)])
def test_a_group_can_be_joined_until_it_is_full(held: int, left: int | None) -> None:
    """Then its time is busy like any other."""
    group = group_of(SERVICE, START, 60)

    found = taken(day(*(seat(number, group) for number in range(held))), OFFER, service=SERVICE, seats=3)

    assert found.seats == ({} if left is None else {utc("2026-11-02T10:00"): left})
    assert found.busy == ([Interval(START - 10, START + 65)] if left is None else [])


@pytest.mark.parametrize(
    ("group", "offer", "seats"),
    [
        pytest.param(group_of(OTHER, START, 60), OFFER, 3, id="of-another-service"),
        pytest.param(group_of(SERVICE, START, 90), OFFER, 3, id="of-another-duration"),
        pytest.param(group_of(SERVICE, START + 1, 60), OFFER, 3, id="of-another-start"),
        pytest.param(group_of(SERVICE, START, 60), an_offer(60, before=0, after=5), 3, id="with-less-room-before"),
        pytest.param(group_of(SERVICE, START, 60), an_offer(60, before=10, after=6), 3, id="with-more-room-after"),
        pytest.param(group_of(SERVICE, START, 60), OFFER, 1, id="with-one-seat-now"),
        pytest.param(0, OFFER, 3, id="no-group"),
    ],
)
def test_others_can_not(group: int, offer: object, seats: int) -> None:
    """Whoever shares time shares all of it."""
    found = taken(day(seat(1, group)), offer, service=SERVICE, seats=seats)  # type: ignore[arg-type]

    assert found.seats == {}
    assert found.busy == [Interval(START - 10, START + 65)]


def test_a_group_over_midnight_is_one() -> None:
    """Its parts lie on two sheets."""
    start = minute("2026-11-02T23:30")
    group = group_of(SERVICE, start, 60)
    days = [
        (MONDAY, DayBusy((seat(1, group, start=1400, end=1440),))),
        (MONDAY + timedelta(days=1), DayBusy((seat(1, group, start=0, end=35),))),
    ]

    assert taken(days, OFFER, service=SERVICE, seats=2).seats == {utc("2026-11-02T23:30"): 1}
    assert taken(days[:1], OFFER, service=SERVICE, seats=2).seats == {}  # half of it is busy time like any other


def test_other_times_stay_busy_beside_a_group() -> None:
    """Those of others, and those of linked calendars."""
    midnight = day_number(MONDAY) * DAY
    group = group_of(SERVICE, START, 60)
    days = day(seat(1, group), seat(2, 0, start=0, end=60), outside=(Outside(900, 960, OTHER),))

    found = taken(days, OFFER, service=SERVICE, seats=2)

    assert found.busy == [Interval(midnight, midnight + 60), Interval(midnight + 900, midnight + 960)]
    assert list(found.seats) == [utc("2026-11-02T10:00")]


def test_numbers_of_groups_are_apart_and_never_none() -> None:
    """Eight bytes; 0 is no group."""
    numbers = sorted(group_of(SERVICE, START + number, 60) for number in range(200))

    assert all(one < two for one, two in pairwise(numbers))
    assert 0 < numbers[0] < numbers[-1] < 1 << 64
