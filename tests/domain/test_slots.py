"""The slot rules on ordinary days, each by hand at its edges."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.slots import Availability, Interval, Offer, WorkingRange, blocked, is_start, starts
from tests.domain.slots_cases import an_offer, hours, interval, minute, open_daily, utc

EVE = utc("2026-06-14T00:00")
DAY = date(2026, 6, 15)  # a Monday; Zurich is two hours ahead of UTC
SECOND = timedelta(seconds=1)


def of_day(offer: Offer, availability: Availability, *busy: Interval, now: datetime = EVE) -> list[str]:
    """The UTC times of the starts of `DAY`."""
    frm = utc(f"{DAY}T00:00")
    found = starts(offer, availability, busy, now=now, frm=frm, to=frm + timedelta(days=1))
    return [f"{start:%H:%M}" for start in found]


def test_candidates_are_counted_from_the_start_of_each_range() -> None:
    """Two ranges, two grids; a slot that would not end in time is not offered."""
    found = of_day(an_offer(30, step=40), open_daily("09:10-11:00 13:00-14:00"))

    assert found == ["07:10", "07:50", "08:30", "11:00"]


@pytest.mark.parametrize(("duration", "offered"), [(59, True), (60, True), (61, False)])
def test_a_slot_ends_when_the_range_ends(duration: int, *, offered: bool) -> None:
    """Sixty minutes fit into an hour, sixty-one do not."""
    found = of_day(an_offer(duration, step=60), open_daily("09:00-10:00"))

    assert found == (["07:00"] if offered else [])


def test_touching_ranges_are_one_stretch_with_two_grids() -> None:
    """A slot may run from one range into the next, but each range counts from its own start and within itself."""
    found = of_day(an_offer(60, step=45), open_daily("09:00-10:40 10:40-12:00"))

    assert found == ["07:00", "07:45", "08:30", "08:40"]


def test_ranges_a_minute_apart_are_two_stretches() -> None:
    """One closed minute parts them."""
    found = of_day(an_offer(60, step=45), open_daily("09:00-10:39 10:40-12:00"))

    assert found == ["07:00", "08:40"]


def test_the_day_ends_at_24() -> None:
    """A range to 24:00 holds a slot to midnight and none that runs past it."""
    evening = Availability("UTC", {0: hours("22:00-24:00")}, {})

    assert of_day(an_offer(60), evening) == ["22:00", "22:30", "23:00"]
    assert of_day(an_offer(61), evening) == ["22:00", "22:30"]


def test_ranges_that_meet_at_midnight_are_one_stretch() -> None:
    """24:00 of Monday is 00:00 of Tuesday; each keeps its grid."""
    night = Availability("UTC", {0: hours("22:30-24:00"), 1: hours("00:00-01:00")}, {})
    frm = utc("2026-06-15T00:00")

    found = starts(an_offer(90, step=60), night, [], now=EVE, frm=frm, to=frm + timedelta(days=3))

    assert [f"{start:%d %H:%M}" for start in found] == ["15 22:30", "15 23:30"]


def test_an_exception_replaces_the_weekday() -> None:
    """Other hours on that date, or none; other dates keep theirs."""
    short = open_daily("09:00-10:00", exceptions={DAY: "14:00-15:00"})
    closed = open_daily("09:00-10:00", exceptions={DAY: ""})
    elsewhere = open_daily("09:00-10:00", exceptions={date(2026, 6, 16): ""})

    assert of_day(an_offer(60), short) == ["12:00"]
    assert of_day(an_offer(60), closed) == []
    assert of_day(an_offer(60), elsewhere) == ["07:00"]


def test_a_weekday_without_hours_is_closed() -> None:
    """The week says nothing about Mondays."""
    assert of_day(an_offer(), Availability("UTC", {1: hours("09:00-10:00")}, {})) == []


@pytest.mark.parametrize(("shift", "free"), [(-1, True), (0, True), (1, False)])
def test_the_buffer_after_may_touch_what_follows(shift: int, *, free: bool) -> None:
    """09:00 to 10:00 and ten minutes after: busy from 10:10 is fine, from 10:09 is not."""
    busy = Interval(minute("2026-06-15T08:10") - shift, minute("2026-06-15T09:00"))

    found = of_day(an_offer(60, step=600, after=10), open_daily("09:00-12:00"), busy)

    assert found == (["07:00"] if free else [])


@pytest.mark.parametrize(("shift", "free"), [(-1, True), (0, True), (1, False)])
def test_the_buffer_before_may_touch_what_came_before(shift: int, *, free: bool) -> None:
    """Ten minutes before 09:00: busy until 08:50 is fine, until 08:51 is not."""
    busy = Interval(minute("2026-06-15T06:00"), minute("2026-06-15T06:50") + shift)

    found = of_day(an_offer(60, step=600, before=10), open_daily("09:00-12:00"), busy)

    assert found == (["07:00"] if free else [])


def test_busy_times_may_overlap_and_come_in_any_order() -> None:
    """A long interval that hides a short one still counts to its end."""
    long, short = interval("2026-06-15T07:00", "2026-06-15T09:00"), interval("2026-06-15T07:30", "2026-06-15T07:40")
    later = interval("2026-06-15T09:30", "2026-06-15T09:31")

    found = of_day(an_offer(), open_daily("09:00-12:00"), later, short, long)

    assert found == ["09:00"]


def test_buffers_lie_outside_working_hours_over_midnight_and_before_now() -> None:
    """Only busy time limits a buffer."""
    all_day = Availability("UTC", {0: hours("00:00-01:00")}, {})
    offer = an_offer(60, before=90, after=600)
    now = utc("2026-06-14T23:59")

    assert of_day(offer, all_day, now=now) == ["00:00"]
    assert of_day(offer, all_day, interval("2026-06-14T22:00", "2026-06-14T22:30"), now=now) == ["00:00"]
    assert of_day(offer, all_day, interval("2026-06-14T22:00", "2026-06-14T22:31"), now=now) == []


@pytest.mark.parametrize(("late", "offered"), [(-1, True), (0, True), (1, False)])
def test_notice_is_kept_to_the_second(late: int, *, offered: bool) -> None:
    """Two hours before 09:00 is in time, a second later is not."""
    now = utc("2026-06-15T05:00") + late * SECOND

    found = of_day(an_offer(60, step=600, notice=120), open_daily("09:00-10:00"), now=now)

    assert found == (["07:00"] if offered else [])


def test_notice_counts_microseconds_too() -> None:
    """Nothing is rounded in the customer's favour."""
    now = utc("2026-06-15T05:00") + timedelta(microseconds=1)

    assert of_day(an_offer(60, notice=120), open_daily("09:00-10:00"), now=now) == []


