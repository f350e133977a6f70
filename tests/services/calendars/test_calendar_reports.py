"""Google reports changes: channels that are opened, replaced and stopped, and what their messages bring about."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chalicelib.adapters.calendars.registry import REPORTS
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.domain.own_calendars import GOOGLE
from chalicelib.records.calendar_link import CalendarLink, LinkState
from chalicelib.records.ledger import LedgerEntry
from chalicelib.services.calendars.hearing import Hearing
from chalicelib.services.calendars.reported import next_look
from infra.local.providers.google_channels import push_of
from tests.builders import NETWORK
from tests.services.calendar_builders import NINE, Desk, desk, entry

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(name="at")
def fixture_at() -> Iterator[Desk]:
    """A fresh desk."""
    with desk() as fresh:
        yield fresh


def one(at: Desk) -> Any:
    """The only link."""
    (link,) = at.links()
    return link


def channels(at: Desk) -> list[dict[str, Any]]:
    """What is open at Google."""
    return list(at.account(GOOGLE).subscriptions.values())


def heard(at: Desk, channel: dict[str, Any], number: int, state: str = "exists") -> bool:
    """A message comes in; whether a look was brought forward for it."""
    call = push_of({**channel, "number": number}, state)
    headers = {name.lower(): value for name, value in call.headers.items()}
    Hearing(at.on.clock).take(REPORTS[GOOGLE](headers, call.body))
    return any(each.next_at == at.on.clock.now for each in at.links())


def test_what_is_reported_comes_in_without_waiting(at: Desk) -> None:
    """The calendar is looked at within a minute, though nobody would have for an hour."""
    at.linked(GOOGLE)
    (channel,) = channels(at)
    at.holds(GOOGLE, entry(NINE))
    at.sync(minutes=11)
    assert (at.busy(), one(at).state, one(at).refused_at) == ({}, LinkState.WORKING, None)

    assert heard(at, channel, 2)
    at.sync()

    assert at.busy() == {"2026-11-09": [(480, 540)]}
    assert one(at).next_at == at.on.clock.now + HOUR
    noted = LedgerEntry.of_day(at.of.tenant, at.on.clock.now.date(), after="", most=1000)
    assert [each.thing for each in noted if each.action is Action.CALENDAR_REPORTED] == [one(at).id]


def test_a_message_is_heard_once(at: Desk) -> None:
    """Nor is one that was overtaken; the next is, and so is the first of another channel."""
    at.linked(GOOGLE)
    (channel,) = channels(at)
    assert heard(at, channel, 9)
    at.sync()

    assert [heard(at, channel, number) for number in (9, 2, 8)] == [False, False, False]
    assert heard(at, channel, 10)
    at.sync()
    assert heard(at, {**channel, "id": "another"}, 2)


def test_the_first_message_says_nothing(at: Desk) -> None:
    """Only that there is a channel."""
    at.linked(GOOGLE)
    (channel,) = channels(at)

    assert not heard(at, channel, 1, "sync")
    assert one(at).heard is None


@pytest.mark.parametrize("token", ["", "made-up", "A" * 107, "x" * 5000])
@pytest.mark.parametrize("state", ["sync", "exists"])
def test_without_the_secret_of_the_channel_nothing_is_believed(at: Desk, token: str, state: str) -> None:
    """Whatever else is right."""
    at.linked(GOOGLE)
    (channel,) = channels(at)

    with pytest.raises(SignatureInvalidError):
        heard(at, {**channel, "token": token}, 2, state)
    assert one(at).next_at > at.on.clock.now


def test_a_secret_is_good_for_its_own_link(at: Desk) -> None:
    """And not for another of the same expert."""
    first, second = at.linked(GOOGLE), at.linked(GOOGLE)
    _, channel = channels(at)
    assert heard(at, channel, 2)

    due = {each.id for each in at.links() if each.next_at == at.on.clock.now}
    assert due == {second.id}
    assert first.id not in due


def test_a_channel_is_replaced_before_it_ends(at: Desk) -> None:
    """The former one is stopped, and what it says proves nothing any more."""
    at.linked(GOOGLE)
    (former,) = channels(at)

    at.sync(minutes=2 * 24 * 60 - 1)
    assert channels(at) == [former]
    at.sync(minutes=61)

    (channel,) = channels(at)
    assert (channel["id"] != former["id"], channel["token"] != former["token"]) == (True, True)
    assert one(at).subscribed_until == at.on.clock.now + 6 * DAY
    assert heard(at, channel, 2)
    with pytest.raises(SignatureInvalidError):
        heard(at, former, 20)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param([401, "push.webhookUrlUnauthorized"], id="domain"),
        pytest.param([400, "push.webhookUrlNotHttps"], id="address"),
        pytest.param([403, "insufficientPermissions"], id="rights"),
    ],
)
def test_where_google_does_not_report_it_is_asked(at: Desk, refusal: list[Any]) -> None:
    """Every ten minutes, as a calendar in order; for reports again hours later."""
    at.holds(GOOGLE, watch=refusal)
    at.linked(GOOGLE)
    assert (one(at).state, one(at).trouble, one(at).subscription) == (LinkState.WORKING, None, None)
    assert one(at).next_at == at.on.clock.now + 10 * MINUTE
    at.holds(GOOGLE, entry(NINE), watch=None)
    at.sync(minutes=10)
    assert (len(at.busy()), channels(at)) == (1, [])

    at.sync(minutes=6 * 60)

    assert len(channels(at)) == 1
    assert one(at).next_at == at.on.clock.now + HOUR


@pytest.mark.parametrize("refusal", [[403, "rateLimitExceeded"], [429, "rateLimitExceeded"], [500, "backendError"]])
def test_who_does_not_answer_is_asked_for_reports_with_the_next_look(at: Desk, refusal: list[Any]) -> None:
    """What there was goes on as long as it lasts, proven as before."""
    at.linked(GOOGLE)
    (former,) = channels(at)
    at.holds(GOOGLE, watch=refusal)
    at.sync(minutes=3 * 24 * 60)
    assert (channels(at), one(at).state, one(at).next_at) == ([former], LinkState.WORKING, at.on.clock.now + HOUR)
    assert heard(at, former, 2)

    at.holds(GOOGLE, watch=None)
    at.sync()

    assert [each["id"] for each in channels(at)] != [former["id"]]


def test_what_has_ended_is_not_relied_on(at: Desk) -> None:
    """A channel that could not be replaced in time: the calendar is asked every ten minutes."""
    at.linked(GOOGLE)
    at.holds(GOOGLE, watch=[500, "backendError"])

    at.sync(minutes=6 * 24 * 60)

    assert one(at).next_at == at.on.clock.now + 10 * MINUTE


@pytest.mark.parametrize(("seconds", "minutes"), [(-1, 10), (0, 10), (1, 60)])
def test_a_channel_counts_that_lasts_beyond_the_next_look(seconds: int, minutes: int) -> None:
    """To the second."""
    link = SimpleNamespace(subscription="one", subscribed_until=NINE + HOUR + timedelta(seconds=seconds))

    assert next_look(cast("CalendarLink", link), NINE) == NINE + minutes * MINUTE


def test_unlinking_stops_the_channel(at: Desk) -> None:
    """Within a minute."""
    link = at.linked(GOOGLE)

    at.on.services.unlinking.unlink(at.of.session, link.id, network=NETWORK)
    at.sync()

    assert channels(at) == []


def opening(at: Desk, monkeypatch: pytest.MonkeyPatch, meanwhile: Any) -> None:
    """Something happens while a channel is opened, after Google has and before we know."""
    reports: Any = at.on.services.own_calendars[GOOGLE].reports
    subscribe = reports.subscribe

    def opened(access: Any, secret: str, until: datetime) -> Any:
        made = subscribe(access, secret, until)
        meanwhile()
        return made

    monkeypatch.setattr(reports, "subscribe", opened)


def test_nothing_falls_between_the_look_and_the_reports(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is entered just as the channel opens is seen by the look, and the channel's first message is believed."""

    def meanwhile() -> None:
        at.holds(GOOGLE, entry(NINE))
        heard(at, channels(at)[0], 1, "sync")

    at.link(GOOGLE)
    opening(at, monkeypatch, meanwhile)
    at.sync()

    assert len(at.busy()) == 1


@pytest.mark.parametrize("ends", [True, False], ids=["unlinked", "refreshed"])
def test_a_channel_that_nobody_would_know_of_is_stopped(at: Desk, monkeypatch: pytest.MonkeyPatch, ends: bool) -> None:
    """Because its link ended, or changed, meanwhile; a link that is left gets one with the next look."""
    link = at.link(GOOGLE)

    def meanwhile() -> None:
        if ends:
            at.on.services.unlinking.unlink(at.of.session, link.id, network=NETWORK)
        else:
            at.on.services.calendar_linking.refresh(at.of.session, link.id, network=NETWORK)

    with monkeypatch.context() as slow:
        opening(at, slow, meanwhile)
        at.sync()
    assert channels(at) == []
    at.sync(minutes=1)

    assert len(channels(at)) == (0 if ends else 1)
