"""Reminders by text message that got late, because providers were down or they were found stuck: they wake nobody."""

from datetime import datetime, timedelta

from chalicelib.domain.reminding import after_the_night
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.notification import Notification
from chalicelib.records.reading import fetch

LATE = timedelta(minutes=30)  # what was to go as the quiet hours began may still go until then


def morning_for(notification: Notification, *, now: datetime) -> datetime | None:
    """The end of the night, for a reminder that is late at night. None: it may go."""
    is_reminder = (notification.message, notification.channel) == ("appointment-reminder", "sms")
    if not is_reminder or now < notification.send_at + LATE:
        return None
    return after_the_night(now, zone=_zone(notification))


def _zone(notification: Notification) -> str:
    """The one by which it was decided when it goes: the expert's."""
    held = fetch(Appointment.ref(notification.tenant, notification.subject, str(notification.about)))
    hours = fetch(Availability.ref(notification.tenant, held.expert)) if held else None
    return str(hours.expert_zone if hours else notification.zone)
