"""What becomes of the money: reports of the provider, and a look of our own at whatever has not come to an end.

A report is only a reason to look; what is believed is the transaction as the provider has it, if amount, currency and
reference are those that were asked for. Each look is followed by at most one step, which can be repeated: how much was
given back so far is always read before any more is. So late, doubled and missing reports lead to the same end.

A restriction keeps no money: what is owed goes back, and who pays wishes for the appointment. So payments are marked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import CallerError, NotFoundError, OutcomeUnknownError, ProviderError, TryAgainError
from chalicelib.domain.paying import Credentials, PaymentState, Transfer
from chalicelib.domain.reference import Reference
from chalicelib.records.due import SETTLE, ended
from chalicelib.records.hold import Holds
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.payment import Payment
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.paying.accounts import PaymentAccounts
from chalicelib.services.paying.paying import reference_of
from chalicelib.services.paying.ports import Honouring, PaymentProvider

LAST_MINUTE = timedelta(minutes=10)  # who pays in the last minute may be in the middle of it
FORGOTTEN = timedelta(hours=48)  # longer than the provider repeats a report that nobody took
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=6)
_IN_DOUBT, _KEPT = timedelta(minutes=10), timedelta(days=1)
_MOST = 500
_NOT_PAID = frozenset({PaymentState.OPEN, PaymentState.OPENING, PaymentState.WAITING})


@dataclass(kw_only=True)
class Settled:
    """How many payments were looked after, and how many wait for the provider."""

    looked_after: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Payments:
    """Brings payments to their end."""

    clock: Clock
    accounts: PaymentAccounts
    provider: Callable[[], PaymentProvider]
    appointments: Honouring

    def report(self, tenant: str, transfer: str) -> None:
        """The provider says that something happened to a transaction of this business's account."""
        seen = self.provider().transfer(self.accounts.credentials(tenant), transfer)
        reference = Reference.parse(seen.reference) if seen else None
        if seen is None or reference is None or reference.tenant != tenant:
            return
        payment = _known_as(reference)
        if payment is not None:
            self._take_in(payment, [seen])

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Settled:
        """Looks after what is due; one business's trouble is not the others', and is raised at the end."""
        done, failures = Settled(), list[Exception]()
        for each in list(ended(SETTLE, until=self.clock(), limit=_MOST)):
            if not may_go_on():
                break
            try:
                payment = fetch(Ref(Payment, each.pk, each.sk), consistent=True)
                if payment is not None and payment.next_at is not None:
                    self._look_after(payment, done)
            except Exception as error:  # noqa: BLE001 (whatever is wrong with one, the others go on)
                failures.append(error)
        if failures:
            raise failures[0]
        return done

    def _look_after(self, payment: Payment, done: Settled) -> None:
        try:
            self._look(payment)
        except (ProviderError, TryAgainError, LostRaceError, NotFoundError):
            self._later(payment)
            done.waiting += 1
        else:
            done.looked_after += 1

    def _look(self, payment: Payment) -> None:
        """One look at the provider, and the step that follows from it."""
        now = self._now()
        if payment.page is None and payment.transfer is None:
            self._forget(payment, now)
            return
        account = self.accounts.credentials(payment.tenant)
        seen = self._seen(payment, account)
        if any(each.money_came or each.is_disputed for each in seen):
            self._take_in(payment, seen, account)
        elif payment.state in _NOT_PAID:
            self._end_unpaid(payment, account, now)
        else:
            raise OutcomeUnknownError("payrexx", "transaction-is-gone")

    def _seen(self, payment: Payment, account: Credentials) -> list[Transfer]:
        """What was paid on its page, and the transaction that counts should it be on another one."""
        page = self.provider().look(account, payment.page) if payment.page else None
        seen = list(page.transfers) if page else []
        if payment.transfer and payment.transfer not in {each.id for each in seen}:
            mine = self.provider().transfer(account, payment.transfer)
            seen += [mine] if mine else []
        return seen

    def _take_in(self, payment: Payment, seen: Sequence[Transfer], account: Credentials | None = None) -> None:
        """What was paid, by the transactions of the page; the first that fits counts, any other goes back."""
        fitting = [each for each in seen if _fits(each, payment)]
        if payment.state in _NOT_PAID and fitting:
            self._pay(payment, fitting[0])
        mine = next((each for each in seen if each.id == payment.transfer), None)
        if mine is not None:
            self._follow(payment, mine, account)
        self._give_back(payment, [each for each in fitting if each.id != payment.transfer], account)

    def _pay(self, payment: Payment, transfer: Transfer) -> None:
        """The money is there: the appointment is, too, or all of it goes back."""
        now = self._now()
        payment.state, payment.transfer, payment.paid_at = PaymentState.PAID, transfer.id, now
        payment.page_link, payment.next_at, payment.tries = None, None, 0

        def also(transaction: Transaction) -> None:
            transaction.mark(payment)
            transaction.create(_entry(payment, Action.PAYMENT_TAKEN, now))

        try:
            self.appointments.paid(payment.tenant, payment.subject, payment.appointment, also=also)
        except CallerError:  # gone, or somebody else has the time by now
            payment.to_refund, payment.next_at = int(payment.amount), now
            transaction = Transaction()
            also(transaction)
            transaction.commit()

    def _follow(self, payment: Payment, mine: Transfer, account: Credentials | None) -> None:
        """Gives back what is still to be given back, and notes what was."""
        now, open_refund = self._now(), int(payment.to_refund) - mine.refunded
        if mine.is_disputed and (payment.state, int(payment.refunded)) != (PaymentState.DISPUTED, mine.refunded):
            self._note(payment, Action.PAYMENT_DISPUTED, now, state=PaymentState.DISPUTED, refunded=mine.refunded)
        elif open_refund <= 0 and mine.refunded > int(payment.refunded) and not mine.is_disputed:
            state = PaymentState.REFUNDED if mine.refunded >= int(payment.amount) else PaymentState.PAID
            self._note(payment, Action.PAYMENT_REFUNDED, now, state=state, refunded=mine.refunded)
        elif account is not None and payment.next_at is not None and (open_refund <= 0 or mine.is_disputed):
            payment.next_at, payment.tries = None, 0  # it was looked at once more, and there is nothing new
            _update(payment)
        elif open_refund > 0 and account is not None and self._is_in_doubt(payment, mine, now):
            _put_off(payment, now)
            _update(payment)
        elif open_refund > 0 and account is not None:
            payment.state, payment.opening_since, payment.next_at = PaymentState.REFUNDING, now, now + _IN_DOUBT
            _update(payment)
            self.provider().refund(account, mine.id, open_refund)
            payment.next_at = now  # the next look sees it, and notes it
            _update(payment)

    def _is_in_doubt(self, payment: Payment, mine: Transfer, now: datetime) -> bool:
        """Whether a refund is on its way, or was asked for a moment ago, which the provider may not show yet."""
        asked = payment.opening_since if payment.state is PaymentState.REFUNDING else None
        return mine.refund_is_pending or (asked is not None and now < asked + _IN_DOUBT)

    def _give_back(self, payment: Payment, doubled: Iterable[Transfer], account: Credentials | None) -> None:
        """What somebody paid a second time. Without an account to call, the next look does it."""
        back = [each for each in doubled if each.refunded < each.amount and not each.refund_is_pending]
        if not back:
            return
        payment.next_at = self._now() + (_IN_DOUBT if account else timedelta())  # until a look sees that it went back
        _update(payment)
        if account is not None:
            for each in back:
                self.provider().refund(account, each.id, each.amount - each.refunded)

    def _end_unpaid(self, payment: Payment, account: Credentials, now: datetime) -> None:
        """Nobody pays any more: the page is closed. The payment is forgotten when no report can come any more."""
        if now >= payment.pay_until + LAST_MINUTE and payment.page_link is not None and payment.page is not None:
            self.provider().close(account, payment.page)
            payment.page_link = None
        self._forget(payment, now)

    def _forget(self, payment: Payment, now: datetime) -> None:
        """Without money there is nothing to keep, but for whoever asked that all is kept, or has to have it kept."""
        gone, held = payment.pay_until + FORGOTTEN, payment.held_until is not None and payment.held_until > now
        transaction = Transaction()
        if now >= gone and payment.restricted_since is None and not held:
            transaction.delete(payment)
            transaction.require_unheld(Holds.ref(payment.tenant, payment.subject))
        else:
            closes = [payment.pay_until + LAST_MINUTE] if payment.page_link else []
            payment.next_at = next((each for each in (payment.pay_until, *closes, gone) if now < each), now + _KEPT)
            transaction.mark(payment)
        transaction.commit()

    def _later(self, payment: Payment) -> None:
        """Not at once again, and ever more seldom."""
        held = fetch(Ref(Payment, payment.pk, payment.sk), consistent=True)
        if held is None or held.next_at is None:
            return
        _put_off(held, self._now())
        try:
            _update(held)
        except (LostRaceError, TryAgainError):
            return  # somebody else looks after it this very moment

    def _note(self, payment: Payment, action: Action, now: datetime, *, state: PaymentState, refunded: int) -> None:
        payment.state, payment.refunded, payment.next_at, payment.tries = state, refunded, None, 0
        transaction = Transaction()
        transaction.mark(payment)
        transaction.create(_entry(payment, action, now))
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _known_as(reference: Reference) -> Payment | None:
    """The payment, wherever its appointment went since. TryAgainError while that can't be said for sure."""
    held = fetch(Payment.ref(reference.tenant, reference.subject, reference.notification), consistent=True)
    if held is not None:
        return held
    refs = Payment.gone_over(reference.tenant, reference.notification)
    found = [each for ref in refs if (each := fetch(ref, consistent=True)) is not None]
    if refs and not found:
        raise TryAgainError(retry_after=5)
    return next(iter(found), None)


def _fits(transfer: Transfer, payment: Payment) -> bool:
    return transfer.pays(int(payment.amount), payment.currency, reference_of(payment))


def _entry(payment: Payment, action: Action, at: datetime) -> LedgerEntry:
    return LedgerEntry.of(payment.tenant, action, at=at, about=payment.subject, thing=payment.appointment)


def _put_off(payment: Payment, now: datetime) -> None:
    """The next look comes later than the one before it did."""
    payment.tries = int(payment.tries) + 1
    payment.next_at = now + min(_PAUSE * 2 ** min(int(payment.tries), 8), _LONGEST_PAUSE)


def _update(payment: Payment) -> None:
    transaction = Transaction()
    transaction.mark(payment)
    transaction.commit()
