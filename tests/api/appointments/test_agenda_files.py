"""Files of appointments, read back by other programs' libraries: every value is there, and none is taken for code."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import repeat
from unittest import mock

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from chalicelib.api.appointments._agenda_book import write_book
from chalicelib.api.appointments._agenda_files import as_calendar, as_csv, limited
from chalicelib.domain.errors import TooLargeError
from chalicelib.domain.terms import Place
from chalicelib.messages.agenda_words import AGENDA_LANGUAGES, agenda_words
from chalicelib.records.appointment import State
from chalicelib.services.attending.extracting import Line
from tests.calendar_client import CalendarClient

ZURICH = "Europe/Zurich"
NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
LINE = Line(
    id="a" * 32,
    uid="a@mail.example.ch",
    sequence=2,
    changed_at=NINE - timedelta(days=3),
    state=State.CONFIRMED,
    starts_at=NINE,
    ends_at=NINE + timedelta(minutes=45),
    service="Massage; lang",
    experts=("Regula Brunner", "Beat Meier"),
    place=Place.ON_SITE,
    resources=("Raum 1",),
    taken=2,
    seats=5,
    price=12050,
    currency="CHF",
    no_show=True,
    booked_at=NINE - timedelta(days=5),
    customer="b" * 32,
    restricted=False,
    given_name="Zoë",
    family_name="Müller",
    email="zoe@kundin.example",
    phone="+41795550123",
    address="",
    note='Knie, "links"\nzweite Zeile',
)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1")


def wall(*parts: int) -> datetime:
    """A time without a zone, as workbooks have them."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type]


def rows(lines: Iterable[Line], language: str = "de") -> list[list[str]]:
    """The cells of the CSV file, by its own rules."""
    text = as_csv(lines, agenda_words(language), ZURICH)
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def book(lines: Iterable[Line], language: str = "de") -> list[list[object]]:
    """The values of the workbook, and no formula among them."""
    held = io.BytesIO()
    write_book(lines, agenda_words(language), ZURICH, to=held)
    sheet = load_workbook(held)[agenda_words(language)["title"]]
    assert sheet.freeze_panes == "A2"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "inlineStr"}
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_a_csv_file_says_everything() -> None:
    """Quoted where it has to be, instants with the offset of their zone."""
    heading, line = rows([LINE])

    assert dict(zip(heading, line, strict=True)) == {
        "Termin": "a" * 32,
        "Stand": "bestätigt",
        "Beginn (Europe/Zurich)": "2026-11-09T10:00:00+01:00",
        "Ende (Europe/Zurich)": "2026-11-09T10:45:00+01:00",
        "Minuten": "45",
        "Angebot": "Massage; lang",
        "Fachpersonen": "Regula Brunner, Beat Meier",
        "Ort": "vor Ort",
        "Räume und Geräte": "Raum 1",
        "Belegte Plätze": "2",
        "Plätze": "5",
        "Preis": "120.50",
        "Währung": "CHF",
        "Nicht erschienen": "ja",
        "Gebucht (Europe/Zurich)": "2026-11-04T10:00:00+01:00",
        "Kundin oder Kunde": "b" * 32,
        "Eingeschränkt": "",
        "Vorname": "Zoë",
        "Nachname": "Müller",
        "E-Mail": "zoe@kundin.example",
        "Telefon": "'+41795550123",
        "Adresse": "",
        "Notiz": 'Knie, "links"\nzweite Zeile',
    }


@pytest.mark.parametrize("language", AGENDA_LANGUAGES)
def test_headings_are_in_the_language(language: str) -> None:
    """Every column, state and place has a word."""
    said = agenda_words(language)
    for state in State:
        for place in Place:
            assert rows([replace(LINE, state=state, place=place)], language)[1][1] == said["states"][state.value]
    assert len(set(rows([], language)[0])) == len(said["columns"]) == 23


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_stays_text(text: str) -> None:
    """In the CSV file behind an apostrophe, in the workbook as it is."""
    line = replace(LINE, given_name=text, note=text, service=text)

    assert [rows([line])[1][column] for column in (5, 17, 22)] == [f"'{text}"] * 3
    assert [str(book([line])[1][column]).replace("_x000D_", "\r") for column in (5, 17)] == [text] * 2


@pytest.mark.parametrize(
    ("utc", "csv_says", "shown"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+02:00", wall(2026, 10, 25, 2, 30)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00", wall(2026, 10, 25, 2, 30)),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T03:00:00+02:00", wall(2026, 3, 29, 3, 0)),
    ],
    ids=["twice-first", "twice-second", "skipped"],
)
def test_times_are_those_of_the_wall(utc: datetime, csv_says: str, shown: datetime) -> None:
    """Also when clocks change; the CSV file tells the two hours apart."""
    line = replace(LINE, starts_at=utc, ends_at=utc + timedelta(hours=1))

    assert rows([line])[1][2] == csv_says
    assert book([line])[1][2] == shown


