"""Before the first password is replaced: every route says why it does nothing, but for the few that lead there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from chalice.app import RouteEntry
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.passwords import spell
from chalicelib.services.sign_in.passwords import Passwords
from tests.contracts.test_ledgered import declared, routes
from tests.services.operators import FIRST, MAIL, QUICK, SECOND, founded, operators_token
from tests.stage import Stage, stage

ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"
LET_THROUGH = {
    "GET /v1/health",
    "POST /v1/sign-in/parameters",
    "GET /v1/password-blocklist",
    "POST /v1/operator/first-password",
    "GET /first-password",
    "GET /assets/{name}",
}
CHANGE = {"email": MAIL, "proof": spell(FIRST), "new_proof": spell(SECOND)}


def named(entry: RouteEntry) -> str:
    """Method and pattern."""
    return f"{entry.method} {entry.uri_pattern}"


@dataclass
class Desk:
    """The real app on an installation that was just deployed."""

    on: Stage
    client: Client

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """One request."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        raw = json.dumps(body).encode() if body is not None else b""
        return self.client.http.request(method, path, headers=sent, body=raw)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """With the account, and the password that is used once."""
    with stage(opened=False) as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        vars(on.services)["hasher"] = QUICK
        founded(on)
        yield Desk(on, client)


def closed(answer: Any) -> bool:
    """Whether an answer is the refusal, and says what to do."""
    told = json.loads(answer.body) if answer.headers["Content-Type"] == "application/problem+json" else {}
    refused = told.get("type") == "urn:zusage:problem:setup-required"
    assert not refused or (answer.status_code, "/first-password" in told["detail"]) == (403, True)
    return refused


def test_what_is_let_through_is_declared() -> None:
    """These routes and no others; who adds one adds it here."""
    assert {named(entry) for entry in routes() if declared(entry).before_setup} == LET_THROUGH


def test_every_other_route_is_closed(desk: Desk) -> None:
    """To everybody: with the token of a session, with an access or a link, or without any."""
    token = operators_token_of(desk.on)
    shown = {}
    for entry in routes():
        path = entry.uri_pattern.replace("{name}", "page.css")
        for name in entry.view_args:
            path = path.replace(f"{{{name}}}", ID)
        for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Zusage-Link": "abc"}):
            sent = {"Content-Type": entry.content_types[0], **headers}
            shown[named(entry), *headers] = closed(desk.call(entry.method, path, {}, sent))

    assert {name for (name, *_), is_closed in shown.items() if not is_closed} == LET_THROUGH


def operators_token_of(on: Stage) -> str:
    """A session from nowhere: not even that opens anything."""
    with mock.patch("tests.services.operators.founded"):
        return operators_token(on)


def test_nothing_is_read_or_written_behind_the_gate(desk: Desk) -> None:
    """The refusal comes before anything else."""
    with mock.patch.object(Passwords, "ask_for_reset") as asked:
        assert closed(desk.call("POST", "/v1/password-resets", {"email": MAIL}))
        assert asked.call_count == 0


def test_the_change_opens_everything(desk: Desk) -> None:
    """In the process that refused before."""
    assert closed(desk.call("GET", "/v1/notice"))

    assert desk.call("POST", "/v1/operator/first-password", CHANGE).status_code == 204

    assert desk.call("GET", "/v1/notice").status_code == 200
    again = desk.call("POST", "/v1/operator/first-password", CHANGE)
    assert (again.status_code, again.json_body["type"]) == (409, "urn:zusage:problem:conflict")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"proof": spell(b"x" * 32)}, 401),
        ({"email": "jemand@example.ch"}, 401),
        ({"new_proof": spell(FIRST)}, 401),
        ({"proof": "a password"}, 422),
        ({"new_proof": ""}, 422),
        ({"email": "niemand"}, 422),
        ({"password": "in the clear"}, 422),
    ],
    ids=["wrong password", "wrong address", "same password", "no proof", "no new one", "no address", "in the clear"],
)
def test_a_wrong_change_opens_nothing(desk: Desk, changed: dict[str, str], status: int) -> None:
    """And repeats nothing of what was sent."""
    answer = desk.call("POST", "/v1/operator/first-password", {**CHANGE, **changed})

    assert answer.status_code == status
    assert not any(value in answer.body.decode() for value in changed.values() if value)
    assert closed(desk.call("GET", "/v1/notice"))


def test_the_fourth_attempt_has_to_wait(desk: Desk) -> None:
    """With a time after which to come back."""
    wrong = {**CHANGE, "proof": spell(b"x" * 32)}
    answers = [desk.call("POST", "/v1/operator/first-password", wrong) for _ in range(4)]

    assert [each.status_code for each in answers] == [401, 401, 401, 429]
    assert int(answers[3].headers["Retry-After"]) == 300
