"""Simulated calendars refuse what the real ones refuse: accounts, codes, tokens, proofs."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from infra.local.providers.exchange import Request, Response
from infra.local.providers.simulator import Simulator
from tests.local.simulator_builders import NOW, a_simulator, answer, basic

BACK = "https://api.example.ch/calendar"
VERIFIER = "v" * 43
AUTHORISE = {"microsoft": "/microsoft/common/oauth2/v2.0/authorize", "google": "/google/o/oauth2/v2/auth"}
TOKEN = {"microsoft": "/microsoft/common/oauth2/v2.0/token", "google": "/google/token"}
each_company = pytest.mark.parametrize("company", AUTHORISE)


def account(simulator: Simulator, company: str) -> dict[str, str]:
    """Ours at a company."""
    setup, name = simulator.setup, company.title()
    return {
        "client_id": setup.account[f"{name}ClientId"],
        "client_secret": setup.secrets[f"{company}_client_secret"],
        "redirect_uri": BACK,
    }


def code(simulator: Simulator, company: str, scope: str = "") -> str:
    """What somebody comes back with who agreed."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    asked = {**account(simulator, company), "response_type": "code", "state": "s", "code_challenge": challenge}
    asked["scope"] = scope
    sent = answer(simulator, Request(method="GET", path=AUTHORISE[company], query=asked))
    assert sent.status == 302
    return parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]


def token(simulator: Simulator, company: str, **changes: Any) -> Response:
    """What comes of a code."""
    given = {**account(simulator, company), "grant_type": "authorization_code", "code_verifier": VERIFIER, **changes}
    return answer(simulator, Request(method="POST", path=TOKEN[company], body=urlencode(given).encode()))


@each_company
def test_a_code_works_once_and_for_whoever_began(company: str) -> None:
    """With the verifier, from the same page, and not again."""
    simulator = a_simulator()
    for wrong in ({"code_verifier": "w" * 43}, {"redirect_uri": "https://elsewhere.example/"}):
        assert token(simulator, company, code=code(simulator, company), **wrong).status == 400
    good = code(simulator, company)

    assert [token(simulator, company, code=good).status for _ in range(2)] == [200, 400]
    assert token(simulator, company, code=code(simulator, company), client_secret="wrong").status == 401


@each_company
def test_tokens_end_after_an_hour(company: str) -> None:
    """To the second; and what is not one never works."""
    now = NOW
    simulator = a_simulator(clock=lambda: now)
    got = token(simulator, company, code=code(simulator, company))
    path = "/microsoft/v1.0/me/calendars" if company == "microsoft" else "/google/calendar/v3/calendars"
    body = b'{"name":"Zusage","summary":"Zusage"}'

    def status(held: str) -> int:
        given = {"authorization": f"Bearer {held}"}
        return answer(simulator, Request(method="POST", path=path, headers=given, body=body)).status

    held = str(_json(got)["access_token"])
    now = NOW + timedelta(minutes=59, seconds=59)
    assert status(held) in {200, 201}
    now = NOW + timedelta(hours=1)
    assert [status(held), status("made-up")] == [401, 401]


def test_only_the_right_password_opens_caldav() -> None:
    """And a person's home is theirs alone."""
    simulator = a_simulator()
    right, wrong = basic("anna", "insecure-app-password"), basic("anna", "wrong")

    def status(path: str, headers: dict[str, str]) -> int:
        return answer(simulator, Request(method="MKCALENDAR", path=path, headers=headers)).status

    assert status("/caldav/calendars/anna/new/", wrong) == 401
    assert status("/caldav/calendars/beat/new/", right) == 403
    assert [status("/caldav/calendars/anna/new/", right) for _ in range(2)] == [201, 405]


RIGHTS = "openid https://www.googleapis.com/auth/calendar.events.freebusy"
CHANNEL = {"id": "c", "type": "web_hook", "address": "https://api.example.ch/pushed", "token": "t"}


