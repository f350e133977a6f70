"""Times that are given back are offered to those who wait, before everybody can have them."""

from datetime import datetime, timedelta

from chalicelib.domain.ids import new_id
from chalicelib.domain.wall_time import instant_of
from chalicelib.records.appointment import Appointment
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.service import Service
from chalicelib.services.door.sheets import Claim

ASKED = timedelta(minutes=3)
"""How long a time is kept until those who wait were asked: three turns of what asks them."""


def freed_by(appointment: Appointment, service: Service, *, now: datetime) -> FreedTime | None:
    """The time of an appointment that ends or moves away, if its service keeps a waiting list."""
    if service.offer_minutes is None or appointment.starts_at <= now:
        return None
    ref = FreedTime.ref(appointment.tenant, new_id(now))
    freed = FreedTime(ref.pk, ref.sk, zone=appointment.zone, service=service.id, expert=appointment.expert)
    freed.starts_at, freed.ends_at, freed.next_at = appointment.starts_at, appointment.ends_at, now
    return freed


def kept_for_the_list(freed: FreedTime, claim: Claim) -> None:
    """Says where the time stands in the day sheets."""
    freed.calendars, freed.group = set(claim.calendars), claim.group
    freed.blocked_from, freed.blocked_until = map(instant_of, (claim.interval.start, claim.interval.end))
