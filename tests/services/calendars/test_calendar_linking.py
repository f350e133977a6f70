"""Linking calendars: who may finish what they began, and what is kept of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LinkInvalidError,
    NotAllowedError,
    NotFoundError,
    TryAgainError,
)
from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import CalendarAttempt, LinkState
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from chalicelib.services.calendars.linking import MOST
from infra.local.providers.caldav import PASSWORD
from tests.builders import NETWORK
from tests.services.calendar_builders import ALL, OF_PROVIDERS, Desk, desk


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


def finish(at: Desk, **given: str) -> object:
    """What the expert comes back with, or something else."""
    return at.on.services.calendar_linking.finish(at.of.session, **given, network=NETWORK)


def add(at: Desk, **changes: str) -> object:
    """A CalDAV server."""
    given = {"address": f"{at.server.url}/caldav/", "user": "expert", "password": PASSWORD, **changes}
    return at.on.services.calendar_linking.add(at.of.session, **given, network=NETWORK)


def hours(at: Desk) -> Availability:
    """The expert's, as they stand."""
    found = fetch(Availability.ref(at.of.tenant, at.of.expert), consistent=True)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_link_begins_unseen_and_the_hours_know_of_it(at: Desk, name: str) -> None:
    """So that news are written from this moment on, and the next run looks."""
    link: Any = at.link(name)

    assert (link.calendar, link.state, link.synced_at, link.next_at) == (
        name,
        LinkState.CONNECTING,
        None,
        at.on.clock.now,
    )
    assert hours(at).linked is True


@pytest.mark.parametrize("name", OF_PROVIDERS)
def test_what_one_comes_back_with_counts_once(at: Desk, name: str) -> None:
    """The same address opened again links nothing."""
    given = at.agreed(name)
    finish(at, **given)

    with pytest.raises(LinkInvalidError):
        finish(at, **given)
    assert len(at.links()) == 1


@pytest.mark.parametrize(("seconds", "fine"), [(599, True), (600, False)])
def test_it_counts_for_ten_minutes(at: Desk, seconds: int, fine: bool) -> None:
    """To the second."""
    given = at.agreed(GOOGLE)
    at.on.clock.move(seconds=seconds)

    if fine:
        finish(at, **given)
    else:
        with pytest.raises(LinkInvalidError):
            finish(at, **given)


def test_it_counts_in_the_session_that_began_it(at: Desk) -> None:
    """Whoever has somebody follow a link of theirs does not get their own calendar into the other's account."""
    given = at.agreed(GOOGLE)
    own = at.of.session.session
    assert own is not None
    other = replace(at.of.session, session=replace(own, sk="SESSION#other"))

    with pytest.raises(LinkInvalidError):
        at.on.services.calendar_linking.finish(other, **given, network=NETWORK)
    finish(at, **given)


@pytest.mark.parametrize("name", OF_PROVIDERS)
@pytest.mark.parametrize("wrong", ["state", "code"])
def test_what_was_made_up_links_nothing(at: Desk, name: str, wrong: str) -> None:
    """Neither half of it."""
    given = {**at.agreed(name), wrong: "made-up"}

    with pytest.raises(LinkInvalidError if wrong == "state" else InvalidInputError):
        finish(at, **given)
    assert at.links() == []


def test_the_verifier_stays_here_and_is_sealed(at: Desk) -> None:
    """Whoever sees the address, or the store, can't finish in the expert's place."""
    given = at.agreed(MICROSOFT)
    attempt = fetch(CalendarAttempt.ref(at.of.tenant, at.of.expert, given["state"]), consistent=True)

    assert attempt is not None
    assert len(attempt.verifier) == 43
    assert given["state"] not in attempt.sk


def test_keys_of_servers_link_nothing(at: Desk) -> None:
    """There is no person who agrees."""
    with pytest.raises(NotAllowedError):
        at.on.services.calendar_linking.ask(replace(at.of.session, session=None), GOOGLE, network=NETWORK)


@pytest.mark.parametrize("name", ["unknown", CALDAV])
def test_what_has_no_page_to_go_to(at: Desk, name: str) -> None:
    """CalDAV takes a password."""
    with pytest.raises(NotFoundError):
        at.on.services.calendar_linking.ask(at.of.session, name, network=NETWORK)


@pytest.mark.parametrize(
    "path",
    ["/caldav/", "/caldav/principals/expert/", "/caldav/calendars/expert/", "/caldav/calendars/expert/personal/"],
)
def test_caldav_is_found_from_wherever_one_begins(at: Desk, path: str) -> None:
    """The server, the person, the home, or one calendar."""
    add(at, address=at.server.url + path)

    at.sync()

    assert [each.state for each in at.links()] == [LinkState.WORKING]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"password": "wrong"}, InvalidInputError, id="wrong password"),
        pytest.param({"address": "http://10.0.0.1/"}, InvalidInputError, id="private"),
        pytest.param({"address": "https://localhost/"}, InvalidInputError, id="this machine"),
        pytest.param({"address": "http://dav.example.ch/"}, InvalidInputError, id="not encrypted"),
    ],
)
def test_what_can_not_be_linked(at: Desk, changes: dict[str, str], error: type[Exception]) -> None:
    """Said with the field, and nothing is kept."""
    with pytest.raises(error):
        add(at, **changes)
    assert at.links() == []


@pytest.mark.parametrize("mode", [{"mode": "status", "status": 503}, {"mode": "reset"}, {"mode": "nonsense"}])
def test_a_provider_that_does_not_answer(at: Desk, mode: dict[str, object]) -> None:
    """Later again; a code that was handed over in vain is used up."""
    given = at.agreed(GOOGLE)
    at.simulator.faults.switch(GOOGLE, mode)

    with pytest.raises((TryAgainError, InvalidInputError)):
        finish(at, **given)
    assert at.links() == []


def test_without_hours_there_is_nothing_to_link_for(at: Desk) -> None:
    """Nobody can be booked who has none."""
    transaction = Transaction()
    transaction.discard(Availability.ref(at.of.tenant, at.of.expert))
    transaction.commit()

    with pytest.raises(ConflictError):
        at.link(CALDAV)


def test_there_is_an_end_to_how_many(at: Desk) -> None:
    """Each costs requests every few minutes."""
    for number in range(MOST):
        add(at, user=f"expert-{number}")

    with pytest.raises(ConflictError):
        add(at, user="another")


def test_an_account_is_linked_once(at: Desk) -> None:
    """Whoever presses twice does not get all appointments twice."""
    add(at)

    with pytest.raises(ConflictError):
        add(at)


def test_one_sees_and_refreshes_ones_own(at: Desk) -> None:
    """And nobody else's."""
    link = at.linked(CALDAV)
    linking, stranger = at.on.services.calendar_linking, replace(at.of.session, staff="f" * 32)

    assert [each.id for each in linking.listed(at.of.session, network=NETWORK)] == [link.id]
    assert linking.listed(stranger, network=NETWORK) == []
    assert linking.refresh(at.of.session, link.id, network=NETWORK).next_at == at.on.clock.now
    with pytest.raises(NotFoundError):
        linking.refresh(stranger, link.id, network=NETWORK)
