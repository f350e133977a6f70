"""Periods: the second at which twelve months are over, at month ends, leap days and clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.periods import (
    Period,
    days,
    end_of_day,
    end_of_financial_year,
    financial_year,
    hours,
    minutes,
    months,
    years,
)

ZURICH, UTC_ZONE = ZoneInfo("Europe/Zurich"), ZoneInfo("UTC")
ZONES = st.sampled_from(
    [ZURICH, UTC_ZONE, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")]
)
STARTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def wall(text: str, *, second_time: bool = False) -> datetime:
    """A time on a wall in Zurich; `second_time` where the clock shows it twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH, fold=int(second_time))


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2026-01-31 13:00", months(1), "2026-02-28 13:00"),
        ("2028-01-31 13:00", months(1), "2028-02-29 13:00"),
        ("2026-01-31 13:00", months(2), "2026-03-31 13:00"),
        ("2026-03-31 13:00", months(1), "2026-04-30 13:00"),
        ("2026-04-30 13:00", months(1), "2026-05-30 13:00"),
        ("2026-12-31 13:00", months(2), "2027-02-28 13:00"),
        ("2026-12-01 00:00", months(1), "2027-01-01 00:00"),
        ("2026-11-30 13:00", months(12), "2027-11-30 13:00"),
        ("2028-02-29 13:00", months(12), "2029-02-28 13:00"),
        ("2028-02-29 13:00", years(1), "2029-02-28 13:00"),
        ("2028-02-29 13:00", years(4), "2032-02-29 13:00"),
        ("2027-02-28 13:00", years(1), "2028-02-28 13:00"),
        ("2028-02-28 13:00", days(1), "2028-02-29 13:00"),
        ("2027-02-28 13:00", days(1), "2027-03-01 13:00"),
        ("2026-12-31 23:59:59", days(1), "2027-01-01 23:59:59"),
        ("2026-01-31 13:00", Period(months=1, days=1, seconds=1), "2026-03-01 13:00:01"),
    ],
)
def test_people_count_on_the_wall(start: str, period: Period, end: str) -> None:
    """The day of the same number, or the last of a shorter month; years and days likewise."""
    assert period.after(wall(start), ZURICH) == wall(end)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2026-03-28 12:00", days(1), "2026-03-29 10:00"),
        ("2026-03-28 12:00", hours(24), "2026-03-29 11:00"),
        ("2026-10-24 12:00", days(1), "2026-10-25 11:00"),
        ("2026-10-24 12:00", hours(24), "2026-10-25 10:00"),
        ("2026-03-15 12:00", months(1), "2026-04-15 10:00"),
        ("2026-10-15 12:00", months(1), "2026-11-15 11:00"),
    ],
)
def test_days_are_not_24_hours(start: str, period: Period, end: str) -> None:
    """Where the clock changes in between, a day has 23 or 25 hours; hours have 3,600 seconds always."""
    assert period.after(wall(start), ZURICH) == utc(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("01:59:59", "00:59:59"),
        ("02:00:00", "01:00:00"),
        ("02:30:00", "01:30:00"),
        ("02:59:59", "01:59:59"),
        ("03:00:00", "01:00:00"),
    ],
)
def test_an_end_in_the_hour_that_is_skipped(start: str, end: str) -> None:
    """On 29 March 2026 there is no 02:30: the period ends as long after the change as it would have before."""
    assert days(1).after(wall(f"2026-03-28 {start}"), ZURICH) == utc(f"2026-03-29 {end}")
    assert months(1).after(wall(f"2026-02-28 {start}"), ZURICH) == utc(f"2026-03-28 {start}") - timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("01:59:59", "2026-10-24 23:59:59"),
        ("02:00:00", "2026-10-25 00:00:00"),
        ("02:30:00", "2026-10-25 00:30:00"),
        ("02:59:59", "2026-10-25 00:59:59"),
        ("03:00:00", "2026-10-25 02:00:00"),
    ],
)
def test_an_end_in_the_hour_that_comes_twice(start: str, end: str) -> None:
    """On 25 October 2026 02:30 comes twice: the period is over the first time."""
    assert days(1).after(wall(f"2026-10-24 {start}"), ZURICH) == utc(end)
    assert months(1).after(wall(f"2026-09-25 {start}"), ZURICH) == utc(end)


