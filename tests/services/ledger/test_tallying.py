"""The counts from the stream: every entry once, however often and in whatever pieces the stream delivers it."""

import threading
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import TryAgainError
from chalicelib.records import writing
from chalicelib.records.ledger_day import CLOSING_DELAY, LedgerDay
from chalicelib.records.reading import fetch
from chalicelib.services.ledger.tallying import ATTEMPTS, Tallying, Written
from tests.services.ledgers import DAY, NEXT, T1, T2, Book, stream, write
from tests.stage import Stage, stage

BOOKED, READ = Action.APPOINTMENT_BOOKED.value, Action.APPOINTMENTS_READ.value


@pytest.fixture
def on() -> Iterator[Stage]:
    """Empty tables."""
    with stage() as built:
        yield built


def entry(number: int, *, tenant: str = T1, day: date = DAY, action: str = BOOKED, processor: str = "") -> Written:
    """An entry in the stream."""
    return Written(tenant=tenant, day=day, action=action, processor=processor or None, number=number)


def counted(tenant: str = T1, day: date = DAY) -> dict[str, int]:
    """What is counted of a day."""
    return Tallying().counts(tenant, day, day).get(day, {})


def test_kinds_and_processors_are_counted(on: Stage) -> None:
    """By day and tenant."""
    Tallying().take([entry(1), entry(2, action=READ), entry(3, processor="ses"), entry(4, processor="ses")])

    assert counted() == {BOOKED: 3, READ: 1}
    assert Tallying().handed_over(T1, DAY, DAY) == {"ses": {DAY: 2}}


def test_the_same_batch_again_changes_nothing(on: Stage) -> None:
    """Its answer got lost, say."""
    batch = [entry(number) for number in (1, 2, 3)]

    assert [Tallying().take(batch) for _ in range(3)] == [3, 0, 0]
    assert counted() == {BOOKED: 3}


def test_a_part_of_a_batch_again_counts_what_is_new(on: Stage) -> None:
    """The batch was cut in half, or went on with more behind it."""
    Tallying().take([entry(1), entry(2)])

    assert Tallying().take([entry(2), entry(3), entry(4)]) == 2
    assert counted() == {BOOKED: 4}


def test_numbers_are_compared_as_numbers(on: Stage) -> None:
    """As text, 9 would come after 10."""
    Tallying().take([entry(9)])

    assert Tallying().take([entry(10), entry(100000000000000000000000000)]) == 2


def test_a_batch_of_several_days_and_tenants(on: Stage) -> None:
    """Each is counted by itself, with a mark of its own."""
    batch = [entry(5), entry(1, tenant=T2), entry(6, day=NEXT), entry(2, tenant=T2), entry(7)]

    assert Tallying().take(batch) == 5
    assert (counted(), counted(day=NEXT), counted(T2)) == ({BOOKED: 2}, {BOOKED: 1}, {BOOKED: 2})


def test_one_tenants_trouble_is_not_the_others(on: Stage) -> None:
    """The batch comes again, and what was counted is not counted twice."""
    batch = [entry(1), entry(2, tenant=T2)]
    with mock.patch.object(LedgerDay, "current", side_effect=_failing_for(T1)), pytest.raises(TryAgainError):
        Tallying().take(batch)

    assert (counted(), counted(T2)) == ({}, {BOOKED: 1})
    assert Tallying().take(batch) == 1
    assert (counted(), counted(T2)) == ({BOOKED: 1}, {BOOKED: 1})


def _failing_for(tenant: str) -> Any:
    real = LedgerDay.current

    def current(of: str, day: date) -> LedgerDay:
        if of == tenant:
            raise TryAgainError
        return real(of, day)

    return current


def test_who_loses_a_race_reads_again(on: Stage) -> None:
    """Somebody counted the same batch between our look and our write."""
    batch = [entry(1), entry(2)]
    real, meanwhile = writing.Transaction.commit, [lambda: Tallying().take(batch)]

    def commit(transaction: writing.Transaction) -> None:
        if meanwhile:
            meanwhile.pop()()
        real(transaction)

    with mock.patch.object(writing.Transaction, "commit", commit):
        assert Tallying().take(batch) == 0

    assert counted() == {BOOKED: 2}


