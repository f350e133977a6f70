"""Caps: which period an appointment counts in, when that is over, and when it is full."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.caps import allows, counted, end_of, period
from chalicelib.domain.terms import Cap, Each
from tests.builders import terms

ZURICH = "Europe/Zurich"


@pytest.mark.parametrize(
    ("at", "day", "week", "month"),
    [
        ("2026-10-31T22:59:00Z", "2026-10-31", "2026-W44", "2026-10"),
        ("2026-10-31T23:00:00Z", "2026-11-01", "2026-W44", "2026-11"),
        ("2026-11-01T22:59:00Z", "2026-11-01", "2026-W44", "2026-11"),
        ("2026-11-01T23:00:00Z", "2026-11-02", "2026-W45", "2026-11"),
        ("2026-12-31T22:59:00Z", "2026-12-31", "2026-W53", "2026-12"),
        ("2026-12-31T23:00:00Z", "2027-01-01", "2026-W53", "2027-01"),
        ("2028-02-29T12:00:00Z", "2028-02-29", "2028-W09", "2028-02"),
    ],
)
def test_it_counts_in_the_local_day_week_and_month(at: str, day: str, week: str, month: str) -> None:
    """Of the expert's zone; a week begins on Monday and belongs to the year of its Thursday."""
    instant = datetime.fromisoformat(at)

    assert [period(each, instant, ZURICH) for each in (Each.DAY, Each.WEEK, Each.MONTH)] == [day, week, month]


@pytest.mark.parametrize("each", list(Each), ids=lambda each: each.value)
def test_a_period_is_over_when_the_next_one_begins(each: Each) -> None:
    """To the second, through a year with both clock changes."""
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    while at.year == 2026:
        end = end_of(each, at, ZURICH)
        assert period(each, end - timedelta(seconds=1), ZURICH) == period(each, at, ZURICH)
        assert period(each, end, ZURICH) != period(each, at, ZURICH)
        at += timedelta(days=1)


HELD = {"a" * 32: 30, "b" * 32: 60}


@pytest.mark.parametrize(
    ("cap", "minutes", "allowed"),
    [
        (Cap(each=Each.DAY, count=2), 30, False),
        (Cap(each=Each.DAY, count=3), 30, True),
        (Cap(each=Each.DAY, minutes=119), 30, False),
        (Cap(each=Each.DAY, minutes=120), 30, True),
        (Cap(each=Each.DAY, count=2, minutes=500), 30, False),
        (Cap(each=Each.DAY, count=9, minutes=119), 30, False),
    ],
)
def test_a_cap_is_reached_by_count_or_minutes(cap: Cap, minutes: int, *, allowed: bool) -> None:
    """Whichever comes first; the last one that fits is let in."""
    assert allows(cap, HELD, owner="", minutes=minutes) is allowed


def test_who_counts_already_counts_once() -> None:
    """As when an appointment gets longer."""
    cap = Cap(each=Each.DAY, count=2, minutes=90)

    assert allows(cap, HELD, owner="a" * 32, minutes=30)
    assert not allows(cap, HELD, owner="a" * 32, minutes=31)


@pytest.mark.parametrize(
    ("changes", "periods"),
    [
        ({}, set()),
        ({"caps": (Cap(each=Each.DAY, count=1), Cap(each=Each.WEEK, count=2))}, {Each.DAY, Each.WEEK}),
        ({"experts": frozenset({"a", "b"})}, {Each.MONTH}),
        ({"experts": frozenset({"a", "b"}), "together": True}, set()),
    ],
    ids=["one expert", "caps", "several experts", "all of them together"],
)
def test_only_what_somebody_asks_for_is_counted(changes: dict[str, object], periods: set[Each]) -> None:
    """A cap, or fairness among several."""
    assert counted(terms("a", **changes)) == periods