@pytest.mark.parametrize(
    ("period", "end"),
    [
        (days(0), "2026-10-25 01:30"),
        (minutes(1), "2026-10-25 01:31"),
        (hours(8), "2026-10-25 09:30"),
        (days(1), "2026-10-26 01:30"),
        (months(1), "2026-11-25 01:30"),
    ],
)
def test_a_start_in_the_hour_that_comes_twice(period: Period, end: str) -> None:
    """What starts the second time does not end before it has begun."""
    assert period.after(wall("2026-10-25 02:30", second_time=True), ZURICH) == utc(end)


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("Europe/Zurich", "2026-02-27 23:30"),  # there it is the 31st already
        ("UTC", "2026-02-28 23:30"),
        ("Pacific/Kiritimati", "2026-02-27 23:30"),
        ("America/New_York", "2026-02-28 23:30"),
    ],
)
def test_the_zone_says_which_day_it_is(zone: str, end: str) -> None:
    """The same instant belongs to different days."""
    assert months(1).after(utc("2026-01-30 23:30"), ZoneInfo(zone)) == utc(end)


def test_the_zone_of_the_start_does_not_matter() -> None:
    """It is an instant; only the zone of the count counts."""
    tokyo = utc("2026-01-30 23:30").astimezone(ZoneInfo("Asia/Tokyo"))

    assert months(1).after(tokyo, ZURICH) == utc("2026-02-27 23:30")


@given(STARTS, ZONES, st.integers(0, 100_000))
def test_hours_and_minutes_are_exact(start: datetime, zone: ZoneInfo, count: int) -> None:
    """Whatever the clocks do."""
    assert minutes(count).after(start, zone) == start + timedelta(minutes=count)
    assert hours(count).after(start, zone) == start + timedelta(hours=count)


@given(STARTS, ZONES)
def test_no_period_is_over_at_once(start: datetime, zone: ZoneInfo) -> None:
    """Nothing to wait for: at the very instant, in every zone."""
    assert days(0).after(start, zone) == months(0).after(start, zone) == start


@given(STARTS, ZONES, st.integers(1, 400))
def test_months_end_in_their_month(start: datetime, zone: ZoneInfo, count: int) -> None:
    """The end lies in the month so many after that of the start, and is given in UTC."""
    end = months(count).after(start, zone)

    began, ended = start.astimezone(zone), end.astimezone(zone)
    assert end.tzinfo is UTC
    assert (ended.year * 12 + ended.month) - (began.year * 12 + began.month) == count
    assert ended.day == began.day or (ended + timedelta(days=1)).month != ended.month or ended.hour != began.hour


@given(STARTS, ZONES, st.integers(1, 5000))
def test_a_longer_period_ends_later(start: datetime, zone: ZoneInfo, count: int) -> None:
    """By a day or more, give or take a clock change."""
    shorter, longer = days(count).after(start, zone), days(count + 2).after(start, zone)

    assert start < shorter < longer


# How long a period is, to compare what was published


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (days(30), months(1)),
        (months(1), days(31)),
        (days(365), years(1)),
        (years(1), days(366)),
        (hours(23), days(1)),
        (minutes(59), hours(1)),
        (months(11), years(1)),
        (years(10), Period(months=120, seconds=1)),
    ],
)
def test_which_of_two_is_the_shorter(shorter: Period, longer: Period) -> None:
    """Months count as a twelfth of an average year."""
    assert shorter.length() < longer.length()


@pytest.mark.parametrize(
    ("one", "other"),
    [(months(12), years(1)), (hours(24), days(1)), (minutes(60), hours(1)), (months(0), days(0))],
)
def test_two_words_for_the_same(one: Period, other: Period) -> None:
    """Neither is the shorter one."""
    assert one.length() == pytest.approx(other.length())


