"""The record of processing activities (Art. 30 GDPR, Art. 12 FADP), to read, for programs and as a workbook."""

from dataclasses import asdict
from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.gateway import XLSX
from chalicelib.api.http.models import LocalDate, Query, View
from chalicelib.api.http.request import Call

routes = Blueprint(__name__)
pages = Blueprint(__name__)

_CSP = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WHY = Public("everybody may know what is done with data; it names no person and no business")


class Asked(Query):
    """In which language."""

    language: Annotated[Literal["en", "de"], Field()] = "en"


class ResponsibleView(View):
    """Who answers for the processing, and how to write to them."""

    name: str
    postal: str
    mail: str


class StoredFieldView(View):
    """One field: how it is stored, who is told of it, what becomes of it on erasure."""

    name: str
    form: str
    access: bool
    export: bool
    erase: str
    why: str


class ActivityView(View):
    """What is done with one kind of data."""

    kind: str
    what: str
    responsible: str
    category: str
    purposes: list[str]
    gdpr: str
    fadp: str
    why: str
    about: str
    source: str
    recipients: list[str]
    kept: list[str]
    afterwards: str
    measures: str
    fields: list[StoredFieldView]


class ProcessorView(View):
    """A processor of the register."""

    name: str
    company: str
    role: str
    purpose: str
    receives: list[str]
    place: str
    country: str
    region: str
    hosts: list[str]
    contract: str
    contract_at: str
    transfer: str
    parent: str
    safeguards: list[str]
    why: str


class HandOverView(View):
    """How often a processor was handed something on one day (UTC), all businesses together."""

    processor: str
    day: LocalDate
    count: int


class ProcessingRecordView(View):
    """The whole record in one language."""

    language: str
    as_of: LocalDate
    controller: ResponsibleView
    officer: ResponsibleView
    activities: list[ActivityView]
    processors: list[ProcessorView]
    measures: list[str]
    hand_overs: list[HandOverView]


@routes.route("/processing-record", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=ProcessingRecordView, summary="The record of processing activities")
def processing_record(call: Call[None, Asked]) -> ProcessingRecordView:
    """Made from the declarations that the program works by, with the hand-overs of the last 31 days that are over."""
    return ProcessingRecordView.model_validate(asdict(wiring.services().processing_record.current(call.query.language)))


@routes.route("/processing-record.xlsx", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, produces=XLSX, summary="The record of processing activities as a workbook")
def processing_record_book(call: Call[None, Asked]) -> Text:
    """The same, with a sheet each for activities, fields, processors and hand-overs."""
    from chalicelib.api.accountability._processing_book import workbook  # noqa: PLC0415 (few requests ask for it)

    book = workbook(wiring.services().processing_record.current(call.query.language))
    name = f"processing-record-{call.query.language}.xlsx"
    return Text(book, XLSX, {"Content-Disposition": f'attachment; filename="{name}"'})


@pages.route("/processing-record", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, produces="text/html", summary="The record of processing activities, to read")
def processing_page(call: Call[None, Asked]) -> Text:
    """Needs no script."""
    from chalicelib.api.accountability._processing_page import render  # noqa: PLC0415 (few requests ask for it)

    html = render(wiring.services().processing_record.current(call.query.language))
    return Text(html, "text/html; charset=utf-8", {"Content-Security-Policy": _CSP})
