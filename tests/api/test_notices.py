"""The privacy notice over HTTP: for programs and to read, in four languages, with nothing loaded from elsewhere."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from tests.builders import business
from tests.stage import Stage, stage


@contextmanager
def asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, Stage]]:
    """A client of the real app whose services are those of a stage."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        yield client, on


def get(client: Client, path: str) -> Any:
    """The answer to a GET."""
    return client.http.get(path, headers={"Accept": "*/*"})


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_the_notice_for_programs(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Names who is responsible and who looks after data protection, and everything that is stored."""
    with asking(monkeypatch) as (client, _):
        answer = get(client, f"/v1/notice?language={language}")

    told = json.loads(answer.body)
    assert answer.status_code == 200
    assert told["language"] == language
    assert told["controller"]["postal"] == "Muster AG, Seestrasse 1, 8000 Zürich"
    assert told["officer"]["mail"] == "datenschutz@example.ch"
    assert {"Staff", "Session"} <= {kind["kind"] for kind in told["kinds"]}
    assert bool(told["governing"]) is (language != "en")


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_the_notice_to_read(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """A page without scripts that loads its own style sheet only."""
    with asking(monkeypatch) as (client, on):
        tenant = business(on, company="Praxis <Brunner> & Co").tenant
        answer = get(client, f"/tenants/{tenant}/notice?language={language}")

    page = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in page
    assert "Praxis &lt;Brunner&gt; &amp; Co" in page
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="([^"?#][^"]*)"', page) == ["data:,", "../../assets/page.css"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_operators_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """In English unless asked otherwise."""
    with asking(monkeypatch) as (client, _):
        page = get(client, "/notice").body.decode()

    assert "Privacy notice" in page
    assert "Data protection officer" in page


def test_another_language_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the field that is wrong."""
    with asking(monkeypatch) as (client, _):
        answer = get(client, "/v1/notice?language=rm")

    assert answer.status_code == 422
    assert json.loads(answer.body)["errors"][0]["field"] == "language"


def test_an_unknown_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has no notice."""
    with asking(monkeypatch) as (client, _):
        assert get(client, "/v1/tenants/" + "0" * 31 + "1/notice").status_code == 404
