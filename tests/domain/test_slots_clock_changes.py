"""Slots on the days on which the clocks change, by hand."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.slots import Offer, is_start, starts
from tests.domain.slots_cases import an_offer, open_daily, open_on, utc

SPRING = date(2026, 3, 29)  # Zurich: 02:00 becomes 03:00 at 01:00 UTC
AUTUMN = date(2026, 10, 25)  # Zurich: 03:00 becomes 02:00 at 01:00 UTC


def on(day: date, hours: str, offer: Offer, zone: str = "Europe/Zurich") -> list[str]:
    """The starts of a local date in UTC, each as day of the month and time."""
    noon = utc(f"{day}T12:00")
    two_days = timedelta(days=2)
    found = starts(
        offer, open_on(day, hours, zone), [], now=noon - 2 * two_days, frm=noon - two_days, to=noon + two_days
    )
    return [f"{start:%d %H:%M}" for start in found]


def test_a_skipped_hour_gives_no_candidates() -> None:
    """01:00 to 05:00 has three hours in spring: there is no 02:00 and no 02:30."""
    found = on(SPRING, "01:00-05:00", an_offer())

    assert found == ["29 00:00", "29 00:30", "29 01:00", "29 01:30", "29 02:00", "29 02:30"]


def test_the_grid_does_not_shift_after_a_skipped_hour() -> None:
    """Every 45 minutes from 01:00: 01:45, (02:30), 03:15, 04:00, and 04:45 on the wall, as on any other day."""
    found = on(SPRING, "01:00-05:00", an_offer(15, step=45))

    assert found == ["29 00:00", "29 00:45", "29 01:15", "29 02:00", "29 02:45"]


@pytest.mark.parametrize("hours", ["01:00-05:00", "01:00-02:00 03:00-05:00", "01:00-02:30 03:00-05:00"])
def test_a_slot_runs_across_the_skipped_hour(hours: str) -> None:
    """An hour from 01:30 ends at 03:30 on the wall; the closing time between does not occur."""
    assert on(SPRING, hours, an_offer(60))[:3] == ["29 00:00", "29 00:30", "29 01:00"]


def test_a_range_inside_the_skipped_hour_is_no_time_at_all() -> None:
    """02:00 to 03:00 does not exist in spring; the ranges around it meet."""
    assert on(SPRING, "02:00-03:00", an_offer(1, step=1)) == []


def test_a_range_that_begins_in_the_skipped_hour_keeps_its_grid() -> None:
    """02:15 every half hour: 02:45 is skipped as well, 03:15 is the first."""
    assert on(SPRING, "02:15-04:00", an_offer()) == ["29 01:15"]


def test_a_repeated_hour_gives_its_candidates_twice() -> None:
    """01:00 to 05:00 has five hours in autumn: 02:00 and 02:30 come twice."""
    found = on(AUTUMN, "01:00-05:00", an_offer())

    assert found[:6] == ["24 23:00", "24 23:30", "25 00:00", "25 00:30", "25 01:00", "25 01:30"]
    assert found[6:] == ["25 02:00", "25 02:30", "25 03:00", "25 03:30"]


def test_a_range_within_the_repeated_hour_is_two_stretches() -> None:
    """02:00 to 02:45 occurs twice with a quarter of an hour closed between."""
    assert on(AUTUMN, "02:00-02:45", an_offer(15, step=15)) == [
        *("25 00:00", "25 00:15", "25 00:30"),
        *("25 01:00", "25 01:15", "25 01:30"),
    ]
    assert on(AUTUMN, "02:00-02:45", an_offer(45, step=15)) == ["25 00:00", "25 01:00"]
    assert on(AUTUMN, "02:00-02:45", an_offer(46, step=15)) == []


def test_a_full_repeated_hour_is_one_stretch_of_two_hours() -> None:
    """02:00 to 03:00 lasts two real hours in autumn: a slot may run from the first into the second."""
    assert on(AUTUMN, "02:00-03:00", an_offer(120)) == ["25 00:00"]
    assert on(AUTUMN, "02:00-03:00", an_offer(121)) == []


def test_a_half_hour_change_moves_the_wall_by_half_an_hour() -> None:
    """Lord Howe repeats 01:30 to 02:00 only, at 15:00 UTC."""
    found = on(date(2027, 4, 4), "01:00-02:30", an_offer(15, step=30), "Australia/Lord_Howe")

    assert found == ["03 14:00", "03 14:30", "03 15:00", "03 15:30"]


def test_a_skipped_midnight_belongs_to_no_day() -> None:
    """Havana skips 00:00 to 01:00: the day before and 01:00 meet."""
    availability = open_daily("00:00-24:00", "America/Havana")

    found = starts(
        an_offer(60, step=60),
        availability,
        [],
        now=utc("2026-03-08T00:00"),
        frm=utc("2026-03-08T04:00"),
        to=utc("2026-03-08T07:00"),
    )

    assert [f"{start:%H:%M}" for start in found] == ["04:00", "05:00", "06:00"]


def test_a_single_start_is_found_in_both_repeated_hours() -> None:
    """The wall time 02:30 names two instants; each is judged by itself, however it is written."""
    availability = open_on(AUTUMN, "02:00-03:00")
    now = utc("2026-10-24T00:00")

    for text in ("2026-10-25T00:30", "2026-10-25T01:30"):
        assert is_start(an_offer(), availability, [], now=now, start=utc(text))
        assert is_start(an_offer(), availability, [], now=now, start=utc(text).astimezone(ZoneInfo("Europe/Zurich")))
    assert not is_start(an_offer(), availability, [], now=now, start=utc("2026-10-25T02:30"))
