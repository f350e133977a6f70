"""What was paid, or is to be paid, goes where its appointment goes; reports and refunds find it there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.paying import PaymentState
from chalicelib.domain.terms import Payment as Way
from chalicelib.domain.terms import Refund
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer_join import Split
from chalicelib.records.payment import Payment
from chalicelib.records.reading import Ref
from chalicelib.services._attempts import persist
from tests.builders import NETWORK, Business, booked, link_to
from tests.services.customers.customer_builders import person
from tests.services.customers.test_splitting import split
from tests.services.looking import ledger, messages, now_of, the
from tests.services.meddling import before_commit
from tests.services.paying.paying_builders import PRICE, MemoryPayrexx
from tests.services.prepared import open_business
from tests.services.waiting_builders import offer
from tests.stage import Stage

LENA = person(given_name="Lena", family_name="Muster", email="lena@kundin.example")
NOTHING: list[Ref[Payment]] = []


@dataclass
class Sold:
    """One appointment that costs something, and the provider."""

    on: Stage
    of: Business
    held: Appointment
    provider: MemoryPayrexx

    def opened(self) -> None:
        """The page is asked for."""
        token = self.on.services.linking.pay_page(now_of(self.held)).partition("#")[2]
        self.on.services.paying.page(token, network=NETWORK)

    def pay(self) -> str:
        """Somebody pays on the first page; the number of the transaction, which nobody reports."""
        return self.provider.pay("1", self.provider.orders[0].reference)

    def report(self, number: str) -> None:
        """The provider tells us."""
        self.on.services.payments.report(self.held.tenant, number)

    def paid(self) -> str:
        """It is paid for, and that is known."""
        self.opened()
        number = self.pay()
        self.report(number)
        return number

    def split(self) -> Split:
        """It turns out to be Lena's."""
        return split(self.on, self.of, [now_of(self.held)], LENA)

    def undo(self, made: Split) -> None:
        """It was not."""
        self.on.services.splitting.undo(self.of.session, made.subject, made.id, network=NETWORK)

    def look(self) -> None:
        """What looks after payments runs, two minutes later."""
        self.on.clock.move(minutes=2)
        self.on.services.payments.run()

    def cancel(self) -> None:
        """By link, whoever has it now."""
        token = self.on.services.linking.self_service(now_of(self.held))["cancel"]
        self.on.services.changing.cancel(token, network=NETWORK)


@contextmanager
def sold() -> Iterator[Sold]:
    """All of it goes back to who cancels a day before."""
    with open_business() as (on, of):
        provider = MemoryPayrexx()
        vars(on.services)["payrexx"] = provider
        refunds = (Refund(minutes=1440, percent=100),)
        offer(on, of, price=PRICE, payment=Way.ONLINE, pay_within=30, refunds=refunds)
        yield Sold(on, of, booked(on, of), provider)


def state() -> tuple[PaymentState, str, bool]:
    """How far the payment is, with whom it lies, and whether it will be looked at again."""
    held = the(Payment)
    return held.state, held.subject, held.next_at is not None


def test_it_goes_over_and_a_look_finds_nothing_new() -> None:
    """The provider goes on to know it as before, and is asked once."""
    with sold() as at:
        at.paid()
        was = at.provider.orders[0].reference

        made = at.split()
        at.look()

        assert state() == (PaymentState.PAID, made.other, False)
        assert now_of(at.held).subject == made.other
        assert the(Payment).asked_of == made.subject
        assert at.provider.orders[0].reference == was
        assert (at.provider.refunds, len(ledger(Action.PAYMENT_TAKEN))) == ([], 1)


@pytest.mark.parametrize("undone", [False, True], ids=["split", "undone"])
def test_a_refund_goes_to_whoever_paid_wherever_it_lies(undone: bool) -> None:
    """By the rules of the service, once; the entry is about whose appointment it is."""
    with sold() as at:
        number = at.paid()
        made = at.split()
        if undone:
            at.undo(made)
        holder = made.subject if undone else made.other

        at.cancel()
        at.look()
        at.look()

        assert at.provider.refunds == [(number, PRICE)]
        assert state() == (PaymentState.REFUNDED, holder, False)
        assert [each.about for each in ledger(Action.PAYMENT_REFUNDED)] == [holder]


@pytest.mark.parametrize("undone", [False, True], ids=["split", "undone"])
def test_a_report_finds_what_went_over(undone: bool) -> None:
    """The money came for a reference of before: the appointment holds, for whose it is by now."""
    with sold() as at:
        at.opened()
        made = at.split()
        if undone:
            at.undo(made)

        at.report(at.pay())

        holder = made.subject if undone else made.other
        assert state()[:2] == (PaymentState.PAID, holder)
        assert (now_of(at.held).state, now_of(at.held).subject) == (State.CONFIRMED, holder)


