"""A time is kept back for those who wait for such a time, and for nobody else; to find out costs no round trip."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.states import RestrictionGround
from chalicelib.records import waiting_entry
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.reading import Found, Ref
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.door import door
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.freeing_builders import awaited
from tests.services.looking import stored, the
from tests.services.meddling import before_commit, calls
from tests.services.offer_builders import (
    BEAT,
    CLEO,
    DAY,
    HOUR,
    MINUTE,
    cancel,
    change_service,
    join,
    offers,
    person,
    place_links,
    with_list,
)
from tests.stage import Stage

UNSUITED: dict[str, dict[str, Any]] = {
    "days": {"first": date(2026, 11, 10)},
    "weekdays": {"weekdays": frozenset({2})},
    "hours": {"latest": 600},
    "expert": {"expert": "e" * 32},
}
CLOSED: dict[str, dict[str, Any]] = {
    "no list": {"offer_minutes": None},
    "archived": {"archived_at": MONDAY_10 - 2 * DAY},
    "another length": {"duration": 30},
    "others do it": {"experts": {"e" * 32}},
}


def owners() -> list[str]:
    """Who stands in the day sheets."""
    return [entry.owner for sheet in stored(DaySheet) for entry in sheet.content.entries]


def given_back(on: Stage, of: Business, **changes: Any) -> None:
    """Dora books, and cancels."""
    cancel(on, booked(on, of, email="dora@kundin.example", **changes))


@contextmanager
def together_with_the_list() -> Iterator[None]:
    """The first read of a change waits for the look at the list, and that for the read: one after the other fails."""
    both, really_asked, really_read = threading.Barrier(2, timeout=10), WaitingListEntry.is_awaited, door.fetch_wide
    ahead = [both.wait]

    def ask(freed: FreedTime) -> bool:
        both.wait()
        return really_asked(freed)

    def read(refs: Iterable[Ref[Any]]) -> Found:
        if ahead:
            ahead.pop()()
        return really_read(refs)

    with mock.patch.object(WaitingListEntry, "is_awaited", ask), mock.patch.object(door, "fetch_wide", read):
        yield


@pytest.mark.parametrize("waits", [False, True], ids=["nobody", "somebody"])
def test_a_time_is_kept_and_noted_where_somebody_waits(waits: bool) -> None:
    """And anybody can have it at once where nobody does."""
    with with_list() as (on, of):
        if waits:
            join(on, of)

        given_back(on, of)

        assert owners() == [each.id for each in stored(FreedTime)]
        assert len(owners()) == int(waits)


@pytest.mark.parametrize("waiting", UNSUITED.values(), ids=UNSUITED.keys())
def test_nothing_is_kept_for_who_waits_for_something_else(waiting: dict[str, Any]) -> None:
    """What would not be offered to them anyway."""
    with with_list() as (on, of):
        if "expert" in waiting:
            change_service(of, experts={of.expert, "e" * 32})
        join(on, of, **waiting)

        given_back(on, of)

        assert (owners(), stored(FreedTime)) == ([], [])


@pytest.mark.parametrize("changes", CLOSED.values(), ids=CLOSED.keys())
def test_nothing_is_kept_that_can_not_be_offered(changes: dict[str, Any]) -> None:
    """The service is not what it was when it was booked."""
    with with_list() as (on, of):
        join(on, of)
        held = booked(on, of, email="dora@kundin.example")
        change_service(of, **changes)

        cancel(on, held)

        assert (owners(), stored(FreedTime)) == ([], [])


@pytest.mark.parametrize(("ahead", "kept"), [(61, 1), (60, 0), (59, 0)])
def test_nothing_is_kept_when_it_is_too_late_to_book_it(ahead: int, kept: int) -> None:
    """To the minute; the service can be booked until an hour before."""
    with with_list() as (on, of):
        join(on, of)
        held = booked(on, of, email="dora@kundin.example")
        on.clock.now = MONDAY_10 - ahead * MINUTE

        cancel(on, held)

        assert len(stored(FreedTime)) == kept


def test_a_list_of_another_service_does_not_count() -> None:
    """It is of that service that somebody waits for a time."""
    with with_list() as (on, of):
        awaited(on, of)
        entry = the(WaitingListEntry)
        entry.service = "f" * 32
        _write(entry)

        given_back(on, of)

        assert stored(FreedTime) == []


def test_who_may_not_be_written_to_does_not_count() -> None:
    """Their data is restricted: nothing is offered to them."""
    with with_list() as (on, of):
        join(on, of)
        who = the(WaitingListEntry).subject
        on.services.restricting.restrict(of.session, who, RestrictionGround.UNLAWFUL, network=NETWORK)

        given_back(on, of)

        assert stored(FreedTime) == []


def test_the_one_whom_it_fits_counts_behind_many_whom_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the list is."""
    monkeypatch.setattr(waiting_entry, "_A_FEW", 1)
    with with_list() as (on, of):
        join(on, of, last=date(2026, 11, 8))
        join(on, of, who=person(**CLEO), weekdays=frozenset({2}))
        join(on, of, who=person(**BEAT))

        given_back(on, of)

        assert len(stored(FreedTime)) == 1


