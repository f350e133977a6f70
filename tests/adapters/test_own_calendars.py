"""Adapters of calendars: what each answer of a provider means. What they ask is tried on simulated providers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.adapters._public_http import PublicHttp
from chalicelib.adapters.calendars._oauth import OAuth
from chalicelib.adapters.calendars.caldav import CaldavCalendar
from chalicelib.adapters.calendars.google import GoogleCalendar
from chalicelib.adapters.calendars.graph import GraphCalendar
from chalicelib.domain.errors import (
    AccessEndedError,
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    ThingGoneError,
    ThrottledError,
)
from chalicelib.domain.own_calendars import Access, OwnEvent
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
        made = GoogleCalendar(base_url=server.url, oauth=oauth(server), http=server.http(), revoke_url=server.url)
        return made, Access(token="t", refresh="r")
    return GraphCalendar(base_url=server.url, oauth=oauth(server), http=server.http(), reports_to=""), Access(token="t")


def busy(kind: str, server: ProviderServer) -> Any:
    """The answer to when it is busy."""
    made, access = calendar(kind, server)
    return made.busy(access, frm=NOW, to=NOW + timedelta(days=1), zone=ZoneInfo("UTC"))


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
