"""The record of processing as a page: plain HTML that needs no script and loads nothing but the style sheet."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from chalicelib.messages.processing_words import PROCESSING_LANGUAGES, processing_words
from chalicelib.services.ledger.telling import FEWEST_TENANTS
from chalicelib.services.notice.processing_record import by_month

if TYPE_CHECKING:
    from chalicelib.services.notice.processing_record import Activity, ProcessingRecord, ProcessorRow, Responsible

_FRAME = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/page.css">
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


def render(record: "ProcessingRecord") -> str:
    """The page."""
    title = escape(processing_words(record.language)["title"])
    return _FRAME.format(language=record.language, title=title, content="\n".join(_content(record)))


def _content(record: "ProcessingRecord") -> Iterator[str]:
    said = processing_words(record.language)
    yield _languages(record.language)
    yield f"<h1>{escape(said['title'])}</h1>"
    yield _paragraphs((said["as_of"].format(day=record.as_of.isoformat()), said["intro"]))
    yield _downloads(record.language, said["downloads"])
    for heading, who in (("controller", record.controller), ("officer", record.officer)):
        yield _heading(said[heading]) + _responsible(who)
    yield _heading(said["activities"])
    for activity in record.activities:
        yield _activity(activity, said)
    yield _heading(said["processors"])
    for processor in record.processors:
        yield _processor(processor, said)
    yield (
        _heading(said["measures"]) + "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in record.measures) + "</ul>"
    )
    yield _heading(said["hand_overs"]) + _hand_overs(record, said)


def _languages(chosen: str) -> str:
    others = (each for each in PROCESSING_LANGUAGES if each != chosen)
    links = " ".join(f'<a href="?language={each}" hreflang="{each}">{each}</a>' for each in others)
    return f"<nav>{links}</nav>"


def _downloads(language: str, heading: str) -> str:
    found = (("JSON", "v1/processing-record"), ("XLSX", "v1/processing-record.xlsx"))
    links = " ".join(f'<a href="{path}?language={language}">{name}</a>' for name, path in found)
    return f"<p>{escape(heading)} {links}</p>"


def _responsible(who: "Responsible") -> str:
    return _paragraphs((who.name, who.postal, who.mail))


def _activity(activity: "Activity", said: Mapping[str, Any]) -> str:
    shown = [name for name in said["columns"] if name not in {"kind", "what", "fields"}]
    facts = _facts((said["columns"][name], getattr(activity, name)) for name in shown)
    answer, heading = {True: said["yes"], False: said["no"]}, said["field_columns"]
    fields = "".join(
        f"<li>{escape(each.name)}: {escape(each.form)}; {escape(heading['access'])}: {escape(answer[each.access])}; "
        f"{escape(heading['export'])}: {escape(answer[each.export])}; {escape(heading['erase'])}: {escape(each.erase)}"
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
    text = _paragraphs((said["hand_overs_text"].format(fewest=FEWEST_TENANTS),))
    if not record.hand_overs:
        return text + _paragraphs((said["no_hand_overs"],))
    rows = (f"{name}, {month}: {count}" for (name, month), count in by_month(record.hand_overs).items())
    return text + "<ul>" + "".join(f"<li>{escape(row)}</li>" for row in rows) + "</ul>"


def _facts(facts: Iterable[tuple[str, object]]) -> str:
    told = ((name, "; ".join(value) if isinstance(value, tuple) else str(value)) for name, value in facts)
    return "<dl>" + "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in told if v) + "</dl>"


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>\n"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)
