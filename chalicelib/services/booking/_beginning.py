"""How appointments begin, and begin anew when they are moved: confirmed at once, or waiting to be paid or confirmed.

What was booked together is told together, in one message for all that stand alike. Whatever becomes of one of them
afterwards is told by itself, and so is each reminder.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.terms import Payment
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.pending import ask, ask_experts, wait_for_expert
from chalicelib.services.door.door import Door
from chalicelib.services.outbox import notify_customer, notify_of_all, remind
from chalicelib.services.paying.notes import note_payment

# What customers are told of a new appointment, or of several at once.
_BEGUN: Mapping[State, tuple[str, str]] = {
    State.UNPAID: ("payment-wanted", "payments-wanted"),
    State.PENDING: ("appointment-requested", "appointments-requested"),
    State.CONFIRMED: ("appointment-confirmed", "appointments-confirmed"),
}


def begin(appointment: Appointment, service: Service, *, agreed: bool, now: datetime) -> None:
    """What it waits for, if anything; where the expert has `agreed` already, only the others have to who take part."""
    appointment.agreed = {appointment.expert} if agreed else None
    if service.payment is Payment.ONLINE and service.price:
        appointment.state = State.UNPAID
        appointment.lapses_at = min(now + timedelta(minutes=int(service.pay_within)), appointment.starts_at)
    else:
        wait_for_expert(appointment, service, now=now)


def begin_anew(appointment: Appointment, service: Service, *, now: datetime) -> None:
    """The same at another time: who has to pay still has to, and all experts are asked about that time, too."""
    appointment.agreed = None
    if appointment.state is State.UNPAID and appointment.lapses_at is not None:
        appointment.lapses_at = min(appointment.lapses_at, appointment.starts_at)
    else:
        wait_for_expert(appointment, service, now=now)


def prepare(transaction: Transaction, door: Door, appointment: Appointment, service: Service, *, now: datetime) -> None:
    """What follows from a new appointment, apart from telling people: its payment, or its reminders."""
    if appointment.state is State.UNPAID:
        note_payment(transaction, appointment, now=now)
    elif appointment.state is State.CONFIRMED:
        _remind(transaction, door, appointment, service, now=now)


def tell(transaction: Transaction, appointments: Sequence[Appointment], *, now: datetime) -> None:
    """Says how new appointments of one customer stand, and asks the experts for whom some of them wait."""
    for state, (of_one, of_several) in _BEGUN.items():
        alike = [each for each in appointments if each.state is state]
        if len(alike) == 1:
            notify_customer(transaction, alike[0], of_one, now=now)
        elif alike:
            notify_of_all(transaction, alike, of_several, now=now)
    ask_experts(transaction, [each for each in appointments if each.state is State.PENDING], now=now)


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
    appointment.unsent = None
    if appointment.state is State.UNPAID:
        notify_customer(transaction, appointment, "payment-wanted", now=now)
    elif appointment.state is State.PENDING:
        ask(transaction, appointment, now=now)
    else:
        _remind(transaction, door, appointment, service, now=now)
        notify_customer(transaction, appointment, message, now=now)


def _remind(transaction: Transaction, door: Door, appointment: Appointment, service: Service, *, now: datetime) -> None:
    """Reminders are for what is confirmed, by the expert's clock."""
    hours = door.hours(appointment.expert)
    zone = str(hours.expert_zone if hours else appointment.zone)
    remind(transaction, appointment, lead_minutes=int(service.reminder_minutes), zone=zone, now=now)
