"""Adapters of calendars: what each answer of a provider means. What they ask is tried on simulated providers."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.adapters._public_http import PublicHttp
from chalicelib.adapters.calendars._oauth import OAuth
from chalicelib.adapters.calendars.caldav import CaldavCalendar
from chalicelib.adapters.calendars.google import GoogleCalendar
from chalicelib.adapters.calendars.graph import GraphCalendar
from chalicelib.adapters.calendars.registry import REPORTS
from chalicelib.domain.errors import (
    AccessEndedError,
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    ThingGoneError,
    ThrottledError,
)
from chalicelib.domain.own_calendars import Access, OwnEvent, Report
from tests.adapters.provider_server import PATIENT, ProviderServer, answers, provider

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVENT = OwnEvent(key="a" * 32, title="Massage", starts_at=NOW, ends_at=NOW + timedelta(hours=1))


def oauth(server: ProviderServer) -> OAuth:
    """Our account there."""
    return OAuth(
        provider="tested",
        http=server.http(),
        clock=lambda: NOW,
        authorise_url="https://login.example",
        token_url=f"{server.url}/token",
        client_id="id",
        client_secret="secret",
        back_to="https://api.example.ch/calendar",
        scope="all",
        asks={},
    )


def calendar(kind: str, server: ProviderServer) -> tuple[Any, Access]:
    """A calendar there, and what opens it."""
    if kind == "caldav":
        http = PublicHttp("caldav", private=frozenset({server.url}), timeouts=PATIENT)
        url = f"{server.url}/home/personal/"
        return CaldavCalendar(http=http, clock=lambda: NOW), Access(token="t", user="anna", address=url, main=url)
    if kind == "google":
        urls = {"base_url": server.url, "revoke_url": server.url, "reports_to": "https://api.example.ch/pushed"}
        made = GoogleCalendar(oauth=oauth(server), http=server.http(), **urls)
        return made, Access(token="t", refresh="r")
    return GraphCalendar(base_url=server.url, oauth=oauth(server), http=server.http(), reports_to=""), Access(token="t")


def busy(kind: str, server: ProviderServer) -> Any:
    """The answer to when it is busy."""
    made, access = calendar(kind, server)
    return made.busy(access, frm=NOW, to=NOW + timedelta(days=1), zones=lambda _: ZoneInfo("UTC"))


@pytest.mark.parametrize("kind", ["graph", "google"])
@pytest.mark.parametrize(
    ("status", "error", "seconds"),
    [
        (401, AccessEndedError, 0),
        (403, AccessEndedError, 0),
        (404, ThingGoneError, 0),
        (410, ThingGoneError, 0),
        (429, ThrottledError, 77),
        (503, ThrottledError, 77),
        (500, ProviderUnavailableError, 0),
        (400, ProviderMisconfiguredError, 0),
        (302, ProviderMisconfiguredError, 0),
    ],
)
def test_what_a_status_means(kind: str, status: int, error: type[ProviderError], seconds: int) -> None:
    """One table for all; a provider's text is in none of them."""
    with (
        provider(answers(status, '{"error":{"message":"Beat Geheim"}}', Retry_After="77")) as server,
        pytest.raises(error) as raised,
    ):
        busy(kind, server)

    assert type(raised.value) is error
    assert getattr(raised.value, "retry_after", 0) == seconds
    assert "Geheim" not in str(raised.value)


@pytest.mark.parametrize("waits", ["-1", "Mon, 02 Mar 2026 08:00:00 GMT", "", "²", "999999999"])
def test_strange_words_for_how_long_to_wait(waits: str) -> None:
    """A number of seconds up to a day; anything else is our own to decide."""
    with (
        provider(answers(429, "", Retry_After=waits.encode("latin-1").decode("latin-1"))) as server,
        pytest.raises(ThrottledError) as raised,
    ):
        busy("google", server)

    assert raised.value.retry_after in {0, 86_400}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("graph", "{}"),
        ("graph", '{"value":{}}'),
        ("graph", '{"value":[{"start":{}}]}'),
        ("graph", '{"value":[{"start":{"dateTime":"soon"},"end":{"dateTime":"later"}}]}'),
        ("google", "{}"),
        ("google", '{"calendars":{}}'),
        ("google", '{"calendars":{"primary":{}}}'),
        ("google", '{"calendars":{"primary":{"busy":[{"start":"soon","end":"later"}]}}}'),
        ("google", '{"calendars":{"primary":{"busy":[],"errors":[{"reason":"notFound"}]}}}'),
        ("caldav", "nonsense"),
        (
            "caldav",
            "BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20260302T080000/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR",
        ),
    ],
)
def test_what_can_not_be_understood_is_not_free(kind: str, body: str) -> None:
    """Nobody knows, so what was known stays."""
    with provider(answers(200, body)) as server, pytest.raises(ProviderUnavailableError):
        busy(kind, server)


