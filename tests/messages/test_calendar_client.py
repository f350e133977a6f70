"""Calendar files in a client library: what is sent is understood, by its rules and not only by ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from chalicelib.messages.calendar_file import CalendarEvent, calendar_file
from tests.calendar_client import CalendarClient

HOUR = timedelta(hours=1)
EVENT = CalendarEvent(
    uid="0198c0ffee@zusage.example.ch",
    sequence=0,
    stamp=datetime(2026, 10, 1, 8, 0, 5, tzinfo=UTC),
    start=datetime(2026, 11, 30, 13, 30, tzinfo=UTC),
    end=datetime(2026, 11, 30, 14, 15, tzinfo=UTC),
    summary="Beratung, Zürich",
    description="Ihr Termin ist bestätigt\nhttps://meet.example/x?a=1;b=2",
    location="Bahnhofstrasse 1, 8001 Zürich",
    organizer_name="Praxis Seefeld",
    organizer_mail="termine@example.ch",
    attendee_name="Zoë Müller",
    attendee_mail="zoe+termin@example.org",
)
MOVED = replace(EVENT, sequence=1, start=EVENT.start + HOUR, end=EVENT.end + HOUR)
GONE = replace(MOVED, sequence=2)


def after(*files: tuple[CalendarEvent, Any]) -> CalendarClient:
    """A calendar that took these files, in order."""
    client = CalendarClient()
    for event, method in files:
        client.take(calendar_file(event, method=method))
    return client


def read(event: CalendarEvent, method: Any = "REQUEST") -> Any:
    """The event as the client library reads it."""
    (found,) = IcsCalendarStream.calendar_from_ics(calendar_file(event, method=method).decode()).events
    return found


def test_an_invitation_enters_the_appointment() -> None:
    """With everything that people look for in it."""
    (event,) = after((EVENT, "REQUEST")).events()

    assert (event.uid, event.sequence, event.summary) == (EVENT.uid, 0, EVENT.summary)
    assert (event.start_datetime, event.end_datetime) == (EVENT.start, EVENT.end)
    assert (event.location, event.description) == (EVENT.location, EVENT.description)


def test_a_higher_sequence_moves_it_and_a_cancellation_removes_it() -> None:
    """In order; afterwards nothing is left."""
    assert after((EVENT, "REQUEST"), (MOVED, "REQUEST")).times() == [(MOVED.start, MOVED.end)]
    assert after((EVENT, "REQUEST"), (MOVED, "REQUEST"), (GONE, "CANCEL")).events() == []


@pytest.mark.parametrize(
    "late", [(EVENT, "REQUEST"), (MOVED, "REQUEST"), (EVENT, "PUBLISH")], ids=["first", "same", "file"]
)
def test_what_comes_late_or_twice_changes_nothing(late: tuple[CalendarEvent, Any]) -> None:
    """Mails overtake each other: the highest sequence wins."""
    assert after((EVENT, "REQUEST"), (MOVED, "REQUEST"), late).times() == [(MOVED.start, MOVED.end)]


def test_a_file_that_was_taken_over_by_hand_is_the_same_entry() -> None:
    """And follows the mails from then on."""
    assert len(after((EVENT, "PUBLISH"), (EVENT, "REQUEST")).events()) == 1
    assert after((EVENT, "PUBLISH"), (MOVED, "REQUEST")).times() == [(MOVED.start, MOVED.end)]


def test_a_published_file_invites_nobody() -> None:
    """RFC 5546 forbids attendees in it; it keeps who is behind it."""
    content = calendar_file(EVENT, method="PUBLISH").decode()

    assert "ATTENDEE" not in content
    assert "METHOD:PUBLISH" in content
    assert "ORGANIZER" in content


def test_each_appointment_of_a_series_is_an_entry_of_its_own() -> None:
    """One that is moved or cancelled leaves the others alone."""
    days = [
        replace(EVENT, uid=f"{number}@zusage.example.ch", start=EVENT.start + week, end=EVENT.end + week)
        for number, week in enumerate(timedelta(weeks=each) for each in range(3))
    ]
    client = after(*((each, "REQUEST") for each in days), (replace(days[1], sequence=1), "CANCEL"))

    assert [event.uid for event in client.events()] == [days[0].uid, days[2].uid]


def test_only_the_one_whose_seat_it_is_is_named() -> None:
    """Whoever else takes part is nobody's business."""
    calendar: Any = Calendar.from_ical(calendar_file(EVENT, method="REQUEST"))
    (event,) = calendar.walk("VEVENT")

    assert event["ATTENDEE"] == "mailto:zoe+termin@example.org"


@pytest.mark.parametrize(
    "text", ["Ärzte-Straße, Genève; naïve\\n", "山" * 60, "a" * 200, 'x:"y";z,\\;', "Grüezi 😀 " * 12], ids=range(5)
)
@pytest.mark.parametrize("field", ["summary", "location", "description"])
def test_every_text_survives_folding_and_escaping(field: str, text: str) -> None:
    """As another library reads it."""
    given: dict[str, Any] = {field: text.strip()}

    assert getattr(read(replace(EVENT, **given)), field) == text.strip()


@pytest.mark.parametrize("status", ["CONFIRMED", "TENTATIVE", "CANCELLED"])
def test_the_status_is_read(status: Any) -> None:
    """Also of what waits, and of what is over."""
    assert read(replace(EVENT, status=status), "PUBLISH").status == status


def test_the_link_of_a_video_call_can_be_followed() -> None:
    """It stands where calendars look for it; without one there is no empty line."""
    assert str(read(replace(EVENT, url="https://meet.example/x"), "PUBLISH").url) == "https://meet.example/x"
    assert "URL" not in calendar_file(EVENT, method="PUBLISH").decode()
    assert "LOCATION" not in calendar_file(replace(EVENT, location=""), method="REQUEST").decode()


def test_times_are_the_same_instants_over_a_clock_change() -> None:
    """They are written in UTC, so no zone can be mistaken."""
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    event = read(replace(EVENT, start=night, end=night + HOUR))

    assert (event.start_datetime, event.end_datetime) == (night, night + HOUR)
