"""What experts' own calendars are told: the name of the service, start and end, and nothing about a customer.

What an appointment is by now is read when a calendar is told of it, so it does not matter in which order the news come,
and telling twice tells nothing new.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.own_calendars import Access, OwnEvent
from chalicelib.records.appointment import Appointment
from chalicelib.records.calendar_link import CalendarLink
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.services.calendars.importing import ahead
from chalicelib.services.calendars.ports import Calendar
from chalicelib.services.door.offers import FARTHEST


@dataclass(frozen=True)
class Told:
    """What a calendar is told of one appointment; no event: that it is not there any more."""

    key: str
    event: OwnEvent | None


def tell_all(link: CalendarLink, calendar: Calendar, access: Access, *, now: datetime) -> int:
    """Writes everything that lies ahead; how many appointments."""
    every = ahead(link.tenant, link.subject, frm=now, to=now + FARTHEST)
    refs = {each.service: Service.ref(link.tenant, each.service) for each in every}
    found = fetch_all(refs.values())
    for each in every:
        tell(link, calendar, access, _told(each, link.subject, found.get(refs[each.service])))
    return len(every)


def tell(link: CalendarLink, calendar: Calendar, access: Access, told: Told) -> None:
    """Tells one calendar. ThingGoneError when ours is gone there."""
    own = str(link.own_calendar)
    if told.event is None:
        calendar.remove(access, own, told.key)
    else:
        calendar.write(access, own, told.event)


def told_of(news: CalendarNews) -> Told:
    """What there is to tell by now."""
    held = fetch(Appointment.ref(news.tenant, news.customer, news.appointment), consistent=True)
    if held is None:
        return Told(news.appointment, None)
    return _told(held, news.subject, fetch(Service.ref(news.tenant, held.service)))


def _told(held: Appointment, expert: str, service: Service | None) -> Told:
    takes_part = expert == held.expert or expert in (held.others or ())
    if service is None or not takes_part or not held.state.holds_time:
        return Told(held.id, None)
    return Told(held.id, OwnEvent(key=held.id, title=service.name, starts_at=held.starts_at, ends_at=held.ends_at))
