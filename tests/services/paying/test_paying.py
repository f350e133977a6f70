"""The way to the payment page: one page, however often and however badly it is asked for."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import (
    ConflictError,
    LinkUsedError,
    OutcomeUnknownError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    TryAgainError,
)
from chalicelib.domain.paying import Credentials, PaymentState
from chalicelib.domain.terms import Payment as Way
from chalicelib.domain.terms import Refund
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.payment import Payment, PaymentAccount
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction
from tests.builders import NETWORK, Business, booked, business
from tests.services.looking import the
from tests.services.paying.paying_builders import PRICE, MemoryPayrexx
from tests.services.waiting_builders import offer
from tests.stage import Stage, stage

COSTS = {"price": PRICE, "payment": Way.ONLINE, "pay_within": 30}


def selling(on: Stage) -> tuple[Business, MemoryPayrexx]:
    """A business that sells, and its provider."""
    practice, provider = business(on), MemoryPayrexx()
    vars(on.services)["payrexx"] = provider
    offer(on, practice, **COSTS)
    return practice, provider


def token(on: Stage, held: Appointment) -> str:
    """The token of the link in the mail."""
    return on.services.linking.pay_page(held).partition("#")[2]


def as_stored(held: Appointment) -> Appointment:
    """The appointment as it is now."""
    found = fetch(Ref(Appointment, held.pk, held.sk), consistent=True)
    assert found is not None
    return found


def payment_of(held: Appointment) -> Payment:
    """Its payment."""
    found = fetch(Payment.ref(held.tenant, held.subject, held.id), consistent=True)
    assert found is not None
    return found


def test_from_a_booking_to_the_money() -> None:
    """Unpaid it waits; the page is asked for once; paid it is confirmed, with the price of when it was booked."""
    with stage() as on:
        practice, provider = selling(on)
        held = booked(on, practice)
        assert (held.state, held.lapses_at) == (State.UNPAID, on.clock() + timedelta(minutes=30))

        links = {on.services.paying.page(token(on, held), network=NETWORK) for _ in range(3)}
        (order,) = provider.orders
        assert links == {"https://praxis.payrexx.example/1"}
        assert (order.amount, order.currency, order.minutes, order.purpose) == (PRICE, "CHF", 30, "Erstgespräch")
        on.services.payments.report(held.tenant, provider.pay("1", order.reference))

        now = as_stored(held)
        assert (now.state, now.lapses_at, now.paid_at) == (State.CONFIRMED, None, on.clock())
        assert payment_of(held).state is PaymentState.PAID
        with pytest.raises(LinkUsedError):
            on.services.paying.page(token(on, held), network=NETWORK)


def test_who_cancels_gets_it_back() -> None:
    """By the rules of the service: here none, so the business keeps it; where it cancels itself, all goes back."""
    with stage() as on:
        practice, provider = selling(on)
        held = booked(on, practice)
        on.services.paying.page(token(on, held), network=NETWORK)
        on.services.payments.report(held.tenant, provider.pay("1", provider.orders[0].reference))

        links = on.services.linking.self_service(as_stored(held))
        on.services.changing.cancel(links["cancel"], network=NETWORK)

        assert int(payment_of(held).to_refund) == 0


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_time_to_pay_ends(seconds: int) -> None:
    """To the second."""
    with stage() as on:
        practice, _ = selling(on)
        link = token(on, booked(on, practice))
        on.clock.move(minutes=30, seconds=seconds)

        if seconds < 0:
            assert on.services.paying.page(link, network=NETWORK)
        else:
            with pytest.raises(LinkUsedError):
                on.services.paying.page(link, network=NETWORK)


@pytest.mark.parametrize(
    ("error", "raised", "state"),
    [
        (ProviderUnavailableError("payrexx", "503"), TryAgainError, PaymentState.OPEN),
        (ProviderMisconfiguredError("payrexx", "403"), ConflictError, PaymentState.OPEN),
        (OutcomeUnknownError("payrexx", "timeout"), TryAgainError, PaymentState.OPENING),
    ],
    ids=["down", "wrong-key", "in-doubt"],
)
def test_the_provider_fails(error: Exception, raised: type[Exception], state: PaymentState) -> None:
    """What surely led to nothing can be asked for again at once; what is in doubt, a minute later."""
    with stage() as on:
        practice, provider = selling(on)
        held = booked(on, practice)
        provider.fails = [error]

        with pytest.raises(raised):
            on.services.paying.page(token(on, held), network=NETWORK)

        assert payment_of(held).state is state
        if state is PaymentState.OPENING:
            with pytest.raises(TryAgainError):
                on.services.paying.page(token(on, held), network=NETWORK)
            on.clock.move(seconds=60)
        assert on.services.paying.page(token(on, held), network=NETWORK)


def test_without_an_account_nobody_can_pay() -> None:
    """The customer is sent to the business."""
    with stage() as on:
        practice, _ = selling(on)
        held = booked(on, practice)
        the(PaymentAccount).delete()

        with pytest.raises(ConflictError, match="business"):
            on.services.paying.page(token(on, held), network=NETWORK)


def test_the_account_keeps_its_secrets() -> None:
    """Sealed, replaced, and gone."""
    with stage() as on:
        practice, _ = selling(on)
        accounts = on.services.payment_accounts

        assert accounts.credentials(practice.tenant) == Credentials(instance="praxis", api_key="insecure-key")
        new = Credentials(instance="b", api_key="k" * 8)
        accounts.set(practice.session, new, signing_key="s" * 8, version=None, network=NETWORK)
        assert accounts.signing_key(practice.tenant) == "s" * 8
        offer(on, practice)
        accounts.remove(practice.session, network=NETWORK)
        assert accounts.signing_key(practice.tenant) == ""


def test_a_payment_is_kept_as_long_as_its_appointment_wherever_that_moved_before_it_was_paid() -> None:
    """What is cancelled more than a year later is paid back, too."""
    with stage() as on:
        practice, provider = selling(on)
        offer(on, practice, **COSTS, horizon_days=730, refunds=(Refund(minutes=0, percent=100),))
        held = booked(on, practice)
        on.services.paying.page(token(on, held), network=NETWORK)
        link = on.services.linking.self_service(held)["reschedule"]
        on.services.changing.move(link, held.starts_at + timedelta(weeks=90), network=NETWORK)
        on.services.payments.report(held.tenant, provider.pay("1", provider.orders[0].reference))

        on.clock.move(weeks=80)
        links = on.services.linking.self_service(as_stored(held))
        on.services.changing.cancel(links["cancel"], network=NETWORK)

        assert int(payment_of(held).to_refund) == PRICE


def test_a_cancelled_appointment_that_nobody_has_paid_owes_nothing() -> None:
    """There is a payment that waits, and no money."""
    with stage() as on:
        practice, _ = selling(on)
        offer(on, practice, **COSTS, refunds=(Refund(minutes=0, percent=100),))
        held = booked(on, practice)

        on.services.changing.cancel(on.services.linking.self_service(held)["cancel"], network=NETWORK)

        assert int(payment_of(held).to_refund) == 0


def test_whoever_had_the_processing_restricted_may_still_pay() -> None:
    """Who uses a link of their own wishes for what it does."""
    with stage() as on:
        practice, _ = selling(on)
        held = booked(on, practice)
        payment, appointment, transaction = payment_of(held), as_stored(held), Transaction()
        for each in (payment, appointment):
            each.restricted_since = on.clock()
            transaction.mark(each)
        transaction.commit()

        assert on.services.paying.page(token(on, held), network=NETWORK)
