"""Verifying: whoever meddles with an entry, a root, a proof or the chain is found, and the entry is named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.day_proof import DayProof
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_day import end_of
from chalicelib.services.ledger.verifying import Problem, State, Verdict
from tests.services.ledgers import DAY, NEXT, T1, T2, THIRD, Book, at, meddle, raw, remove, write
from tests.stage import Stage, stage

ROOTS = f"TENANT#{T1}#ROOTS"


@pytest.fixture
def on() -> Iterator[Stage]:
    """Empty tables."""
    with stage() as built:
        yield built


@pytest.fixture
def book(on: Stage) -> Book:
    """Three closed days of three entries each."""
    return Book(on).closed(DAY, NEXT, THIRD)


def found(*verdicts: Verdict) -> list[tuple[Problem, date, str]]:
    """What is wrong: problem, day, and the sort key of the entry."""
    return [(finding.problem, finding.day, finding.sk) for verdict in verdicts for finding in verdict.findings]


def keys(day: date = NEXT) -> list[tuple[str, str]]:
    """The keys of a day's entries."""
    pk = LedgerEntry.partition(T1, day)
    return [(item["pk"]["S"], item["sk"]["S"]) for item in raw() if item["pk"]["S"] == pk]


def test_nothing_is_wrong_with_what_nobody_touched(book: Book) -> None:
    """Day by day and as a whole."""
    verdicts = book.verifying.whole(T1)

    assert [(each.day, each.state, each.entries) for each in verdicts] == [
        (day, State.ENTRIES, 3) for day in (DAY, NEXT, THIRD)
    ]
    assert found(*verdicts) == []
    assert verdicts == [book.verifying.day(T1, day) for day in (DAY, NEXT, THIRD)]


@pytest.mark.parametrize(
    "change",
    [
        {"actor": {"S": "f" * 32}},
        {"action": {"S": "staff:session:ended"}},
        {"action": {"S": "no-action-at-all"}},
        {"at": {"N": "1"}},
        {"at": {"S": "yesterday"}},
        {"about": {"S": "f" * 32}},
        {"thing": {"S": "f" * 32}},
        {"network": {"S": "192.0.2.0/24"}},
        {"ground": {"S": "legal-claim"}},
        {"processor": {"S": "ses"}},
        {"counts": {"S": '{"a":1}'}},
        {"kind": {"S": "Other"}},
    ],
)
def test_an_altered_entry_is_named(book: Book, change: dict[str, dict[str, str]]) -> None:
    """Whatever it said, and even if it can't be read as an entry any more."""
    _, (pk, sk), _ = keys()
    meddle(pk, sk, **change)

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.ALTERED, NEXT, sk)]
    assert found(*book.verifying.whole(T1)) == [(Problem.ALTERED, NEXT, sk)]


def test_the_name_of_an_entry_is_its_key(book: Book) -> None:
    """So that a backup tells what it said."""
    (pk, sk), *_ = keys()
    meddle(pk, sk, network={"S": "192.0.2.0/24"})

    (finding,) = book.verifying.day(T1, NEXT).findings
    assert (finding.pk, finding.sk) == (pk, sk)


@pytest.mark.parametrize("name", ["expires_at", "ttl", "version"])
def test_what_an_entry_does_not_say_is_not_proven(book: Book, name: str) -> None:
    """A period that is changed gives stored entries a new expiry: that is no change of what they say."""
    (pk, sk), *_ = keys()
    meddle(pk, sk, **{name: {"N": "1900000000"}})

    assert book.verifying.day(T1, NEXT).ok


def test_a_removed_entry_is_named(book: Book) -> None:
    """And every one, if they are all gone."""
    held = keys()
    for pk, sk in held:
        remove(pk, sk)

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.REMOVED, NEXT, sk) for _, sk in held]


def test_an_inserted_entry_is_named(book: Book) -> None:
    """Into a day that is closed."""
    (entry,) = write(T1, NEXT)

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.INSERTED, NEXT, entry.sk)]


