"""How far a payment is, for staff. Every look leaves an entry in the ledger."""

from dataclasses import dataclass

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotAllowedError
from chalicelib.domain.roles import ADMIN
from chalicelib.records.appointment import Appointment
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.payment import Payment
from chalicelib.records.reading import fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True)
class PaymentViews:
    """Payments of the caller's business."""

    clock: Clock

    def show(self, caller: StaffSession, customer: str, appointment: str, *, network: str) -> Payment:
        """The payment of an appointment. NotFoundError, NotAllowedError for another expert's, RestrictedError."""
        ref = Payment.ref(caller.tenant, customer, appointment)
        appointment_ref = Appointment.ref(caller.tenant, customer, appointment)
        found = fetch_all([ref, appointment_ref], consistent=True)
        held = found.need(appointment_ref, what="appointment")
        if ADMIN not in caller.roles and caller.staff not in {held.expert, *(held.others or ())}:
            raise NotAllowedError("Experts see payments of their own appointments.")
        payment, noted = found.need(ref, what="payment"), Transaction()
        payment.check_usable()
        noted.create(
            LedgerEntry.of(
                caller.tenant,
                Action.PAYMENT_READ,
                at=self.clock().replace(microsecond=0),
                actor=caller.staff,
                about=customer,
                thing=appointment,
                network=network,
            )
        )
        noted.commit()
        return payment
