"""Workbooks as people upload them, and as somebody might who means harm."""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from chalicelib.adapters.workbooks import MOST_TAGS, MOST_TAGS_BESIDE, MOST_UNPACKED, OpenpyxlWorkbooks
from chalicelib.domain.errors import InvalidInputError


def book(*rows: list[object], formula: str = "") -> bytes:
    """A workbook with one sheet."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if formula:
            sheet.write_formula(len(rows), 0, formula)
    return out.getvalue()


def read(content: bytes, *, most: int = 10, widest: int = 10) -> list[list[str]]:
    """Its rows."""
    return list(OpenpyxlWorkbooks().rows(content, most=most, widest=widest))


def test_cells_come_as_text() -> None:
    """Numbers without a fraction, dates as dates, formulas as they stand there, nothing computed."""
    content = book(["Vorname", "Nummer"], ["Zoë", 41795550123], ["", 1.5], ["x", date(2026, 11, 22)], formula="=A1")

    assert read(content) == [
        ["Vorname", "Nummer"],
        ["Zoë", "41795550123"],
        ["", "1.5"],
        ["x", "2026-11-22T00:00:00"],
        ["=A1"],
    ]


def test_a_formula_over_several_cells_is_one() -> None:
    """And no name of something in Python."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as made:
        made.add_worksheet().write_array_formula("A1:A2", "{=B1:B2}", value="Anna")

    assert read(out.getvalue())[0] == ["="]


def test_no_more_is_read_than_asked_for() -> None:
    """However far away a cell lies."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "near")
        sheet.write(1_048_575, 16_383, "far")

    rows = read(out.getvalue(), most=3, widest=2)

    assert rows == [["near"], [], []]


def bomb() -> bytes:
    """A small workbook, and a large one once unpacked."""
    out = BytesIO(book(["a"]))
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b" " * (MOST_UNPACKED + 1))
    return out.getvalue()


def of_many_styles() -> bytes:
    """Five kilobytes that would become a million objects."""
    out, original = BytesIO(), book(["a"])
    with ZipFile(BytesIO(original)) as source, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for each in source.infolist():
            part = source.read(each).replace(b"</cellXfs>", b"<xf/>" * MOST_TAGS_BESIDE + b"</cellXfs>")
            archive.writestr(each, part)
    return out.getvalue()


def of_many_cells() -> bytes:
    """A row without an end."""
    out, original = BytesIO(), book(["a"])
    with ZipFile(BytesIO(original)) as source, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for each in source.infolist():
            part = source.read(each).replace(b"</row>", b"<c/>" * MOST_TAGS + b"</row>")
            archive.writestr(each, part)
    return out.getvalue()


def entities(before: bytes = b"", encoding: str = "utf-8") -> bytes:
    """Files that define entities, behind whatever comes `before`."""
    out, original = BytesIO(), book(["a"])
    with ZipFile(BytesIO(original)) as source, ZipFile(out, "w") as archive:
        for each in source.infolist():
            meant = before + b'<!DOCTYPE x [<!ENTITY a "a">]><worksheet'
            text = source.read(each).replace(b"<worksheet", meant).decode()
            archive.writestr(each, text.encode(encoding))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        *(bomb(), of_many_styles(), of_many_cells()),
        *(entities(), entities(b"<!--" + b" " * 5000 + b"-->"), entities(encoding="utf-16")),
        *(b"PK\x03\x04" + b"\0" * 50, book(["a"])[:-200]),
    ],
    ids=["bomb", "styles", "cells", "entities", "entities-far-down", "entities-in-utf-16", "no-archive", "cut-off"],
)
def test_what_means_harm_or_is_broken_is_refused(content: bytes) -> None:
    """Before any of it is parsed."""
    with pytest.raises(InvalidInputError):
        read(content)