def test_an_entry_on_a_day_without_any_is_named(on: Stage) -> None:
    """The chain has passed that day."""
    book = Book(on).closed(DAY, THIRD)
    (entry,) = write(T1, NEXT)

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.INSERTED, NEXT, entry.sk)]
    assert found(*book.verifying.whole(T1)) == [(Problem.INSERTED, NEXT, entry.sk)]


def test_exchanged_entries_are_both_named(book: Book) -> None:
    """Each says what the other said."""
    first, second, _ = [item for item in raw() if item["pk"]["S"] == LedgerEntry.partition(T1, NEXT)]
    said = {name: first[name] for name in ("at", "actor")}
    meddle(first["pk"]["S"], first["sk"]["S"], at=second["at"])
    meddle(second["pk"]["S"], second["sk"]["S"], **said)

    assert found(book.verifying.day(T1, NEXT)) == [
        (Problem.ALTERED, NEXT, first["sk"]["S"]),
        (Problem.ALTERED, NEXT, second["sk"]["S"]),
    ]


def test_a_chain_that_is_cut_short_is_found(book: Book) -> None:
    """The roots of the last days are gone; their proofs are not."""
    for day in (NEXT, THIRD):
        remove(ROOTS, day.isoformat())

    assert found(*book.verifying.whole(T1)) == [(Problem.ROOT_MISSING, day, "") for day in (NEXT, THIRD)]
    assert found(book.verifying.day(T1, THIRD)) == [
        (Problem.CHAIN_BROKEN, THIRD, ""),
        (Problem.ROOT_MISSING, THIRD, ""),
    ]


@pytest.mark.parametrize("change", [{"root": {"S": "00" * 32}}, {"chain": {"S": "x"}}, {"entries": {"N": "2"}}])
def test_an_altered_root_is_found(book: Book, change: dict[str, dict[str, str]]) -> None:
    """Against the object."""
    meddle(ROOTS, NEXT.isoformat(), **change)

    assert found(*book.verifying.whole(T1)) == [(Problem.ROOT_ALTERED, NEXT, "")]


def test_junk_among_the_roots_stops_nobody(book: Book) -> None:
    """What is no day's root is nobody's."""
    meddle(ROOTS, NEXT.isoformat(), sk={"S": "2026-11-xx"})

    assert found(*book.verifying.whole(T1)) == []


def exchange(book: Book, make: Callable[[DayProof], bytes]) -> None:
    """Puts something in the place of a proof."""
    book.roots.held[T1, NEXT] = make(DayProof.decode(book.roots.held[T1, NEXT]))


def test_a_proof_that_is_gone_is_found(book: Book) -> None:
    """As far as a lock can be broken."""
    del book.roots.held[T1, NEXT]

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.PROOF_MISSING, NEXT, "")]


def test_another_days_proof_is_none(book: Book) -> None:
    """It holds, but for another day."""
    exchange(book, lambda _: book.roots.held[T1, THIRD])

    assert Problem.PROOF_BROKEN in {problem for problem, *_ in found(book.verifying.day(T1, NEXT))}


def test_another_tenants_proof_is_none(book: Book, on: Stage) -> None:
    """It holds, but for another tenant."""
    book.closed(THIRD, tenant=T2)
    book.roots.held[T1, THIRD] = book.roots.held[T2, THIRD]

    assert Problem.PROOF_BROKEN in {problem for problem, *_ in found(book.verifying.day(T1, THIRD))}


def test_a_proof_that_nobody_can_read_is_found(book: Book) -> None:
    """Junk in its place."""
    exchange(book, lambda _: b"{}")

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.PROOF_BROKEN, NEXT, "")]


def test_a_proof_that_was_changed_by_half_is_found(book: Book) -> None:
    """Its root does not follow from its list."""
    exchange(book, lambda held: replace(held, entries=held.entries[:2], count=2).encode())

    assert Problem.PROOF_BROKEN in {problem for problem, *_ in found(book.verifying.day(T1, NEXT))}


