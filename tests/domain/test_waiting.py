"""What fits whom on a waiting list."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.waiting import Waiting, kept_until

ZURICH = "Europe/Zurich"
MONDAY_10 = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)  # ten o'clock in Zurich
WAITING = Waiting(first=date(2026, 11, 2), last=date(2026, 11, 30), zone=ZURICH)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"expert": "regula"}, True),
        ({"expert": "beat"}, False),
        ({"first": date(2026, 11, 9)}, True),
        ({"first": date(2026, 11, 10)}, False),
        ({"last": date(2026, 11, 9)}, True),
        ({"last": date(2026, 11, 8)}, False),
        ({"weekdays": frozenset({1})}, True),
        ({"weekdays": frozenset({2, 7})}, False),
        ({"earliest": 600}, True),
        ({"earliest": 601}, False),
        ({"latest": 601}, True),
        ({"latest": 600}, False),
        ({"zone": "Asia/Tokyo", "earliest": 1080, "latest": 1081}, True),
        ({"zone": "Pacific/Auckland", "last": date(2026, 11, 9)}, True),
        ({"zone": "Pacific/Auckland", "first": date(2026, 11, 10)}, False),
    ],
    ids=str,
)
def test_a_time_fits_or_does_not(changes: dict[str, Any], fits: bool) -> None:
    """Expert, days, weekdays and hours all count, on the wall of whoever waits, ends of days included."""
    assert replace(WAITING, **changes).fits(MONDAY_10, expert="regula") is fits


@pytest.mark.parametrize("minutes", [0, 59])
def test_the_hour_that_comes_twice_fits_twice(minutes: int) -> None:
    """Half past two in the night in which clocks go back is half past two, both times."""
    night = replace(WAITING, first=date(2026, 10, 25), last=date(2026, 10, 25), earliest=120, latest=180)

    for utc_hour in (0, 1):
        assert night.fits(datetime(2026, 10, 25, utc_hour, minutes, tzinfo=UTC), expert="regula")
    assert not night.fits(datetime(2026, 10, 25, 2, minutes, tzinfo=UTC), expert="regula")


@pytest.mark.parametrize(
    ("last", "ends"),
    [
        (date(2026, 11, 30), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        (date(2027, 11, 1), datetime(2027, 11, 1, 23, 0, tzinfo=UTC)),
        (date(2027, 11, 2), datetime(2027, 11, 2, 8, 0, tzinfo=UTC)),
        (date(2030, 1, 1), datetime(2027, 11, 2, 8, 0, tzinfo=UTC)),
        (date.max, datetime(2027, 11, 2, 8, 0, tzinfo=UTC)),
        (date.min, datetime(1, 1, 1, 23, 25, 52, tzinfo=UTC)),
    ],
    ids=str,
)
def test_waiting_ends_with_its_last_day_and_after_a_year_at_the_latest(last: date, ends: datetime) -> None:
    """Midnight of the person's own day; twelve calendar months from joining."""
    assert replace(WAITING, last=last).ends_at(datetime(2026, 11, 2, 8, 0, tzinfo=UTC)) == ends


def test_a_year_from_the_leap_day_ends_on_the_last_of_february() -> None:
    """That year has no 29th."""
    joined = datetime(2028, 2, 29, 8, 0, tzinfo=UTC)

    assert replace(WAITING, last=date(2031, 1, 1)).ends_at(joined) == datetime(2029, 2, 28, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "kept"),
    [(300, 120), (181, 120), (180, 120), (179, 119), (61, 1), (60, None), (59, None), (0, None), (-5, None)],
)
def test_a_time_is_kept_as_long_as_is_laid_down_but_never_beyond_the_notice(ahead: int, kept: int | None) -> None:
    """Two hours usually; from an hour before the start on nobody can book it."""
    until = kept_until(MONDAY_10 + timedelta(minutes=ahead), minutes=120, notice=60, now=MONDAY_10)

    assert until == (None if kept is None else MONDAY_10 + timedelta(minutes=kept))
