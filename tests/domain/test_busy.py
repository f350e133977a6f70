"""The day sheet's content: what it takes, what it refuses, and its bytes."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.busy import DayBusy, Entry, split_by_day, to_intervals
from chalicelib.domain.slots import Interval
from tests.domain.slots_cases import interval, minute

ANNA, BEN, CLEO = "0" * 31 + "a", "b" * 32, "c" * 32
MORNING = DayBusy().with_entry(540, 600, ANNA)


@st.composite
def sheets(draw: st.DrawFn) -> DayBusy:
    """Any day sheet."""
    marks = sorted(draw(st.lists(st.integers(0, 1440), max_size=24, unique=True)))
    chosen = [pair for pair in pairwise(marks) if draw(st.booleans())]
    owners = draw(
        st.lists(st.binary(min_size=16, max_size=16), min_size=len(chosen), max_size=len(chosen), unique=True)
    )
    return DayBusy(tuple(Entry(start, end, owner.hex()) for (start, end), owner in zip(chosen, owners, strict=True)))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(sheets())
def test_a_sheet_survives_its_bytes(sheet: DayBusy) -> None:
    """Twenty bytes an entry, and back."""
    data = sheet.encode()

    assert len(data) == 20 * len(sheet.entries)
    assert DayBusy.decode(data) == sheet


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_sheet_or_refused(data: bytes) -> None:
    """What is read is what would have been written; all else is a ValueError."""
    try:
        sheet = DayBusy.decode(data)
    except ValueError:
        return

    assert sheet.encode() == data


def test_the_bytes_are_big_endian_numbers_and_the_owner() -> None:
    """The stored format, spelled out."""
    assert MORNING.encode() == bytes.fromhex("021c0258" + ANNA)


@pytest.mark.parametrize(
    "data",
    [
        "021c0258" + ANNA[2:],  # cut off
        "021c0258" + ANNA + "00",  # one byte too many
        "0258021c" + ANNA,  # ends before it starts
        "021c021c" + ANNA,  # no time at all
        "000005a1" + ANNA,  # past 24:00
        "02580300" + ANNA + "021c0258" + BEN,  # not in order
        "021c0258" + ANNA + "02570300" + BEN,  # overlap by a minute
        "021c0258" + ANNA + "02580300" + ANNA,  # the same owner twice
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
        DayBusy().with_entry(0, 1, owner)


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
        assert set(MORNING.with_entry(start, end, BEN).entries) == {Entry(540, 600, ANNA), Entry(start, end, BEN)}
    else:
        with pytest.raises(ValueError, match="busy"):
            MORNING.with_entry(start, end, BEN)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (1439, 1441)])
def test_times_lie_within_the_day(start: int, end: int) -> None:
    """Asking for free time outside of it is a mistake, not an answer."""
    with pytest.raises(ValueError, match="between 0 and 1440"):
        DayBusy().free(start, end)
    with pytest.raises(ValueError, match="between 0 and 1440"):
        DayBusy().with_entry(start, end, ANNA)


def test_entries_stay_in_order_and_the_sheet_itself_unchanged() -> None:
    """A new sheet comes back each time."""
    both = MORNING.with_entry(0, 60, BEN)

    assert both.entries == (Entry(0, 60, BEN), Entry(540, 600, ANNA))
    assert MORNING.entries == (Entry(540, 600, ANNA),)


def test_an_owner_has_one_entry_a_day() -> None:
    """A second one is refused even where there is room."""
    with pytest.raises(ValueError, match="owner"):
        MORNING.with_entry(700, 760, ANNA)


def test_taking_an_owner_out_frees_the_time() -> None:
    """Only his; and taking out who is not there changes nothing."""
    both = MORNING.with_entry(600, 660, BEN)

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
        intervals += to_intervals(day, DayBusy().with_entry(since, until, ANNA))

    assert intervals[0].start == start
    assert intervals[-1].end == start + length
    assert all(one.end == two.start for one, two in pairwise(intervals))


def test_an_empty_sheet_has_no_intervals() -> None:
    """And no bytes."""
    assert to_intervals(date(2026, 6, 15), DayBusy()) == []
    assert DayBusy().encode() == b""
