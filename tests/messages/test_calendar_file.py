"""Calendar files, parsed back and looked at byte by byte."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from icalendar import Calendar

from chalicelib.messages.calendar_file import CalendarEvent, calendar_file

EVENT = CalendarEvent(
    uid="0198c0ffee@zusage.example.ch",
    sequence=0,
    stamp=datetime(2026, 10, 1, 8, 0, 5, tzinfo=UTC),
    start=datetime(2026, 11, 30, 13, 30, tzinfo=UTC),
    end=datetime(2026, 11, 30, 14, 15, tzinfo=UTC),
    summary="Beratung, Zürich",
    description="Erste Zeile\nZweite; Zeile",
    location="Bahnhofstrasse 1, 8001 Zürich",
    organizer_name="Praxis Seefeld",
    organizer_mail="termine@example.ch",
    attendee_name="Zoë Müller",
    attendee_mail="zoe+termin@example.org",
)
CANCELLED = replace(EVENT, sequence=1)


def changed(field: str, value: Any) -> CalendarEvent:
    """The event with one field changed."""
    return replace(EVENT, **{field: value})


def entry(content: bytes) -> Any:
    """The one event in the file."""
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


def lines(content: bytes) -> list[str]:
    """The file's lines after unfolding."""
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_an_invitation_is_written_to_the_letter() -> None:
    """Every property of the table, in order, with nothing else: no alarm, no time zone table."""
    assert lines(calendar_file(EVENT, method="REQUEST")) == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Zusage//Appointments//EN",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:0198c0ffee@zusage.example.ch",
        "SEQUENCE:0",
        "DTSTAMP:20261001T080005Z",
        "DTSTART:20261130T133000Z",
        "DTEND:20261130T141500Z",
        "SUMMARY:Beratung\\, Zürich",
        "DESCRIPTION:Erste Zeile\\nZweite\\; Zeile",
        "LOCATION:Bahnhofstrasse 1\\, 8001 Zürich",
        "STATUS:CONFIRMED",
        "CLASS:PRIVATE",
        'ORGANIZER;CN="Praxis Seefeld":mailto:termine@example.ch',
        'ATTENDEE;CN="Zoë Müller";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:zoe+termin@example.org',
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_cancellation_keeps_the_uid_and_changes_method_and_status() -> None:
    """Calendars find the entry by its UID and believe the higher sequence."""
    content = calendar_file(CANCELLED, method="CANCEL")

    assert "METHOD:CANCEL" in lines(content)
    assert entry(content)["UID"] == EVENT.uid
    assert entry(content)["STATUS"] == "CANCELLED"
    assert entry(content)["SEQUENCE"] == 1


@pytest.mark.parametrize(("sequence", "fine"), [(0, False), (1, True), (2, True)])
def test_a_cancellation_needs_a_higher_sequence_than_a_first_invitation(sequence: int, fine: bool) -> None:
    """Otherwise calendars ignore it."""
    event = replace(EVENT, sequence=sequence)

    if fine:
        assert entry(calendar_file(event, method="CANCEL"))["SEQUENCE"] == sequence
        return
    with pytest.raises(ValueError, match="sequence"):
        calendar_file(event, method="CANCEL")


def test_the_file_reads_back_as_it_was_meant() -> None:
    """Values with every character that is escaped survive."""
    wild = replace(EVENT, summary="a,b;c\\d: \"e\" 'ü'", description="1\\n\n2,\n\n3;", location="\\, \\; \\n")
    read = entry(calendar_file(wild, method="REQUEST"))

    assert read["SUMMARY"] == wild.summary
    assert read["DESCRIPTION"] == wild.description
    assert read["LOCATION"] == wild.location
    assert read["ATTENDEE"].params["CN"] == "Zoë Müller"


def test_times_are_written_in_utc_wherever_they_come_from() -> None:
    """Then no time zone table is needed."""
    start = EVENT.start.astimezone(timezone(timedelta(hours=13)))
    content = calendar_file(replace(EVENT, start=start), method="REQUEST")

    assert "DTSTART:20261130T133000Z" in lines(content)
    assert entry(content).start == EVENT.start


