"""The record of processing as a workbook: a sheet each for activities, fields, processors and hand-overs.

Every value is written as text, or as a number where it is one; nothing that stands in a cell is ever calculated.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.messages.processing_words import processing_words
from chalicelib.services.notice.processing_record import by_month

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]

    from chalicelib.services.notice.processing_record import ProcessingRecord

_SAME_EACH_TIME = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_WIDTH = 28

Row = Sequence[str | int]


def workbook(record: "ProcessingRecord") -> bytes:
    """The whole workbook. Equal records give equal bytes."""
    # Here and not above: no other request needs the library.
    from xlsxwriter.workbook import Workbook  # noqa: PLC0415

    held = io.BytesIO()
    # What looks like a formula, a link or a number stays what it is: text.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(held, options) as book:
        book.set_properties({"title": processing_words(record.language)["title"], "created": _SAME_EACH_TIME})
        for name, heading, rows in _sheets(record):
            _fill(book, name, heading, rows)
    return held.getvalue()


def _fill(book: "Workbook", name: str, heading: Row, rows: Iterable[Row]) -> None:
    sheet = book.add_worksheet(name)
    bold, wrapped = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"text_wrap": True})
    sheet.set_column(0, len(heading) - 1, _WIDTH, wrapped)
    sheet.freeze_panes(1, 1)
    for column, title in enumerate(heading):
        sheet.write_string(0, column, str(title), bold)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            write: Any = sheet.write_number if isinstance(value, int) else sheet.write_string
            write(line, column, value, wrapped)


def _sheets(record: "ProcessingRecord") -> Iterable[tuple[str, Row, Iterable[Row]]]:
    said = processing_words(record.language)
    answer = {True: said["yes"], False: said["no"]}
    columns = [name for name in said["columns"] if name != "fields"]
    yield (
        said["sheets"]["activities"],
        [said["columns"][name] for name in columns],
        ([_cell(getattr(each, name)) for name in columns] for each in record.activities),
    )
    yield (
        said["sheets"]["fields"],
        [*said["field_columns"].values()],
        (
            [each.kind, field.name, field.form, answer[field.access], answer[field.export], field.erase, field.why]
            for each in record.activities
            for field in each.fields
        ),
    )
    yield (
        said["sheets"]["processors"],
        [*said["processor_columns"].values()],
        ([_cell(getattr(each, name)) for name in said["processor_columns"]] for each in record.processors),
    )
    yield (
        said["sheets"]["hand_overs"],
        [said["hand_over_columns"][name] for name in ("processor", "month", "count")],
        ([*key, count] for key, count in by_month(record.hand_overs).items()),
    )


def _cell(value: object) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value)
