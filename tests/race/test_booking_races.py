"""Several people at the same time, at the same expert: a time is never given twice, and nobody is left guessing.

Interleavings are made by hand, at the one moment that matters: after reading, before writing. The threads at the end
add what nobody thought of.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import SlotTakenError, TryAgainError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import ATTEMPTS
from tests.builders import MONDAY_10, NETWORK, Business, booked, terms
from tests.faults.soundness import assert_sound
from tests.services.looking import busy_owners, ledger, messages, now_of, stored
from tests.services.meddling import COMMIT, before_commit, refused_writes
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def book_as(on: Stage, of: Business, who: int, *, minutes: int = 0) -> Appointment:
    """Books as one of many customers."""
    return booked(on, of, email=f"kunde{who}@kunden.example", starts_at=MONDAY_10 + minutes * MINUTE)


@pytest.mark.parametrize("minutes", [-30, 0, 30])
def test_of_two_who_want_overlapping_times_one_gets_it(minutes: int) -> None:
    """The other one reads again, sees it, and is told so; nothing of theirs is left."""
    with open_business() as (on, of):
        with before_commit(lambda: book_as(on, of, 1, minutes=minutes)), pytest.raises(SlotTakenError):
            book_as(on, of, 2)

        assert len(stored(Appointment)) == len(stored(Customer)) == len(ledger(Action.APPOINTMENT_BOOKED)) == 1
        assert_sound()


@pytest.mark.parametrize("first", [False, True])
def test_two_who_want_different_times_of_a_day_both_get_them(first: bool) -> None:
    """On a fresh sheet and on one that is in use."""
    with open_business() as (on, of):
        if first:
            book_as(on, of, 0, minutes=180)

        with before_commit(lambda: book_as(on, of, 1)) as met:
            book_as(on, of, 2, minutes=60)

        assert len(met) == 1
        assert len(stored(Appointment)) == len(busy_owners()) == 2 + first
        assert_sound()


def test_one_customer_who_books_twice_at_once_stays_one_person() -> None:
    """A new customer, in two windows of the browser."""
    with open_business() as (on, of):
        with before_commit(lambda: book_as(on, of, 1)):
            book_as(on, of, 1, minutes=60)

        assert len(stored(Customer)) == len(stored(CustomerAddress)) == 1
        assert len({each.subject for each in stored(Appointment)}) == 1
        assert_sound()


def test_the_period_of_a_customer_never_shrinks_in_a_race() -> None:
    """Two appointments at once, the earlier one written last: the later one counts."""
    with open_business() as (on, of):
        book_as(on, of, 1)

        with before_commit(lambda: book_as(on, of, 1, minutes=180)):
            book_as(on, of, 1, minutes=60)

        assert {each.last_appointment_at for each in stored(Customer)} == {MONDAY_10 + 4 * HOUR}
        assert_sound()


@pytest.mark.parametrize(("times", "booked_at_last"), [(ATTEMPTS - 1, True), (ATTEMPTS, False)])
def test_who_loses_again_and_again_is_asked_to_come_back(times: int, booked_at_last: bool) -> None:
    """So many tries, then an answer that says when to try again; nothing is half done."""
    with open_business() as (on, of):
        others = iter(range(1, 20))

        def another() -> None:
            number = next(others)
            booked(on, of, email=f"k{number}@kunden.example", starts_at=MONDAY_10 + (number - 3) * HOUR)

        with before_commit(another, times=times):
            if booked_at_last:
                book_as(on, of, 99, minutes=300)
            else:
                with pytest.raises(TryAgainError) as busy:
                    book_as(on, of, 99, minutes=300)
                assert busy.value.retry_after == 1

        assert len(stored(Appointment)) == times + booked_at_last
        assert_sound()


def test_a_conflict_inside_the_store_is_no_loss() -> None:
    """DynamoDB calls a transaction off while another is at the same item: different times still both succeed."""
    with open_business() as (on, of):
        with refused_writes("TransactionConflict", times=ATTEMPTS - 1):
            assert book_as(on, of, 1)

        with refused_writes("TransactionConflict", times=ATTEMPTS), pytest.raises(TryAgainError):
            book_as(on, of, 2, minutes=60)
        assert len(stored(Appointment)) == 1


@pytest.mark.parametrize("canceller_first", [True, False])
def test_of_cancelling_and_moving_at_once_one_happens(canceller_first: bool) -> None:
    """Whoever writes first; the other's link is used up then."""
    with open_business() as (on, of):
        held = booked(on, of)
        tokens = on.services.linking.self_service(held)

        def cancel() -> Appointment:
            return on.services.changing.cancel(tokens["cancel"], network=NETWORK)

        def move() -> Appointment:
            return on.services.changing.move(tokens["reschedule"], MONDAY_10 + 2 * HOUR, network=NETWORK)

        first, second = (cancel, move) if canceller_first else (move, cancel)
        with before_commit(first), pytest.raises(Exception, match=r"Book a new one|latest message"):
            second()

        assert now_of(held).state is (State.CANCELLED if canceller_first else State.CONFIRMED)
        assert len(messages("appointment-cancelled")) + len(messages("appointment-rescheduled")) == 1
        assert_sound()


