"""A cap that is laid down later holds for what was booked before, too: what is ahead is counted once, then.

Whatever is booked meanwhile counts itself, and is left as it is.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from chalicelib.domain.caps import counted, end_of
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.cap_count import CapCount
from chalicelib.records.participation import Participation
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services._wide import fetch_wide
from chalicelib.services.door.counting import Counting
from chalicelib.services.door.offers import FARTHEST

_BACK = timedelta(days=31)  # the longest period that has begun already
_AT_ONCE = 50
Minutes = dict[Ref[CapCount], tuple[datetime, dict[str, int]]]


def recount(service: Service, *, now: datetime) -> None:
    """Counts what each expert of a service has ahead, in all periods that its caps ask for."""
    if not counted(service.terms()):
        return
    for expert in sorted(service.experts or ()):
        found = _minutes(service, expert, now)
        refs = sorted(found, key=lambda ref: ref.sk)
        for at in range(0, len(refs), _AT_ONCE):
            some = {ref: found[ref] for ref in refs[at : at + _AT_ONCE]}
            persist(lambda some=some: _write(str(service.zone), some))  # type: ignore[misc]


def _minutes(service: Service, expert: str, now: datetime) -> Minutes:
    """By count when its period is over, and what belongs into it."""
    hours, terms = fetch(Availability.ref(service.tenant, expert), consistent=True), service.terms()
    found: Minutes = {}
    held: dict[Ref[CapCount], dict[str, int]] = defaultdict(dict)
    for each in _appointments(service, expert, now):
        zone = hours.expert_zone if hours else str(service.zone)
        where = Counting(service=service, terms=terms, expert=expert, zone=zone, at=each.starts_at)
        for over, ref in where.refs().items():
            held[ref][each.id] = (each.ends_at - each.starts_at) // MINUTE
            found[ref] = (end_of(over, each.starts_at, zone), held[ref])
    return found


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


def _write(zone: str, some: Minutes) -> None:
    found, transaction = fetch_wide(some), Transaction()
    for ref, (ends_at, minutes) in some.items():
        held = found.get(ref)
        count = held or CapCount(ref.pk, ref.sk, zone=zone, held=b"")
        if minutes.keys() <= count.minutes.keys():
            continue
        count.ends_at, count.minutes = ends_at, {**minutes, **count.minutes}
        (transaction.update if held else transaction.create)(count)
    if len(transaction):
        transaction.commit()
