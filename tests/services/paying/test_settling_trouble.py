"""Money that is owed goes back, and once: whatever the provider says late, and whatever stands in the way."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import KeyDestroyedError, ProviderUnavailableError
from chalicelib.domain.paying import PaymentState
from chalicelib.records.hold import Holds
from chalicelib.records.payment import Payment
from chalicelib.records.writing import Transaction
from tests.services.meddling import before_commit
from tests.services.paying.paying_builders import (
    APPOINTMENT,
    CUSTOMER,
    PRICE,
    TENANT,
    Till,
    reference,
    till,
)
from tests.stage import Stage, stage


def test_a_refund_that_is_on_its_way_is_not_asked_for_again() -> None:
    """The provider says for hours that it is pending, and shows no amount: half of it must not go back twice."""
    with stage() as on:
        till_ = _paid(on)
        _change(till_, to_refund=PRICE // 2, next_at=on.clock())
        asked: list[int] = []

        def pending(_account: Any, transfer: str, amount: int) -> None:
            asked.append(amount)
            till_.provider.change(transfer, status="refund_pending")

        till_.provider.refund = pending  # type: ignore[method-assign]
        for _ in range(5):
            till_.run(minutes=30)
        assert asked == [PRICE // 2]

        till_.provider.change(str(till_.there().transfer), status="partially-refunded", refunded=PRICE // 2)
        till_.run(hours=7)
        assert (till_.there().refunded, till_.due()) == (PRICE // 2, False)


def test_what_was_paid_twice_goes_back_even_if_the_provider_is_down_just_then() -> None:
    """It is asked for again, and not forgotten."""
    with stage() as on:
        till_ = till(on)
        first = till_.provider.pay("1", reference(till_))
        second = till_.provider.pay("1", reference(till_))
        till_.payments.report(TENANT, first)
        real, down = till_.provider.refund, [True]

        def refund(*given: Any) -> None:
            if down:
                raise ProviderUnavailableError("payrexx", "503")
            real(*given)

        till_.provider.refund = refund  # type: ignore[method-assign]
        till_.payments.report(TENANT, second)
        till_.run()
        down.clear()
        for _ in range(3):
            till_.run(hours=7)

        assert till_.provider.refunds == [(second, PRICE)]
        assert not till_.due()


def test_a_restriction_keeps_no_money_from_going_back() -> None:
    """What the business owes goes back even where nothing else may be done with the person's data."""
    with stage() as on:
        till_ = _paid(on)
        _change(till_, to_refund=PRICE, next_at=on.clock(), restricted_since=on.clock())

        till_.run()
        till_.run(minutes=1)

        assert till_.provider.refunds == [(till_.there().transfer, PRICE)]
        assert till_.there().state is PaymentState.REFUNDED


def test_a_restriction_keeps_no_money_from_being_taken_in() -> None:
    """Who pays wishes for the appointment."""
    with stage() as on:
        till_ = till(on)
        number = till_.provider.pay("1", reference(till_))
        _change(till_, restricted_since=on.clock())

        till_.payments.report(TENANT, number)

        assert till_.appointments.paid_for == [APPOINTMENT]
        assert till_.there().state is PaymentState.PAID


def test_a_payment_that_nobody_made_stays_as_long_as_it_is_restricted() -> None:
    """Restricted data is kept; afterwards it goes as all others do."""
    with stage() as on:
        till_ = till(on)
        _change(till_, restricted_since=on.clock())
        till_.run(minutes=40)
        assert till_.provider.closed == ["1"]

        till_.run(hours=48)
        assert till_.there().restricted_since is not None

        _change(till_, restricted_since=None)
        till_.run(days=1)
        assert till_.payment() is None


def test_a_payment_that_nobody_made_stays_as_long_as_the_person_is_held() -> None:
    """A legal hold keeps what is stored, and no second longer."""
    with stage() as on:
        till_ = till(on)
        ends = on.clock() + timedelta(days=5)
        _change(till_, held_until=ends)
        till_.run(minutes=40)
        assert till_.provider.closed == ["1"]

        for _ in range(4):
            till_.run(days=1)
        assert till_.there().held_until == ends

        till_.run(days=2)
        assert till_.payment() is None


def test_a_hold_that_comes_at_the_last_moment_keeps_the_payment() -> None:
    """Its mark has not reached the payment yet."""
    with stage() as on:
        till_ = till(on)
        ends = on.clock() + timedelta(days=5)
        ref = Holds.ref(TENANT, CUSTOMER)

        def place() -> None:
            transaction = Transaction()
            placed = Holds(ref.pk, ref.sk, zone="Europe/Zurich", holds=[], until=ends, marked_until=ends)
            transaction.create(placed)
            transaction.commit()

        till_.run(minutes=40)
        with before_commit(place):
            till_.run(days=3)
        assert till_.there().next_at > on.clock()

        till_.run(days=3)
        assert till_.payment() is None


def test_one_payments_trouble_is_not_the_others() -> None:
    """Whatever is wrong with one: the others are looked after in the same run, and somebody hears of it."""
    with stage() as on:
        till_ = till(on)
        till_.provider.pay("1", reference(till_))
        for number in range(8):  # in all parts of the index, and due before
            _another(till_, number)
        real = till_.provider.look

        def look(account: Any, page: str) -> Any:
            if page == "broken":
                raise KeyDestroyedError
            return real(account, page)

        till_.provider.look = look  # type: ignore[method-assign]
        on.clock.move(minutes=30)
        with pytest.raises(KeyDestroyedError):
            till_.payments.run()

        assert till_.appointments.paid_for == [APPOINTMENT]


def test_what_was_paid_twice_goes_back_while_another_refund_is_on_its_way() -> None:
    """One does not wait for the other."""
    with stage() as on:
        till_ = _paid(on)
        second = till_.provider.pay("1", reference(till_))
        till_.provider.change(str(till_.there().transfer), status="refund_pending")
        _change(till_, to_refund=PRICE, next_at=on.clock())

        till_.run()

        assert till_.provider.refunds == [(second, PRICE)]
        assert till_.due()


def _paid(on: Stage) -> Till:
    till_ = till(on)
    till_.payments.report(TENANT, till_.provider.pay("1", reference(till_)))
    return till_


def _change(till_: Till, **changes: Any) -> None:
    held, transaction = till_.there(), Transaction()
    for name, value in changes.items():
        setattr(held, name, value)
    transaction.mark(held)
    transaction.commit()


def _another(till_: Till, number: int) -> None:
    """A payment of somebody else on a page that can't be looked at."""
    now, ref = till_.on.clock(), Payment.ref(TENANT, f"{number:032x}", APPOINTMENT)
    held = Payment(ref.pk, ref.sk, zone="UTC", state=PaymentState.WAITING, amount=PRICE, currency="CHF", opened_at=now)
    held.appointment_ends_at, held.pay_until, held.next_at = now + timedelta(days=2), now, now
    held.page = "broken"
    transaction = Transaction()
    transaction.create(held)
    transaction.commit()
