"""The day sheets of all that take part in something: read together, changed together, written under their versions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.busy import Entry, split_by_day
from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.slots import Interval
from chalicelib.records.appointment import Appointment
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.reading import Found, Ref
from chalicelib.records.writing import Transaction

_EARLY, _LATE = 4, 16


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What time is kept for: an appointment of a service, which already counts towards its caps."""

    service: str
    starts_at: datetime
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Time that `owner` (an id) takes from `calendars` (ids of experts and resources), buffers included.

    It lapses by itself at `until`. Claims of one `group` share their time as long as there are `seats`. Time that is
    `kept` counts as what it is kept for.
    """

    owner: str
    calendars: tuple[str, ...]
    interval: Interval
    until: datetime | None = None
    group: int = 0
    seats: int = 1
    kept: Kept | None = None


class Sheets:
    """Sheets of one tenant as they stand at `now`. What is changed here is only written by `write`."""

    def __init__(self, tenant: str, *, now: datetime) -> None:
        self._tenant, self._now = tenant, now
        self._sheets: dict[tuple[str, date], DaySheet] = {}
        self._changed: set[tuple[str, date]] = set()

    def ref(self, calendar: str, day: date) -> Ref[DaySheet]:
        """Where the sheet of a day lies."""
        return DaySheet.ref(self._tenant, calendar, day)

    def missing(self, *claims: Claim) -> set[tuple[str, date]]:
        """The sheets that the claims touch and that were not taken in yet: calendar and day each."""
        touched = {(calendar, day) for each in claims for calendar in each.calendars for day in _days(each)}
        return self.unknown(touched)

    def unknown(self, wanted: Iterable[tuple[str, date]]) -> set[tuple[str, date]]:
        """Those that were not taken in yet."""
        return set(wanted) - self._sheets.keys()

    def take(self, wanted: Iterable[tuple[str, date]], found: Found) -> None:
        """Takes in these sheets; one that does not exist is blank."""
        for calendar, day in wanted:
            sheet = found.get(self.ref(calendar, day)) or DaySheet.blank(self._tenant, calendar, day)
            self.add(calendar, sheet)

    def add(self, calendar: str, sheet: DaySheet) -> None:
        """Takes in a sheet, without what has lapsed."""
        sheet.content = sheet.content.live(self._now)
        self._sheets[calendar, sheet.day] = sheet

    def of(self, calendar: str) -> list[DaySheet]:
        """The sheets of one calendar, in order of days."""
        return [self._sheets[each] for each in sorted(self._sheets) if each[0] == calendar]

    def are_free(self, claim: Claim) -> bool:
        """Whether `occupy` would succeed."""
        return all(
            self._sheets[calendar, day].content.free(start, end, group=claim.group, seats=claim.seats)
            for calendar in claim.calendars
            for day, start, end in split_by_day(claim.interval)
        )

    def occupy(self, claim: Claim) -> None:
        """Enters the claim. SlotTakenError when any of its time is busy."""
        if not self.are_free(claim):
            raise SlotTakenError("Choose another time.", field="starts_at")
        self._enter(claim)

    def holds(self, claim: Claim) -> bool:
        """Whether the owner has all of that time still, whatever lies over it in calendars elsewhere."""
        return all(
            (start, end, claim.owner) in {entry[:3] for entry in self._sheets[calendar, day].content.entries}
            for calendar in claim.calendars
            for day, start, end in split_by_day(claim.interval)
        )

    def renew(self, claim: Claim) -> None:
        """Keeps what the owner holds until another moment, or for good."""
        self.release(claim)
        self._enter(claim)

    def release(self, claim: Claim) -> None:
        """Removes what the owner holds on the days of the claim."""
        for calendar in claim.calendars:
            for day in _days(claim):
                sheet = self._sheets[calendar, day]
                sheet.content = sheet.content.without(claim.owner)
                self._changed.add((calendar, day))

    def writes(self) -> int:
        """How many sheets changed."""
        return len(self._changed)

    def write(self, transaction: Transaction) -> None:
        """Adds what changed to the transaction."""
        for each in sorted(self._changed):
            sheet = self._sheets[each]
            (transaction.update if sheet.version else transaction.create)(sheet)

    def _enter(self, claim: Claim) -> None:
        until = int(claim.until.timestamp()) if claim.until else 0
        for calendar in claim.calendars:
            for day, start, end in split_by_day(claim.interval):
                sheet = self._sheets[calendar, day]
                sheet.content = sheet.content.with_entry(Entry(start, end, claim.owner, until, claim.group))
                self._changed.add((calendar, day))


def claim_of(appointment: Appointment, *, seats: int = 1) -> Claim:
    """The time that an appointment takes, until it lapses if it waits."""
    return Claim(
        owner=appointment.id,
        calendars=appointment.calendars,
        interval=interval(appointment.blocked_from, appointment.blocked_until),
        until=appointment.lapses_at if appointment.state.waits else None,
        group=int(appointment.group),
        seats=seats,
    )


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


def _days(claim: Claim) -> list[date]:
    return [day for day, _, _ in split_by_day(claim.interval)]
