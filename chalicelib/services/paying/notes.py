"""What a booking or its end means for the money: noted in the transaction that brings it about."""

from datetime import datetime

from chalicelib.domain.paying import PaymentState
from chalicelib.domain.refunds import refund
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.payment import Payment
from chalicelib.records.reading import Found, Ref
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction


def note_payment(transaction: Transaction, appointment: Appointment, *, now: datetime) -> None:
    """Notes that an unpaid appointment has to be paid until it lapses; afterwards somebody looks what came of it."""
    if appointment.lapses_at is None or appointment.price is None:
        raise ValueError("an appointment that is to be paid has a price and a time until which")
    ref = Payment.ref(appointment.tenant, appointment.subject, appointment.id)
    transaction.create(
        Payment(
            ref.pk,
            ref.sk,
            zone=appointment.zone,
            state=PaymentState.OPEN,
            amount=int(appointment.price),
            currency=appointment.currency,
            opened_at=now,
            appointment_ends_at=appointment.ends_at,
            pay_until=appointment.lapses_at,
            next_at=appointment.lapses_at,
        )
    )


def payment_of(appointment: Appointment) -> list[Ref[Payment]]:
    """Where its payment lies, if there is any, made or awaited: to be read with what ends or moves it."""
    paid = appointment.paid_at is not None or appointment.state is State.UNPAID
    known = appointment.price is not None and paid
    return [Payment.ref(appointment.tenant, appointment.subject, appointment.id)] if known else []


def note_refund(
    transaction: Transaction, appointment: Appointment, found: Found, service: Service | None, *, now: datetime
) -> None:
    """Notes what goes back to a customer who gives up a paid appointment by the rules of its service.

    Without a `service` it is the business that takes it back, and all of the money returns.
    """
    for ref in payment_of(appointment):
        payment = found.get(ref)
        if payment is None or appointment.paid_at is None:
            continue
        paid = int(payment.amount)
        refunds = service.terms().refunds if service else ()
        payment.to_refund = refund(paid, refunds, starts_at=appointment.starts_at, at=now) if service else paid
        payment.next_at = now if payment.to_refund else None
        # What the business owes goes back even where nothing else may be done with the person's data.
        (transaction.update if service else transaction.mark)(payment)


def note_moved(transaction: Transaction, appointment: Appointment, found: Found) -> None:
    """A payment is kept as long as its appointment, wherever that moves."""
    for ref in payment_of(appointment):
        payment = found.get(ref)
        if payment is not None and payment.appointment_ends_at != appointment.ends_at:
            payment.appointment_ends_at = appointment.ends_at
            transaction.update(payment)