def google(simulator: Simulator, path: str, body: Any, *, rights: str = RIGHTS) -> Response:
    """A call in the name of somebody who has agreed to `rights`."""
    held = _json(token(simulator, "google", code=code(simulator, "google", scope=rights)))["access_token"]
    given = {"authorization": f"Bearer {held}"}
    request = Request(method="POST", path=f"/google/calendar/v3{path}", headers=given, body=json.dumps(body).encode())
    return answer(simulator, request)


def watch(simulator: Simulator, **changes: Any) -> tuple[int, str]:
    """What comes of opening a channel: status and reason."""
    got = google(simulator, "/calendars/primary/events/watch", {**CHANNEL, **changes})
    said = _json(got)
    return got.status, said["error"]["message"] if "error" in said else ""


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, (200, "")),
        ({"address": "http://api.example.ch/pushed"}, (400, "push.webhookUrlNotHttps")),
        ({"address": "http://app.localhost:1/pushed"}, (200, "")),
        ({"type": "web-hook"}, (400, "invalid")),
        ({"token": "t" * 257}, (400, "invalid")),
        ({"id": ""}, (400, "invalid")),
    ],
)
def test_which_channels_google_opens(changes: dict[str, str], wanted: tuple[int, str]) -> None:
    """To addresses that are encrypted, or on this machine."""
    assert watch(a_simulator(), **changes) == wanted


def test_a_channel_needs_the_right_and_a_number_of_its_own() -> None:
    """As do questions when somebody is busy; and it is stopped by both of its numbers only."""
    simulator = a_simulator()
    weaker = google(simulator, "/calendars/primary/events/watch", CHANNEL, rights="calendar.freebusy")
    assert (weaker.status, _json(weaker)["error"]["message"]) == (403, "insufficientPermissions")
    assert [watch(simulator), watch(simulator)] == [(200, ""), (400, "channelIdNotUnique")]

    account: Any = simulator.calendars["google-calendar"]
    (channel,) = account.accounts.of("expert").subscriptions.values()
    numbers = ({"id": "c", "resourceId": "wrong"}, {"id": "c", "resourceId": channel["resourceId"]})
    assert [google(simulator, "/channels/stop", each).status for each in (*numbers, numbers[1])] == [404, 204, 404]


@pytest.mark.parametrize(("days", "lasts"), [(None, 7), (6, 6), (40, 30)])
def test_channels_end(days: int | None, lasts: int) -> None:
    """After a week, as asked, or after 30 days; then they say nothing more. Numbers grow by more than one."""
    now = NOW
    simulator = a_simulator(clock=lambda: now)
    ends = {"expiration": str(int((NOW + timedelta(days=days)).timestamp()) * 1000)} if days else {}
    assert watch(simulator, address="http://127.0.0.1:1/pushed", **ends) == (200, "")
    google_: Any = simulator.calendars["google-calendar"]
    account = google_.accounts.of("expert")

    now = NOW + timedelta(days=lasts, seconds=-1)
    assert google_.channels.push(account, times=2) == [0, 0]
    assert account.subscriptions["c"]["number"] == 8
    now = NOW + timedelta(days=lasts)
    assert google_.channels.push(account) == []


def test_google_answers_for_90_days_at_once() -> None:
    """And refuses more."""
    simulator, given = a_simulator(), {"timeMin": "2026-03-02T00:00:00Z", "items": [{"id": "primary"}]}
    asked = [{**given, "timeMax": each} for each in ("2026-05-31T00:00:00Z", "2026-05-31T00:00:01Z")]

    assert [google(simulator, "/freeBusy", each).status for each in asked] == [200, 400]


def test_orders_for_a_calendar_that_there_is_not() -> None:
    """As for any other provider."""
    with pytest.raises(ValueError, match="there is no calendar"):
        a_simulator().control({"calendars": {"unknown": {}}})


def _json(response: Response) -> Any:
    return json.loads(response.body)