def test_what_the_business_gives_back_over_there_is_noted() -> None:
    """A report of much later, when the split itself is forgotten."""
    with sold() as at:
        number = at.paid()
        made = at.split()
        at.look()
        at.on.clock.move(days=40)

        at.provider.change(number, refunded=PRICE, status="refunded")
        at.report(number)

        assert state() == (PaymentState.REFUNDED, made.other, False)


def test_who_has_it_now_is_asked_to_pay_and_pays_by_a_reference_that_stays() -> None:
    """The page is the same; the old link is over."""
    with sold() as at:
        at.split()
        at.on.pump()
        token = link_to(at.on, "pay")

        at.on.services.paying.page(token, network=NETWORK)
        at.report(at.pay())

        assert messages("payment-wanted")[-1].subject == now_of(at.held).subject
        assert now_of(at.held).state is State.CONFIRMED


def test_going_over_twice_and_back_it_is_found_each_time() -> None:
    """The provider knows it by the first entry only."""
    with sold() as at:
        at.opened()
        first = at.split()
        again = split(at.on, at.of, [now_of(at.held)], person(given_name="Mia", family_name="M", email="m@m.example"))
        assert the(Payment).asked_of == first.subject

        at.undo(again)
        assert the(Payment).asked_of == first.subject
        at.undo(first)
        assert (the(Payment).asked_as, the(Payment).lookup_pk) == (None, None)

        at.report(at.pay())
        assert state()[:2] == (PaymentState.PAID, first.subject)


def test_entries_that_are_merged_leave_it_where_it_is() -> None:
    """With its appointment, under the entry that leads to the other; and so when that is undone."""
    with sold() as at:
        at.opened()
        other = booked(at.on, at.of, email="b@kunde.example", starts_at=at.held.starts_at + timedelta(days=1))
        merging = at.on.services.merging
        made = merging.merge(at.of.session, other.subject, at.held.subject, network=NETWORK, repeat=None)

        at.report(at.pay())
        assert now_of(at.held).state is State.CONFIRMED
        merging.undo(at.of.session, made.subject, made.id, network=NETWORK)
        at.cancel()
        at.look()
        at.look()

        assert len(at.provider.refunds) == 1


@pytest.mark.parametrize("first", ["report", "split"])
def test_a_report_at_the_very_moment_of_the_split(first: str) -> None:
    """Whoever comes second reads again; the money is taken once, and for whose it is."""
    with sold() as at:
        at.opened()
        number = at.pay()

        if first == "report":
            with before_commit(at.split):
                persist(lambda: at.report(number))  # as reports are taken in
        else:
            with before_commit(lambda: at.report(number)):
                at.split()

        at.look()
        assert state() == (PaymentState.PAID, the(Split).other, False)
        assert now_of(at.held).state is State.CONFIRMED
        assert (at.provider.refunds, len(ledger(Action.PAYMENT_TAKEN))) == ([], 1)


def test_a_refund_at_the_very_moment_of_the_split_is_made_once() -> None:
    """The provider was asked, and the noting of it lost: the next look sees what it did."""
    with sold() as at:
        number = at.paid()
        at.cancel()
        really = at.provider.refund

        def refund(*said: object) -> None:
            really(*said)  # type: ignore[arg-type]
            at.split()

        at.provider.refund = refund  # type: ignore[method-assign,assignment]
        at.look()
        at.provider.refund = really  # type: ignore[method-assign]
        at.look()

        assert at.provider.refunds == [(number, PRICE)]
        assert state() == (PaymentState.REFUNDED, the(Split).other, False)


def test_as_long_as_the_index_lags_the_report_comes_again() -> None:
    """It still names the place that the payment left."""
    with sold() as at:
        at.opened()
        number = at.pay()
        made = at.split()
        left = Payment.ref(at.held.tenant, made.subject, at.held.id)

        with mock.patch.object(Payment, "gone_over", return_value=[left]), pytest.raises(TryAgainError):
            at.report(number)


def test_a_report_that_found_nothing_is_made_up_for() -> None:
    """The index knew of neither place for a moment; what went over is looked at once more."""
    with sold() as at:
        at.opened()
        number = at.pay()
        at.split()
        with mock.patch.object(Payment, "gone_over", return_value=NOTHING):
            at.report(number)
        assert the(Payment).state is PaymentState.WAITING

        at.look()

        assert the(Payment).state is PaymentState.PAID
        assert now_of(at.held).state is State.CONFIRMED


def test_what_is_not_paid_yet_is_looked_at_in_time_all_the_same() -> None:
    """The look of in between takes nothing from the one when the time to pay is over."""
    with sold() as at:
        at.opened()
        until = the(Payment).pay_until
        at.split()

        at.look()

        assert the(Payment).next_at == until
