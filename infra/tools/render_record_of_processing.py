"""The record of processing activities (Art. 30 GDPR, Art. 12 FADP) as a document, from the source of the page."""

from collections.abc import Iterator
from typing import Any

from chalicelib.messages.processing_words import processing_words
from chalicelib.services.notice.processing_record import Activity, FieldRow, activities, processors

_LANGUAGE = "en"
_INTRO = """# Record of processing

Made from the declarations in `chalicelib/records/` by `chalicelib/services/notice/processing_record.py`; `make docs`
writes it anew. A running installation shows the same with its controller, its data protection officer and how often
data was handed over: at `/processing-record`, `/v1/processing-record` and `/v1/processing-record.xlsx`.
"""


def record_of_processing() -> str:
    """The document."""
    said = processing_words(_LANGUAGE)
    return "\n".join([_INTRO, *_activities(said), *_processors(said), *_measures(said)]) + "\n"


def _activities(said: Any) -> Iterator[str]:
    for each in activities(_LANGUAGE):
        yield f"## {each.kind}\n"
        yield f"{each.what}\n"
        yield from _facts(each, {name: said["columns"][name] for name in said["columns"]}, {"kind", "what", "fields"})
        yield ""
        yield from _fields(each, said)
        yield ""


def _facts(row: object, titles: dict[str, str], left_out: set[str]) -> Iterator[str]:
    for name, title in titles.items():
        value = None if name in left_out else getattr(row, name)
        text = "; ".join(value) if isinstance(value, tuple) else value
        if text:
            yield f"- **{title}:** {text}"


def _fields(activity: Activity, said: Any) -> Iterator[str]:
    yield "| " + " | ".join(said["field_columns"][name] for name in said["field_columns"] if name != "kind") + " |"
    yield "|---|---|---|---|---|---|"
    for field in activity.fields:
        yield "| " + " | ".join(_cells(field, {True: said["yes"], False: said["no"]})) + " |"


def _cells(field: FieldRow, answer: dict[bool, str]) -> Iterator[str]:
    yield f"`{field.name}`"
    yield from (field.form, answer[field.access], answer[field.export], field.erase, field.why)


def _processors(said: Any) -> Iterator[str]:
    yield f"# {said['processors']}\n"
    for each in processors(_LANGUAGE):
        yield f"## {each.name}: {each.company}\n"
        yield from _facts(each, said["processor_columns"], {"name", "company"})
        yield ""


def _measures(said: Any) -> Iterator[str]:
    yield f"# {said['measures']}\n"
    yield from (f"- {text}" for text in said["measures_text"])
