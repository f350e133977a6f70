"""Reservations over HTTP: what is answered, and that the id stands in no address."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import wiring
from chalicelib.domain.visits import Visitor
from tests.builders import Business
from tests.services.prepared import open_business
from tests.stage import Stage


@contextmanager
def counter(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stage, Business, Client]]:
    """A client of the real app, always from one address."""
    with open_business() as (on, of), Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        monkeypatch.setattr("chalicelib.api.http.request.Incoming.visitor", lambda _: Visitor.of("198.51.100.7", ""))
        yield on, of, client


def reserve(on: Stage, of: Business, client: Client, hour: int = 9, **changes: Any) -> HTTPResponse:
    """Asks for a time in a fresh form."""
    form = on.services.forms.hand_out("reservation", {"tenant": of.tenant, "service": of.service.id}).token
    wanted = {"service": of.service.id, "expert": None, "starts_at": f"2026-11-09T{hour:02}:00:00Z", "duration": None}
    headers = {"Content-Type": "application/json", "Zusage-Form": form}
    body = json.dumps(wanted | changes).encode()
    return client.http.request("POST", f"/v1/tenants/{of.tenant}/reservations", headers=headers, body=body)


def test_a_reservation_is_made_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """With who does it, and until when it is kept; the id comes back in a header."""
    with counter(monkeypatch) as (on, of, client):
        made = reserve(on, of, client)

        assert made.status_code == 201
        told = json.loads(made.body)
        assert told == {"id": told["id"], "expert": of.expert, "until": "2026-11-02T08:05:00Z"}
        assert reserve(on, of, client).status_code == 409
        path, link = f"/v1/tenants/{of.tenant}/reservation", {"Zusage-Link": told["id"]}
        assert client.http.request("DELETE", path, headers=link).status_code == 204
        assert client.http.request("DELETE", path, headers=link).status_code == 403
        assert client.http.request("DELETE", path).status_code == 403
        assert reserve(on, of, client).status_code == 201


def test_who_reserves_too_often_hears_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the header for it."""
    with counter(monkeypatch) as (on, of, client):
        assert {reserve(on, of, client, 8 + number).status_code for number in range(5)} == {201}

        refused = reserve(on, of, client, 14)

        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")


@pytest.mark.parametrize("changes", [{"duration": 0}, {"duration": 1441}, {"expert": "me"}, {"more": 1}])
def test_what_is_no_reservation_is_refused(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is done for it."""
    with counter(monkeypatch) as (on, of, client):
        assert reserve(on, of, client, **changes).status_code in {403, 422, 400}