def test_a_workbook_has_numbers_and_dates() -> None:
    """To be sorted and summed."""
    line = book([LINE])[1]

    assert line[2:5] == [wall(2026, 11, 9, 10, 0), wall(2026, 11, 9, 10, 45), 45]
    assert line[9:13] == [2, 5, 120.5, "CHF"]
    assert line[20:] == ["+41795550123", None, 'Knie, "links"\nzweite Zeile']


def test_an_appointment_without_a_price_has_none() -> None:
    """Which is not a price of nothing."""
    free, gift = book([replace(LINE, price=None), replace(LINE, price=0)])[1:]

    assert (free[11], gift[11]) == (None, 0)
    assert [line[11] for line in rows([replace(LINE, price=None), replace(LINE, price=0)])[1:]] == ["", "0.00"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.CONFIRMED, "CONFIRMED"),
        (State.PENDING, "TENTATIVE"),
        (State.UNPAID, "TENTATIVE"),
        (State.CANCELLED, "CANCELLED"),
        (State.DECLINED, "CANCELLED"),
        (State.LAPSED, "CANCELLED"),
    ],
    ids=lambda each: str(getattr(each, "value", each)),
)
def test_a_calendar_says_how_each_stands(state: State, status: str) -> None:
    """Under the id that calendars know it by."""
    (event,) = Calendar.from_ical(as_calendar([replace(LINE, state=state)], agenda_words("de"))).walk("VEVENT")

    assert (str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"])) == ("a@mail.example.ch", 2, status)
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (LINE.starts_at, LINE.ends_at)
    assert str(event["SUMMARY"]) == "Massage; lang, Zoë Müller"
    assert "zweite Zeile" in str(event["DESCRIPTION"])


@pytest.mark.parametrize("note", ["x" * 300, "ü" * 300, "👍🏽" * 80, "a\r\nBEGIN:VALARM\r\nx", "\\n;,:", "\u2028Z"])
def test_a_calendar_holds_whatever_was_written(note: str) -> None:
    """No line is longer than 75 octets, none cuts a letter, and no note becomes a property."""
    text = as_calendar([replace(LINE, note=note)], agenda_words("de"))

    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.subcomponents == []
    assert [letter for letter in note if letter.isalnum()] == [
        letter for letter in str(event["DESCRIPTION"]).split("example\n")[1] if letter.isalnum()
    ]


def test_a_client_takes_it_in() -> None:
    """A calendar program's own library reads it."""
    client = CalendarClient()
    client.take(as_calendar([LINE, replace(LINE, uid="c@mail.example.ch")], agenda_words("de")).encode())

    assert client.times() == [(LINE.starts_at, LINE.ends_at)] * 2


def test_a_calendar_without_names_names_nobody() -> None:
    """Only what it is and by whom."""
    nobody = replace(LINE, given_name="", family_name="", email="", phone="", note="")

    (event,) = Calendar.from_ical(as_calendar([nobody], agenda_words("en"))).walk("VEVENT")

    assert str(event["SUMMARY"]) == "Massage; lang"
    assert str(event["LOCATION"]) == "Raum 1"
    assert str(event["DESCRIPTION"]) == "Regula Brunner, Beat Meier\nconfirmed\non site"


@pytest.mark.parametrize(("count", "good"), [(4, True), (5, True), (6, False)])
def test_a_file_holds_a_limited_number(count: int, *, good: bool) -> None:
    """The refusal says what to do."""
    with mock.patch("chalicelib.api.appointments._agenda_files.MOST_LINES", 5):
        if good:
            assert len(list(limited(repeat(LINE, count)))) == count
        else:
            with pytest.raises(TooLargeError, match="shorter range"):
                list(limited(repeat(LINE, count)))


@pytest.mark.parametrize(
    "write",
    [lambda lines: as_csv(lines, agenda_words("de"), ZURICH), lambda lines: as_calendar(lines, agenda_words("de"))],
    ids=["csv", "ics"],
)
def test_a_file_has_a_limited_size(write: Callable[[list[Line]], str]) -> None:
    """In bytes, not letters."""
    size = len(write([replace(LINE, note="ü" * 1000)]).encode())
    for most, good in ((size + 1000, True), (1800, False)):
        with mock.patch("chalicelib.api.appointments._agenda_files.MOST_BYTES", most):
            if good:
                write([replace(LINE, note="ü" * 1000)])
            else:
                with pytest.raises(TooLargeError):
                    write([replace(LINE, note="ü" * 1000)])