@pytest.mark.parametrize(("now", "last"), [("2026-06-15T21:59:59", 17), ("2026-06-15T22:00", 18)])
def test_the_horizon_is_a_local_date(now: str, last: int) -> None:
    """At 23:59:59 in Zurich it is still the 15th, a second later the 16th; two days ahead counts from there."""
    found = starts(
        an_offer(60, step=600, horizon=2),
        open_daily("23:00-24:00"),
        [],
        now=utc(now),
        frm=utc("2026-06-15T00:00"),
        to=utc("2026-06-30T00:00"),
    )

    assert found[-1] == utc(f"2026-06-{last}T21:00")


def test_the_last_slot_of_the_horizon_may_run_past_it() -> None:
    """Only the start counts: 23:30 of the last date is offered, 00:00 of the next is not."""
    found = starts(
        an_offer(60),
        open_daily("00:00-24:00", "UTC"),
        [],
        now=utc("2026-06-15T23:00"),
        frm=EVE,
        to=utc("2026-06-30T00:00"),
    )
    nothing_ahead = starts(
        an_offer(60, horizon=0),
        open_daily("00:00-24:00", "UTC"),
        [],
        now=utc("2026-06-15T23:00"),
        frm=EVE,
        to=utc("2026-06-30T00:00"),
    )

    assert len(found) == 2 * 337
    assert nothing_ahead == [utc("2026-06-15T23:00"), utc("2026-06-15T23:30")]


@pytest.mark.parametrize(("shift", "count"), [(-1, 2), (0, 2), (1, 1)])
def test_the_range_asked_begins_with_its_first_instant(shift: int, count: int) -> None:
    """A start at exactly `frm` is in, one a second before is not."""
    frm = utc("2026-06-15T07:00") + shift * SECOND

    found = starts(an_offer(), open_daily("09:00-10:00"), [], now=EVE, frm=frm, to=utc("2026-06-15T12:00"))

    assert len(found) == count


@pytest.mark.parametrize(("shift", "count"), [(-1, 1), (0, 1), (1, 2)])
def test_the_range_asked_ends_before_its_last_instant(shift: int, count: int) -> None:
    """A start at exactly `to` is out, though its slot may end after `to`."""
    to = utc("2026-06-15T07:30") + shift * SECOND

    found = starts(an_offer(), open_daily("09:00-10:00"), [], now=EVE, frm=EVE + timedelta(days=1), to=to)

    assert len(found) == count


