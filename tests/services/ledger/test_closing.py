"""Closing: what is over is proven once, whatever dies in between; history is never rewritten."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.day_proof import DayProof
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records import writing
from chalicelib.records.ledger_day import CLOSING_DELAY, LOOK_BACK, LedgerDay, end_of
from chalicelib.records.ledger_root import newest_root, roots_between
from chalicelib.records.reading import fetch
from chalicelib.services.ledger.closing import LedgerDoesNotAddUpError
from chalicelib.services.ledger.tallying import Tallying
from tests.services.ledgers import DAY, NEXT, T1, T2, THIRD, Book, at, meddle, raw, remove, stream, write
from tests.stage import Stage, stage

SECOND = timedelta(seconds=1)


@pytest.fixture
def on() -> Iterator[Stage]:
    """Empty tables."""
    with stage() as built:
        yield built


@pytest.fixture
def book(on: Stage) -> Book:
    """A ledger."""
    return Book(on)


def proven(book: Book, tenant: str = T1, day: date = DAY) -> DayProof:
    """The proof under lock."""
    return DayProof.decode(book.roots.held[tenant, day])


def closings() -> list[str]:
    """The tenants of the entries about closed days."""
    return [item["thing"]["S"] for item in raw() if item["action"]["S"] == Action.DAY_CLOSED.value]


def test_a_day_is_closed_with_object_root_counts_and_entry(book: Book) -> None:
    """All four say the same."""
    write(count=3)
    book.tally()
    book.clock.now = at(NEXT, 1)

    done = book.closing.run()

    (root,) = roots_between(T1, DAY, DAY)
    proof, held = proven(book), fetch(LedgerDay.ref(T1, DAY))
    assert (done.days, done.entries) == (1, 3)
    assert (root.entries, root.root, root.previous, root.chain) == ("3", proof.root, proof.previous, proof.chain)
    assert proof.holds
    assert held is not None
    assert (held.actions, held.closed_at) == ({Action.SIGNED_IN.value: 3}, at(NEXT, 1))
    assert held.due_shard.startswith("EXPIRY#")
    assert closings() == [T1]


@pytest.mark.parametrize(("off", "closed"), [(-SECOND, 0), (timedelta(0), 1), (SECOND, 1)])
def test_a_day_waits_half_an_hour(book: Book, off: timedelta, closed: int) -> None:
    """To the second."""
    write()
    book.tally()
    book.clock.now = end_of(DAY) + CLOSING_DELAY + off

    assert book.closing.run().days == closed


def test_nothing_is_closed_twice(book: Book) -> None:
    """A second run finds nothing."""
    book.closed(DAY)

    assert book.closing.run().days == 0
    assert closings() == [T1]


def test_days_follow_each_other(book: Book) -> None:
    """Each link is made of the one before; gaps without entries are no days."""
    book.closed(DAY, THIRD)

    first, third = proven(book), proven(book, day=THIRD)
    assert third.previous == first.chain
    assert newest_root(T1) == roots_between(T1, THIRD, THIRD)[0]


def test_tenants_have_chains_of_their_own(book: Book) -> None:
    """Nobody's chain depends on another's."""
    book.closed(DAY)
    book.closed(DAY, tenant=T2)

    assert proven(book).previous == proven(book, T2).previous == "00" * 32


def test_several_days_of_several_tenants_in_one_run(book: Book) -> None:
    """The oldest first, each tenant's in order."""
    for tenant in (T1, T2):
        for day in (DAY, NEXT):
            write(tenant, day, count=2)
    book.tally()
    book.clock.now = at(THIRD, 2)

    assert book.closing.run().days == 4
    for tenant in (T1, T2):
        assert proven(book, tenant, NEXT).previous == proven(book, tenant).chain


def test_the_entry_about_a_closed_day_stands_on_the_day_it_was_written(book: Book) -> None:
    """In the ledger of the installation: it neither reopens the day nor makes a new one for the tenant."""
    book.closed(DAY)

    (entry,) = [item for item in raw() if item["action"]["S"] == Action.DAY_CLOSED.value]
    assert entry["pk"]["S"] == f"TENANT#{INSTALLATION}#{NEXT.isoformat()}"


