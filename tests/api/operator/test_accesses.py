"""Data secrecy and accesses over HTTP: what the operator's staff have to say, and what they then may see."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.app import RouteEntry
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.domain.actions import Action
from chalicelib.messages.secrecy_words import SECRECY_LANGUAGES, SECRECY_VERSION, secrecy_text
from tests.builders import Business, booked, business
from tests.contracts.test_ledgered import declared, routes
from tests.services.ledgers import MemoryRoots
from tests.services.looking import ledger
from tests.services.operators import founded, signed_in
from tests.stage import Stage, stage

REASON = "Ticket 4711: the owner asks why a booking failed"
DAY = "from=2026-11-09T00:00:00Z&to=2026-11-10T00:00:00Z"
READ_BY_ADMINS = [
    entry
    for entry in routes()
    if isinstance(auth := declared(entry).auth, Staff)
    and entry.method == "GET"
    and (not auth.roles or "admin" in auth.roles)
]


@dataclass
class Desk:
    """A business, and somebody who works for the operator, at the API."""

    on: Stage
    of: Business
    client: Client
    token: str

    def call(self, method: str, path: str, body: Any = None, *, access: str = "", token: str = "") -> Any:
        """One request of the operator's staff, unless another token says so."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}"}
        headers |= {"Zusage-Access": access} if access else {}
        sent = json.dumps(body).encode() if body is not None else b""
        return self.client.http.request(method, f"/v1{path}", headers=headers, body=sent)

    def confirm(self, **changes: str) -> Any:
        """Confirms data secrecy."""
        return self.call("POST", "/operator/secrecy", {"version": SECRECY_VERSION, "language": "de", **changes})

    def open(self, **changes: str) -> Any:
        """Opens an access to the business's data."""
        return self.call("POST", "/operator/accesses", {"tenant": self.of.tenant, "reason": REASON, **changes})

    def access(self) -> str:
        """What goes into the header for it."""
        header: str = self.open().json_body["header"]
        return header.removeprefix("Zusage-Access: ")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Signed in for the first time."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        vars(on.services)["roots"] = MemoryRoots()
        founded(on)
        yield Desk(on, business(on), client, signed_in(on).token)


def kind(answer: Any) -> tuple[int, str]:
    """Status and kind of a refusal."""
    return answer.status_code, answer.json_body["type"].removeprefix("urn:zusage:problem:")


def test_secrecy_comes_first(desk: Desk) -> None:
    """Nothing of the operator's answers before, and everything after."""
    assert kind(desk.call("GET", "/operator/promises")) == (403, "secrecy-required")
    assert kind(desk.open()) == (403, "secrecy-required")
    told = desk.call("GET", "/operator/secrecy").json_body
    assert (told["version"], told["confirmed_at"]) == (SECRECY_VERSION, None)

    assert desk.confirm().status_code == 204

    assert desk.call("GET", "/operator/promises").status_code == 200
    assert desk.call("GET", "/operator/secrecy").json_body["confirmed_at"] == "2026-11-02T08:00:00Z"


@pytest.mark.parametrize("language", SECRECY_LANGUAGES)
def test_it_is_read_in_four_languages(desk: Desk, language: str) -> None:
    """Each as it stands in its file; and each names the six points."""
    told = desk.call("GET", f"/operator/secrecy?language={language}").json_body

    assert (told["language"], told["text"]) == (language, secrecy_text(language))
    assert [line[:2] for line in told["text"].splitlines() if line[:1].isdigit()] == [f"{n}." for n in range(1, 7)]


@pytest.mark.parametrize("changed", [{"version": "2020-01-01"}, {"language": "rm"}], ids=["version", "language"])
def test_what_is_confirmed_is_what_there_is(desk: Desk, changed: dict[str, str]) -> None:
    """Another text is refused, and the field is named."""
    answer = desk.confirm(**changed)

    assert answer.status_code == 422
    assert next(iter(changed)) in answer.body.decode()


