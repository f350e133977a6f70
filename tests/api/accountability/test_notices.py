"""The privacy notice over HTTP: for programs and to read, in four languages, with nothing loaded from elsewhere."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.messages.notice_words import words
from chalicelib.records.publications import published
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
    assert told["controller"]["mail"] == "kontakt@example.ch"
    assert told["officer"] == {
        "name": "Datenschutzstelle",
        "postal": "Muster AG, Datenschutzstelle, Seestrasse 1, 8000 Zürich",
        "mail": "datenschutz@example.ch",
    }
    assert told["supervisor"]["web"] == "https://www.edoeb.admin.ch"
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
    loaded = re.findall(r'<(?:link|img|script)[^>]*(?:src|href)="([^"]*)"', page)
    assert loaded == ["data:,", "../../assets/page.css"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_operators_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """In English unless asked otherwise."""
    with asking(monkeypatch) as (client, _):
        page = get(client, "/notice").body.decode()

    assert "Privacy notice" in page
    assert "Data protection officer" in page


def test_the_versions_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, with dates, what is important, and what is new in each."""
    with asking(monkeypatch) as (client, on):
        on.clock.now = datetime(2027, 1, 1, tzinfo=UTC)
        tenant = business(on).tenant
        for path in ("/v1/notice", f"/v1/tenants/{tenant}/notice"):
            versions = json.loads(get(client, f"{path}/versions?language=de").body)["versions"]
            newest = versions[0]
            held = json.loads(get(client, f"{path}/versions/{newest['version']}").body)
            oldest = json.loads(get(client, f"{path}/versions/2026-11-22").body)
            news = json.loads(get(client, f"{path}/versions/{newest['version']}/changes?since=2026-11-22").body)

            assert [each["version"] for each in versions] == [each.version for each in reversed(published())]
            assert newest["state"] == held["state"] == "in-force"
            assert oldest["state"] == "past"
            assert {kind["kind"] for kind in oldest["kinds"]} != {kind["kind"] for kind in held["kinds"]}
            assert (news["since"], news["important"]) == ("2026-11-22", True)
            assert news["changes"]


@pytest.mark.parametrize("path", ["/v1/notice", "/notice", "/v1/tenants/{tenant}/notice", "/tenants/{tenant}/notice"])
@pytest.mark.parametrize("version", ["2020-01-01", "latest", "2026-11-22x"])
def test_a_version_that_was_never_published(monkeypatch: pytest.MonkeyPatch, path: str, version: str) -> None:
    """Is not found, whatever it is called."""
    with asking(monkeypatch) as (client, on):
        tenant = business(on).tenant
        assert get(client, f"{path.format(tenant=tenant)}/versions/{version}").status_code == 404


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_a_version_to_read(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """The whole notice with what is new in it and links to every version, which lead somewhere."""
    with asking(monkeypatch) as (client, on):
        tenant = business(on).tenant
        for base in ("/notice", f"/tenants/{tenant}/notice"):
            here = f"{base}/versions/{published()[-1].version}"
            page = get(client, f"{here}?language={language}").body.decode()
            links = re.findall(r'<li><a href="([^"?]*)\?language=(..)"', page)

            assert words(language)["changes"].format(version=published()[-2].version) in unescape(page)
            assert {code for _, code in links} == {language}
            found = {urljoin(here, link) for link, _ in links}
            assert found == {f"{base}/versions/{each.version}" for each in published()}
            assert all(get(client, link).status_code == 200 for link in found)
            style = re.findall(r'<link rel="stylesheet" href="([^"]*)"', page)[0]
            assert urljoin(here, style) == "/assets/page.css"


def test_the_page_in_force_links_to_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its own address, which has no slash at its end."""
    with asking(monkeypatch) as (client, _):
        page = get(client, "/notice").body.decode()

    links = re.findall(r'<li><a href="([^"?]*)\?', page)
    assert [urljoin("/notice", link) for link in links] == [
        f"/notice/versions/{each.version}" for each in reversed(published())
    ]


def test_whom_to_write_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """For forms: controller and officer by post and by mail, and the authority in charge."""
    with asking(monkeypatch) as (client, _):
        told = json.loads(get(client, "/v1/contact").body)

    for who in ("controller", "officer"):
        assert all(told[who][name].strip() for name in ("name", "postal", "mail"))
    assert told["supervisor"]["postal"] == "Feldeggweg 1, 3003 Bern"


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
