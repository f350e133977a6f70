"""Experts' own calendars are told of changes: noted in the transaction that brings them about."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.ids import new_id
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.writing import Transaction


def note_news(
    transaction: Transaction, appointment: Appointment, hours: Iterable[Availability | None], *, now: datetime
) -> None:
    """Notes that an appointment changed, for each expert of these hours who has linked a calendar."""
    for each in hours:
        if each is None or not each.linked:
            continue
        ref = CalendarNews.ref(appointment.tenant, each.expert, new_id(now))
        news = CalendarNews(ref.pk, ref.sk, zone=appointment.zone, at=now, next_at=now)
        news.customer, news.appointment = appointment.subject, appointment.id
        transaction.create(news)