def test_a_businesss_staff_confirm_and_open_nothing(desk: Desk) -> None:
    """Not even its admin."""
    assert kind(desk.call("GET", "/operator/secrecy", token=desk.of.token)) == (403, "not-allowed")
    body = {"tenant": desk.of.tenant, "reason": REASON}
    assert kind(desk.call("POST", "/operator/accesses", body, token=desk.of.token)) == (403, "not-allowed")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("x" * 19, 422),
        ("x" * 20, 201),
        ("x" * 21, 201),
        ("x" * 499, 201),
        ("x" * 500, 201),
        ("x" * 501, 422),
        ("x" + " " * 30 + "x", 422),
        ("a line\nand another, which is long enough", 422),
    ],
    ids=["19", "20", "21", "499", "500", "501", "spaces", "two lines"],
)
def test_the_reason_says_something(desk: Desk, reason: str, status: int) -> None:
    """Neither a sigh nor a novel, in one line."""
    desk.confirm()

    assert desk.open(reason=reason).status_code == status


def test_a_business_that_there_is_not(desk: Desk) -> None:
    """Is told so."""
    desk.confirm()

    assert kind(desk.open(tenant="f" * 32)) == (404, "not-found")


def test_they_see_with_it_what_admins_see(desk: Desk) -> None:
    """And without it nothing; the entries name them and their route."""
    desk.confirm()
    booked(desk.on, desk.of)
    assert desk.call("GET", "/ledger/entries?day=2026-11-02").status_code == 403

    answer = desk.call("GET", f"/appointments?expert={desk.of.expert}&{DAY}", access=desk.access())

    assert [each["given_name"] for each in answer.json_body["appointments"]] == ["Anna"]
    (used,) = ledger(Action.ACCESS_USED)
    assert (used.tenant, used.ground) == (desk.of.tenant, "GET /v1/appointments")


@pytest.mark.parametrize("entry", READ_BY_ADMINS, ids=lambda entry: f"{entry.method} {entry.uri_pattern}")
def test_whatever_an_admin_reads_answers_them_too(desk: Desk, entry: RouteEntry) -> None:
    """Well, or with a refusal that says why; never broken. And each such call is noted, whatever comes of it."""
    desk.confirm()
    path = entry.uri_pattern.removeprefix("/v1")
    for name in entry.view_args:
        path = path.replace(f"{{{name}}}", desk.of.expert)

    answer = desk.call(entry.method, path, access=desk.access())

    assert answer.status_code < 500, answer.body
    assert [each.ground for each in ledger(Action.ACCESS_USED)] == [f"{entry.method} {entry.uri_pattern}"]


def test_they_change_nothing(desk: Desk) -> None:
    """Whatever they send."""
    desk.confirm()
    access = desk.access()

    for method, path in (
        ("POST", "/services"),
        ("PUT", f"/services/{desk.of.service.id}"),
        ("DELETE", "/session"),
        ("POST", f"/customers/{desk.of.expert}/legal-view"),
    ):
        assert kind(desk.call(method, path, {}, access=access)) == (403, "not-allowed")
    assert ledger(Action.ACCESS_USED) == []


def test_it_is_over_when_it_is_ended(desk: Desk) -> None:
    """At once."""
    desk.confirm()
    access = desk.access()
    tenant, which = access.split(".")

    assert desk.call("DELETE", f"/operator/accesses/{tenant}/{which}").status_code == 204

    assert kind(desk.call("GET", "/services", access=access)) == (403, "not-allowed")
    assert kind(desk.call("DELETE", f"/operator/accesses/{tenant}/{which}")) == (404, "not-found")


def test_the_business_is_shown_all_of_them(desk: Desk) -> None:
    """When, until when, why; to its admins."""
    desk.confirm()
    opened = desk.open().json_body

    told = desk.call("GET", "/tenant/accesses", token=desk.of.token).json_body

    assert told == {
        "accesses": [
            {
                "access": opened["access"],
                "reason": REASON,
                "started_at": "2026-11-02T08:00:00Z",
                "until": "2026-11-02T09:00:00Z",
            }
        ],
        "cursor": None,
    }


def test_their_own_account_is_theirs_without_an_access(desk: Desk) -> None:
    """They see and end their own session like everybody."""
    assert desk.call("GET", "/session").json_body["roles"] == ["operator"]
    assert desk.call("DELETE", "/session").status_code in {200, 204}
    assert desk.call("GET", "/session").status_code == 401
