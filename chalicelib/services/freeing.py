"""Times that are given back are offered to those who wait: noted in the transaction that frees them."""

from datetime import datetime

from chalicelib.domain.ids import new_id
from chalicelib.records.appointment import Appointment
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction


def note_freed(transaction: Transaction, appointment: Appointment, service: Service, *, now: datetime) -> None:
    """Notes the time of an appointment that ends or moves away, if the service keeps a waiting list."""
    if service.offer_minutes is None or appointment.starts_at <= now:
        return
    ref = FreedTime.ref(appointment.tenant, new_id(now))
    freed = FreedTime(ref.pk, ref.sk, zone=appointment.zone, service=service.id, expert=appointment.expert)
    freed.starts_at, freed.ends_at, freed.next_at = appointment.starts_at, appointment.ends_at, now
    transaction.create(freed)
