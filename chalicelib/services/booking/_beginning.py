"""How appointments begin, and begin anew when they are moved: confirmed at once, or waiting to be paid or confirmed."""

from datetime import datetime, timedelta

from chalicelib.domain.terms import Payment
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.pending import ask, wait_for_expert
from chalicelib.services.door.door import Door
from chalicelib.services.outbox import notify_customer, remind
from chalicelib.services.paying.notes import note_payment


def begin(appointment: Appointment, service: Service, *, agreed: bool, now: datetime) -> None:
    """What it waits for, if anything; where the expert has `agreed` already, it does not wait for that."""
    if service.payment is Payment.ONLINE and service.price:
        appointment.state = State.UNPAID
        appointment.lapses_at = min(now + timedelta(minutes=int(service.pay_within)), appointment.starts_at)
    elif agreed:
        appointment.state = State.CONFIRMED
    else:
        wait_for_expert(appointment, service, now=now)


def begin_anew(appointment: Appointment, service: Service, *, now: datetime) -> None:
    """The same at another time: who has to pay still has to, and the expert is asked about that time, too."""
    if appointment.state is State.UNPAID and appointment.lapses_at is not None:
        appointment.lapses_at = min(appointment.lapses_at, appointment.starts_at)
    else:
        wait_for_expert(appointment, service, now=now)


def tell(transaction: Transaction, door: Door, appointment: Appointment, service: Service, *, now: datetime) -> None:
    """Says how a new appointment stands."""
    if appointment.state is State.UNPAID:
        note_payment(transaction, appointment, now=now)
    _tell(transaction, door, appointment, service, message="appointment-confirmed", now=now)


def tell_moved(
    transaction: Transaction, door: Door, appointment: Appointment, service: Service, *, now: datetime
) -> None:
    """Says how an appointment stands that was moved."""
    _tell(transaction, door, appointment, service, message="appointment-rescheduled", now=now)


def tell_handed_over(
    transaction: Transaction, door: Door, appointment: Appointment, service: Service, *, now: datetime
) -> None:
    """Says how an appointment stands that somebody else has now."""
    _tell(transaction, door, appointment, service, message="appointment-handed-over", now=now)


def _tell(
    transaction: Transaction, door: Door, appointment: Appointment, service: Service, *, message: str, now: datetime
) -> None:
    """Reminders are for what is confirmed, by the expert's clock."""
    appointment.unsent = None
    if appointment.state is State.UNPAID:
        notify_customer(transaction, appointment, "payment-wanted", now=now)
    elif appointment.state is State.PENDING:
        ask(transaction, appointment, now=now)
    else:
        hours = door.hours(appointment.expert)
        zone = str(hours.expert_zone if hours else appointment.zone)
        remind(transaction, appointment, lead_minutes=int(service.reminder_minutes), zone=zone, now=now)
        notify_customer(transaction, appointment, message, now=now)
