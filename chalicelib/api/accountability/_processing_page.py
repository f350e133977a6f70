"""The record of processing as a page: plain HTML that needs no script and loads nothing but the style sheet."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from chalicelib.api.http.plain_page import bullets, definitions, framed, heading, other_languages, paragraphs
from chalicelib.messages.processing_words import PROCESSING_LANGUAGES, processing_words
from chalicelib.services.ledger.telling import FEWEST_TENANTS
from chalicelib.services.notice.processing_record import by_month

if TYPE_CHECKING:
    from chalicelib.services.notice.processing_record import Activity, ProcessingRecord, ProcessorRow, Responsible


def render(record: "ProcessingRecord") -> str:
    """The page."""
    title = processing_words(record.language)["title"]
    return framed(_content(record), language=record.language, title=title)


def _content(record: "ProcessingRecord") -> Iterator[str]:
    said = processing_words(record.language)
    yield other_languages(record.language, PROCESSING_LANGUAGES)
    yield f"<h1>{escape(said['title'])}</h1>"
    yield paragraphs((said["as_of"].format(day=record.as_of.isoformat()), said["intro"]))
    yield _downloads(record.language, said["downloads"])
    for name, who in (("controller", record.controller), ("officer", record.officer)):
        yield heading(said[name]) + _responsible(who)
    yield heading(said["activities"])
    for activity in record.activities:
        yield _activity(activity, said)
    yield heading(said["processors"])
    for processor in record.processors:
        yield _processor(processor, said)
    yield heading(said["measures"]) + bullets(record.measures)
    yield heading(said["hand_overs"]) + _hand_overs(record, said)


def _downloads(language: str, text: str) -> str:
    found = (("JSON", "v1/processing-record"), ("XLSX", "v1/processing-record.xlsx"))
    links = " ".join(f'<a href="{path}?language={language}">{name}</a>' for name, path in found)
    return f"<p>{escape(text)} {links}</p>"


def _responsible(who: "Responsible") -> str:
    return paragraphs((who.name, who.postal, who.mail))


def _activity(activity: "Activity", said: Mapping[str, Any]) -> str:
    shown = [name for name in said["columns"] if name not in {"kind", "what", "fields"}]
    facts = _facts((said["columns"][name], getattr(activity, name)) for name in shown)
    answer, column = {True: said["yes"], False: said["no"]}, said["field_columns"]
    fields = "".join(
        f"<li>{escape(each.name)}: {escape(each.form)}; {escape(column['access'])}: {escape(answer[each.access])}; "
        f"{escape(column['export'])}: {escape(answer[each.export])}; {escape(column['erase'])}: {escape(each.erase)}"
        f"{escape(f'; {each.why}' if each.why else '')}</li>"
        for each in activity.fields
    )
    details = f"<details><summary>{escape(said['columns']['fields'])}</summary><ul>{fields}</ul></details>"
    return f'<h3 id="{escape(activity.kind)}">{escape(activity.what)}</h3>{facts}{details}'


def _processor(held: "ProcessorRow", said: Mapping[str, Any]) -> str:
    shown = [name for name in said["processor_columns"] if name != "company"]
    facts = _facts((said["processor_columns"][name], getattr(held, name)) for name in shown)
    return f'<h3 id="processor-{escape(held.name)}">{escape(held.company)}</h3>{facts}'


def _hand_overs(record: "ProcessingRecord", said: Mapping[str, Any]) -> str:
    text = paragraphs((said["hand_overs_text"].format(fewest=FEWEST_TENANTS),))
    if not record.hand_overs:
        return text + paragraphs((said["no_hand_overs"],))
    rows = (f"{name}, {month}: {count}" for (name, month), count in by_month(record.hand_overs).items())
    return text + bullets(rows)


def _facts(facts: Iterable[tuple[str, object]]) -> str:
    told = ((name, "; ".join(value) if isinstance(value, tuple) else str(value)) for name, value in facts)
    return definitions(told)