def test_the_installation_closes_its_own_days_for_good(book: Book) -> None:
    """Each closing is an entry on the day after, so that one day is closed every day; no tenant gets a new one."""
    book.closed(DAY)
    for number in range(2, 5):
        Tallying().take([each for each in stream(since=10 * number) if each.tenant == INSTALLATION])
        book.clock.now = at(DAY + timedelta(days=number), 1)

        assert book.closing.run().days == 1
    assert closings() == [T1, *[INSTALLATION] * 3]


def test_the_final_counts_are_those_of_the_entries(book: Book) -> None:
    """What the stream lost is counted now."""
    write(count=4)
    Tallying().take(stream()[:1])
    book.clock.now = at(NEXT, 1)
    book.closing.run()

    assert Tallying().counts(T1, DAY, DAY) == {DAY: {Action.SIGNED_IN.value: 4}}


def test_days_that_nobody_counted_are_found(book: Book) -> None:
    """Between the last closed day and the next; and before the first, if the tenant was there already."""
    before = DAY - timedelta(days=1)
    tenant = f"{int(at(before).timestamp() * 1000):012x}7000{1:016x}"
    write(tenant, before)
    book.closed(DAY, tenant=tenant)
    write(tenant, NEXT, count=2)
    book.closed(THIRD, tenant=tenant)

    assert sorted(book.roots.days(tenant)) == [before, DAY, NEXT, THIRD]
    assert proven(book, tenant, NEXT).previous == proven(book, tenant, DAY).chain
    assert Tallying().counts(tenant, NEXT, NEXT) == {NEXT: {Action.SIGNED_IN.value: 2}}


def test_the_search_before_the_first_day_has_an_end(book: Book) -> None:
    """The installation's id tells no beginning; a month is far more than a stream keeps."""
    edge = DAY - LOOK_BACK
    write(INSTALLATION, edge)
    write(INSTALLATION, edge - timedelta(days=1))
    book.closed(DAY, tenant=INSTALLATION)

    assert sorted(book.roots.days(INSTALLATION)) == [edge, DAY]


class KilledError(Exception):
    """The process is gone."""


def dying(monkeypatch: pytest.MonkeyPatch, book: Book, where: str) -> None:
    """Kills the closing at one place, once."""
    put, commit = book.roots.put, writing.Transaction.commit

    def kill(before: Callable[[], Any] | None = None) -> Any:
        monkeypatch.setattr(book.roots, "put", put)
        monkeypatch.setattr(writing.Transaction, "commit", commit)
        if before:
            before()
        raise KilledError

    if where == "before the object":
        monkeypatch.setattr(book.roots, "put", lambda *_: kill())
    elif where == "after the object":
        monkeypatch.setattr(book.roots, "put", lambda *asked: kill(lambda: put(*asked)))
    elif where == "before the transaction":
        monkeypatch.setattr(writing.Transaction, "commit", lambda _: kill())
    else:
        monkeypatch.setattr(writing.Transaction, "commit", lambda this: kill(lambda: commit(this)))


PLACES = ["before the object", "after the object", "before the transaction", "after the transaction"]