def test_a_time_that_is_given_back_goes_to_one() -> None:
    """Cancelled while somebody books the hour after: both happen, and the free time is free."""
    with open_business() as (on, of):
        token = on.services.linking.self_service(booked(on, of))["cancel"]

        with before_commit(lambda: on.services.changing.cancel(token, network=NETWORK)):
            book_as(on, of, 1, minutes=60)

        assert book_as(on, of, 2)
        assert_sound()


def test_two_who_change_places_at_once_do_not_meet() -> None:
    """Each wants the other's time, which is not free yet: neither gets it, both keep theirs."""
    with open_business() as (on, of):
        one, two = book_as(on, of, 1), book_as(on, of, 2, minutes=60)

        def move(held: Appointment, minutes: int) -> None:
            token = on.services.linking.self_service(now_of(held))["reschedule"]
            with pytest.raises(SlotTakenError):
                on.services.changing.move(token, MONDAY_10 + minutes * MINUTE, network=NETWORK)

        move(one, 60)
        move(two, 0)

        assert [now_of(each).starts_at for each in (one, two)] == [MONDAY_10, MONDAY_10 + HOUR]
        assert_sound()


@pytest.mark.parametrize("step", [0, 15])
def test_a_crowd_at_one_time_leaves_one_appointment(step: int) -> None:
    """Sixteen threads, for the same or for overlapping times: all have read before the first one writes."""
    with open_business() as (on, of):
        booked(on, of, starts_at=MONDAY_10 + 5 * HOUR, email="warm@kunden.example")
        quarters = terms(of.expert, step=15)
        on.services.offering.change_service(of.session, of.service.id, quarters, version=None, network=NETWORK)
        crowd, ready, lock = 16, Barrier(16, timeout=20), Lock()
        waited: set[int] = set()

        def commit(transaction: Transaction) -> None:
            if id(transaction) not in waited and len(waited) < crowd:
                waited.add(id(transaction))
                ready.wait()
            with lock:  # the fake's transactions are not safe to run side by side; DynamoDB's are
                COMMIT(transaction)

        def attempt(who: int) -> str:
            try:
                book_as(on, of, who, minutes=step * (who % 4))
            except (SlotTakenError, TryAgainError) as told:
                return type(told).__name__
            return "booked"

        with mock.patch.object(Transaction, "commit", commit), ThreadPoolExecutor(crowd) as threads:
            outcomes = sorted(threads.map(attempt, range(crowd)))

        assert outcomes == ["SlotTakenError"] * (crowd - 1) + ["booked"]
        assert_sound()
