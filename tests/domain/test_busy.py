"""The day sheet's content: what it takes, what it refuses, and its bytes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.busy import DayBusy, Entry, Outside, split_by_day, to_intervals
from chalicelib.domain.slots import Interval
from tests.domain.slots_cases import interval, minute

ANNA, BEN, CLEO = "0" * 31 + "a", "b" * 32, "c" * 32
MORNING = DayBusy((Entry(540, 600, ANNA),))
REST = "00" * 12  # no end of its own, no group
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@st.composite
def sheets(draw: st.DrawFn) -> DayBusy:
    """Any day sheet: appointments, groups, what lapses, and what stands in calendars elsewhere."""
    marks = sorted(draw(st.lists(st.integers(0, 1440), max_size=24, unique=True)))
    entries: list[Entry] = []
    for start, end in (pair for pair in pairwise(marks) if draw(st.booleans())):
        group = draw(st.integers(0, 2**64 - 1))
        owners = draw(st.sets(st.binary(min_size=16, max_size=16), min_size=1, max_size=3 if group else 1))
        until = draw(st.integers(0, 2**32 - 1))
        entries += [Entry(start, end, owner.hex(), until, group) for owner in sorted(owners)]
    times = st.tuples(st.integers(0, 700), st.integers(701, 1440), st.sampled_from([ANNA, BEN]))
    outside = sorted(Outside(*each) for each in draw(st.sets(times, max_size=4)))
    return DayBusy(tuple(sorted(entries)), tuple(outside))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(sheets())
def test_a_sheet_survives_its_bytes(sheet: DayBusy) -> None:
    """Thirty-two bytes an entry, twenty an outside time, and back."""
    data, outside = sheet.encode(), sheet.encode_outside()

    assert (len(data), len(outside)) == (32 * len(sheet.entries), 20 * len(sheet.outside))
    assert DayBusy.decode(data, outside) == sheet


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=96), st.binary(max_size=60))
def test_any_bytes_are_a_sheet_or_refused(data: bytes, outside: bytes) -> None:
    """What is read is what would have been written; all else is a ValueError."""
    try:
        sheet = DayBusy.decode(data, outside)
    except ValueError:
        return

    assert (sheet.encode(), sheet.encode_outside()) == (data, outside)


def test_the_bytes_are_big_endian_numbers_and_the_owner() -> None:
    """The stored format, spelled out."""
    group = DayBusy((Entry(540, 600, ANNA, 0x6A000001, 0x0102030405060708),), (Outside(1, 2, BEN),))

    assert MORNING.encode() == bytes.fromhex("021c0258" + ANNA + REST)
    assert group.encode() == bytes.fromhex("021c0258" + ANNA + "6a000001" + "0102030405060708")
    assert group.encode_outside() == bytes.fromhex("00010002" + BEN)


@pytest.mark.parametrize(
    "data",
    [
        "021c0258" + (ANNA + REST)[2:],  # cut off
        "021c0258" + ANNA + REST + "00",  # one byte too many
        "0258021c" + ANNA + REST,  # ends before it starts
        "021c021c" + ANNA + REST,  # no time at all
        "000005a1" + ANNA + REST,  # past 24:00
        "02580300" + ANNA + REST + "021c0258" + BEN + REST,  # not in order
        "021c0258" + ANNA + REST + "02570300" + BEN + REST,  # overlap by a minute
        "021c0258" + ANNA + REST + "021c0258" + ANNA + REST,  # the same owner twice
    ],
)
def test_nonsense_is_refused(data: str) -> None:
    """A damaged sheet is an error, never a free day."""
    with pytest.raises(ValueError, match=r"sheet|busy|owner"):
        DayBusy.decode(bytes.fromhex(data))


@pytest.mark.parametrize("owner", ["", "a" * 31, "A" * 32, "g" * 32, "anna@example.org"])
def test_an_owner_is_an_id(owner: str) -> None:
    """No name and no address gets into a day sheet."""
    with pytest.raises(ValueError, match="id"):
        DayBusy().with_entry(Entry(0, 1, owner))


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        *((480, 539, True), (480, 540, True), (480, 541, False)),
        *((599, 660, False), (600, 660, True), (601, 660, True)),
        *((550, 560, False), (540, 600, False), (0, 1440, False)),
    ],
)
def test_touching_times_are_free_and_overlaps_are_not(start: int, end: int, *, free: bool) -> None:
    """540 to 600 is taken; one minute of it is enough to be refused."""
    assert MORNING.free(start, end) == free

    if free:
        assert set(MORNING.with_entry(Entry(start, end, BEN)).entries) == {
            Entry(540, 600, ANNA),
            Entry(start, end, BEN),
        }
    else:
        with pytest.raises(ValueError, match="busy"):
            MORNING.with_entry(Entry(start, end, BEN))


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (1439, 1441)])
def test_times_lie_within_the_day(start: int, end: int) -> None:
    """Asking for free time outside of it is a mistake, not an answer."""
    with pytest.raises(ValueError, match="between 0 and 1440"):
        DayBusy().free(start, end)
    with pytest.raises(ValueError, match="between 0 and 1440"):
        DayBusy().with_entry(Entry(start, end, ANNA))


def test_entries_stay_in_order_and_the_sheet_itself_unchanged() -> None:
    """A new sheet comes back each time."""
    both = MORNING.with_entry(Entry(0, 60, BEN))

    assert both.entries == (Entry(0, 60, BEN), Entry(540, 600, ANNA))
    assert MORNING.entries == (Entry(540, 600, ANNA),)


def test_an_owner_has_one_entry_at_a_time() -> None:
    """Not two seats of one group."""
    seat = Entry(700, 760, ANNA, 0, 7)

    assert MORNING.with_entry(seat).entries == (Entry(540, 600, ANNA), seat)
    with pytest.raises(ValueError, match="owner"):
        MORNING.with_entry(seat).with_entry(seat)


@pytest.mark.parametrize(
    ("seconds", "live"), [(-1, [ANNA, BEN, CLEO]), (0, [ANNA, CLEO]), (1, [ANNA, CLEO])], ids=["before", "at", "after"]
)
def test_what_is_kept_for_a_while_lapses_by_itself(seconds: int, live: list[str]) -> None:
    """At its very second; what has no end stays, and so does what ends later."""
    until = int(NOON.timestamp())
    later = Entry(720, 780, CLEO, until + 60)
    held = DayBusy((Entry(540, 600, ANNA), Entry(600, 660, BEN, until), later), (Outside(0, 5, BEN),))

    seen = held.live(NOON + timedelta(seconds=seconds))

    assert [each.owner for each in seen.entries] == live
    assert seen.outside == held.outside


GROUP = DayBusy((Entry(540, 600, ANNA, 0, 7), Entry(540, 600, BEN, 0, 7)))


@pytest.mark.parametrize(
    ("start", "end", "group", "seats", "free"),
    [
        (540, 600, 7, 3, True),
        (540, 600, 7, 2, False),
        (540, 600, 8, 3, False),
        (540, 600, 0, 3, False),
        (540, 599, 7, 3, False),
        (541, 600, 7, 3, False),
        (539, 600, 7, 3, False),
        (600, 660, 8, 1, True),
    ],
    ids=["a seat is left", "full", "another group", "alone", "shorter", "later", "earlier", "afterwards"],
)
def test_a_seat_is_free_in_its_own_group_only(start: int, end: int, group: int, seats: int, *, free: bool) -> None:
    """At the very time of the group, as long as there are seats."""
    assert GROUP.free(start, end, group=group, seats=seats) is free


def test_groups_that_share_their_time_are_one_busy_time() -> None:
    """However many take part."""
    assert to_intervals(date(1970, 1, 1), GROUP) == [Interval(540, 600)]


@pytest.mark.parametrize(("start", "end", "free"), [(0, 60, True), (60, 61, False), (89, 90, False), (90, 95, True)])
def test_what_stands_in_a_calendar_elsewhere_is_busy(start: int, end: int, *, free: bool) -> None:
    """For everybody and every group."""
    sheet = DayBusy().with_outside(ANNA, ((60, 90),))

    assert sheet.free(start, end) is sheet.free(start, end, group=7, seats=9) is free


def test_each_link_replaces_its_own_times() -> None:
    """They may lie over appointments and over each other."""
    sheet = MORNING.with_outside(ANNA, ((0, 600), (30, 40))).with_outside(BEN, ((10, 20),))

    assert sheet.with_outside(ANNA, ((5, 6),)).outside == (Outside(5, 6, ANNA), Outside(10, 20, BEN))
    assert sheet.with_outside(ANNA, ()).with_outside(BEN, ()) == MORNING
    assert to_intervals(date(1970, 1, 1), sheet) == [
        Interval(*each) for each in [(0, 600), (10, 20), (30, 40), (540, 600)]
    ]


def test_taking_an_owner_out_frees_the_time() -> None:
    """Only his; and taking out who is not there changes nothing."""
    both = MORNING.with_entry(Entry(600, 660, BEN))

    assert both.without(ANNA).entries == (Entry(600, 660, BEN),)
    assert both.without(ANNA).free(540, 600)
    assert both.without(CLEO) == both


def test_an_interval_is_cut_at_utc_midnights() -> None:
    """Three days, the middle one whole."""
    parts = split_by_day(interval("2026-06-14T23:30", "2026-06-16T00:01"))

    assert parts == [(date(2026, 6, 14), 1410, 1440), (date(2026, 6, 15), 0, 1440), (date(2026, 6, 16), 0, 1)]


@pytest.mark.parametrize(("shift", "parts"), [(-1, [(1380, 1439)]), (0, [(1380, 1440)]), (1, [(1380, 1440), (0, 1)])])
def test_an_end_at_midnight_leaves_the_next_day_alone(shift: int, parts: list[tuple[int, int]]) -> None:
    """24:00 still belongs to the day."""
    whole = Interval(minute("2026-06-14T23:00"), minute("2026-06-15T00:00") + shift)

    assert [(start, end) for _, start, end in split_by_day(whole)] == parts


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(-5_000, 40_000_000), st.integers(1, 5_000))
def test_the_parts_put_together_are_the_interval(start: int, length: int) -> None:
    """Cut and stored by day, it comes back as the same minutes, before 1970 too."""
    intervals = []
    for day, since, until in split_by_day(Interval(start, start + length)):
        intervals += to_intervals(day, DayBusy().with_entry(Entry(since, until, ANNA)))

    assert intervals[0].start == start
    assert intervals[-1].end == start + length
    assert all(one.end == two.start for one, two in pairwise(intervals))


def test_an_empty_sheet_has_no_intervals() -> None:
    """And no bytes."""
    assert to_intervals(date(2026, 6, 15), DayBusy()) == []
    assert DayBusy().encode() == b""
