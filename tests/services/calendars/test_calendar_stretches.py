"""How far ahead calendars are looked at, how often, and what it costs."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import ProviderUnavailableError, ThrottledError
from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT, STRETCH, STRETCHES
from chalicelib.records.calendar_link import LinkState
from chalicelib.services.door.offers import FARTHEST
from tests.builders import NETWORK
from tests.services.calendar_builders import ALL, Desk, desk, entry

DAY = timedelta(days=1)
LAST = (STRETCHES * STRETCH).days - 1


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


def one(at: Desk) -> Any:
    """The only link."""
    (link,) = at.links()
    return link


def calls(at: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the provider is asked when somebody is busy, from now on."""
    counted: Counter[str] = Counter()
    provider: Any = at.simulator.calendars[name]
    answer = provider.answer

    def noted(request: Any) -> Any:
        asks = request.path.endswith(("freeBusy", "calendarView")) or request.method == "REPORT"
        counted["asked"] += asks
        return answer(request)

    monkeypatch.setattr(provider, "answer", noted)
    return counted


def test_stretches_reach_as_far_as_anybody_can_book() -> None:
    """And two days beyond, which is as far as free times look for what lies around them."""
    assert STRETCHES * STRETCH >= FARTHEST + 2 * DAY


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(("days", "comes"), [(62, True), (LAST, True), (LAST + 1, False)])
def test_the_first_look_goes_as_far_as_anybody_can_book(at: Desk, name: str, days: int, comes: bool) -> None:
    """In all kinds of calendars, and not a day further."""
    at.holds(name, entry(at.on.clock.now + days * DAY))

    at.linked(name)

    assert bool(at.busy()) is comes


@pytest.mark.parametrize(("days", "at_once"), [(STRETCH.days - 1, True), (STRETCH.days, False), (LAST, False)])
def test_what_is_far_ahead_is_looked_at_once_a_day(at: Desk, days: int, at_once: bool) -> None:
    """What is nearer, every time."""
    at.linked(GOOGLE)
    at.holds(GOOGLE, entry(at.on.clock.now + days * DAY - timedelta(hours=2)))

    at.sync(minutes=61)
    assert bool(at.busy()) is at_once
    at.sync(minutes=8 * 60)
    assert bool(at.busy()) is at_once
    at.sync(minutes=16 * 60)

    assert at.busy()


@pytest.mark.parametrize(
    ("name", "each_time", "daily"), [(MICROSOFT, 1, 4), (GOOGLE, 3, 12), (CALDAV, 1, 4)], ids=["m", "g", "c"]
)
def test_what_a_look_costs(at: Desk, name: str, each_time: int, daily: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In questions to the provider; decision 22 says the same."""
    counted = calls(at, name, monkeypatch)

    at.linked(name)
    assert counted["asked"] == daily
    counted.clear()
    at.sync(minutes=61)

    assert counted["asked"] == each_time


def test_a_run_without_time_goes_on_where_it_was(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the next look, by the same ways."""
    at.holds(GOOGLE, *(entry(at.on.clock.now + n * STRETCH + DAY) for n in range(STRETCHES)))
    at.link(GOOGLE)
    left = [True, True, False]
    at.on.services.syncing.run(may_go_on=lambda: left.pop(0))
    assert (len(at.busy()), int(one(at).further), one(at).further_at) == (2, 2, None)

    counted = calls(at, GOOGLE, monkeypatch)
    at.sync(minutes=61)

    assert (len(at.busy()), counted["asked"]) == (STRETCHES, 9)
    assert one(at).further_at == at.on.clock.now + DAY


def test_who_can_not_say_what_is_far_ahead_is_believed_about_the_rest(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was known far ahead stays, and is asked for again an hour later."""
    at.holds(GOOGLE, entry(at.on.clock.now + 2 * STRETCH))
    at.linked(GOOGLE)
    google: Any = at.on.services.own_calendars[GOOGLE]
    busy, tries = google.busy, []

    def near_only(access: Any, **asked: Any) -> Any:
        if asked["frm"] > at.on.clock.now:
            tries.append(asked["frm"])
            raise ProviderUnavailableError(GOOGLE, "500")
        return busy(access, **asked)

    monkeypatch.setattr(google, "busy", near_only)
    at.holds(GOOGLE, entry(at.on.clock.now + 2 * DAY))
    for minutes in (24 * 60 + 1, 30, 61):
        at.sync(minutes=minutes)

    assert (one(at).state, one(at).trouble, one(at).failures) == (LinkState.WORKING, None, 0)
    assert (len(at.busy()), len(tries)) == (2, 2)


def test_who_asks_us_to_wait_is_not_asked_about_the_rest(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither at once nor with the next minute."""
    google: Any = at.on.services.own_calendars[GOOGLE]
    busy = google.busy

    def throttled(access: Any, **asked: Any) -> Any:
        if asked["frm"] > at.on.clock.now:
            raise ThrottledError(GOOGLE, "429", retry_after=1800)
        return busy(access, **asked)

    at.link(GOOGLE)
    monkeypatch.setattr(google, "busy", throttled)
    at.sync()

    assert (one(at).trouble, one(at).next_at) == ("429", at.on.clock.now + timedelta(minutes=30))


def test_unlinking_takes_out_what_is_far_ahead(at: Desk) -> None:
    """All of it, at once."""
    at.holds(GOOGLE, *(entry(at.on.clock.now + n * STRETCH + DAY) for n in range(STRETCHES)))
    link = at.linked(GOOGLE)

    at.on.services.unlinking.unlink(at.of.session, link.id, network=NETWORK)

    assert at.busy() == {}