def test_an_empty_or_reversed_range_has_no_starts() -> None:
    """Nothing lies between an instant and itself, or an earlier one."""
    noon = utc("2026-06-15T10:00")

    for to in (noon, noon - timedelta(hours=2)):
        assert starts(an_offer(), open_daily("09:00-17:00"), [], now=EVE, frm=noon, to=to) == []


def test_the_answer_is_in_utc_whatever_zone_the_question_is_in() -> None:
    """The instants asked with may carry any zone."""
    frm = datetime(2026, 6, 15, 9, tzinfo=ZoneInfo("Europe/Zurich"))
    to = datetime(2026, 6, 15, 3, 30, tzinfo=timezone(timedelta(hours=-4)))

    found = starts(an_offer(), open_daily("09:00-17:00"), [], now=EVE, frm=frm, to=to)

    assert found == [utc("2026-06-15T07:00")]
    assert found[0].tzname() == "UTC"


@pytest.mark.parametrize(("shift", "offered"), [(-60, False), (-1, False), (0, True), (1, False), (60, False)])
def test_a_single_start_is_exact(shift: int, *, offered: bool) -> None:
    """A second beside the grid is not a start."""
    start = utc("2026-06-15T07:30") + shift * SECOND

    assert is_start(an_offer(), open_daily("09:00-17:00"), [], now=EVE, start=start) == offered


def test_blocked_time_includes_the_buffers() -> None:
    """What the day sheet must hold: ten minutes before, half an hour, and twenty after."""
    taken = blocked(an_offer(30, before=10, after=20), utc("2026-06-15T00:05"))

    assert taken == interval("2026-06-14T23:55", "2026-06-15T00:55")


def test_blocked_time_begins_at_a_whole_minute() -> None:
    """There is no half minute in a day sheet."""
    with pytest.raises(ValueError, match="whole minute"):
        blocked(an_offer(), utc("2026-06-15T07:00") + SECOND)


@pytest.mark.parametrize(("start", "end"), [(-1, 60), (60, 60), (61, 60), (1380, 1441), (1440, 1440)])
def test_a_working_range_lies_within_a_day(start: int, end: int) -> None:
    """It starts before it ends, between 00:00 and 24:00."""
    with pytest.raises(ValueError, match="working range"):
        WorkingRange(start, end)


@pytest.mark.parametrize(("start", "end"), [(0, 1440), (0, 1), (1439, 1440)])
def test_the_widest_and_the_shortest_range_are_fine(start: int, end: int) -> None:
    """A whole day, its first and its last minute."""
    assert WorkingRange(start, end).end == end


@pytest.mark.parametrize("ranges", ["10:00-11:00 09:00-09:30", "09:00-10:01 10:00-11:00", "09:00-10:00 09:00-10:00"])
def test_the_ranges_of_a_day_are_sorted_and_apart(ranges: str) -> None:
    """In the week as in an exception; touching is fine."""
    with pytest.raises(ValueError, match="sorted"):
        Availability("UTC", {0: hours(ranges)}, {})
    with pytest.raises(ValueError, match="sorted"):
        Availability("UTC", {}, {DAY: hours(ranges)})
    assert Availability("UTC", {0: hours("09:00-10:00 10:00-11:00")}, {})


@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Nowhere", "../etc/passwd", "/etc/localtime", "a\0b", "ü"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """Whatever is wrong with its name."""
    with pytest.raises(ValueError):  # noqa: PT011 - some texts are Python's own
        Availability(zone, {}, {})


@pytest.mark.parametrize("weekday", [-1, 7])
def test_a_week_has_seven_days(weekday: int) -> None:
    """Monday is 0 and Sunday 6."""
    with pytest.raises(ValueError, match="weekdays"):
        Availability("UTC", {weekday: ()}, {})


@pytest.mark.parametrize(
    "numbers", [(0, 5, 0, 0, 0, 0), (5, 0, 0, 0, 0, 0), (5, 5, -1, 0, 0, 0), (5, 5, 0, -1, 0, 0), (5, 5, 0, 0, -1, 0)]
)
def test_an_offer_has_sensible_numbers(numbers: tuple[int, int, int, int, int, int]) -> None:
    """A slot lasts a minute at least, and nothing is negative."""
    with pytest.raises(ValueError, match=r"duration|negative"):
        Offer(*numbers)
    with pytest.raises(ValueError, match="negative"):
        an_offer(horizon=-1)
    assert Offer(1, 1, 0, 0, 0, 0)


@pytest.mark.parametrize("end", [9, 10])
def test_an_interval_is_not_empty(end: int) -> None:
    """Half open, a minute long at least."""
    with pytest.raises(ValueError, match="interval"):
        Interval(10, end)
    assert Interval(10, 11)
