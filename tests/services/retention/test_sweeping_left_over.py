"""What waited for a job that never did it: at its end it goes like anything else, whatever list it stood in."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.paying import PaymentState
from chalicelib.records._base import EXPIRY, OFFER, SETTLE, Record
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.payment import Payment
from chalicelib.services.retention.sweeping import LEFT_OVER
from tests.records.record_builders import ANNA, EXPERT, NOW, TENANT, THING, person
from tests.services.looking import ledger, stored
from tests.services.trial_sweeps import hold, put, sweeping
from tests.stage import stage

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def freed(**changes: object) -> FreedTime:
    """A time that became free, and that begins in an hour."""
    ref = FreedTime.ref(TENANT, THING)
    values = {"service": THING, "expert": EXPERT, "starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR, "next_at": NOW}
    return FreedTime(ref.pk, ref.sk, **(values | changes))


def payment(**changes: object) -> Payment:
    """One whose money should go back, and never does: the provider has no answer."""
    ref = Payment.ref(TENANT, ANNA, THING)
    values = {
        "zone": "Europe/Zurich",
        "state": PaymentState.PAID,
        "amount": 12_000,
        "currency": "CHF",
        "opened_at": NOW,
        "appointment_ends_at": NOW,
        "pay_until": NOW,
        "next_at": NOW + 300 * timedelta(days=1),
        "to_refund": 12_000,
    }
    return Payment(ref.pk, ref.sk, **(values | changes))


def lists(kind: type[Record]) -> list[str]:
    """In which list of the due index the records of a kind stand."""
    return [each.due_shard.partition("#")[0] for each in stored(kind)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("seconds", "left"), [(-1, [OFFER]), (0, []), (1, [])])
def test_a_time_that_was_never_offered_goes(seconds: int, left: list[str]) -> None:
    """With a proof, and once: an hour after the job that should have done it stood still."""
    with stage() as on:
        put(freed(next_at=NOW + HOUR))
        on.clock.now = NOW + HOUR + LEFT_OVER + seconds * SECOND

        counts = sweeping(on).run()
        sweeping(on).run()

        assert lists(FreedTime) == left
        assert counts.adds_up
        assert [entry.counts for entry in ledger(Action.SWEPT)] == ([] if left else [{"FREED": 1}])


def test_what_is_live_is_left_to_its_job() -> None:
    """However late that is."""
    with stage() as on:
        put(freed(starts_at=NOW + 900 * HOUR))
        before = stored(FreedTime)
        on.clock.now = NOW + 800 * HOUR

        counts = sweeping(on).run()

        assert (counts.due, counts.revived, counts.settled) == (1, 1, 0)
        assert [each.version for each in stored(FreedTime)] == [each.version for each in before]
        assert lists(FreedTime) == [OFFER]


def blocked_at() -> datetime:
    """When the payment is kept for the law alone."""
    at = payment()
    at.stamp()
    assert at.blocked_since is not None
    return at.blocked_since


@pytest.mark.parametrize(("seconds", "list_"), [(-1, SETTLE), (0, EXPIRY), (1, EXPIRY)])
def test_a_payment_that_never_came_to_an_end_is_blocked(seconds: int, list_: str) -> None:
    """Then nobody looks after it any more, and it waits for the end of its ten years."""
    with stage() as on:
        person(on)
        put(payment())
        on.clock.now = blocked_at() + seconds * SECOND

        counts = sweeping(on).run()

        assert lists(Payment) == [list_]
        assert counts.adds_up
        assert [entry.counts for entry in ledger(Action.BLOCKED)] == ([] if list_ is SETTLE else [{"PAYMENT": 1}])


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 0), (1, 0)])
def test_and_ends_with_its_duty(seconds: int, left: int) -> None:
    """Ten years after the end of the financial year, though no sweep had seen it before."""
    with stage() as on:
        person(on)
        held = payment()
        put(held)
        assert held.expires_at is not None
        on.clock.now = held.expires_at + seconds * SECOND

        sweeping(on).run()

        assert len(stored(Payment)) == left


def test_who_is_held_keeps_what_is_left_over() -> None:
    """Until the hold ends, and not longer."""
    with stage() as on:
        person(on)
        held = payment()
        put(held)
        assert held.expires_at is not None
        until = held.expires_at + 100 * HOUR
        on.clock.now = held.expires_at - HOUR
        hold(TENANT, ANNA, until)
        on.clock.now = held.expires_at + HOUR

        counts = sweeping(on).run()
        assert (counts.held, counts.adds_up, len(stored(Payment))) == (1, True, 1)

        on.clock.now = until
        sweeping(on).run()
        assert stored(Payment) == []