def test_who_has_another_offer_at_that_moment_may_get_this_one_yet() -> None:
    """They decline the other, and are asked for this one by the next run."""
    with with_list() as (on, of):
        join(on, of)
        given_back(on, of)
        offers(on)
        links = place_links(on)

        given_back(on, of, starts_at=MONDAY_10 + DAY)
        on.services.places.decline(links["decline"], network=NETWORK)

        assert offers(on) == (1, 1)
        assert the(FreedTime).starts_at == MONDAY_10 + DAY


def test_who_joins_at_that_very_moment_may_miss_this_one_and_gets_the_next() -> None:
    """The list was looked at already; nothing is left over."""
    with with_list() as (on, of):
        held = booked(on, of, email="dora@kundin.example")
        with before_commit(lambda: join(on, of)):
            cancel(on, held)
        assert (owners(), offers(on)) == ([], (0, 0))

        given_back(on, of, starts_at=MONDAY_10 + DAY)

        assert offers(on) == (1, 0)


def test_who_leaves_at_that_very_moment_keeps_the_time_until_the_next_run_only() -> None:
    """It looks at the list, finds nobody, and lets the time go."""
    with with_list() as (on, of):
        join(on, of)
        held = booked(on, of, email="dora@kundin.example")
        who = the(WaitingListEntry).subject

        def leave() -> None:
            on.services.waiting_lists.remove(of.session, of.service.id, who, network=NETWORK)

        with before_commit(leave):
            cancel(on, held)

        assert offers(on) == (0, 1)
        assert (owners(), stored(FreedTime)) == ([], [])


def test_whoever_loses_a_race_looks_at_the_list_again() -> None:
    """So who joined meanwhile is asked."""
    with with_list() as (on, of):
        held = booked(on, of, email="dora@kundin.example")

        def meddle() -> None:
            join(on, of)
            booked(on, of, starts_at=MONDAY_10 + HOUR, **BEAT)

        with before_commit(meddle):
            cancel(on, held)

        assert offers(on) == (1, 0)


@pytest.mark.parametrize("waits", [False, True], ids=["nobody", "somebody"])
def test_cancelling_costs_three_round_trips_and_moving_four(waits: bool) -> None:
    """The list is asked at the same time as everything else."""
    with with_list() as (on, of):
        if waits:
            join(on, of)
        booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, **BEAT)
        one = booked(on, of, email="dora@kundin.example")
        other = booked(on, of, email="dora@kundin.example", starts_at=MONDAY_10 + HOUR)
        token = on.services.linking.self_service(other)["reschedule"]

        with together_with_the_list(), calls() as cancelling:
            cancel(on, one)
        with together_with_the_list(), calls() as moving:
            on.services.changing.move(token, MONDAY_10 + DAY, network=NETWORK)

        assert sorted(cancelling) == ["BatchGetItem", "GetItem", "Query", "TransactWriteItems"]
        assert sorted(moving) == ["BatchGetItem", "BatchGetItem", "GetItem", "Query", "TransactWriteItems"]


def _write(entry: WaitingListEntry) -> None:
    transaction = Transaction()
    transaction.update(entry)
    transaction.commit()
