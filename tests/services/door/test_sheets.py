"""The day sheets that an appointment touches."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.ids import new_id
from chalicelib.domain.slots import Interval
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.reading import Found
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.door.sheets import Claim, Sheets, interval, likely_days
from tests.services.looking import busy_owners, stored
from tests.services.prepared import open_business

MIDNIGHT = datetime(2026, 11, 10, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 9), date(2026, 11, 10)
MINUTE = timedelta(minutes=1)
ONE, TWO = new_id(MIDNIGHT), new_id(MIDNIGHT)
EXPERT, ROOM = "b" * 32, "c" * 32


def around_midnight(before: int, after: int) -> Interval:
    """From so many minutes before midnight to so many after."""
    return interval(MIDNIGHT - before * MINUTE, MIDNIGHT + after * MINUTE)


def claim(owner: str, before: int, after: int, **more: object) -> Claim:
    """Time around midnight, of an expert."""
    values = {"owner": owner, "calendars": (EXPERT,), "interval": around_midnight(before, after), **more}
    return Claim(**values)  # type: ignore[arg-type]


def blank(*calendars: str, now: datetime = MIDNIGHT) -> Sheets:
    """Sheets of both days on which nothing stands yet."""
    sheets = Sheets("a" * 32, now=now)
    sheets.take([(each, day) for each in calendars or (EXPERT,) for day in (MONDAY, TUESDAY)], Found())
    return sheets


def entries(sheets: Sheets, calendar: str = EXPERT) -> list[list[tuple[int, int, str]]]:
    """What stands on the sheets of a calendar, by day."""
    return [[each[:3] for each in sheet.content.entries] for sheet in sheets.of(calendar)]


@pytest.mark.parametrize(
    ("hour", "days"), [(0, {8, 9}), (3, {8, 9}), (4, {9}), (15, {9}), (16, {9, 10}), (23, {9, 10})]
)
def test_the_days_that_are_read_in_advance_depend_on_the_hour(hour: int, days: set[int]) -> None:
    """Early and late in the UTC day the neighbour is likely to be touched."""
    assert {each.day for each in likely_days(datetime(2026, 11, 9, hour, tzinfo=UTC))} == days


def test_days_are_those_of_utc() -> None:
    """Half past midnight in Zurich is the day before."""
    local = datetime.fromisoformat("2026-11-10T00:30:00+01:00")

    assert likely_days(local) == {MONDAY, TUESDAY}


@pytest.mark.parametrize(
    ("before", "after", "missing"), [(30, 0, {MONDAY}), (0, 30, {TUESDAY}), (30, 1, {MONDAY, TUESDAY})]
)
def test_missing_are_the_days_that_the_time_lies_on(before: int, after: int, missing: set[date]) -> None:
    """Midnight itself belongs to the day that begins; each calendar has sheets of its own."""
    both = claim(ONE, before, after, calendars=(EXPERT, ROOM))

    assert Sheets("a" * 32, now=MIDNIGHT).missing(both) == {(each, day) for each in (EXPERT, ROOM) for day in missing}
    assert blank().missing(both) == {(ROOM, day) for day in missing}


def test_a_time_is_taken_on_every_sheet_it_touches_or_on_none() -> None:
    """The room is busy the day after: nothing reaches the table."""
    with open_business():
        sheets = blank(EXPERT, ROOM)
        sheets.occupy(claim(ONE, 0, 30, calendars=(ROOM,)))

        with pytest.raises(SlotTakenError):
            sheets.occupy(claim(TWO, 30, 1, calendars=(EXPERT, ROOM)))

        assert stored(DaySheet) == []
        assert entries(sheets) == [[], []]


def test_only_what_changed_is_written() -> None:
    """The neighbour that was read in advance stays out of the transaction."""
    with open_business():
        sheets, transaction = blank(), Transaction()
        sheets.occupy(claim(ONE, 30, 0))

        sheets.write(transaction)
        transaction.commit()

        assert [(each.day, each.version) for each in stored(DaySheet)] == [(MONDAY, 1)]
        assert busy_owners() == [ONE]


def test_a_time_that_is_given_back_can_be_taken_again() -> None:
    """In one go: this is how an appointment is moved."""
    sheets = blank()
    sheets.occupy(claim(ONE, 30, 30))

    sheets.release(claim(ONE, 30, 30))
    sheets.occupy(claim(ONE, 15, 45))

    assert entries(sheets) == [[(1425, 1440, ONE)], [(0, 45, ONE)]]


def test_giving_back_leaves_the_others() -> None:
    """Only the owner's time goes."""
    sheets = blank()
    sheets.occupy(claim(ONE, 0, 30))
    sheets.occupy(claim(TWO, -30, 60))

    sheets.release(claim(ONE, 0, 30))

    assert entries(sheets) == [[], [(30, 60, TWO)]]


def test_what_lapsed_is_free() -> None:
    """From its second on, for whoever reads the sheet then."""
    until = MIDNIGHT + 5 * MINUTE
    held = blank()
    held.occupy(claim(ONE, 0, 30, until=until))
    (_, sheet) = held.of(EXPERT)

    for now, free in ((until - timedelta(seconds=1), False), (until, True)):
        sheets = Sheets("a" * 32, now=now)
        copy = DaySheet.blank("a" * 32, EXPERT, TUESDAY)
        copy.content = sheet.content
        sheets.add(EXPERT, copy)
        assert sheets.are_free(claim(TWO, 0, 30)) is free


def test_what_is_held_can_be_kept_though_a_calendar_elsewhere_says_busy() -> None:
    """An expert's own entry over it takes nothing away from who has it; it only keeps new ones out."""
    sheets = blank()
    mine = claim(ONE, 0, 30, until=MIDNIGHT + MINUTE)
    sheets.occupy(mine)
    (_, sheet) = sheets.of(EXPERT)
    sheet.content = sheet.content.with_outside(TWO, ((0, 1440),))

    assert sheets.holds(mine)
    assert not sheets.holds(claim(ONE, 0, 31))
    assert not sheets.holds(claim(TWO, 0, 30))
    sheets.renew(claim(ONE, 0, 30))
    assert [each.until for each in sheet.content.entries] == [0]
    assert not sheets.are_free(claim(TWO, -30, 60))


def test_of_two_who_start_the_same_sheet_one_wins() -> None:
    """A sheet is created once."""
    with open_business():
        for owner, expected in ((ONE, None), (TWO, LostRaceError)):
            sheets, transaction = blank(), Transaction()
            sheets.occupy(claim(owner, 30, 0))
            sheets.write(transaction)
            if expected is None:
                transaction.commit()
            else:
                with pytest.raises(expected):
                    transaction.commit()

        assert busy_owners() == [ONE]
