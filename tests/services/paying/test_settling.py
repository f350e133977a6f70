"""Money comes late, twice, for what is gone, or not at all; it always comes to the same end."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import OutcomeUnknownError, ProviderUnavailableError
from chalicelib.domain.paying import PaymentState
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import Transaction
from tests.services.paying.paying_builders import APPOINTMENT, CUSTOMER, PRICE, TENANT, reference, till
from tests.stage import stage


def test_a_report_makes_the_appointment_hold() -> None:
    """Once, however often it comes; afterwards nothing is due."""
    with stage() as on:
        till_ = till(on)
        number = till_.provider.pay("1", reference(till_))

        for _ in range(3):
            till_.payments.report(TENANT, number)

        assert till_.appointments.paid_for == [APPOINTMENT]
        held = till_.there()
        assert (held.state, held.transfer, held.paid_at, held.page_link) == (
            PaymentState.PAID,
            number,
            on.clock(),
            None,
        )
        assert not till_.due()
        assert [entry.action for entry in _entries()] == [Action.PAYMENT_TAKEN]


def test_without_a_report_the_job_finds_the_money() -> None:
    """When the time to pay is over, and not a second before."""
    with stage() as on:
        till_ = till(on)
        till_.provider.pay("1", reference(till_))

        till_.run(minutes=30, seconds=-1)
        assert till_.appointments.paid_for == []

        till_.run(seconds=1)
        assert till_.appointments.paid_for == [APPOINTMENT]
        assert till_.there().state is PaymentState.PAID


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": PRICE - 1},
        {"currency": "EUR"},
        {"reference": "Ab-_" * 16},
        {"status": "authorized"},
        {"status": "declined"},
        {"status": "waiting"},
    ],
    ids=lambda wrong: "-".join(map(str, wrong.values())),
)
def test_other_money_is_not_believed(wrong: dict[str, Any]) -> None:
    """Amount, currency, reference and state are those that were asked for, or nothing happens."""
    with stage() as on:
        till_ = till(on)
        number = till_.provider.pay("1", **{"reference": reference(till_), **wrong})

        till_.payments.report(TENANT, number)

        assert till_.appointments.paid_for == []
        assert till_.there().state is PaymentState.WAITING


def test_a_report_on_another_businesss_account_reaches_nothing() -> None:
    """Whoever has an account of their own can't pay with it what is owed to somebody else."""
    with stage() as on:
        till_ = till(on)
        number = till_.provider.pay("1", reference(till_))

        till_.payments.report("d" * 32, number)

        assert till_.appointments.paid_for == []


def test_money_for_what_is_gone_goes_back() -> None:
    """All of it, once, by the next run; and it is noted when the provider shows it."""
    with stage() as on:
        till_ = till(on)
        till_.appointments.gone = True
        till_.payments.report(TENANT, till_.provider.pay("1", reference(till_)))
        assert (till_.there().state, till_.there().to_refund) == (PaymentState.PAID, PRICE)

        for _ in range(3):
            till_.run(minutes=1)

        assert till_.provider.refunds == [(till_.there().transfer, PRICE)]
        assert (till_.there().state, till_.there().refunded) == (PaymentState.REFUNDED, PRICE)
        assert not till_.due()


def test_a_part_goes_back() -> None:
    """As the rules of the service said when it was cancelled."""
    with stage() as on:
        till_ = till(on)
        till_.payments.report(TENANT, till_.provider.pay("1", reference(till_)))
        _wants_back(till_, PRICE // 2)

        till_.run()
        till_.run(minutes=1)

        assert till_.provider.refunds == [(till_.there().transfer, PRICE // 2)]
        assert (till_.there().state, till_.there().refunded) == (PaymentState.PAID, PRICE // 2)
        assert not till_.due()


def test_a_refund_in_doubt_is_not_asked_for_twice() -> None:
    """The provider took it and never answered: the next look sees what was given back."""
    with stage() as on:
        till_ = till(on)
        till_.payments.report(TENANT, till_.provider.pay("1", reference(till_)))
        _wants_back(till_, PRICE)
        till_.provider.fails = []
        real = till_.provider.refund

        def silent(*given: Any) -> None:
            real(*given)
            raise OutcomeUnknownError("payrexx", "timeout")

        till_.provider.refund = silent  # type: ignore[method-assign]
        till_.run()
        till_.run(minutes=30)

        assert len(till_.provider.refunds) == 1
        assert till_.there().state is PaymentState.REFUNDED


def test_what_was_paid_twice_goes_back() -> None:
    """Two pages after an answer that never came, and both were paid: one counts."""
    with stage() as on:
        till_ = till(on)
        first = till_.provider.pay("1", reference(till_))
        second = till_.provider.pay("1", reference(till_))
        till_.payments.report(TENANT, first)

        till_.payments.report(TENANT, second)
        till_.run()

        assert till_.appointments.paid_for == [APPOINTMENT]
        assert till_.provider.refunds == [(second, PRICE)]


def test_nobody_pays() -> None:
    """Ten minutes after the end the page is closed; two days later nothing is left of it."""
    with stage() as on:
        till_ = till(on)

        till_.run(minutes=40, seconds=-1)
        assert till_.provider.closed == []
        till_.run(seconds=1)
        assert till_.provider.closed == ["1"]
        till_.run(hours=48)

        assert till_.payment() is None


def test_a_provider_that_is_down_is_asked_ever_more_seldom() -> None:
    """And nothing is lost meanwhile."""
    with stage() as on:
        till_ = till(on)
        till_.provider.pay("1", reference(till_))
        waits = []
        for _ in range(4):
            till_.provider.fails = [ProviderUnavailableError("payrexx", "503")]
            till_.run(hours=7)
            waits.append(till_.there().next_at - on.clock())

        assert waits == sorted(waits)
        assert waits[0] == timedelta(minutes=4)
        till_.run(hours=7)
        assert till_.appointments.paid_for == [APPOINTMENT]


def test_a_dispute_is_noted() -> None:
    """The payer's bank took the money back: nothing is refunded on top."""
    with stage() as on:
        till_ = till(on)
        number = till_.provider.pay("1", reference(till_))
        till_.payments.report(TENANT, number)
        till_.provider.change(number, status="chargeback")

        till_.payments.report(TENANT, number)

        assert till_.there().state is PaymentState.DISPUTED
        assert till_.provider.refunds == []


def _wants_back(till_: Any, amount: int) -> None:
    held = till_.there()
    held.to_refund, held.next_at = amount, till_.on.clock()
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()


def _entries() -> list[LedgerEntry]:
    found = LedgerEntry.scan()
    return sorted((each for each in found if each.about == CUSTOMER), key=lambda each: each.sk)
