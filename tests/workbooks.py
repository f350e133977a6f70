"""Reads a workbook with the standard library only, as any other program would: it is a zip file of XML."""

import io
import zipfile
from xml.etree import ElementTree

_NAME = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(book: bytes) -> dict[str, list[list[str]]]:
    """The cells of each sheet by its name, as text. AssertionError for a broken file, or a cell that is calculated."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert archive.testzip() is None
        names = [str(sheet.get("name")) for sheet in _read(archive, "workbook").iter(f"{_NAME}sheet")]
        shared = _read(archive, "sharedStrings").iter(f"{_NAME}si")
        texts = ["".join(part.text or "" for part in each.iter(f"{_NAME}t")) for each in shared]
        return {name: _rows(_read(archive, f"worksheets/sheet{number}"), texts) for number, name in enumerate(names, 1)}


def _read(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(f"xl/{name}.xml"))  # noqa: S314 (our own file)


def _rows(sheet: ElementTree.Element, texts: list[str]) -> list[list[str]]:
    assert list(sheet.iter(f"{_NAME}f")) == []
    return [[_value(cell, texts) for cell in row] for row in sheet.iter(f"{_NAME}row")]


def _value(cell: ElementTree.Element, texts: list[str]) -> str:
    value = cell.findtext(f"{_NAME}v") or ""
    return texts[int(value)] if cell.get("t") == "s" else value