# The end of a day and of a financial year


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-01-30 23:59:59", "2026-01-30 23:00"),
        ("2026-01-31 00:00:00", "2026-01-31 23:00"),
        ("2026-01-31 00:00:01", "2026-01-31 23:00"),
        ("2026-12-31 23:59:59", "2026-12-31 23:00"),
        ("2028-02-28 12:00:00", "2028-02-28 23:00"),
        ("2028-02-29 23:59:59", "2028-02-29 23:00"),
        ("2026-03-28 12:00:00", "2026-03-28 23:00"),
        ("2026-03-29 01:59:59", "2026-03-29 22:00"),  # a day of 23 hours
        ("2026-10-24 12:00:00", "2026-10-24 22:00"),
        ("2026-10-25 12:00:00", "2026-10-25 23:00"),  # a day of 25 hours
    ],
)
def test_a_day_is_over_at_the_next_local_midnight(at: str, end: str) -> None:
    """A second before midnight it is still this day's, at midnight the next one's."""
    assert end_of_day(wall(at), ZURICH) == utc(end)


def test_a_midnight_that_the_clocks_skip() -> None:
    """In Havana the clocks go from midnight to one: the day is over when they do."""
    havana = ZoneInfo("America/Havana")

    assert end_of_day(datetime(2026, 3, 7, 12, tzinfo=havana), havana) == utc("2026-03-08 05:00")


def test_a_repeated_hour_before_midnight_belongs_to_its_day() -> None:
    """The second time 02:30 is shown, it is the same day."""
    assert end_of_day(wall("2026-10-25 02:30", second_time=True), ZURICH) == utc("2026-10-25 23:00")


@given(STARTS, ZONES)
def test_the_end_of_a_day_is_its_own(start: datetime, zone: ZoneInfo) -> None:
    """After the instant, and the second before is of the same local date."""
    end = end_of_day(start, zone)

    assert start < end
    assert (end - timedelta(seconds=1)).astimezone(zone).date() == start.astimezone(zone).date()


@pytest.mark.parametrize(
    ("at", "ends", "year"),
    [
        ("2026-12-31 23:59:59", (12, 31), 2026),
        ("2027-01-01 00:00:00", (12, 31), 2027),
        ("2027-01-01 00:00:01", (12, 31), 2027),
        ("2026-06-30 23:59:59", (6, 30), 2026),
        ("2026-07-01 00:00:00", (6, 30), 2027),
        ("2026-12-31 23:59:59", (6, 30), 2027),
        ("2027-02-28 23:59:59", (2, 28), 2027),
        ("2027-03-01 00:00:00", (2, 28), 2028),
        ("2028-02-28 23:59:59", (2, 28), 2028),
        ("2028-02-29 23:59:59", (2, 28), 2028),  # the last day of February, whichever it is
        ("2028-03-01 00:00:00", (2, 29), 2029),
        ("2027-02-28 23:59:59", (2, 29), 2027),
    ],
)
def test_which_financial_year_it_is(at: str, ends: tuple[int, int], year: int) -> None:
    """Named by the calendar year it ends in; the last second of the last day is still its own."""
    assert financial_year(wall(at), ZURICH, ends=ends) == year


@pytest.mark.parametrize(
    ("year", "ends", "end"),
    [
        (2026, (12, 31), "2026-12-31 23:00"),
        (2026, (6, 30), "2026-06-30 22:00"),
        (2027, (2, 28), "2027-02-28 23:00"),
        (2028, (2, 28), "2028-02-29 23:00"),
        (2027, (2, 29), "2027-02-28 23:00"),
        (2026, (3, 28), "2026-03-28 23:00"),
        (2026, (3, 29), "2026-03-29 22:00"),
        (2026, (10, 25), "2026-10-25 23:00"),
    ],
)
def test_when_a_financial_year_is_over(year: int, ends: tuple[int, int], end: str) -> None:
    """At local midnight after its last day, on either side of a clock change."""
    assert end_of_financial_year(year, ZURICH, ends=ends) == utc(end)


@given(STARTS, ZONES, st.sampled_from([(12, 31), (6, 30), (2, 28), (1, 31)]))
def test_an_instant_lies_in_its_financial_year(start: datetime, zone: ZoneInfo, ends: tuple[int, int]) -> None:
    """After the end of the year before, and before its own end."""
    year = financial_year(start, zone, ends=ends)

    assert end_of_financial_year(year - 1, zone, ends=ends) <= start < end_of_financial_year(year, zone, ends=ends)