ASKED = NOW + timedelta(days=6)


@pytest.mark.parametrize(
    ("expiration", "until"),
    [
        pytest.param('"1772467200000"', datetime(2026, 3, 2, 16, 0, tzinfo=UTC), id="less"),
        pytest.param('"1872467200000"', ASKED, id="more"),
        pytest.param('"soon"', ASKED, id="words"),
        pytest.param("null", ASKED, id="nothing"),
    ],
)
def test_a_channel_lasts_as_long_as_google_says(expiration: str, until: datetime) -> None:
    """If that is less than was asked for; it is asked for without a word about entries."""
    answer = f'{{"id":"x","resourceId":"r","expiration":{expiration}}}'
    with provider(answers(200, answer)) as server:
        made, access = calendar("google", server)
        subscription = made.reports.subscribe(access, "secret", ASKED)

    (seen,) = server.seen
    sent = json.loads(seen.body)
    assert (subscription.number, subscription.until) == (f"{sent['id']} r", until)
    assert seen.path == "/calendar/v3/calendars/primary/events/watch"
    assert sent == {
        "id": sent["id"],
        "type": "web_hook",
        "address": "https://api.example.ch/pushed",
        "token": "secret",
        "expiration": str(int(ASKED.timestamp()) * 1000),
    }


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (400, "push.webhookUrlNotHttps", ProviderMisconfiguredError),
        (401, "push.webhookUrlUnauthorized", ProviderMisconfiguredError),
        (403, "insufficientPermissions", ProviderMisconfiguredError),
        (401, "authError", AccessEndedError),
        (403, "userRateLimitExceeded", ThrottledError),
        (429, "rateLimitExceeded", ThrottledError),
        (500, "backendError", ProviderUnavailableError),
        (200, "no number", OutcomeUnknownError),
    ],
)
def test_what_google_says_instead_of_a_channel(status: int, reason: str, error: type[ProviderError]) -> None:
    """Only a token that is not valid says that the expert does not let us in any more."""
    answer = json.dumps({"error": {"errors": [{"reason": reason, "message": "Beat Geheim"}]}})
    with provider(answers(status, answer)) as server:
        made, access = calendar("google", server)
        with pytest.raises(error) as raised:
            made.reports.subscribe(access, "secret", ASKED)

    assert type(raised.value) is error
    assert "Geheim" not in str(raised.value)


@pytest.mark.parametrize(("status", "fine"), [(204, True), (404, True), (500, False)])
def test_stopping_a_channel_twice_is_stopping_it_once(status: int, fine: bool) -> None:
    """By both numbers."""
    with provider(answers(status, "")) as server:
        made, access = calendar("google", server)
        with nullcontext() if fine else pytest.raises(ProviderUnavailableError):
            made.reports.unsubscribe(access, "channel resource")

    assert json.loads(server.seen[0].body) == {"id": "channel", "resourceId": "resource"}


SAID = {"x-goog-channel-token": "secret", "x-goog-channel-id": "c", "x-goog-message-number": "7"}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        pytest.param({}, (Report(secret="secret", channel="c", number=7),), id="whole"),
        pytest.param(
            {"x-goog-resource-state": "sync"},
            (Report(secret="secret", channel="c", number=7, changed=False),),
            id="sync",
        ),
        pytest.param({"x-goog-message-number": "x"}, (Report(secret="secret"),), id="no-number"),
        pytest.param({"x-goog-message-number": "9" * 16}, (Report(secret="secret"),), id="too-large"),
        pytest.param({"x-goog-channel-id": "c" * 257}, (Report(secret="secret"),), id="too-long"),
        pytest.param({"x-goog-channel-token": "s" * 257}, (), id="no-secret-of-ours"),
        pytest.param({"x-goog-channel-token": ""}, (), id="no-secret"),
    ],
)
def test_what_a_message_of_google_says(changes: dict[str, str], wanted: tuple[Report, ...]) -> None:
    """Its content is not looked at, whatever is in it."""
    assert REPORTS["google-calendar"]({**SAID, **changes}, b'{"summary":"Kardiologie"}') == wanted


