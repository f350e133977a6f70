"""Caps and fairness hold for what was booked before, too: it is counted when they, or where an expert is, change.

What no cap asks for is not counted, and days are those of the place where the expert is. So once either changes, counts
may lack what is booked, or hold what was moved or given back meanwhile. What is booked while they are put right counts
itself; it stands in the day sheets as soon as it counts, so it is told from what is gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.caps import counted, end_of
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.participation import Participation
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services._wide import fetch_wide
from chalicelib.services.door.counting import Counting
from chalicelib.services.door.offers import FARTHEST

_BACK = timedelta(days=31)  # the longest period that has begun already
_KEPT = timedelta(days=8)  # for how long past sheets lie there
_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class _Held:
    """What an expert has of a service: by count when its period is over, and which minutes belong into it."""

    tenant: str
    expert: str
    zone: str
    listed: frozenset[str]
    ends: dict[Ref[CapCount], datetime]
    minutes: dict[Ref[CapCount], dict[str, int]]


def recount(service: Service, *, now: datetime, experts: Iterable[str] | None = None) -> None:
    """Counts what each expert of a service, or each of these, has ahead, in all periods that its caps ask for."""
    if not counted(service.terms()):
        return
    for expert in sorted(service.experts or ()) if experts is None else experts:
        held = _held(service, expert, now)
        known = CapCount.all_of(service.tenant, expert, service.id, consistent=True)
        refs = sorted({*held.minutes, *(Ref(CapCount, each.pk, each.sk) for each in known)}, key=lambda ref: ref.sk)
        for at in range(0, len(refs), _AT_ONCE):
            persist(partial(_write, held, refs[at : at + _AT_ONCE], now))


def _held(service: Service, expert: str, now: datetime) -> _Held:
    hours, terms = fetch(Availability.ref(service.tenant, expert), consistent=True), service.terms()
    found, ends = _appointments(service, expert, now), dict[Ref[CapCount], datetime]()
    minutes: dict[Ref[CapCount], dict[str, int]] = defaultdict(dict)
    for each in found:
        zone = hours.zone_at(each.starts_at) if hours else str(service.zone)
        where = Counting(service=service, terms=terms, expert=expert, zone=zone, at=each.starts_at)
        for over, ref in where.refs().items():
            minutes[ref][each.id] = (each.ends_at - each.starts_at) // MINUTE
            ends[ref] = end_of(over, each.starts_at, zone)
    listed = frozenset(each.id for each in found)
    whose = {"tenant": service.tenant, "expert": expert, "zone": str(service.zone)}
    return _Held(**whose, listed=listed, ends=ends, minutes=dict(minutes))


def _appointments(service: Service, expert: str, now: datetime) -> list[Appointment]:
    """Those of the service in which an expert takes part and that hold time, as they are this very moment."""
    frm, to = now - _BACK, now + FARTHEST
    listed = Appointment.of_expert(service.tenant, expert, frm=frm, to=to)
    refs = [Ref(Appointment, each.pk, each.sk) for each in listed if each.service == service.id]
    places = Participation.of_expert(service.tenant, expert, frm=frm, to=to)
    refs += [Appointment.ref(service.tenant, each.subject, each.appointment) for each in places]
    found = fetch_wide(refs)
    current = [each for ref in refs if (each := found.get(ref)) is not None]
    return [each for each in current if each.service == service.id and each.state.holds_time]


def _write(held: _Held, refs: Sequence[Ref[CapCount]], now: datetime) -> None:
    found, transaction = fetch_wide(refs), Transaction()
    unlisted = {owner for ref in refs if (each := found.get(ref)) for owner in each.minutes} - held.listed
    fresh = unlisted & _on_sheets(held, now) if unlisted else unlisted
    for ref in refs:
        known = found.get(ref)
        count = known or CapCount(ref.pk, ref.sk, zone=held.zone, ends_at=held.ends[ref], held=b"")
        before = count.minutes
        kept = {owner: minutes for owner, minutes in before.items() if owner in fresh}
        wanted = {**held.minutes.get(ref, {}), **kept}
        if wanted != before:
            count.minutes, count.ends_at = wanted, held.ends.get(ref, count.ends_at)
            (transaction.update if known else transaction.create)(count)
    if len(transaction):
        transaction.commit()


def _on_sheets(held: _Held, now: datetime) -> set[str]:
    """Whose time it is, read after the counts: whoever counts by then stands here."""
    sheets = DaySheet.since(held.tenant, held.expert, (now - _KEPT).date())
    return {entry.owner for sheet in sheets for entry in sheet.content.entries}
