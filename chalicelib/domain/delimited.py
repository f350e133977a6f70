"""Tables as text, as programs of this world write them: any delimiter, any of the usual encodings."""

import codecs
import csv
import re
from io import StringIO
from itertools import islice

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ";,\t|"
_LOOKED_AT = 20
_SAID = re.compile(r"\Asep=([;,|\t])\r?\n")  # Excel's way to name the delimiter


def decoded(content: bytes) -> str:
    """The text: as its byte order mark says, else UTF-8, else Windows-1252. ValueError when it is no text."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(marked or "utf-8")
    except UnicodeDecodeError:
        if marked:
            raise ValueError("the text does not have the encoding that it begins with") from None
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise ValueError("this is no text")
    return text


def rows(text: str) -> list[list[str]]:
    """The rows of a table, with whichever delimiter makes its first rows alike. ValueError when it can't be read."""
    said = _SAID.match(text)
    body = text[said.end() :] if said else text
    try:
        found = list(csv.reader(_lines(body), delimiter=said.group(1) if said else _delimiter(body)))
    except csv.Error:
        raise ValueError("a cell is too long, or a quote is never closed") from None
    return [[], *found] if said else found


def _delimiter(text: str) -> str:
    """The one by which most of the first rows have as many cells as the first one, and that is many."""
    return max(_DELIMITERS, key=lambda each: _alike(text, each))


def _alike(text: str, delimiter: str) -> tuple[int, int]:
    counts = [len(row) for row in islice(csv.reader(_lines(text), delimiter=delimiter), _LOOKED_AT) if row]
    wide = counts[0] if counts else 0
    return (sum(each == wide for each in counts) if wide > 1 else 0, wide)


def _lines(text: str) -> list[str]:
    return list(StringIO(text, newline=""))  # rows end with a line; what else Unicode calls a break is in a cell