@pytest.mark.parametrize("where", PLACES)
def test_a_run_that_is_killed_is_finished_by_the_next(book: Book, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Whatever was written stays, what was not follows, and the whole is the same."""
    write(count=3)
    book.tally()
    book.clock.now = at(NEXT, 1)
    dying(monkeypatch, book, where)
    with pytest.raises(KilledError):
        book.closing.run()

    book.closing.run()

    (root,) = roots_between(T1, DAY, DAY)
    assert (root.chain, root.entries) == (proven(book).chain, "3")
    assert closings() == [T1]
    assert Tallying().counts(T1, DAY, DAY) == {DAY: {Action.SIGNED_IN.value: 3}}
    assert book.verifying.day(T1, DAY).ok


@pytest.mark.parametrize("where", ["after the object", "before the transaction"])
def test_what_was_locked_is_not_rewritten(book: Book, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Somebody meddled before the next run: the root is that of the object, the run alarms, and the entry is named."""
    (entry, *_) = write(count=3)
    book.tally()
    book.clock.now = at(NEXT, 1)
    dying(monkeypatch, book, where)
    with pytest.raises(KilledError):
        book.closing.run()
    locked = book.roots.held[T1, DAY]
    meddle(entry.pk, entry.sk, actor={"S": "f" * 32})

    with pytest.raises(LedgerDoesNotAddUpError):
        book.closing.run()

    assert book.roots.held[T1, DAY] == locked
    assert roots_between(T1, DAY, DAY)[0].root == proven(book).root
    assert [finding.sk for finding in book.verifying.day(T1, DAY).findings] == [entry.sk]


def test_entries_that_vanish_before_the_closing_alarm(book: Book) -> None:
    """They were counted, and are not there: the day is closed as it is, and the run fails, once."""
    (entry, *_) = write(count=3)
    book.tally()
    remove(entry.pk, entry.sk)
    book.clock.now = at(NEXT, 1)

    with pytest.raises(LedgerDoesNotAddUpError, match="1 missing"):
        book.closing.run()

    assert proven(book).count == 2
    assert book.closing.run().days == 0


def test_a_day_that_the_chain_has_passed_is_not_closed(book: Book) -> None:
    """Somebody slipped entries into the past: no proof for them, an alarm once, and they are named."""
    book.closed(DAY, THIRD)
    (entry,) = write(T1, NEXT)
    Tallying().take([each for each in stream(since=100) if each.day == NEXT])

    with pytest.raises(LedgerDoesNotAddUpError, match="1 too late"):
        book.closing.run()

    assert sorted(book.roots.days(T1)) == [DAY, THIRD]
    assert book.closing.run().days == 0
    assert [finding.sk for finding in book.verifying.day(T1, NEXT).findings] == [entry.sk]


def test_an_object_that_is_no_proof_stops_its_tenant_only(book: Book) -> None:
    """Nothing is chained to it; the others go on, and the run fails."""
    book.roots.put(T1, DAY, b"{}")
    for tenant in (T1, T2):
        write(tenant, DAY)
        write(tenant, NEXT)
    book.tally()
    book.clock.now = at(THIRD, 1)

    with pytest.raises(LedgerDoesNotAddUpError, match="1 unreadable"):
        book.closing.run()

    assert newest_root(T1) is None
    assert sorted(book.roots.days(T2)) == [DAY, NEXT]


def test_anothers_proof_is_none(book: Book) -> None:
    """Exchanged before the root was written."""
    book.closed(DAY, tenant=T2)
    book.roots.put(T1, DAY, book.roots.held[T2, DAY])
    write()
    Tallying().take([each for each in stream(since=100) if each.tenant == T1])

    with pytest.raises(LedgerDoesNotAddUpError, match="1 unreadable"):
        book.closing.run()


def test_a_store_that_is_too_busy_is_asked_by_the_next_run(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day waits, and the tenant's later days behind it."""
    for day in (DAY, NEXT):
        write(day=day)
    book.tally()
    book.clock.now = at(THIRD, 1)
    with monkeypatch.context() as busy:
        busy.setattr(book.roots, "put", _busy)
        assert book.closing.run().postponed == 1

    assert book.closing.run().days == 2


def _busy(*_: Any) -> bool:
    raise TryAgainError


def test_two_runs_at_once_close_a_day_once(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one closed it while this one wrote the object."""
    write(count=2)
    book.tally()
    book.clock.now = at(NEXT, 1)
    put = book.roots.put

    def put_and_be_overtaken(tenant: str, day: date, content: bytes) -> bool:
        monkeypatch.setattr(book.roots, "put", put)
        done = put(tenant, day, content)
        book.closing.run()
        return done

    monkeypatch.setattr(book.roots, "put", put_and_be_overtaken)
    book.closing.run()

    assert closings() == [T1]
    assert book.verifying.day(T1, DAY).ok


def test_a_run_that_is_short_of_time_stops_between_days(book: Book) -> None:
    """The next one goes on."""
    for day in (DAY, NEXT):
        write(day=day)
    book.tally()
    book.clock.now = at(THIRD, 1)
    answers = iter([True, True, False, False])

    assert book.closing.run(may_go_on=lambda: next(answers)).days == 1
    assert book.closing.run().days == 1
