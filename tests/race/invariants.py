"""What must hold of a business's time at any moment, read byte by byte from what is stored and not by our own rules."""

import struct
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chalicelib.records._base import Record
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.participation import Participation
from chalicelib.records.reservation import Reservation
from chalicelib.records.service import Service
from tests.services.looking import stored

_ENTRY = struct.Struct(">HH16sIQ")
HOLDING = {State.UNPAID, State.PENDING, State.CONFIRMED}
WAITING = {State.UNPAID, State.PENDING}


class Held(NamedTuple):
    """One stretch of one day of a calendar."""

    calendar: str
    day: str
    start: int
    end: int
    owner: str
    until: int
    group: int


def check_invariants(tenant: str, *, now: datetime) -> None:
    """No overlap on any sheet; sheets and appointments agree exactly; counts and lists follow from appointments.

    What waits frees itself: an entry that is over by `now` may be missing, may be there, and is in nobody's way.
    """
    entries = list(_entries(tenant))
    live = [each for each in entries if not each.until or each.until > now.timestamp()]
    _check_nobody_overlaps(tenant, live)
    appointments = [each for each in stored(Appointment) if each.tenant == tenant and not _gone(each, now)]
    _check_sheets_say_what_is_held(tenant, entries, live, appointments, now)
    _check_counts(tenant, appointments)
    _check_lists(tenant, appointments, now)


def _entries(tenant: str) -> Iterator[Held]:
    for sheet in stored(DaySheet):
        prefix, _, calendar = sheet.pk.partition("#DAY#")
        if prefix == f"TENANT#{tenant}":
            for start, end, owner, until, group in _ENTRY.iter_unpack(sheet.busy):
                yield Held(calendar, sheet.sk, start, end, owner.hex(), until, group)


def _check_nobody_overlaps(tenant: str, live: list[Held]) -> None:
    """Two stretches meet only as seats of one group, of which there are no more than the service has."""
    seats = {each.id: int(each.seats) for each in stored(Service) if each.tenant == tenant}
    most = max(seats.values(), default=1)
    by_day: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for each in live:
        by_day[each.calendar, each.day].append(each)
    for day in by_day.values():
        for number, one in enumerate(day):
            for two in day[number + 1 :]:
                together = one.group and one[:4] == two[:4] and one.group == two.group
                assert together or one.end <= two.start or two.end <= one.start, "two appointments overlap"
        assert max(Counter(each[2:4] for each in day).values()) <= most, "more people than seats"


def _check_sheets_say_what_is_held(
    tenant: str, entries: list[Held], live: list[Held], appointments: list[Appointment], now: datetime
) -> None:
    """Everything that holds its time stands on all its sheets as it is, and nothing else stands there."""
    held = [each for each in appointments if each.state in HOLDING]
    for_sure = {stretch for each in held if not _is_over(each, now) for stretch in _stretches(each)}
    perhaps = {stretch for each in held for stretch in _stretches(each)}
    kept = {each.id for each in stored(Reservation) if each.tenant == tenant and not _gone(each, now)}
    kept |= {each.id for each in stored(FreedTime) if each.tenant == tenant and each.blocked_from is not None}
    assert len(set(entries)) == len(entries), "something stands on a sheet twice"
    of_appointments = {each for each in live if each.owner not in kept}
    assert for_sure <= of_appointments, "an appointment does not stand on its sheets"
    assert of_appointments <= perhaps, "a sheet holds what is no appointment"
    for each in (each for each in stored(Reservation) if each.id in kept):
        calendars = {stretch.calendar for stretch in live if stretch.owner == each.id}
        assert calendars == set(each.calendars), "a reservation does not stand on its sheets"


def _stretches(held: Appointment) -> Iterator[Held]:
    until = int(held.lapses_at.timestamp()) if held.state in WAITING and held.lapses_at else 0
    for calendar in (held.expert, *(held.others or ()), *(held.resources or ())):
        for day, start, end in _days(held.blocked_from, held.blocked_until):
            yield Held(calendar, day.isoformat(), start, end, held.id, until, int(held.group))


def _days(start: datetime, end: datetime) -> Iterator[tuple[date, int, int]]:
    """Cut at UTC midnights, minute by minute of the clock and not by the program's arithmetic."""
    at = start.astimezone(UTC)
    while at < end:
        midnight = at.replace(hour=0, minute=0)
        stop = min(end.astimezone(UTC), midnight + timedelta(days=1))
        yield at.date(), int((at - midnight).total_seconds()) // 60, int((stop - midnight).total_seconds()) // 60
        at = stop


def _check_counts(tenant: str, appointments: list[Appointment]) -> None:
    """A cap counts what holds its time, as long as it is, once in each of its periods; nothing else."""
    held = {each.id: each for each in appointments if each.state in HOLDING}
    for count in (each for each in stored(CapCount) if each.tenant == tenant):
        expert, service = count.pk.partition("#CAPS#")[2], count.sk.split("#")[1]
        for owner, minutes in count.minutes.items():
            each = held.get(owner)
            assert each is not None, "a cap counts what holds no time"
            assert (each.service, (each.ends_at - each.starts_at) // timedelta(minutes=1)) == (service, minutes)
            assert expert in {each.expert, *(each.others or ())}, "a cap counts for somebody else"


def _check_lists(tenant: str, appointments: list[Appointment], now: datetime) -> None:
    """Further experts find what they take part in, and nothing else, in their lists."""
    wanted = {(each.id, other, each.starts_at) for each in appointments for other in each.others or ()}
    found = {
        (each.appointment, each.expert, each.starts_at)
        for each in stored(Participation)
        if each.tenant == tenant and not _gone(each, now)
    }
    assert found == wanted, "a list does not say what is held"


def _is_over(held: Appointment, now: datetime) -> bool:
    return held.state in WAITING and held.lapses_at is not None and held.lapses_at <= now


def _gone(record: Record, now: datetime) -> bool:
    return record.expires_at is not None and record.expires_at <= now
