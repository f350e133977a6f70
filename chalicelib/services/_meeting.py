"""Everything that a message about an appointment speaks of, and the calendar file that goes with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.messages.calendar_file import CalendarEvent, calendar_file
from chalicelib.messages.catalogue import Message
from chalicelib.records.appointment import Appointment
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services.ports import Attachment


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """An appointment with those who take part. The expert may have left since it was cancelled."""

    appointment: Appointment
    tenant: Tenant
    expert: Staff | None
    service: Service

    def values(self, *, when: str, link: str) -> Mapping[str, str]:
        """The values of the placeholders."""
        return {
            "given_name": self.appointment.given_name,
            "family_name": self.appointment.family_name,
            "business": self.tenant.company,
            "service": self.service.name,
            "expert": self.expert.display_name if self.expert else self.tenant.company,
            "when": when,
            "zone": self.appointment.customer_zone,
            "manage_link": link,
            "business_contact": f"{self.tenant.contact_mail}, {self.tenant.contact_phone}",
        }

    def calendar(self, message: Message, summary: str, *, organizer: str) -> tuple[Attachment, ...]:
        """The file that enters the appointment into a calendar, or takes it out."""
        if message.calendar is None:
            return ()
        held = self.appointment
        event = CalendarEvent(
            uid=f"{held.id}@{organizer.rpartition('@')[2]}",
            sequence=int(held.sequence),
            stamp=held.changed_at,
            start=held.starts_at,
            end=held.ends_at,
            summary=f"{self.service.name}, {self.tenant.company}",
            description=summary,
            location="",
            organizer_name=self.tenant.company,
            organizer_mail=organizer,
            attendee_name=f"{held.given_name} {held.family_name}",
            attendee_mail=held.email,
        )
        kind = f"text/calendar; method={message.calendar}; charset=UTF-8"
        content = calendar_file(event, method=message.calendar)
        return (Attachment(filename="invite.ics", content_type=kind, content=content),)
