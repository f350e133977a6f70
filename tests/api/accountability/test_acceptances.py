"""Acceptances over HTTP: seen and made by signed-in staff only."""

import json
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.versions import TERMS_VERSION
from chalicelib.records.publications import published
from tests.builders import registered
from tests.stage import stage

PATH = "/v1/staff/me/acceptances"
GIVEN = {"terms_version": TERMS_VERSION, "notice_version": published()[-1].version, "language": "en"}


def call(client: Client, method: str, token: str, body: Any = None) -> tuple[int, Any]:
    """Status and parsed answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
    answer = client.http.request(method, PATH, headers=headers, body=json.dumps(body) if body else b"")
    return answer.status_code, json.loads(answer.body)


def test_staff_see_and_accept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was accepted at registration, then the newest version."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        token = registered(on, notice_version=published()[0].version).token
        status, before = call(client, "GET", token)
        created, after = call(client, "POST", token, GIVEN)

    assert (status, created) == (200, 201)
    assert [each["notice_version"] for each in before["accepted"]] == [published()[0].version]
    assert before["announced"][-1]["version"] == published()[-1].version
    assert after["accepted"][-1] | {"accepted_at": ""} == GIVEN | {"accepted_at": ""}
    assert after["asks_consent"] == []


def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its field."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        token = registered(on).token
        status, problem = call(client, "POST", token, GIVEN | {"notice_version": "2020-01-01"})

    assert status == 422
    assert problem["errors"][0]["field"] == "notice_version"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strangers_see_nothing(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Nobody accepts for somebody else."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)

        assert call(client, method, "nobody", GIVEN if method == "POST" else None)[0] == 401