def test_who_loses_every_race_lets_the_batch_come_again(on: Stage) -> None:
    """Nothing is lost by it."""
    lost = writing.LostRaceError(frozenset())
    with mock.patch.object(writing.Transaction, "commit", side_effect=lost) as commit, pytest.raises(TryAgainError):
        Tallying().take([entry(1)])

    assert commit.call_count == ATTEMPTS


def test_many_at_once_count_each_entry_once(on: Stage) -> None:
    """All of them are shown the same batch."""
    batch, totals = [entry(number) for number in range(1, 41)], []
    with mock.patch("chalicelib.services.ledger.tallying.ATTEMPTS", 50):
        threads = [threading.Thread(target=lambda: totals.append(Tallying().take(batch))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sum(totals) == 40
    assert counted() == {BOOKED: 40}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12)), max_size=6))
def test_any_repetition_of_any_piece_in_order(cuts: list[tuple[int, int]]) -> None:
    """A stream goes back to where it was sure, any number of times, and then on: the counts are those of one pass."""
    entries = [entry(number, day=DAY if number % 3 else NEXT) for number in range(1, 13)]
    with stage():
        done = 0
        for wanted, length in cuts:
            start = min(wanted, done)  # nothing is skipped
            Tallying().take(entries[start : start + length])
            done = max(done, start + length)
        Tallying().take(entries[min(done, 11) :])

        assert (counted(), counted(day=NEXT)) == ({BOOKED: 8}, {BOOKED: 4})


def test_a_closed_day_is_final(on: Stage) -> None:
    """What comes from the stream after the closing was counted by it."""
    book = Book(on).closed(DAY)

    assert Tallying().take([entry(10**9)]) == 0
    assert counted() == {Action.SIGNED_IN.value: 3}
    assert book.roots.days(T1) == {DAY: 1}


def test_a_day_is_due_half_an_hour_after_its_end(on: Stage) -> None:
    """Until it is closed it stands under its closing, not under its expiry."""
    Tallying().take([entry(1)])

    held = fetch(LedgerDay.ref(T1, DAY))
    assert held is not None
    assert held.due_shard.startswith("CLOSE#")
    assert held.due_at == held.ends_at + CLOSING_DELAY


def test_counts_over_days(on: Stage) -> None:
    """From the first to the last, both included; days without entries are left out."""
    for number, days in enumerate((0, 1, 3), 1):
        Tallying().take([entry(number, day=DAY + timedelta(days=days))])

    assert list(Tallying().counts(T1, DAY, NEXT)) == [DAY, NEXT]
    assert Tallying().counts(T2, DAY, NEXT) == {}


def test_hand_overs_over_the_installation(on: Stage) -> None:
    """All tenants together, by processor and day."""
    Tallying().take(
        [entry(1, processor="ses"), entry(2, tenant=T2, processor="ses"), entry(3, day=NEXT, processor="twilio")]
    )

    assert Tallying().handed_over_everywhere(DAY, NEXT) == {"ses": {DAY: 2}, "twilio": {NEXT: 1}}
    assert Tallying().handed_over(T2, DAY, NEXT) == {"ses": {DAY: 1}}


def test_what_is_really_written_is_what_is_counted(on: Stage) -> None:
    """From the ledger's own items."""
    write(count=3)
    write(T2, NEXT, action=Action.NOTIFICATION_HANDED_OVER, processor="smsapi")

    shown: Sequence[Written] = stream()
    assert Tallying().take(shown) == 4
    assert Tallying().handed_over_everywhere(DAY, NEXT) == {"smsapi": {NEXT: 1}}


def test_the_counts_say_nothing_about_people(on: Stage) -> None:
    """Kinds, processors, numbers."""
    Tallying().take([entry(1, processor="ses")])

    held = fetch(LedgerDay.ref(T1, DAY))
    assert held is not None
    stored = held.serialize()
    assert set(stored) == {
        *("pk", "sk", "kind", "version", "zone", "expires_at", "ttl", "due_shard", "due_at", "lookup_pk", "lookup_sk"),
        *("actions", "processors", "seen"),
    }
