"""Workbooks (XLSX) as people upload them: the first sheet, as text, and nothing that swells up when it is unpacked.

A workbook is a ZIP archive of XML files. What it says of its size is looked at before anything is unpacked, and no more
than that is unpacked. Formulas are not computed, macros and links not followed.
"""

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula  # type: ignore[import-untyped]

from chalicelib.domain.errors import InvalidInputError

MOST_UNPACKED = 50_000_000
MOST_FILES = 300
MOST_TAGS = 3_000_000
MOST_TAGS_BESIDE = 100_000  # in what holds no rows, of which each becomes several objects at once
_FORMULA = "="
_OF_ROWS = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml")
_DOCTYPE = b"<!DOCTYPE"  # no workbook has one; with it, entities could swell


class OpenpyxlWorkbooks:
    """Reads workbooks."""

    def rows(self, content: bytes, *, most: int, widest: int) -> Iterator[list[str]]:
        """At most so many rows of the first sheet, and so many cells of each, as text."""
        _check(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what openpyxl leaves out of a workbook does not matter here
                yield from _rows(content, most, widest)
        except (BadZipFile, KeyError, OSError, SyntaxError, TypeError, ValueError, EOFError, IndexError):
            raise _refused("Save it anew as an Excel workbook (.xlsx) or as CSV.") from None


def _declares_a_type(part: bytes) -> bool:
    """Wherever in the part it stands, since comments may come first, and also in UTF-16, whose letters have zeros."""
    return _DOCTYPE in part.replace(b"\0", b"").upper()


def _tags_beside(name: str, part: bytes) -> int:
    """How many tags a part has that holds no rows, such as the styles."""
    return part.count(b"<") if name.endswith((".xml", ".rels")) and not _OF_ROWS.fullmatch(name) else 0


def _check(content: bytes) -> None:
    """What the archive says of itself, and how its files begin."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            held = archive.infolist()
            if len(held) > MOST_FILES or sum(each.file_size for each in held) > MOST_UNPACKED:
                raise _refused("Send a workbook with one sheet of customers and nothing else.")
            if any(each.flag_bits & 1 for each in held):
                raise _refused("Send a workbook without a password.")
            tags = 0
            for each in held:
                part = archive.read(each)
                tags += part.count(b"<")
                if _declares_a_type(part) or tags > MOST_TAGS or _tags_beside(each.filename, part) > MOST_TAGS_BESIDE:
                    raise _refused("Save it anew as an Excel workbook (.xlsx) or as CSV.")
    except (BadZipFile, OSError, NotImplementedError, EOFError):
        raise _refused("Save it anew as an Excel workbook (.xlsx) or as CSV.") from None


def _rows(content: bytes, most: int, widest: int) -> Iterator[list[str]]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its size need not be so
        for row in sheet.iter_rows(max_row=most, max_col=widest, values_only=True):
            cells = [_text(each) for each in row]
            while cells and not cells[-1]:  # rows are filled up to the widest that was asked for
                cells.pop()
            yield cells
    finally:
        book.close()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, ArrayFormula | DataTableFormula):  # each knows its text or not; that it is one will do
        return _FORMULA
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _refused(remedy: str) -> InvalidInputError:
    return InvalidInputError(remedy, field="file")