@pytest.mark.parametrize(("days", "asked"), [(62, [62]), (63, [62, 1]), (186, [62, 62, 62])])
def test_google_is_not_asked_for_more_than_it_answers(days: int, asked: list[int]) -> None:
    """One question after the other, without a gap."""
    with provider(answers(200, '{"calendars":{"primary":{"busy":[]}}}')) as server:
        made, access = calendar("google", server)
        made.busy(access, frm=NOW, to=NOW + timedelta(days=days), zones=None)

    ranges = [
        tuple(datetime.fromisoformat(json.loads(each.body)[name]) for name in ("timeMin", "timeMax"))
        for each in server.seen
    ]
    assert [(to - frm).days for frm, to in ranges] == asked
    assert [frm for frm, _ in ranges] == [NOW, *(to for _, to in ranges[:-1])]


def test_pages_are_followed_at_the_provider_only() -> None:
    """The token goes nowhere else."""
    page = '{"value":[],"@odata.nextLink":"https://elsewhere.example/next"}'
    with provider(answers(200, page)) as server, pytest.raises(ProviderMisconfiguredError):
        busy("graph", server)


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><d:multistatus xmlns:d="DAV:"/>',
        "<d:multistatus",
        "\xff",
        "",
    ],
)
def test_xml_that_is_none_or_dangerous(body: str) -> None:
    """Neither is read."""
    with provider(answers(207, body.encode("latin-1"))) as server:
        made, _ = calendar("caldav", server)
        with pytest.raises(ProviderUnavailableError):
            made.find(address=f"{server.url}/", user="anna", password="x")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, '{"error":"invalid_grant","error_description":"Beat Geheim"}', AccessEndedError),
        (400, '{"error":"interaction_required"}', AccessEndedError),
        (400, '{"error":"invalid_request"}', ProviderMisconfiguredError),
        (401, '{"error":"invalid_client"}', ProviderMisconfiguredError),
        (429, "{}", ThrottledError),
        (500, "", ProviderUnavailableError),
        (200, "{}", ProviderMisconfiguredError),
        (200, '{"access_token":"t","expires_in":"soon"}', ProviderMisconfiguredError),
    ],
)
def test_what_comes_instead_of_a_token(status: int, body: str, error: type[ProviderError]) -> None:
    """The expert's access has ended, or ours was refused: only the first breaks a link."""
    with provider(answers(status, body)) as server, pytest.raises(error) as raised:
        oauth(server).refreshed(Access(token="t", refresh="r"))

    assert type(raised.value) is error
    assert "Geheim" not in str(raised.value)


def test_a_code_without_a_refresh_token_links_nothing() -> None:
    """It would be over in an hour."""
    with (
        provider(answers(200, '{"access_token":"t","expires_in":3600}')) as server,
        pytest.raises(ProviderMisconfiguredError),
    ):
        oauth(server).exchange("code", "verifier")


@pytest.mark.parametrize("kind", ["graph", "google"])
def test_a_calendar_without_a_number_was_perhaps_made(kind: str) -> None:
    """It is asked for again later."""
    with provider(answers(201, "{}")) as server:
        made, access = calendar(kind, server)
        with pytest.raises(OutcomeUnknownError):
            made.create_own(access, "f" * 32)


@pytest.mark.parametrize(
    ("status", "body", "fine"), [(200, "{}", True), (400, '{"error":"invalid_token"}', True), (400, "{}", False)]
)
def test_giving_back_what_was_given_back(status: int, body: str, fine: bool) -> None:
    """Twice is as good as once."""
    with provider(answers(status, body)) as server:
        made, access = calendar("google", server)
        if fine:
            made.revoke(access)
            assert server.seen[0].form == {"token": "r"}
        else:
            with pytest.raises(ProviderMisconfiguredError):
                made.revoke(access)


@pytest.mark.parametrize("kind", ["graph", "google", "caldav"])
def test_no_part_leaves_that_is_not_declared(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A title, say, if it were not."""
    with provider(answers(200, "{}")) as server:
        made, access = calendar(kind, server)
        monkeypatch.setattr(type(made), "receives", frozenset({"key", "starts_at", "ends_at"}))
        with pytest.raises(TypeError):
            made.write(access, "own", EVENT)

    assert server.seen == []
