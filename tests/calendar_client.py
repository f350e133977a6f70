"""A calendar as people have one: a client library that takes in the files of mails by the rules of RFC 5546."""

from dataclasses import dataclass, field
from datetime import datetime

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from ical.store import EventStore


@dataclass
class CalendarClient:
    """One person's calendar."""

    calendar: Calendar = field(default_factory=Calendar)

    def take(self, content: bytes) -> None:
        """Takes in a file: what is new is entered, a higher sequence replaces, a withdrawal removes; else nothing."""
        sent = IcsCalendarStream.calendar_from_ics(content.decode())
        store = EventStore(self.calendar)
        for event in sent.events:
            held = next((each for each in self.calendar.events if each.uid == event.uid), None)
            if held is not None and (event.sequence or 0) <= (held.sequence or 0):
                continue
            if held is not None:
                store.delete(str(held.uid))
            if sent.method != "CANCEL":
                store.add(event)

    def events(self) -> list[Event]:
        """What stands in it, in order of time."""
        return sorted(self.calendar.timeline)

    def times(self) -> list[tuple[datetime, datetime]]:
        """From when until when there is something."""
        return [(each.start_datetime, each.end_datetime) for each in self.events()]
