"""The day sheets that an appointment touches."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.ids import new_id
from chalicelib.domain.slots import Interval
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.reading import Found
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.sheets import Sheets, interval, likely_days
from tests.services.looking import busy_owners, stored
from tests.services.prepared import open_business

MIDNIGHT = datetime(2026, 11, 10, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 9), date(2026, 11, 10)
MINUTE = timedelta(minutes=1)
ONE, TWO = new_id(MIDNIGHT), new_id(MIDNIGHT)


def around_midnight(before: int, after: int) -> Interval:
    """From so many minutes before midnight to so many after."""
    return interval(MIDNIGHT - before * MINUTE, MIDNIGHT + after * MINUTE)


def blank(*days: date) -> Sheets:
    """Sheets on which nothing stands yet."""
    sheets = Sheets("a" * 32, "b" * 32)
    sheets.take(days, Found())
    return sheets


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
    """Midnight itself belongs to the day that begins."""
    assert Sheets("a" * 32, "b" * 32).missing(around_midnight(before, after)) == missing
    assert blank(MONDAY, TUESDAY).missing(around_midnight(before, after)) == set()


def test_a_time_is_taken_on_every_day_it_touches_or_on_none() -> None:
    """The second day is busy: nothing reaches the table."""
    with open_business():
        sheets = blank(MONDAY, TUESDAY)
        sheets.occupy(around_midnight(0, 30), ONE)

        with pytest.raises(SlotTakenError):
            sheets.occupy(around_midnight(30, 1), TWO)

        assert stored(DaySheet) == []


def test_only_what_changed_is_written() -> None:
    """The neighbour that was read in advance stays out of the transaction."""
    with open_business():
        sheets, transaction = blank(MONDAY, TUESDAY), Transaction()
        sheets.occupy(around_midnight(30, 0), ONE)

        sheets.write(transaction)
        transaction.commit()

        assert [(each.day, each.version) for each in stored(DaySheet)] == [(MONDAY, 1)]
        assert busy_owners() == [ONE]


def test_a_time_that_is_given_back_can_be_taken_again() -> None:
    """In one go: this is how an appointment is moved."""
    sheets = blank(MONDAY, TUESDAY)
    sheets.occupy(around_midnight(30, 30), ONE)

    sheets.release(around_midnight(30, 30), ONE)
    sheets.occupy(around_midnight(15, 45), ONE)

    assert [[tuple(entry) for entry in sheet.content.entries] for sheet in sheets.all()] == [
        [(1425, 1440, ONE)],
        [(0, 45, ONE)],
    ]


def test_giving_back_leaves_the_others() -> None:
    """Only the owner's time goes."""
    sheets = blank(TUESDAY)
    sheets.occupy(around_midnight(0, 30), ONE)
    sheets.occupy(interval(MIDNIGHT + 30 * MINUTE, MIDNIGHT + 60 * MINUTE), TWO)

    sheets.release(around_midnight(0, 30), ONE)

    assert [entry.owner for entry in sheets.all()[0].content.entries] == [TWO]


def test_of_two_who_start_the_same_sheet_one_wins() -> None:
    """A sheet is created once."""
    with open_business():
        for owner, expected in ((ONE, None), (TWO, LostRaceError)):
            sheets, transaction = blank(MONDAY), Transaction()
            sheets.occupy(around_midnight(30, 0), owner)
            sheets.write(transaction)
            if expected is None:
                transaction.commit()
            else:
                with pytest.raises(expected):
                    transaction.commit()

        assert busy_owners() == [ONE]
