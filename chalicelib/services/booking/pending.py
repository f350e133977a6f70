"""Appointments that wait for their experts, all of those who take part: to whom it is said, and when.

The customer gets a REQUEST whose status is TENTATIVE (RFC 5546, 3.2.2), so that calendars know the entry from the first
mail on. Whatever follows has a higher SEQUENCE: a REQUEST that is CONFIRMED, or a CANCEL.
"""

from datetime import datetime, timedelta

from chalicelib.records.appointment import Appointment, State
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.door.door import experts_of
from chalicelib.services.outbox import notify_customer, notify_staff

WANTED, MISSED, DECLINED = "confirmation-wanted", "confirmation-missed", "confirmation-declined"


def awaited(appointment: Appointment) -> list[str]:
    """The experts who take part and have not agreed."""
    return [each for each in experts_of(appointment) if each not in (appointment.agreed or ())]


def ask(transaction: Transaction, appointment: Appointment, *, now: datetime) -> None:
    """Tells the customer that a pending appointment waits, and asks all experts who have not agreed."""
    notify_customer(transaction, appointment, "appointment-requested", now=now)
    ask_experts(transaction, appointment, now=now)


def ask_experts(transaction: Transaction, appointment: Appointment, *, now: datetime) -> None:
    """Asks all experts who have not agreed to a pending appointment."""
    for expert in awaited(appointment):
        ask_expert(transaction, appointment, expert, now=now)


def ask_expert(transaction: Transaction, appointment: Appointment, expert: str, *, now: datetime) -> None:
    """Asks one expert about a pending appointment: now, and once more at half time."""
    until = appointment.lapses_at
    if until is None:
        raise ValueError("an appointment that waits lapses some time")
    for at in (now, now + (until - now) / 2):
        tell_expert(transaction, appointment, expert, WANTED, at=at.replace(microsecond=0), useless_at=until, now=now)


def tell_expert(
    transaction: Transaction,
    appointment: Appointment,
    expert: str,
    message: str,
    *,
    at: datetime | None = None,
    useless_at: datetime,
    now: datetime,
) -> None:
    """Puts a message about an appointment to one of its experts into the outbox; it names the customer by id only."""
    notify_staff(
        transaction,
        tenant=appointment.tenant,
        staff=expert,
        message=message,
        language="",
        zone=appointment.zone,
        version=int(appointment.sequence),
        about=f"{appointment.subject}.{appointment.id}",
        at=at,
        useless_at=useless_at,
        now=now,
    )


def wait_for_expert(appointment: Appointment, service: Service, *, now: datetime) -> None:
    """Makes it wait for its experts, if the service asks for that, or else for nobody any more.

    What they agreed to before was something else.
    """
    within, appointment.agreed = service.confirm_within, None
    if within is None:
        appointment.state, appointment.lapses_at = State.CONFIRMED, None
    else:
        appointment.state = State.PENDING
        appointment.lapses_at = min(now + timedelta(minutes=int(within)), appointment.starts_at)
