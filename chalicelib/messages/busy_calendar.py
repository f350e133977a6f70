"""When somebody is busy, as a calendar to subscribe to (RFC 5545, RFC 7986): no names, no places, no guests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from chalicelib.messages.plain import one_line

_WORDS = {"de": "Belegt", "en": "Busy", "fr": "Occupé", "it": "Occupato"}
_HOURLY = "PT1H"


@dataclass(frozen=True, kw_only=True)
class Busy:
    """Time that is taken; `title` says by what, if anything may."""

    key: str
    starts_at: datetime
    ends_at: datetime
    title: str = ""


def busy_calendar(times: Iterable[Busy], *, language: str, started_at: datetime) -> bytes:
    """The file. The same times make the same bytes, so that whoever asks again learns that nothing is new."""
    # Here and not above: this import takes about 60 ms, and hardly a call needs it.
    from icalendar import Calendar, Event  # noqa: PLC0415

    word = _WORDS.get(language.partition("-")[0], _WORDS["en"])
    calendar = Calendar()
    calendar.add("prodid", "-//Zusage//Busy times//EN")
    calendar.add("version", "2.0")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _HOURLY)
    for each in times:
        entry = Event()
        entry.add("uid", sha256(each.key.encode()).hexdigest()[:32])
        entry.add("dtstamp", started_at.astimezone(UTC))
        entry.add("dtstart", each.starts_at.astimezone(UTC))
        entry.add("dtend", each.ends_at.astimezone(UTC))
        entry.add("summary", one_line(each.title) or word)
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
