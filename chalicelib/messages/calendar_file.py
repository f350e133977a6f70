"""The calendar file of an appointment, by RFC 5545 and RFC 5546.

An invitation (REQUEST), its withdrawal (CANCEL), or the entry as it stands for whoever asks (PUBLISH: nobody is invited
in it). Times are written in UTC, so that no time zone table has to be sent along. There is no alarm: reminders are ours
to send and the person's own to set. The class is private, because a calendar is often shared with colleagues.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from chalicelib.messages.plain import many_lines, one_line

if TYPE_CHECKING:
    from icalendar import vCalAddress

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]

_PRODUCT = "-//Zusage//Appointments//EN"
_MAILTO_PLAIN = "@!$'*+=^_{}|~"  # what RFC 6068 lets stand in an address, besides letters, digits, "-" and "."


@dataclass(frozen=True, kw_only=True)
class CalendarEvent:
    """One appointment as calendars see it. `uid` stays for its whole life, `sequence` grows with each change."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    summary: str
    description: str
    location: str
    organizer_name: str
    organizer_mail: str
    attendee_name: str
    attendee_mail: str
    url: str = ""
    status: Status = "CONFIRMED"


def calendar_file(event: CalendarEvent, *, method: Method) -> bytes:
    """The file in UTF-8, folded at 75 octets, lines ending in CRLF."""
    _check(event, method)
    # Here and not above: this import takes about 60 ms, and only the function that sends mail ever needs it.
    from icalendar import Calendar, Event  # noqa: PLC0415

    entry = Event()
    entry.add("uid", one_line(event.uid))
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.stamp.astimezone(UTC))
    entry.add("dtstart", event.start.astimezone(UTC))
    entry.add("dtend", event.end.astimezone(UTC))
    entry.add("summary", one_line(event.summary))
    entry.add("description", many_lines(event.description))
    for name, value in (("location", event.location), ("url", event.url)):
        if value:
            entry.add(name, one_line(value))
    entry.add("status", "CANCELLED" if method == "CANCEL" else event.status)
    entry.add("class", "PRIVATE")
    entry.add("organizer", _person(event.organizer_name, event.organizer_mail))
    if method != "PUBLISH":
        # RSVP=FALSE: nobody reads replies. Who wants to cancel uses the link in the message.
        asked = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
        entry.add("attendee", _person(event.attendee_name, event.attendee_mail, **asked))

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    content: bytes = calendar.to_ical(sorted=False)
    return content


def _check(event: CalendarEvent, method: Method) -> None:
    if any(instant.utcoffset() is None for instant in (event.stamp, event.start, event.end)):
        raise ValueError("an instant has to be aware")
    if event.end <= event.start:
        raise ValueError("an appointment ends after it begins")
    if method == "CANCEL" and event.sequence < 1:
        raise ValueError("a cancellation has a higher sequence than its invitation")


def _person(name: str, mail: str, **parameters: str) -> "vCalAddress":
    from icalendar import vCalAddress  # noqa: PLC0415

    person = vCalAddress("mailto:" + quote(one_line(mail), safe=_MAILTO_PLAIN))
    # Double quotes can't be written in a parameter but by an extension (RFC 6868) that few calendars know.
    person.params["CN"] = one_line(name).replace('"', "'").replace("^", "")
    for key, value in parameters.items():
        person.params[key] = value
    return person
