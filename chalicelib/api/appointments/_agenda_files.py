"""Files of appointments: CSV by RFC 4180 and calendars by RFC 5545. What people wrote stays text in both.

A spreadsheet takes a cell that begins like a formula for one, also in a CSV file; such a cell gets an apostrophe.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import TooLargeError
from chalicelib.messages.plain import many_lines, one_line

if TYPE_CHECKING:
    from chalicelib.services.attending.extracting import Line

MOST_LINES, MOST_BYTES = 10_000, 3_000_000  # an answer may hold 6 MB after everything is escaped
TOO_MUCH = "Ask for a shorter range, or one expert: a file holds at most 10,000 appointments and 3 MB."
Cell = str | int | float | datetime
Words = Mapping[str, Any]
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "\ufeff"  # tells spreadsheets that it is UTF-8
_STATUS = {"confirmed": "CONFIRMED", "unpaid": "TENTATIVE", "pending": "TENTATIVE"}
_FOLD = 75
_HEAD = ("BEGIN:VCALENDAR", "PRODID:-//Zusage//Appointments//EN", "VERSION:2.0", "METHOD:PUBLISH")


def limited(lines: "Iterable[Line]") -> "Iterator[Line]":
    """The lines. TooLargeError for one more than a file may hold."""
    for number, line in enumerate(lines):
        if number == MOST_LINES:
            raise TooLargeError(TOO_MUCH)
        yield line


def headings(said: Words, zone: str) -> list[str]:
    """What stands over the columns; over times, in which zone they are said."""
    timed = {"starts_at", "ends_at", "booked_at"}
    return [f"{heading} ({zone})" if name in timed else heading for name, heading in said["columns"].items()]


def cells(line: "Line", said: Words, zone: ZoneInfo) -> list[Cell]:
    """A line in the order of the columns. Instants are in the zone; an empty text stands for nothing."""
    return [
        line.id,
        said["states"][line.state.value],
        line.starts_at.astimezone(zone),
        line.ends_at.astimezone(zone),
        (line.ends_at - line.starts_at) // timedelta(minutes=1),
        line.service,
        ", ".join(line.experts),
        said["places"][line.place.value],
        ", ".join(line.resources),
        line.taken,
        line.seats,
        "" if line.price is None else line.price / 100,
        line.currency,
        said["yes"] if line.no_show else "",
        line.booked_at.astimezone(zone),
        line.customer,
        said["yes"] if line.restricted else "",
        line.given_name,
        line.family_name,
        line.email,
        line.phone,
        line.address,
        line.note,
    ]


def as_csv(lines: "Iterable[Line]", said: Words, zone: str) -> str:
    """The file. TooLargeError when it would be too large."""
    held = io.BytesIO(_MARK.encode())
    held.seek(0, io.SEEK_END)
    writer = csv.writer(codecs.getwriter("utf-8")(held), lineterminator="\r\n")
    writer.writerow(headings(said, zone))
    for line in lines:
        writer.writerow([_harmless(each) for each in cells(line, said, ZoneInfo(zone))])
        if held.tell() > MOST_BYTES:
            raise TooLargeError(TOO_MUCH)
    return held.getvalue().decode()


def as_calendar(lines: "Iterable[Line]", said: Words) -> str:
    """The file, an event a line. TooLargeError when it would be too large."""
    held = io.BytesIO()
    _write(held, (*_HEAD, f"X-WR-CALNAME:{_escaped(said['title'])}"))
    for line in lines:
        _write(held, _event(line, said))
        if held.tell() > MOST_BYTES:
            raise TooLargeError(TOO_MUCH)
    _write(held, ("END:VCALENDAR",))
    return held.getvalue().decode()


def _harmless(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULAS) else cell
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _event(line: "Line", said: Words) -> Iterator[str]:
    who = f"{line.given_name} {line.family_name}".strip()
    state, place = said["states"][line.state.value], said["places"][line.place.value]
    told = (", ".join(line.experts), state, place, line.phone, line.email, line.note)
    yield "BEGIN:VEVENT"
    yield f"UID:{line.uid}"
    yield f"SEQUENCE:{line.sequence}"
    yield f"DTSTAMP:{_instant(line.changed_at)}"
    yield f"DTSTART:{_instant(line.starts_at)}"
    yield f"DTEND:{_instant(line.ends_at)}"
    yield f"SUMMARY:{_escaped(one_line(f'{line.service}, {who}' if who else line.service))}"
    yield f"DESCRIPTION:{_escaped(many_lines(chr(10).join(filter(None, told))))}"
    if where := line.address or ", ".join(line.resources):
        yield f"LOCATION:{_escaped(one_line(where))}"
    yield f"STATUS:{_STATUS.get(line.state.value, 'CANCELLED')}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _write(held: io.BytesIO, lines: Iterable[str]) -> None:
    for line in lines:
        held.writelines(f"{part}\r\n".encode() for part in _folded(line))


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, none of which cuts a letter through; all but the first are indented."""
    part, length = "", 0
    for letter in line:
        size = len(letter.encode())
        if length + size > _FOLD:
            yield part
            part, length = " ", 1
        part, length = part + letter, length + size
    yield part


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