def forge(book: Book) -> str:
    """Alters an entry, and makes proof and root anew as if it had always been so."""
    (pk, sk), *_ = keys()
    meddle(pk, sk, network={"S": "192.0.2.0/24"})
    held = DayProof.decode(book.roots.held.pop((T1, NEXT)))
    remove(ROOTS, NEXT.isoformat())
    book.closing._close(T1, NEXT, held.previous, book.closing.run())
    book.roots.versions[T1, NEXT] = 2
    return sk


def test_a_perfect_forgery_of_a_day_breaks_the_chain_of_the_next(book: Book) -> None:
    """Entries, proof and root fit each other; the day after does not fit them."""
    forge(book)

    assert found(book.verifying.day(T1, NEXT)) == []
    assert found(book.verifying.day(T1, THIRD)) == [(Problem.CHAIN_BROKEN, THIRD, "")]


def test_a_proof_that_was_written_twice_is_found(book: Book) -> None:
    """The bucket keeps the first one, and tells that there are two."""
    forge(book)

    assert (Problem.PROOF_REPLACED, NEXT, "") in found(*book.verifying.whole(T1))


def test_a_day_that_is_not_over_is_open(book: Book) -> None:
    """And one that is over for long has to be closed."""
    today = THIRD + timedelta(days=1)
    write(T1, today, count=2)
    book.clock.now = at(today, 20)

    assert book.verifying.day(T1, today) == Verdict(today, State.OPEN, 2, ())
    book.clock.now = end_of(today) + timedelta(hours=2, minutes=30, seconds=-1)
    assert book.verifying.day(T1, today).ok
    book.clock.now += timedelta(seconds=1)
    assert found(book.verifying.day(T1, today)) == [(Problem.NOT_CLOSED, today, "")]


def test_a_day_on_which_nothing_happened_is_empty(book: Book) -> None:
    """Before and after."""
    assert book.verifying.day(T1, DAY - timedelta(days=3)).state is State.EMPTY
    assert book.verifying.whole(T2) == []


def test_days_past_their_period_are_verified_by_the_chain(book: Book) -> None:
    """24 months after the end of the day its entries are gone, all at once; a month later the proof is."""
    ends = date(2028, 11, 3)  # of DAY's entries
    for pk, sk in keys(DAY):
        remove(pk, sk)
    book.clock.now = at(ends, 0) - timedelta(seconds=1)
    assert {problem for problem, *_ in found(book.verifying.day(T1, DAY))} == {Problem.REMOVED}

    book.clock.now = at(ends, 0)
    assert book.verifying.day(T1, DAY) == Verdict(DAY, State.CHAIN, 3, ())

    meddle(ROOTS, DAY.isoformat(), chain={"S": "00" * 32})
    assert found(book.verifying.day(T1, DAY)) == [(Problem.ROOT_ALTERED, DAY, "")]


def test_where_the_beginning_is_past_its_period_the_chain_begins_later(book: Book) -> None:
    """The first day that is left has a day before it of which the bucket has the mark of its deletion at most."""
    book.clock.now = at(date(2028, 12, 3), 0)
    remove(ROOTS, DAY.isoformat())
    del book.roots.held[T1, DAY]
    book.roots.versions[T1, DAY] = 2

    verdicts = book.verifying.whole(T1)
    assert [each.day for each in verdicts] == [NEXT, THIRD]
    assert found(*verdicts) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_done_to_entries_is_named_and_nothing_else(data: st.DataObject) -> None:
    """Any number of entries of any day altered, removed, inserted."""
    with stage() as on:
        book = Book(on).closed(DAY, NEXT, count=4)
        wanted = set()
        for day in (DAY, NEXT):
            for pk, sk in keys(day):
                what = data.draw(st.sampled_from([None, None, Problem.ALTERED, Problem.REMOVED]))
                if what is Problem.ALTERED:
                    meddle(pk, sk, network={"S": data.draw(st.text(max_size=5))})
                elif what is Problem.REMOVED:
                    remove(pk, sk)
                wanted |= {(what, day, sk)} if what else set()
            for entry in write(T1, day, count=data.draw(st.integers(0, 2)), network="192.0.2.0/24"):
                wanted.add((Problem.INSERTED, day, entry.sk))

        assert set(found(*book.verifying.whole(T1))) == wanted
