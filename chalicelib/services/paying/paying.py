"""The page on which somebody pays: asked for at the provider when it is first wanted, and once.

Two equal requests to the provider give two pages. So it is noted *before* that one is being asked for; whoever comes
meanwhile waits. Should the answer never come, a second page may be asked for a minute later: both carry the same
reference, and what is paid twice is given back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    LinkUsedError,
    NotFoundError,
    OutcomeUnknownError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    TryAgainError,
)
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.paying import Credentials, Order, PaymentState
from chalicelib.domain.reference import Reference
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.payment import Payment
from chalicelib.records.reading import fetch_all
from chalicelib.records.service import Service
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.linking import Linking
from chalicelib.services.paying.accounts import PaymentAccounts
from chalicelib.services.paying.ports import PaymentProvider

PATIENCE = timedelta(seconds=60)
_NOT_NOW = "Please turn to the business itself: at present it can't take payments here."


@dataclass(frozen=True)
class Paying:
    """Leads customers to where they pay."""

    clock: Clock
    linking: Linking
    accounts: PaymentAccounts
    provider: Callable[[], PaymentProvider]

    def page(self, token: str, *, network: str) -> str:
        """The address of the payment page for the appointment of this link.

        LinkUsedError when it is paid, moved or over; TryAgainError while the provider is being asked.
        """
        link = self.linking.read(token, LinkPurpose.PAY)
        appointment_ref = Appointment.ref(link.tenant, link.subject, link.thing)
        payment_ref = Payment.ref(link.tenant, link.subject, link.thing)
        found = fetch_all([appointment_ref, payment_ref], consistent=True)
        appointment, payment = found.get(appointment_ref), found.get(payment_ref)
        if appointment is None or payment is None:
            raise NotFoundError("This appointment does not exist any more.")
        now = self.clock().replace(microsecond=0)
        _check_open(appointment, now)
        if payment.restricted_since is not None:  # who uses a link of their own wishes for what it does
            payment.asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)
        if payment.state is PaymentState.WAITING and payment.page_link:
            return payment.page_link
        return self._open(appointment, payment, now, network)

    def _open(self, appointment: Appointment, payment: Payment, now: datetime, network: str) -> str:
        if payment.state is PaymentState.OPENING and payment.opening_since and now < payment.opening_since + PATIENCE:
            raise TryAgainError(retry_after=5)
        order = self._order(appointment, payment, now)
        account = self._account(payment.tenant)
        payment.state, payment.opening_since = PaymentState.OPENING, now
        _store(payment, _begun(payment, now, network))
        try:
            page = self.provider().open(account, order)
        except OutcomeUnknownError:
            raise TryAgainError(retry_after=int(PATIENCE.total_seconds())) from None
        except (ProviderUnavailableError, ProviderMisconfiguredError) as error:
            payment.state, payment.opening_since = PaymentState.OPEN, None
            _store(payment)
            passing = isinstance(error, ProviderUnavailableError)
            raise (TryAgainError(retry_after=30) if passing else ConflictError(_NOT_NOW)) from None
        payment.state, payment.page, payment.page_link = PaymentState.WAITING, page.id, page.link
        _store(payment)
        return page.link

    def _account(self, tenant: str) -> Credentials:
        try:
            return self.accounts.credentials(tenant)
        except NotFoundError:
            raise ConflictError(_NOT_NOW) from None

    def _order(self, appointment: Appointment, payment: Payment, now: datetime) -> Order:
        ref = Service.ref(appointment.tenant, appointment.service)
        service = fetch_all([ref]).need(ref, what="service")
        minutes = -(-(payment.pay_until - now) // timedelta(minutes=1))
        return Order(
            amount=int(payment.amount),
            currency=payment.currency,
            purpose=service.name,
            reference=reference_of(payment),
            language=appointment.language[:2],
            back_to=f"{self.linking.base_url}/appointment",
            minutes=max(1, minutes),
        )


def reference_of(payment: Payment) -> str:
    """What the provider gets to name the payment by."""
    return str(Reference(payment.tenant, payment.asked_of, payment.appointment))


def _check_open(appointment: Appointment, now: datetime) -> None:
    if appointment.state is not State.UNPAID:
        raise LinkUsedError("There is nothing to pay any more.")
    if appointment.lapses_at is None or appointment.lapses_at <= now:
        raise LinkUsedError("The time to pay is over. Book a new appointment.")


def _begun(payment: Payment, now: datetime, network: str) -> LedgerEntry:
    who = payment.subject
    return LedgerEntry.of(
        payment.tenant,
        Action.PAYMENT_BEGUN,
        at=now,
        actor=who,
        about=who,
        thing=payment.appointment,
        network=network,
    )


def _store(payment: Payment, *noted: LedgerEntry) -> None:
    transaction = Transaction()
    transaction.update(payment)
    for entry in noted:
        transaction.create(entry)
    try:
        transaction.commit()
    except LostRaceError:
        raise TryAgainError(retry_after=2) from None
