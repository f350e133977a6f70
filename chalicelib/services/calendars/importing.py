"""Busy times of linked calendars in the day sheets, and which appointments they lie over.

What comes in is start and end of whatever is taken, cut into minutes of UTC days and merged. Only sheets that change
are written, under their version and only as long as the link is unchanged: so nothing comes in behind its end. Nothing
is cancelled for it: experts see which of their appointments lie under something else, and decide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.own_calendars import Span, minutes_by_day
from chalicelib.records.appointment import Appointment
from chalicelib.records.calendar_link import CalendarLink
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.participation import Participation
from chalicelib.records.reading import fetch_all
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.calendars.unlinking import AT_ONCE
from chalicelib.services.door.offers import FARTHEST
from chalicelib.services.sign_in.sessions import StaffSession

Minutes = tuple[tuple[int, int], ...]


class LinkChangedError(Exception):
    """Raised when a link ended, or was worked on by somebody else, while its times were taken in."""


@dataclass(frozen=True)
class Importing:
    """Takes busy times in."""

    clock: Clock

    def take_in(self, link: CalendarLink, spans: Iterable[Span], first: date, last: date) -> int:
        """Replaces what the sheets of these days hold of this link; how many changed. LinkChangedError."""
        now = self.clock().replace(microsecond=0)
        wanted = minutes_by_day(spans, first, last)
        sheets = DaySheet.between(link.tenant, link.subject, first, last, consistent=True)
        held = {each.day: each for each in sheets}
        days = [day for day in sorted(held.keys() | wanted) if _times(held.get(day), link.id) != wanted.get(day, ())]
        for at in range(0, len(days), AT_ONCE):
            persist(partial(self._write, link, {day: wanted.get(day, ()) for day in days[at : at + AT_ONCE]}, now))
        return len(days)

    def _write(self, link: CalendarLink, wanted: Mapping[date, Minutes], now: datetime) -> None:
        refs = {day: DaySheet.ref(link.tenant, link.subject, day) for day in wanted}
        found = fetch_all(refs.values(), consistent=True)
        transaction = Transaction()
        transaction.require(link)
        for day, times in wanted.items():
            sheet = found.get(refs[day]) or DaySheet.blank(link.tenant, link.subject, day)
            sheet.content = sheet.content.live(now).with_outside(link.id, times)
            (transaction.update if sheet.version else transaction.create)(sheet)
        counts = {"DaySheet": len(wanted)}
        transaction.create(
            LedgerEntry.of(
                link.tenant, Action.CALENDAR_IMPORTED, at=now, about=link.subject, thing=link.id, counts=counts
            )
        )
        try:
            transaction.commit()
        except LostRaceError as lost:
            if lost.hit(link):
                raise LinkChangedError from None
            raise

    def conflicts(self, caller: StaffSession) -> list[Appointment]:
        """The caller's appointments to come that lie under something of a linked calendar."""
        now = self.clock().replace(microsecond=0)
        sheets = DaySheet.since(caller.tenant, caller.staff, now.astimezone(UTC).date())
        owners = {owner for each in sheets for owner in _under_others(each, now)}
        return [each for each in ahead(caller.tenant, caller.staff, frm=now, to=now + FARTHEST) if each.id in owners]


def ahead(tenant: str, expert: str, *, frm: datetime, to: datetime) -> list[Appointment]:
    """The appointments of an expert that begin between two instants and hold their time, others' included."""
    own = Appointment.of_expert(tenant, expert, frm=frm, to=to)
    shared = Participation.of_expert(tenant, expert, frm=frm, to=to)
    refs = [Appointment.ref(each.tenant, each.subject, each.appointment) for each in shared]
    found = fetch_all(refs)
    every = [*own, *(each for ref in refs if (each := found.get(ref)) is not None)]
    return sorted((each for each in every if each.state.holds_time), key=lambda each: each.starts_at)


def _times(sheet: DaySheet | None, link: str) -> Minutes:
    return tuple((each.start, each.end) for each in sheet.content.outside if each.link == link) if sheet else ()


def _under_others(sheet: DaySheet, now: datetime) -> Iterable[str]:
    content = sheet.content.live(now)
    return (
        each.owner
        for each in content.entries
        if any(one.start < each.end and each.start < one.end for one in content.outside)
    )
