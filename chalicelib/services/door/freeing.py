"""Times that are given back are kept for those who wait for them, until they are asked, before everybody can have them.

Whether somebody waits is asked beside whatever else is read, so it costs no time. Who has another offer at that moment
counts: it may be declined right after. Where nobody waits for such a time it is everybody's at once.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.ids import new_id
from chalicelib.domain.waiting import kept_until
from chalicelib.domain.wall_time import MINUTE, instant_of
from chalicelib.records.appointment import Appointment
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.reading import Found
from chalicelib.records.service import Service
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.door.sheets import Claim, Kept, Sheets
from chalicelib.services.side_by_side import all_at_once, side_by_side

ASKED = timedelta(minutes=3)
"""How long a time is kept until those who wait were asked: three turns of what asks them."""


class Freeing:
    """The times that one change gives back, and whether somebody waits for them."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._wanted: dict[str, FreedTime] = {}
        self._awaited: dict[str, FreedTime | None] = {}
        self._back: list[tuple[FreedTime, Claim]] = []

    @property
    def wants(self) -> bool:
        """Whether there is a list that was not asked yet."""
        return bool(self._wanted)

    def want(self, appointment: Appointment) -> None:
        """Whether somebody waits for the time of an appointment, as it stands now."""
        if appointment.id not in self._awaited:
            self._wanted[appointment.id] = _time_of(appointment, self._now)

    def read(self, other: Callable[[], Found]) -> Found:
        """What `other` reads; the lists are asked at the same time."""
        if not self._wanted:
            return other()
        wanted, self._wanted = self._wanted, {}
        asking = [partial(WaitingListEntry.is_awaited, each) for each in wanted.values()]
        found, answers = side_by_side(other, lambda: all_at_once(asking))
        for (appointment, freed), awaited in zip(wanted.items(), answers, strict=True):
            self._awaited[appointment] = freed if awaited else None
        return found

    def give_back(self, appointment: Appointment, service: Service, claim: Claim) -> None:
        """Keeps the time for those who wait for it, once it was read whether there are any."""
        freed = self._awaited[appointment.id]
        if freed is not None:
            minutes = (freed.ends_at - freed.starts_at) // MINUTE
            kept = Kept(service=service.id, starts_at=freed.starts_at, minutes=minutes)
            until, seats = self._now + ASKED, int(service.seats)
            self._back.append((freed, replace(claim, owner=freed.id, until=until, seats=seats, kept=kept)))

    def write(self, transaction: Transaction, sheets: Sheets, hold: Callable[[Claim], None]) -> None:
        """Has all of it held, and adds it to the transaction."""
        for freed, kept in self._back:
            if sheets.are_free(kept):  # otherwise the appointment itself only moved a little
                hold(kept)
                freed.calendars, freed.group = set(kept.calendars), kept.group
                freed.blocked_from, freed.blocked_until = map(instant_of, (kept.interval.start, kept.interval.end))
            transaction.create(freed)


def can_be_offered(appointment: Appointment, service: Service, *, now: datetime) -> bool:
    """Whether a service has a list on which anybody could be offered the time of an appointment."""
    minutes, length = service.offer_minutes, (appointment.ends_at - appointment.starts_at) // MINUTE
    if minutes is None or service.archived_at is not None:
        return False
    if appointment.expert not in (service.experts or ()) or not service.lasts(length):
        return False
    return kept_until(appointment.starts_at, minutes=int(minutes), notice=int(service.notice), now=now) is not None


def _time_of(appointment: Appointment, now: datetime) -> FreedTime:
    ref = FreedTime.ref(appointment.tenant, new_id(now))
    freed = FreedTime(ref.pk, ref.sk, zone=appointment.zone, service=appointment.service, expert=appointment.expert)
    freed.starts_at, freed.ends_at, freed.next_at = appointment.starts_at, appointment.ends_at, now
    return freed
