"""An appointment that turns out to be another person's goes over to them, with all that belongs to it.

One transaction for each appointment, and repeated it changes nothing more. Its time stays as it is: the day sheets know
appointments by their id, not by their person. The old links end with it, since they name the person; new ones go to the
address that holds for it, and to the experts for whom it waits.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Protocol

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.records._base import Record, Standing
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.availability import Availability
from chalicelib.records.customer import Customer
from chalicelib.records.moving import moved
from chalicelib.records.notification import Notification
from chalicelib.records.payment import Payment
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.walking import everything, of_person
from chalicelib.records.writing import Transaction
from chalicelib.services.customers.entries import entry
from chalicelib.services.door.calendar_notes import note_news
from chalicelib.services.outbox import notify_customer
from chalicelib.services.sign_in.sessions import StaffSession

_TOLD = {State.CONFIRMED: "appointment-confirmed", State.UNPAID: "payment-wanted"}


class Ask(Protocol):
    """Says of an appointment that it waits: to its customer, and to its experts, who get new links."""

    def __call__(self, transaction: Transaction, appointment: Appointment, *, now: datetime) -> None:
        """Puts all of that into the outbox."""
        ...


def hand_on(
    caller: StaffSession,
    appointment: str,
    *,
    frm: str,
    to: Customer,
    ask: Ask,
    now: datetime,
    network: str,
    given: Mapping[str, str] | None = None,
) -> None:
    """Moves one appointment from the entry `frm` to the person `to`; nothing where it is no longer there.

    Whose address is not known is reached by the one in `given`, by the appointment's id, or by its own. The number
    stays the one with which text messages were wished.
    """
    tenant = caller.tenant
    held = fetch(Appointment.ref(tenant, frm, appointment), consistent=True)
    if held is None:
        return
    transaction, made = Transaction(), _made(held, to, given or {}, now)
    transaction.delete(held)
    transaction.create(made)
    for record in _beside(tenant, frm, appointment):
        transaction.delete(record)
        transaction.create(_along(record, made, now))
    _tell(transaction, made, ask, now)
    counts = {"starts_at": int(made.starts_at.timestamp())}
    note = partial(entry, caller, Action.APPOINTMENT_REASSIGNED, at=now, network=network, thing=appointment)
    for about in (frm, to.subject):
        transaction.create(note(about, counts=counts))
    transaction.commit()


def _made(held: Appointment, to: Customer, given: Mapping[str, str], now: datetime) -> Appointment:
    """The appointment as it is with the other person."""
    made = moved(held, to=to.subject)
    made.sequence, made.changed_at = int(held.sequence) + 1, now
    made.given_name, made.family_name = to.given_name, to.family_name
    made.email = to.email or given.get(held.id, held.email)
    return made


def _tell(transaction: Transaction, made: Appointment, ask: Ask, now: datetime) -> None:
    """The person whose it is now, whom it waits for, and linked calendars."""
    if made.state in _TOLD and made.ends_at > now:
        notify_customer(transaction, made, _TOLD[made.state], now=now)
    if made.state is State.PENDING and made.lapses_at is not None and made.lapses_at > now:
        ask(transaction, made, now=now)
    experts = sorted({made.expert, *(made.others or ())})
    hours = fetch_all([Availability.ref(made.tenant, each) for each in experts])
    note_news(transaction, made, [hours.get(Availability.ref(made.tenant, each)) for each in experts], now=now)


def _along(record: Record, made: Appointment, now: datetime) -> Record:
    """What lay with an appointment as it lies with it over there."""
    other = moved(record, to=made.subject)
    if isinstance(other, Notification):
        other.about_version = made.sequence
    if isinstance(other, Payment):
        other.go_over(frm=record.subject, now=now)
    return other


def _beside(tenant: str, customer: str, appointment: str) -> Iterator[Record]:
    """What lies with an appointment: answers, places in lists, and what is still to be said about it."""
    for each in everything(of_person(tenant, customer)):
        if each.standing() is not Standing.LIVE:
            continue
        waits = isinstance(each, Notification) and each.about == appointment and each.state is Delivery.WAITING
        named = each.sk.split("#")[1:] if not isinstance(each, Notification | Appointment) else []
        if waits or appointment in named:
            yield each
