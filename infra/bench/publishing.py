"""How long it takes to make what is published: the privacy notice, in each language and as a page, and its changes."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from timeit import repeat

from chalicelib.api.accountability._notice_page import render
from chalicelib.domain.fact_changes import changes
from chalicelib.messages.notice_words import NOTICE_LANGUAGES
from chalicelib.records.publications import published
from chalicelib.services.notice.processing_record import activities, processors
from chalicelib.services.notice.publishing import Party, Publishing
from infra.bench.figures import Figure
from tests.fakes import DrivenClock

_NOBODY = {"name": "Muster AG", "postal": "Muster AG, Seestrasse 1, 8000 Zürich", "mail": "kontakt@example.ch"}
_ROUNDS = 20
_CALLS = 10


def run() -> list[Figure]:
    """The fastest of many, once the texts are read."""
    clock = DrivenClock(datetime(2027, 6, 1, tzinfo=UTC))
    publishing = Publishing(clock, "Zusage", Party(**_NOBODY), Party(**_NOBODY), "CH")
    held = published()

    def page() -> str:
        notice, history = publishing.of_operator("de"), publishing.history("de")
        return render(notice, history, publishing.differences(notice.version, "de"), up="", here="notice")

    made = [
        Figure(f"notice in {language}", _milliseconds(partial(publishing.of_operator, language)), "ms")
        for language in NOTICE_LANGUAGES
    ]
    return [
        *made,
        Figure("notice as a page", _milliseconds(page), "ms"),
        Figure("notice as a page: size", len(page().encode()) / 1000, "kB"),
        Figure("changes of two versions", _milliseconds(lambda: changes(held[0].facts, held[-1].facts)), "ms"),
        Figure("kinds of data in the newest version", len(held[-1].facts.kinds), "kinds"),
        Figure("record of processing", _milliseconds(lambda: (activities("en"), processors("en"))), "ms"),
    ]


def _milliseconds(action: Callable[[], object]) -> float:
    return min(repeat(action, number=_CALLS, repeat=_ROUNDS)) / _CALLS * 1e3
