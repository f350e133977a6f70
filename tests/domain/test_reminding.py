"""Reminders: a lead before the appointment; text messages not at night, and never too late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.reminding import QUIET_FROM, QUIET_UNTIL, after_the_night, reminder_at

ZURICH = ZoneInfo("Europe/Zurich")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["Europe/Zurich", "UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])


def wall(text: str) -> datetime:
    """A time on a wall in Zurich, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).astimezone(UTC)


def reminded(
    starts_at: datetime, *, lead: int = 0, quiet: bool = True, now: datetime = LONG_AGO, zone: str = "Europe/Zurich"
) -> datetime | None:
    """When the reminder goes."""
    return reminder_at(starts_at, lead_minutes=lead, zone=zone, quiet=quiet, now=now)


@pytest.mark.parametrize(
    ("lead", "at"),
    [(0, "2026-11-09 10:00"), (1, "2026-11-09 09:59"), (60, "2026-11-09 09:00"), (1440, "2026-11-08 10:00")],
)
def test_the_lead_is_kept(lead: int, at: str) -> None:
    """By day a text message goes at the same time as a mail."""
    assert reminded(wall("2026-11-09 10:00"), lead=lead) == wall(at)
    assert reminded(wall("2026-11-09 10:00"), lead=lead, quiet=False) == wall(at)


@pytest.mark.parametrize(
    ("due", "goes"),
    [
        ("2026-11-08 20:59:59", "2026-11-08 20:59:59"),
        ("2026-11-08 21:00:00", "2026-11-08 21:00:00"),
        ("2026-11-08 21:00:01", "2026-11-08 21:00:00"),
        ("2026-11-08 23:59:59", "2026-11-08 21:00:00"),
        ("2026-11-09 00:00:00", "2026-11-08 21:00:00"),
        ("2026-11-09 07:59:59", "2026-11-08 21:00:00"),
        ("2026-11-09 08:00:00", "2026-11-09 08:00:00"),
        ("2026-11-09 08:00:01", "2026-11-09 08:00:01"),
    ],
)
def test_the_edges_of_the_night(due: str, goes: str) -> None:
    """What would go between nine and eight goes at nine the evening before."""
    assert reminded(wall(due)) == wall(goes)
    assert reminded(wall(due), quiet=False) == wall(due)


@pytest.mark.parametrize(
    ("due", "goes"),
    [
        ("2026-03-29 03:30", "2026-03-28 20:00"),  # nine o'clock is still winter time
        ("2026-03-29 07:59:59", "2026-03-28 20:00"),
        ("2026-03-29 21:30", "2026-03-29 19:00"),
        ("2026-10-25 02:30", "2026-10-24 19:00"),  # and here still summer time
        ("2026-10-25 07:59:59", "2026-10-24 19:00"),
        ("2026-10-25 21:30", "2026-10-25 20:00"),
    ],
)
def test_nights_in_which_the_clock_changes(due: str, goes: str) -> None:
    """The evening before has the offset of the evening before."""
    assert reminded(wall(due)) == datetime.fromisoformat(goes).replace(tzinfo=UTC)


def test_the_lead_is_real_time_across_a_clock_change() -> None:
    """1,440 minutes before ten o'clock on the day of the change is another time on the wall."""
    assert reminded(wall("2026-03-29 10:00"), lead=1440) == wall("2026-03-28 09:00")
    assert reminded(wall("2026-10-25 10:00"), lead=1440) == wall("2026-10-24 11:00")


def test_it_is_night_in_the_zone_given() -> None:
    """Half past ten in Zurich is afternoon in New York, and half past three at night there is morning here."""
    assert reminded(wall("2026-11-09 22:30"), zone="America/New_York") == wall("2026-11-09 22:30")
    assert reminded(wall("2026-11-09 09:30"), zone="America/New_York") == wall("2026-11-09 03:00")


@pytest.mark.parametrize(("seconds", "goes"), [(-1, True), (0, False), (1, False)])
def test_what_is_past_is_left_out(seconds: int, *, goes: bool) -> None:
    """A reminder of this very second comes with the confirmation and is one too many."""
    start = wall("2026-11-09 10:00")
    due = start - timedelta(minutes=60)

    assert reminded(start, lead=60, now=due + timedelta(seconds=seconds)) == (due if goes else None)


@pytest.mark.parametrize(("seconds", "goes"), [(-1, True), (0, False), (1, False)])
def test_what_the_night_makes_past_is_left_out(seconds: int, *, goes: bool) -> None:
    """Booked after nine for the early morning: no text message at night, and none the evening before."""
    nine = wall("2026-11-08 21:00")
    found = reminded(wall("2026-11-09 07:00"), lead=60, now=nine + timedelta(seconds=seconds))

    assert found == (nine if goes else None)


@given(STARTS, st.integers(0, 20_000), ZONES)
def test_never_late_never_at_night(starts_at: datetime, lead: int, zone: str) -> None:
    """The reminder is at most a night early, never after its time, and never in quiet hours."""
    at = reminded(starts_at, lead=lead, zone=zone)

    assert at is not None
    due, on_the_wall = starts_at - timedelta(minutes=lead), at.astimezone(ZoneInfo(zone)).time()
    assert due - timedelta(hours=12) <= at <= due
    assert QUIET_UNTIL <= on_the_wall <= QUIET_FROM
    assert at.tzinfo is starts_at.tzinfo


@pytest.mark.parametrize(
    ("at", "then"),
    [
        *(("2026-11-09 07:59:59", "2026-11-09 08:00"), ("2026-11-09 08:00", None), ("2026-11-09 20:59:59", None)),
        *(("2026-11-09 21:00", "2026-11-10 08:00"), ("2026-11-09 23:59:59", "2026-11-10 08:00")),
        *(("2026-03-28 22:00", "2026-03-29 08:00"), ("2026-10-25 00:30", "2026-10-25 08:00")),
    ],
    ids=["before-eight", "eight", "in-time", "night", "midnight", "spring", "autumn"],
)
def test_what_is_late_waits_for_the_morning(at: str, then: str | None) -> None:
    """By the clock on the wall, also in the nights in which it changes."""
    assert after_the_night(wall(at), zone="Europe/Zurich") == (then and wall(then))
