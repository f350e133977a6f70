"""Own calendars over HTTP: who may, what is refused, and what Microsoft and programs hear."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import wiring
from chalicelib.domain.own_calendars import CALDAV, GOOGLE
from infra.local.providers.caldav import PASSWORD
from infra.local.providers.google_channels import push_of
from tests.builders import booked
from tests.services.calendar_builders import NINE, Desk, desk, entry, raw_items


@dataclass(frozen=True)
class Front:
    """The API of a business, as its expert calls it."""

    at: Desk
    client: Client

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One request."""
        given = {"Content-Type": "application/json", "Authorization": f"Bearer {self.at.of.token}", **headers}
        sent = b"" if body is None else json.dumps(body).encode()
        return self.client.http.request(method, path, headers=given, body=sent)


@pytest.fixture(name="front")
def fixture_front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """A fresh one."""
    with ExitStack() as held:
        at = held.enter_context(desk())
        monkeypatch.setattr(wiring, "services", lambda: at.on.services)
        yield Front(at, held.enter_context(Client(app)))


def told(answer: HTTPResponse) -> tuple[int, str]:
    """Status and kind of a refusal."""
    return answer.status_code, str(answer.json_body["type"]).rpartition(":")[2]


def test_a_calendar_is_linked_seen_and_unlinked(front: Front) -> None:
    """And its conflicts are listed; nothing that opens it is told."""
    given = {"address": f"{front.at.server.url}/caldav/", "user": "expert", "password": PASSWORD}
    held = booked(front.at.on, front.at.of, starts_at=NINE)
    front.at.holds(CALDAV, entry(NINE))

    link = front.call("POST", "/v1/calendars/caldav", given)
    front.at.sync()
    shown = front.call("GET", "/v1/calendars")
    conflicts = front.call("GET", "/v1/calendars/conflicts").json_body

    assert (link.status_code, link.json_body["state"]) == (201, "connecting")
    assert [each["state"] for each in shown.json_body["calendars"]] == ["working"]
    assert PASSWORD not in link.body.decode() + shown.body.decode()
    assert [each["id"] for each in conflicts["appointments"]] == [held.id]
    path = f"/v1/calendars/{link.json_body['id']}"
    assert [front.call("DELETE", path).status_code for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("path", "body", "wanted"),
    [
        ("/v1/calendars/callback", {"code": "x", "state": "y"}, (403, "link-invalid")),
        ("/v1/calendars/callback", {"code": "x"}, (400, "bad-request")),
        (
            "/v1/calendars/caldav",
            {"address": "https://169.254.169.254/", "user": "a", "password": "b"},
            (422, "invalid-input"),
        ),
        ("/v1/calendars/" + "f" * 32 + "/sync", None, (404, "not-found")),
    ],
)
def test_what_is_refused(front: Front, path: str, body: Any, wanted: tuple[int, str]) -> None:
    """With what mends it."""
    answer = told(front.call("POST", path, body))

    assert answer == wanted or (wanted[0] == 400 and answer[0] in {400, 422})


def test_microsoft_hears_its_own_token_as_plain_text(front: Front) -> None:
    """Nothing of it is ever a page."""
    token = "Validation: <script>alert(1)</script> &amp; 100%"
    answer = front.client.http.request(
        "POST",
        "/v1/webhooks/microsoft-graph?validationToken=Validation%3A%20%3Cscript%3Ealert(1)%3C/script%3E%20%26amp%3B%20100%25",
        headers={"Content-Type": "text/plain; charset=utf-8"},
        body=b"",
    )

    assert (answer.status_code, answer.body.decode()) == (200, token)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"value":[{}]}', b'{"value":[{"clientState":"x"}]}', b"\xff"])
def test_reports_without_a_secret_of_ours_are_refused(front: Front, body: bytes) -> None:
    """Whatever they look like."""
    answer = front.client.http.request(
        "POST", "/v1/webhooks/microsoft-graph", headers={"Content-Type": "application/json"}, body=body
    )

    assert told(answer) == (403, "signature-invalid")


@pytest.fixture(name="channel")
def fixture_channel(front: Front) -> dict[str, Any]:
    """Of a linked calendar at Google."""
    front.at.linked(GOOGLE)
    (channel,) = front.at.account(GOOGLE).subscriptions.values()
    return {**channel, "number": 2}


def pushed(front: Front, channel: dict[str, Any], *, state: str = "exists", body: bytes = b"") -> HTTPResponse:
    """A message of Google's."""
    headers = {**push_of(channel, state).headers, "X-Title": "Kardiologie"}
    return front.client.http.request("POST", "/v1/webhooks/google-calendar", headers=headers, body=body)


def test_google_says_that_something_changed(front: Front, channel: dict[str, Any]) -> None:
    """And is thanked in few words; the calendar is looked at next."""
    first = pushed(front, channel, state="sync")
    assert front.at.links()[0].next_at > front.at.on.clock.now
    answer = pushed(front, channel)

    assert [(each.status_code, each.body) for each in (first, answer)] == [(200, b""), (200, b"")]
    assert front.at.links()[0].next_at == front.at.on.clock.now


@pytest.mark.parametrize("token", ["", "made-up", "A" * 107])
@pytest.mark.parametrize("state", ["sync", "exists"])
def test_pushes_without_the_secret_of_a_channel_are_refused(
    front: Front, channel: dict[str, Any], token: str, state: str
) -> None:
    """Though all numbers are right, and with the same words for what there is and what there is not."""
    assert told(pushed(front, {**channel, "token": token}, state=state)) == (403, "signature-invalid")
    assert front.at.links()[0].next_at > front.at.on.clock.now


def test_nothing_of_a_push_is_kept_or_logged(
    front: Front, channel: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither what it should not say, nor its secret."""
    assert pushed(front, channel, body=b'{"summary":"Kardiologie Dr. Geheim"}').status_code == 200
    front.at.sync()

    stored, logged = b"\n".join(raw_items()), capsys.readouterr()
    for secret in ("Kardiologie", channel["token"]):
        assert secret.encode() not in stored
        assert secret not in logged.out + logged.err


def test_a_feed_is_served_to_whoever_has_its_address(front: Front) -> None:
    """As a calendar that nobody but its reader keeps; all other addresses lead nowhere."""
    booked(front.at.on, front.at.of)
    made = front.call("POST", "/v1/calendars/feed", {"services": False}).json_body["address"]
    path = made.removeprefix("https://api.example.ch")

    answer = front.client.http.request("GET", path, headers={})
    again = front.client.http.request("GET", path, headers={"If-None-Match": answer.headers["ETag"]})

    assert (answer.status_code, again.status_code) == (200, 304)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    for other in (path.replace(".ics", ""), "/v1/feeds/" + "A" * 86 + ".ics", "/v1/feeds/x.ics"):
        assert front.client.http.request("GET", other, headers={}).status_code == 404


def test_the_address_of_a_feed_does_not_reach_the_log(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    """It names the route."""
    made = front.call("POST", "/v1/calendars/feed", {"services": False}).json_body["address"]
    token = made.rpartition("/")[2].removesuffix(".ics")

    front.client.http.request("GET", f"/v1/feeds/{token}.ics", headers={})

    written = capsys.readouterr()
    assert "GET /v1/feeds/{feed}" in written.out
    assert token[:40] not in written.out + written.err
