"""The day sheets that an appointment touches: read together, changed together, written under their versions."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.busy import split_by_day
from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.slots import Interval
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.reading import Found, Ref
from chalicelib.records.writing import Transaction

_EARLY, _LATE = 4, 16


class Sheets:
    """One expert's sheets. What is changed here is only written by `write`."""

    def __init__(self, tenant: str, expert: str) -> None:
        self._tenant, self._expert = tenant, expert
        self._sheets: dict[date, DaySheet] = {}
        self._changed: set[date] = set()

    def ref(self, day: date) -> Ref[DaySheet]:
        """Where the sheet of a day lies."""
        return DaySheet.ref(self._tenant, self._expert, day)

    def missing(self, interval: Interval) -> set[date]:
        """The days of the interval whose sheets were not taken in yet."""
        return {day for day, _, _ in split_by_day(interval)} - self._sheets.keys()

    def take(self, days: Iterable[date], found: Found) -> None:
        """Takes in the sheets of these days; one that does not exist is blank."""
        for day in days:
            self._sheets[day] = found.get(self.ref(day)) or DaySheet.blank(self._tenant, self._expert, day)

    def all(self) -> list[DaySheet]:
        """The sheets, in order of days."""
        return [self._sheets[day] for day in sorted(self._sheets)]

    def occupy(self, interval: Interval, owner: str) -> None:
        """Enters the interval. SlotTakenError when any of it is busy."""
        for day, start, end in split_by_day(interval):
            sheet = self._sheets[day]
            if not sheet.content.free(start, end):
                raise SlotTakenError("Choose another time.", field="starts_at")
            sheet.content = sheet.content.with_entry(start, end, owner)
            self._changed.add(day)

    def release(self, interval: Interval, owner: str) -> None:
        """Removes what `owner` holds on the days of the interval."""
        for day, _, _ in split_by_day(interval):
            sheet = self._sheets[day]
            sheet.content = sheet.content.without(owner)
            self._changed.add(day)

    def write(self, transaction: Transaction) -> None:
        """Adds what changed to the transaction."""
        for day in sorted(self._changed):
            sheet = self._sheets[day]
            (transaction.update if sheet.version else transaction.create)(sheet)


def likely_days(starts_at: datetime) -> set[date]:
    """The UTC days that an appointment starting then most probably touches, so that they can be read in advance."""
    at = starts_at.astimezone(UTC)
    days = {at.date()}
    if at.hour < _EARLY:
        days.add(at.date() - timedelta(days=1))
    if at.hour >= _LATE:
        days.add(at.date() + timedelta(days=1))
    return days


def interval(frm: datetime, until: datetime) -> Interval:
    """The interval between two instants that lie on whole minutes."""
    return Interval(int(frm.timestamp()) // 60, int(until.timestamp()) // 60)
