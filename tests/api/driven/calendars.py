"""How the routes about experts' own calendars are driven where what they leave in the ledger is compared."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT, Access
from chalicelib.domain.tokens import Token
from chalicelib.records.calendar_link import CalendarLink
from chalicelib.records.writing import Transaction

Drive = Callable[[Any], object]
SERVER = {"address": "https://dav.example.ch/", "user": "regula", "password": "app-password"}


class Agreeing:
    """A calendar whose owner agrees to everything."""

    reports = None

    def __init__(self, name: str) -> None:
        self.name, self.oauth = name, None if name == CALDAV else self

    def address(self, *, state: str, verifier: str) -> str:
        """A page that says what it was asked."""
        assert verifier
        return f"https://login.example/{state}"

    def exchange(self, code: str, verifier: str) -> Access:
        """Any code will do."""
        return Access(token=code, refresh=verifier)

    def find(self, **_: str) -> Access:
        """There is one everywhere."""
        return Access(token="password", user="regula", address="https://dav.example.ch/")


def calendars(at: Any) -> Mapping[str, Any]:
    """All kinds, set up."""
    held = {name: Agreeing(name) for name in (MICROSOFT, GOOGLE, CALDAV)}
    vars(at.on.services)["own_calendars"] = held
    return held


def ask(at: Any, name: str) -> Drive:
    """Where to go to."""
    calendars(at)
    return lambda _: at.call("POST", f"/calendars/{name}")


def finish(at: Any) -> Drive:
    """With what came back."""
    address = ask(at, GOOGLE)(at)["address"]  # type: ignore[index]
    given = {"code": "code", "state": address.rpartition("/")[2]}
    return lambda _: at.call("POST", "/calendars/callback", given)


def link(at: Any) -> Drive:
    """A server."""
    calendars(at)
    return lambda _: at.call("POST", "/calendars/caldav", SERVER)


def of_linked(at: Any, method: str, path: str = "") -> Drive:
    """Something about a calendar that is linked."""
    linked = link(at)(at)["id"]  # type: ignore[index]
    return lambda _: at.call(method, f"/calendars/{linked}{path}")


def reported(at: Any) -> str:
    """The secret of a subscription to a calendar that is linked."""
    link(at)(at)
    (held,) = CalendarLink.all_of(at.of.tenant, at.of.expert)
    token = Token.new(at.of.tenant, at.of.expert)
    held.digest, held.next_at = token.digest, at.on.clock.now + timedelta(hours=1)
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()
    return token.spell()


def report(at: Any) -> Drive:
    """By Microsoft."""
    body = {"value": [{"clientState": reported(at)}]}
    return lambda _: call_back(at, "microsoft-graph", {}, json.dumps(body).encode())


def push(at: Any) -> Drive:
    """By Google."""
    headers = {"X-Goog-Channel-Token": reported(at), "X-Goog-Resource-State": "exists"}
    return lambda _: call_back(at, "google-calendar", headers, b"")


def call_back(at: Any, name: str, headers: dict[str, str], body: bytes) -> None:
    """By a provider."""
    given = {"Content-Type": "application/json", **headers}
    answer = at.client.http.request("POST", f"/v1/webhooks/{name}", headers=given, body=body)
    assert answer.status_code == 200, answer.body


CALENDARS: dict[str, Callable[[Any], Drive]] = {
    "GET /v1/calendars": lambda _: lambda at: at.call("GET", "/calendars"),
    "POST /v1/calendars/microsoft-graph": lambda at: ask(at, MICROSOFT),
    "POST /v1/calendars/google-calendar": lambda at: ask(at, GOOGLE),
    "POST /v1/calendars/callback": finish,
    "POST /v1/calendars/caldav": link,
    "POST /v1/calendars/{link}/sync": lambda at: of_linked(at, "POST", "/sync"),
    "DELETE /v1/calendars/{link}": lambda at: of_linked(at, "DELETE"),
    "POST /v1/calendars/feed": lambda _: lambda at: at.call("POST", "/calendars/feed", {"services": True}),
    "DELETE /v1/calendars/feed": lambda _: lambda at: at.call("DELETE", "/calendars/feed"),
    "POST /v1/webhooks/google-calendar": push,
    "POST /v1/webhooks/microsoft-graph": report,
}
