"""Our calendar is made once, though it was made and never noted; and it goes with the link, noted or not."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.errors import ProviderUnavailableError
from chalicelib.domain.own_calendars import CALDAV, MICROSOFT, Access
from chalicelib.records.calendar_link import LinkState
from infra.local.providers.calendar_accounts import Made
from tests.builders import NETWORK, booked
from tests.services.calendar_builders import Desk, desk
from tests.services.meddling import Killed

FOUND_AGAIN = (MICROSOFT, CALDAV)  # Google shows what calendars there are to who may see all of them only


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


@contextmanager
def made_and_lost(at: Desk, name: str, error: BaseException) -> Iterator[None]:
    """The provider makes our calendar, and then this happens."""
    adapter: Any = at.on.services.own_calendars[name]
    really = adapter.create_own

    def create_own(access: Access, link: str) -> str:
        really(access, link)
        raise error

    with mock.patch.object(adapter, "create_own", create_own), suppress(Killed):
        yield


def one(at: Desk) -> Any:
    """The only link."""
    (link,) = at.links()
    return link


LOST: dict[str, tuple[BaseException, int]] = {
    "killed": (Killed(), 16),
    "no answer": (ProviderUnavailableError("any", "timeout"), 10),
}


@pytest.mark.parametrize(("error", "minutes"), LOST.values(), ids=LOST.keys())
@pytest.mark.parametrize("name", FOUND_AGAIN)
def test_what_was_made_and_not_noted_is_found_again(at: Desk, name: str, error: BaseException, minutes: int) -> None:
    """The next look takes it, and writes into it what lies ahead."""
    booked(at.on, at.of)
    at.link(name)
    with made_and_lost(at, name, error):
        at.sync()
    assert one(at).own_calendar is None

    at.sync(minutes=minutes)

    assert len(at.account(name).made) == 1
    assert len(at.written(name)) == 1
    assert one(at).state is LinkState.WORKING


@pytest.mark.parametrize("name", FOUND_AGAIN)
def test_it_goes_with_the_link_though_nobody_noted_it(at: Desk, name: str) -> None:
    """Unlinked before the next look."""
    at.link(name)
    with made_and_lost(at, name, Killed()):
        at.sync()

    at.on.services.unlinking.unlink(at.of.session, one(at).id, network=NETWORK)
    at.sync(minutes=1)

    assert at.account(name).made == {}


def test_what_others_made_is_neither_taken_nor_deleted(at: Desk) -> None:
    """Be it of our name, or of another link's mark."""
    account = at.account(MICROSOFT)
    theirs = {"AQMkone==": Made("Zusage"), "AQMktwo==": Made("Zusage 2", "f" * 32)}
    account.made.update(theirs)

    at.linked(MICROSOFT)
    own = one(at).own_calendar
    assert own not in theirs
    assert len(account.made) == 3
    at.on.services.unlinking.unlink(at.of.session, one(at).id, network=NETWORK)
    at.sync(minutes=1)

    assert account.made == theirs


def test_a_calendar_that_the_expert_deleted_is_made_anew(at: Desk) -> None:
    """There is nothing to be found."""
    at.linked(MICROSOFT)
    first = one(at).own_calendar
    at.account(MICROSOFT).made.clear()
    booked(at.on, at.of)
    for _ in range(3):
        at.sync(minutes=61)

    assert list(at.account(MICROSOFT).made) == [one(at).own_calendar]
    assert one(at).own_calendar != first


def test_of_other_calendars_nothing_is_told(at: Desk) -> None:
    """Asked is for the one that bears our mark, and for its number only."""
    adapter: Any = at.on.services.own_calendars[MICROSOFT]
    link = at.linked(MICROSOFT)
    seen: list[str] = []
    really = adapter._call

    def call(method: str, url: str, *said: Any, **named: Any) -> Any:
        reply = really(method, url, *said, **named)
        seen.append(reply.body.decode())
        return reply

    with mock.patch.object(adapter, "_call", call):
        assert adapter.find_own(one(at).access, link.id) == one(at).own_calendar

    assert len(seen) == 1
    assert "name" not in seen[0]
