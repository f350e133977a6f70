"""Days, weeks and months as instants: also when clocks change, at the ends of years, and where midnight is skipped."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ranges import Range, day_range, month_range, week_range

ZURICH = "Europe/Zurich"
HOUR = timedelta(hours=1)


def utc(*parts: int) -> datetime:
    """An instant."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("day", "zone", "begins", "hours"),
    [
        (date(2026, 11, 22), ZURICH, utc(2026, 11, 21, 23), 24),
        (date(2026, 3, 29), ZURICH, utc(2026, 3, 28, 23), 23),
        (date(2026, 10, 25), ZURICH, utc(2026, 10, 24, 22), 25),
        (date(2026, 9, 6), "America/Santiago", utc(2026, 9, 6, 4), 23),  # there is no midnight
        (date(2026, 11, 1), "America/Havana", utc(2026, 11, 1, 4), 25),  # there are two
    ],
    ids=["plain", "spring", "autumn", "skipped", "twice"],
)
def test_a_day_is_as_long_as_its_clocks_say(day: date, zone: str, begins: datetime, hours: int) -> None:
    """From when the date begins."""
    assert day_range(day, zone) == Range(begins, begins + hours * HOUR)


@pytest.mark.parametrize(
    ("week", "begins", "hours"),
    [
        ("2026-W47", utc(2026, 11, 15, 23), 168),
        ("2026-W01", utc(2025, 12, 28, 23), 168),
        ("2026-W53", utc(2026, 12, 27, 23), 168),
        ("2026-W13", utc(2026, 3, 22, 23), 167),
        ("2026-W43", utc(2026, 10, 18, 22), 169),
    ],
)
def test_a_week_begins_on_monday(week: str, begins: datetime, hours: int) -> None:
    """Weeks of ISO 8601; the first may begin in the year before."""
    assert week_range(week, ZURICH) == Range(begins, begins + hours * HOUR)
    assert week_range(week, ZURICH).frm.weekday() == 6  # Sunday evening in UTC


@pytest.mark.parametrize(
    ("month", "days"), [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31), ("2026-01", 31)]
)
def test_a_month_is_whole(month: str, days: int) -> None:
    """Leap years and year ends."""
    held = month_range(month, "UTC")

    assert held.frm.day == 1
    assert held.to - held.frm == timedelta(days=days)


@pytest.mark.parametrize("week", ["2025-W53", "2026-W00", "2026-W54", "9999-W52", "0000-W01", "2026-47", "2026-W1"])
def test_what_is_no_week_is_refused(week: str) -> None:
    """Not every year has 53."""
    with pytest.raises(ValueError):  # noqa: PT011 (that is all that callers know)
        week_range(week, "UTC")


@pytest.mark.parametrize("month", ["2026-00", "2026-13", "0000-01", "9999-12", "2026-W11"])
def test_what_is_no_month_is_refused(month: str) -> None:
    """And what ends behind the calendar."""
    with pytest.raises(ValueError):  # noqa: PT011 (that is all that callers know)
        month_range(month, "UTC")


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_ends_of_the_calendar_are_refused(day: date) -> None:
    """East of Greenwich the first day begins before there is any."""
    with pytest.raises(ValueError):  # noqa: PT011 (that is all that callers know)
        day_range(day, ZURICH)


@given(
    day=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    zone=st.sampled_from([ZURICH, "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"]),
)
def test_days_follow_each_other_without_gap(day: date, zone: str) -> None:
    """Where one ends the next begins, and the days of a week are that week."""
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    days = [day_range(monday + timedelta(days=number), zone) for number in range(7)]

    assert all(one.to == two.frm for one, two in pairwise(days))
    assert week_range(f"{year}-W{week:02}", zone) == Range(days[0].frm, days[-1].to)
