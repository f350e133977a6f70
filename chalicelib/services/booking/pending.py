"""Appointments that wait for their experts, all of those who take part: to whom it is said, and when.

The customer gets a REQUEST whose status is TENTATIVE (RFC 5546, 3.2.2), so that calendars know the entry from the first
mail on. Whatever follows has a higher SEQUENCE: a REQUEST that is CONFIRMED, or a CANCEL.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.records.appointment import Appointment, State
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.door.door import experts_of
from chalicelib.services.outbox import notify_customer, notify_staff

WANTED, MISSED, DECLINED = "confirmation-wanted", "confirmation-missed", "confirmation-declined"
SEVERAL_WANTED = "confirmations-wanted"


def awaited(appointment: Appointment) -> list[str]:
    """The experts who take part and have not agreed."""
    return [each for each in experts_of(appointment) if each not in (appointment.agreed or ())]


def ask(transaction: Transaction, appointment: Appointment, *, now: datetime) -> None:
    """Tells the customer that a pending appointment waits, and asks all experts who have not agreed."""
    notify_customer(transaction, appointment, "appointment-requested", now=now)
    ask_experts(transaction, [appointment], now=now)


def ask_experts(transaction: Transaction, appointments: Sequence[Appointment], *, now: datetime) -> None:
    """Asks all experts who have not agreed to pending appointments of one customer, each once about all of theirs."""
    for expert in dict.fromkeys(who for each in appointments for who in awaited(each)):
        _ask(transaction, [each for each in appointments if expert in awaited(each)], expert, now=now)


def ask_expert(transaction: Transaction, appointment: Appointment, expert: str, *, now: datetime) -> None:
    """Asks one expert about a pending appointment."""
    _ask(transaction, [appointment], expert, now=now)


def tell_expert(
    transaction: Transaction,
    appointment: Appointment,
    expert: str,
    message: str,
    *,
    useless_at: datetime,
    now: datetime,
) -> None:
    """Puts a message about an appointment to one of its experts into the outbox; it names the customer by id only."""
    _tell(transaction, [appointment], expert, message, at=now, useless_at=useless_at, now=now)


def wait_for_expert(appointment: Appointment, service: Service, *, now: datetime) -> None:
    """Makes it wait for those of its experts who have not agreed, if the service asks for that, or else for nobody."""
    within = service.confirm_within
    if within is None or not awaited(appointment):
        appointment.state, appointment.lapses_at = State.CONFIRMED, None
    else:
        appointment.state = State.PENDING
        appointment.lapses_at = min(now + timedelta(minutes=int(within)), appointment.starts_at)


def _ask(transaction: Transaction, appointments: Sequence[Appointment], expert: str, *, now: datetime) -> None:
    """Now, about all of them; and once more at half time, which is the same for those that lapse together."""
    _want(transaction, appointments, expert, at=now, now=now)
    for until, alike in _by_end(appointments):
        _want(transaction, alike, expert, at=now + (until - now) / 2, now=now)


def _by_end(appointments: Sequence[Appointment]) -> Iterator[tuple[datetime, list[Appointment]]]:
    for until in sorted({_end(each) for each in appointments}):
        yield until, [each for each in appointments if each.lapses_at == until]


def _end(appointment: Appointment) -> datetime:
    if appointment.lapses_at is None:
        raise ValueError("an appointment that waits lapses some time")
    return appointment.lapses_at


def _want(
    transaction: Transaction, appointments: Sequence[Appointment], expert: str, *, at: datetime, now: datetime
) -> None:
    message = WANTED if len(appointments) == 1 else SEVERAL_WANTED
    until = max(map(_end, appointments))
    _tell(transaction, appointments, expert, message, at=at.replace(microsecond=0), useless_at=until, now=now)


def _tell(
    transaction: Transaction,
    appointments: Sequence[Appointment],
    expert: str,
    message: str,
    *,
    at: datetime,
    useless_at: datetime,
    now: datetime,
) -> None:
    """About appointments of one customer that have changed equally often, such as never since they were booked."""
    first = appointments[0]
    notify_staff(
        transaction,
        tenant=first.tenant,
        staff=expert,
        message=message,
        language="",
        zone=first.zone,
        version=int(first.sequence),
        about=".".join([first.subject, *(each.id for each in appointments)]),
        at=at,
        useless_at=useless_at,
        now=now,
    )
