"""The record of processing over HTTP: to read, for programs, and as a workbook that any program opens."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.api.accountability import _processing_book
from chalicelib.messages.processing_words import PROCESSING_LANGUAGES, processing_words
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.processors import PROCESSORS
from chalicelib.services.notice.processing_record import ProcessingRecord, Responsible
from tests.stage import Stage, settings, stage
from tests.workbooks import sheets_of


@contextmanager
def asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, Stage]]:
    """A client of the real app whose services are those of a stage."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        yield client, on


def get(client: Client, path: str, **headers: str) -> Any:
    """The answer to a GET."""
    return client.http.get(path, headers=headers)


@pytest.mark.parametrize("language", PROCESSING_LANGUAGES)
def test_the_record_for_programs(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Every kind of data, every processor, and who answers for it."""
    with asking(monkeypatch) as (client, _):
        answer = get(client, f"/v1/processing-record?language={language}")

    told = json.loads(answer.body)
    assert answer.status_code == 200
    assert told["language"] == language
    assert told["controller"] == {
        "name": "Muster AG",
        "postal": "Muster AG, Seestrasse 1, 8000 Zürich",
        "mail": "kontakt@example.ch",
    }
    assert {each["kind"] for each in told["activities"]} == {kind.kind_name() for kind in RECORDS}
    assert {each["name"] for each in told["processors"]} == {held.name for held in PROCESSORS}


@pytest.mark.parametrize("language", PROCESSING_LANGUAGES)
def test_the_record_to_read(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """A page without scripts that loads its style sheet only, with what an operator chose escaped."""
    with asking(monkeypatch) as (client, on):
        held: Any = vars(on.services)
        held["settings"] = settings(controller_name="Muster <b>&</b> Co")
        answer = get(client, f"/processing-record?language={language}")

    page = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in page
    assert "Muster &lt;b&gt;&amp;&lt;/b&gt; Co" in page
    assert "<script" not in page
    assert set(re.findall(r'(?:src|href)="([^"?#][^"?]*)', page)) == {
        *("data:,", "assets/page.css"),
        *("v1/processing-record", "v1/processing-record.xlsx"),
    }
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert all(f'id="{kind.kind_name()}"' in page for kind in RECORDS)
    assert all(f'id="processor-{held.name}"' in page for held in PROCESSORS)


@pytest.mark.parametrize("language", PROCESSING_LANGUAGES)
def test_the_workbook(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """A row a kind, a row a field, a row a processor, with the same words as the JSON."""
    with asking(monkeypatch) as (client, _):
        told = json.loads(get(client, f"/v1/processing-record?language={language}").body)
        answer = get(client, f"/v1/processing-record.xlsx?language={language}")
        again = get(client, f"/v1/processing-record.xlsx?language={language}")

    assert answer.status_code == 200
    assert f"processing-record-{language}.xlsx" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert again.body == answer.body
    activities, fields, processors, hand_overs = sheets_of(answer.body).values()
    assert [row[0] for row in activities[1:]] == [each["kind"] for each in told["activities"]]
    assert activities[1][4] == "\n".join(told["activities"][0]["purposes"])
    assert len(fields) - 1 == sum(len(each["fields"]) for each in told["activities"])
    assert [row[:2] for row in processors[1:]] == [[each["name"], each["company"]] for each in told["processors"]]
    assert [*sheets_of(answer.body)] == [*processing_words(language)["sheets"].values()]
    assert len(hand_overs) == 1


@pytest.mark.parametrize("accept", ["text/html", "application/json", ""])
def test_the_workbook_comes_whatever_is_accepted(monkeypatch: pytest.MonkeyPatch, accept: str) -> None:
    """A link that is clicked asks for pages first."""
    with asking(monkeypatch) as (client, _):
        answer = get(client, "/v1/processing-record.xlsx", **({"Accept": accept} if accept else {}))

    assert answer.status_code == 200
    assert answer.body.startswith(b"PK")


def test_nothing_in_the_workbook_is_calculated(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks like a formula or a link is text."""
    nasty = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "{=1}", "http://example.org", "=HYPERLINK(1)", "\tx"]
    monkeypatch.setattr(_processing_book, "_sheets", lambda record: [("Sheet", nasty, [nasty])])
    who = Responsible(name="", postal="", mail="")
    record = ProcessingRecord(
        language="en",
        as_of=date(2026, 11, 24),
        controller=who,
        officer=who,
        activities=(),
        processors=(),
        measures=(),
        hand_overs=(),
    )

    assert sheets_of(_processing_book.workbook(record)) == {"Sheet": [nasty, nasty]}


@pytest.mark.parametrize("path", ["/v1/processing-record", "/v1/processing-record.xlsx", "/processing-record"])
def test_another_language_is_refused(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """With the field that is wrong."""
    with asking(monkeypatch) as (client, _):
        answer = get(client, f"{path}?language=fr")

    assert answer.status_code == 422
    assert json.loads(answer.body)["errors"][0]["field"] == "language"
