"""Files with customers, whatever they were written with: as one table of text. What it is, its first bytes say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from chalicelib.domain import delimited, vcards
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.importing import Meaning, suggested

MOST_ROWS = 5000
MOST_COLUMNS = 60
LONGEST_CELL = 300
LOOKED_AT = 50_000  # rows of a sheet: programs write many that are only coloured
_ZIP = b"PK\x03\x04"


class Workbooks(Protocol):
    """Reads workbooks (XLSX)."""

    def rows(self, content: bytes, *, most: int, widest: int) -> Iterator[list[str]]:
        """At most so many rows of the first sheet, and so many cells of each; InvalidInputError for what is none."""
        ...


@dataclass(frozen=True)
class Table:
    """Headings, what they seem to mean, and all that stands below them."""

    headings: Sequence[str]
    columns: Sequence[Meaning | None]
    rows: Sequence[Sequence[str]]
    first: int  # the number of the first row, as people count them


def table_of(content: bytes, workbooks: Callable[[], Workbooks]) -> Table:
    """The table in a file. InvalidInputError when it is none, or holds more than is taken at a time."""
    if content.startswith(_ZIP):
        return _headed(_filled(workbooks().rows(content, most=LOOKED_AT, widest=MOST_COLUMNS + 1)))
    try:
        text = delimited.decoded(content)
        if vcards.is_cards(text):
            return _table(vcards.COLUMNS, [Meaning(each) for each in vcards.COLUMNS], vcards.people(text), first=1)
        return _headed(_filled(delimited.rows(text)))
    except ValueError as error:
        raise _refused(f"Send an Excel workbook, CSV or vCards: {error}.") from None


def _filled(rows: Iterable[list[str]]) -> list[list[str]]:
    """The rows without the empty ones at their end; no more than it takes to see that they are too many."""
    kept: list[list[str]] = []
    gap = 0
    for row in rows:
        if not any(each.strip() for each in row):
            gap += 1
            continue
        kept += [*([[]] * gap), row]
        gap = 0
        if len(kept) > MOST_ROWS + 1:
            break
    return kept


def _headed(rows: list[list[str]]) -> Table:
    """The first row that is not empty holds the headings; those above it keep their numbers."""
    above = sum(1 for _ in _empty(rows))
    if above == len(rows):
        raise _refused("There is nothing in the file.")
    headings = rows[above]
    return _table(headings, suggested(headings), [*rows[:above], *rows[above + 1 :]], first=2)


def _empty(rows: list[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if any(each.strip() for each in row):
            return
        yield row


def _table(
    headings: Sequence[str], columns: Sequence[Meaning | None], rows: Sequence[Sequence[str]], *, first: int
) -> Table:
    if len(rows) > MOST_ROWS:
        raise _refused(f"Send at most {MOST_ROWS} rows at a time.")
    if len(headings) > MOST_COLUMNS:
        raise _refused(f"Send at most {MOST_COLUMNS} columns.")
    cut = [[each[:LONGEST_CELL] for each in islice(row, len(headings))] for row in rows]
    return Table([each[:LONGEST_CELL] for each in headings], columns, cut, first)


def _refused(remedy: str) -> InvalidInputError:
    return InvalidInputError(remedy, field="file")
