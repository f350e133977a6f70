"""A workbook of appointments, written row by row: the memory it needs does not grow with the number of rows.

Texts are written as texts, whatever they look like; times are real dates on the wall of the business's zone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo

from chalicelib.api.appointments._agenda_files import Cell, Words, cells, headings

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

    from chalicelib.services.attending.extracting import Line

_WIDTHS = {"id": 34, "customer": 34, "starts_at": 18, "ends_at": 18, "booked_at": 18, "email": 28, "note": 40}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
_USUAL_WIDTH = 14


def write_book(lines: "Iterable[Line]", said: Words, zone: str, *, to: "BinaryIO | str") -> None:
    """Writes the workbook: headings that stay in sight, then a row a line."""
    # Here and not above: no other request needs the library.
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415

    with Workbook(to, _OPTIONS) as book:
        sheet, bold = book.add_worksheet(said["title"]), book.add_format({"bold": True})
        dated, priced = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd hh:mm", "0.00"))
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(said["columns"]):
            sheet.set_column(column, column, _WIDTHS.get(name, _USUAL_WIDTH))
        for column, heading in enumerate(headings(said, zone)):
            sheet.write_string(0, column, heading, bold)
        clock = ZoneInfo(zone)
        for row, line in enumerate(lines, 1):
            _write(sheet, row, cells(line, said, clock), dated, priced)


def _write(sheet: "Worksheet", row: int, values: "Sequence[Cell]", dated: "Format", priced: "Format") -> None:
    for column, value in enumerate(values):
        if isinstance(value, str):
            if value:
                sheet.write_string(row, column, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, dated)
        else:
            sheet.write_number(row, column, value, priced if isinstance(value, float) else None)
