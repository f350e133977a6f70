"""Keys of servers at the API: made by people, used by servers within their scopes, never for what people do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.api.http.auth import Public, Staff
from chalicelib.domain.actions import Action
from chalicelib.domain.scopes import SCOPES
from chalicelib.records.form_use import UsedForm
from tests.builders import Business
from tests.services.looking import ledger, stored
from tests.services.prepared import open_business
from tests.stage import Stage

UNTIL = "2026-11-30T00:00:00Z"


@dataclass
class Desk:
    """An admin, and the business's server."""

    on: Stage
    of: Business
    client: Client

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", form: str = "") -> tuple[int, Any]:
        """Status and answer, as the admin unless by another token."""
        headers = {"Authorization": f"Bearer {token or self.of.token}", "Content-Type": "application/json"}
        headers |= {"Zusage-Form": form} if form else {}
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.client.http.request(method, f"/v1{path}", headers=headers, body=sent)
        return answer.status_code, json.loads(answer.body) if answer.body else None

    def key(self, *scopes: str) -> str:
        """A fresh key."""
        status, told = self.call("POST", "/api-keys", {"label": "Website", "scopes": scopes, "valid_until": UNTIL})
        assert status == 201
        return str(told["key"])

    def wish(self) -> dict[str, Any]:
        """A booking, with as little as a server has to send."""
        person = {"given_name": "Anna", "family_name": "Muster", "email": "anna@kundin.example"}
        where = {"service": self.of.service.id, "expert": self.of.expert}
        return {**where, "starts_at": "2026-11-09T09:00:00Z", "customer": person}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A business at the real app."""
    with open_business() as (on, of), Client(app) as client:
        monkeypatch.setattr("chalicelib.wiring.services", lambda: on.services)
        yield Desk(on, of, client)


def test_a_key_is_told_once(desk: Desk) -> None:
    """Then it is listed without what opens anything, and revoked by its id."""
    secret = desk.key("services:read")
    status, told = desk.call("GET", "/api-keys")

    (listed,) = told["keys"]
    assert status == 200
    assert secret.startswith("zk_")
    assert secret not in json.dumps(told)
    assert (listed["label"], listed["scopes"], listed["seen_at"]) == ("Website", ["services:read"], None)
    assert desk.call("GET", "/services", token=secret)[0] == 200
    assert desk.call("GET", "/api-keys")[1]["keys"][0]["seen_at"] == "2026-11-02T08:00:00Z"
    assert desk.call("DELETE", f"/api-keys/{listed['id']}")[0] == 204
    assert desk.call("GET", "/services", token=secret)[0] == 401


def test_a_server_books_without_a_form(desk: Desk) -> None:
    """In its own name: the ledger says that a key did it, about the customer."""
    secret = desk.key("appointments:write")

    status, booked = desk.call("POST", f"/tenants/{desk.of.tenant}/appointments", desk.wish(), token=secret)

    assert status == 201, booked
    (entry,) = ledger(Action.APPOINTMENT_BOOKED)
    assert entry.actor == desk.call("GET", "/api-keys")[1]["keys"][0]["id"]
    assert entry.about not in {None, entry.actor}
    assert stored(UsedForm) == []


@pytest.mark.parametrize("scope", [each for each in SCOPES if each != "appointments:write"])
def test_it_needs_the_scope_for_that(desk: Desk, scope: str) -> None:
    """Any other opens other doors."""
    path = f"/tenants/{desk.of.tenant}/appointments"

    assert desk.call("POST", path, desk.wish(), token=desk.key(scope))[0] == 403


def test_it_books_at_its_own_business_only(desk: Desk) -> None:
    """Another one is not there for it; and what is no key is no key."""
    secret = desk.key("appointments:write")

    assert desk.call("POST", f"/tenants/{'f' * 32}/appointments", desk.wish(), token=secret)[0] == 404
    assert desk.call("POST", f"/tenants/{desk.of.tenant}/appointments", desk.wish(), token="zk_x")[0] == 401


def test_a_persons_session_is_no_key(desk: Desk) -> None:
    """Signed in or not, whoever books as a person sends the form."""
    assert desk.call("POST", f"/tenants/{desk.of.tenant}/appointments", desk.wish())[0] == 403


def test_keys_do_not_do_what_people_do(desk: Desk) -> None:
    """Every route of staff that names no scope refuses one with all of them."""
    secret = desk.key(*SCOPES)
    refused = {}
    for path, methods in app.routes.items():
        for method, entry in methods.items():
            auth = entry.view_function.__endpoint__.auth
            if isinstance(auth, Staff) and not auth.key:
                filled = path.removeprefix("/v1").replace("{", "").replace("}", "")
                for name in entry.view_args:
                    filled = filled.replace(f"/{name}", f"/{'f' * 32}", 1) if name in filled else filled
                refused[f"{method} {path}"] = desk.call(method, filled, token=secret)[0]

    assert len(refused) > 20
    assert {name: status for name, status in refused.items() if status not in {403, 404, 415}} == {}
    assert list(refused.values()).count(403) > 20


def test_a_server_names_whose_appointments_it_lists(desk: Desk) -> None:
    """It has none of its own."""
    secret, day = desk.key("appointments:read"), "from=2026-11-09T00:00:00Z&to=2026-11-10T00:00:00Z"

    assert desk.call("GET", f"/appointments?{day}", token=secret)[0] == 422
    assert desk.call("GET", f"/appointments?{day}&expert={desk.of.expert}", token=secret)[0] == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"label": ""},
        {"label": "a\nb"},
        {"valid_until": "2026-11-02T08:00:00Z"},
        {"valid_until": "2028-01-01T00:00:00Z"},
    ],
    ids=lambda changes: "-".join(map(str, *changes.items())).strip()[:24].replace("\n", "n"),
)
def test_what_is_wanted_has_to_make_sense(desk: Desk, changes: dict[str, Any]) -> None:
    """Refused by field."""
    wanted = {"label": "Website", "scopes": ["services:read"], "valid_until": UNTIL, **changes}

    status, told = desk.call("POST", "/api-keys", wanted)

    assert status == 422
    assert told["errors"][0]["field"].partition(".")[0] == next(iter(changes))


def test_each_scope_opens_something() -> None:
    """Or it would promise what nobody keeps."""
    auths = [entry.view_function.__endpoint__.auth for methods in app.routes.values() for entry in methods.values()]

    assert {auth.key for auth in auths if isinstance(auth, Staff | Public)} == {"", *SCOPES}