@pytest.mark.parametrize("field", ["stamp", "start", "end"])
def test_times_without_zone_are_refused(field: str) -> None:
    """A floating time is another instant for everyone."""
    naive = datetime(2026, 11, 30, 13, 45)  # noqa: DTZ001

    event = changed(field, naive)

    with pytest.raises(ValueError, match="aware"):
        calendar_file(event, method="REQUEST")


@pytest.mark.parametrize(("seconds", "fine"), [(-1, False), (0, False), (1, True)])
def test_an_appointment_ends_after_it_begins(seconds: int, fine: bool) -> None:
    """Some calendars drop an entry that does not, without a word."""
    event = replace(EVENT, end=EVENT.start + timedelta(seconds=seconds))

    if fine:
        assert entry(calendar_file(event, method="REQUEST")).end == event.end
        return
    with pytest.raises(ValueError, match="ends after"):
        calendar_file(event, method="REQUEST")


@pytest.mark.parametrize("length", [*range(60, 80), 300])
@pytest.mark.parametrize("letter", ["a", "ü", "山", "😀", ","])
def test_lines_are_folded_at_75_octets_without_splitting_a_letter(letter: str, length: int) -> None:
    """Every physical line decodes on its own and ends in CRLF."""
    event = replace(EVENT, summary=letter * length, organizer_name=letter * length)
    content = calendar_file(event, method="REQUEST")

    physical = content.split(b"\r\n")
    assert physical.pop() == b""
    assert max(len(line) for line in physical) <= 75
    assert all(line.decode() for line in physical)
    assert not content.replace(b"\r\n", b"").count(b"\n") + content.replace(b"\r\n", b"").count(b"\r")
    assert entry(content)["SUMMARY"] == letter * length


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\u2028", "\x85", "\v", "\x00"])
@pytest.mark.parametrize(
    "field",
    ["uid", "summary", "description", "location", "organizer_name", "organizer_mail", "attendee_name", "attendee_mail"],
)
def test_a_line_break_in_a_value_starts_no_property(field: str, break_: str) -> None:
    """Nobody invites others, or ends the event, through a name."""
    wicked = changed(field, f"x{break_}ATTENDEE:mailto:evil@example.org{break_}END:VEVENT")
    content = calendar_file(wicked, method="REQUEST")

    names = [line.split(":")[0].split(";")[0] for line in lines(content)]
    assert len(names) == len(lines(calendar_file(EVENT, method="REQUEST")))
    assert names.count("ATTENDEE") == 1
    assert not isinstance(entry(content)["ATTENDEE"], list)
    assert b"\x00" not in content


@pytest.mark.parametrize("name", ['Ann "Ace" Moe', "a;b:c,d", 'x";CN=y:mailto:z@example.org', "ca^nb", "ends^"])
def test_a_name_can_not_leave_its_parameter(name: str) -> None:
    """Quotes, colons, semicolons and carets in a name add neither parameter nor address."""
    attendee = entry(calendar_file(replace(EVENT, attendee_name=name), method="REQUEST"))["ATTENDEE"]

    assert attendee == "mailto:zoe+termin@example.org"
    assert sorted(attendee.params) == ["CN", "PARTSTAT", "ROLE", "RSVP"]
    assert attendee.params["CN"] == name.replace('"', "'").replace("^", "")


def test_an_address_is_written_as_a_mailto_address() -> None:
    """What has a meaning in an address of the web is percent-encoded."""
    event = replace(EVENT, attendee_mail="a?cc=b%c&d@exämple.org")

    attendee = entry(calendar_file(event, method="REQUEST"))["ATTENDEE"]

    assert attendee == "mailto:a%3Fcc=b%25c%26d@ex%C3%A4mple.org"


def test_the_library_is_loaded_only_when_a_file_is_written() -> None:
    """It would cost every cold start some 60 ms, also of functions that send nothing."""
    program = "import sys, chalicelib.messages.calendar_file as loaded; print(loaded and 'icalendar' in sys.modules)"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"
