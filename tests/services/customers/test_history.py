"""What staff read about one customer: pages of what lies with them, however much that is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, NotFoundError, VersionMismatchError
from chalicelib.records import reading
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer_join import Split
from chalicelib.records.customer_note import CustomerNote
from chalicelib.services.customers import history, splitting
from chalicelib.services.customers.history import Overview
from chalicelib.services.customers.splitting import Parting
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business, booked, business
from tests.services.colleagues import colleague, working
from tests.services.customers.customer_builders import entered, nobody
from tests.services.looking import ledger, stored, the
from tests.stage import Stage, stage

DAY = timedelta(days=1)


def pages(on: Stage, by: StaffSession, who: str) -> list[list[str]]:
    """The ids of appointments, page by page."""
    found, rest = on.services.history.appointments(by, who, after="", network=NETWORK)
    read = [[each.id for each in found]]
    while rest:
        found, rest = on.services.history.appointments(by, who, after=rest, network=NETWORK)
        read.append([each.id for each in found])
    return read


def both(on: Stage, of: Business) -> tuple[str, list[str]]:
    """Somebody whose five appointments lie under two entries in turns, and these in order of booking."""
    addresses = ("anna@kundin.example", "a.muster@firma.example")
    held = [booked(on, of, email=addresses[each % 2], starts_at=MONDAY_10 + each * DAY) for each in range(5)]
    on.services.merging.merge(of.session, held[0].subject, held[1].subject, network=NETWORK, repeat=None)
    return held[0].subject, [each.id for each in held]


@pytest.mark.parametrize(("page", "sizes"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (4, [4, 1]), (5, [5]), (6, [5])])
def test_a_history_comes_in_pages(page: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """What was booked last comes first, from both entries; nothing twice, nothing left out; each look is noted."""
    monkeypatch.setattr(history, "PAGE", page)
    with stage() as on:
        of = business(on)
        who, ids = both(on, of)

        read = pages(on, of.session, who)

        assert [each for one in read for each in one] == sorted(ids, reverse=True)
        assert [len(each) for each in read] == sizes
        assert len(ledger(Action.CUSTOMER_READ)) == 2 * len(sizes)


def test_a_page_is_one_query_of_each_entry_however_long_the_history() -> None:
    """No more is read than is shown, and one to see whether that was all."""
    asked: list[dict[str, Any]] = []
    with stage() as on:
        of = business(on)
        who, _ = both(on, of)
        history_limit = history.PAGE + 2

        with watched(asked):
            on.services.history.appointments(of.session, who, after="", network=NETWORK)

    assert [each["Limit"] for each in asked] == [history_limit] * 2


def test_experts_see_their_own_of_it_and_nobody_else_anything() -> None:
    """Whoever met somebody long ago has them within reach, however many appointments with others followed."""
    with stage() as on:
        of = business(on)
        beat = working(on, of)
        theirs = booked(on, of, expert=beat.staff)
        own = booked(on, of, starts_at=MONDAY_10 + DAY)

        assert pages(on, beat, own.subject) == [[theirs.id]]
        stranger = colleague(on, of, "carla@praxis-brunner.example")
        for look in (on.services.history.appointments, on.services.history.notes):
            with pytest.raises(NotFoundError):
                look(stranger, own.subject, after="", network=NETWORK)


def test_what_is_over_is_out_of_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the second at which its period ends, and without ending the list before what lies behind it."""
    monkeypatch.setattr(history, "PAGE", 1)
    with stage() as on:
        of = business(on)
        first = booked(on, of, starts_at=MONDAY_10 + DAY)
        on.clock.now += timedelta(seconds=1)
        second = booked(on, of, starts_at=MONDAY_10)
        assert second.expires_at is not None

        on.clock.now = second.expires_at - timedelta(seconds=1)
        assert pages(on, of.session, first.subject) == [[second.id], [first.id]]
        on.clock.now = second.expires_at
        assert pages(on, of.session, first.subject) == [[], [first.id]]


def test_notes_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one written first."""
    monkeypatch.setattr(history, "NOTES_PAGE", 2)
    with stage() as on:
        of = business(on)
        zoe = entered(on, of)
        for text in ("eins", "zwei", "drei"):
            on.services.noting.write(of.session, zoe.subject, text, network=NETWORK, repeat=None)

        first, rest = on.services.history.notes(of.session, zoe.subject, after="", network=NETWORK)
        second, end = on.services.history.notes(of.session, zoe.subject, after=rest, network=NETWORK)

        assert {each.text for each in (*first, *second)} == {"eins", "zwei", "drei"}
        assert [each.id for each in (*first, *second)] == sorted(
            (each.id for each in stored(CustomerNote)), reverse=True
        )
        assert (len(first), end) == (2, "")


def test_a_note_that_a_colleague_changed_is_not_overwritten() -> None:
    """Who changes it names the version that they read."""
    with stage() as on:
        of = business(on)
        zoe = entered(on, of)
        note = on.services.noting.write(of.session, zoe.subject, "Erste", network=NETWORK, repeat=None)
        read = int(note.version or 0)
        change = partial(on.services.noting.change, of.session, zoe.subject, note.id, version=read, network=NETWORK)

        assert change("Zweite").text == "Zweite"
        with pytest.raises(VersionMismatchError):
            change("Dritte")
        assert the(CustomerNote).version == read + 1


def test_so_many_splits_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are part of what is read of a customer: one more is refused, until some are undone or too old for that."""
    monkeypatch.setattr(splitting, "MOST", 1)
    with stage() as on:
        of = business(on)
        held = [booked(on, of, starts_at=MONDAY_10 + each * DAY) for each in range(3)]

        def split(which: Appointment) -> Split:
            parting = Parting(appointments=[which.id], person=nobody("Lena", "Muster"))
            return on.services.splitting.split(of.session, which.subject, parting, network=NETWORK, repeat=None)

        made = split(held[0])
        assert [each.id for each in overview(on, of, held[1].subject).splits] == [made.id]
        with pytest.raises(ConflictError):
            split(held[1])
        on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)
        assert overview(on, of, held[1].subject).splits == []
        split(held[1])


def overview(on: Stage, of: Business, who: str) -> Overview:
    """Who somebody is."""
    return on.services.history.overview(of.session, who, network=NETWORK)


@contextmanager
def watched(asked: list[dict[str, Any]]) -> Iterator[None]:
    """Notes the Queries of appointments that leave the program."""
    real = reading.client()._make_api_call

    def seen(operation: str, sent: dict[str, Any]) -> Any:
        if operation == "Query" and "APPOINTMENT#" in str(sent):
            asked.append(sent)
        return real(operation, sent)

    with mock.patch.object(reading.client(), "_make_api_call", seen):
        yield
