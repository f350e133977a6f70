"""Everything that a message about an appointment speaks of, and the calendar file that goes with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.messages.calendar_file import CalendarEvent, Method, Status, calendar_file
from chalicelib.messages.catalogue import Message
from chalicelib.messages.when import spoken_price, spoken_time
from chalicelib.messages.where import Where, spoken_where
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.premises import Premises
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking._places import where_of
from chalicelib.services.ports import Attachment, Vault

_STATES: Mapping[str, State] = {
    "payment-wanted": State.UNPAID,
    "appointment-requested": State.PENDING,
    "appointment-declined": State.DECLINED,
    "appointment-lapsed": State.LAPSED,
    "appointment-cancelled": State.CANCELLED,
}
_STATUS: Mapping[State, Status] = {State.UNPAID: "TENTATIVE", State.PENDING: "TENTATIVE", State.CONFIRMED: "CONFIRMED"}


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """An appointment with those who take part. The expert may have left since it was cancelled."""

    appointment: Appointment
    tenant: Tenant
    expert: Staff | None
    service: Service
    premises: Premises | None

    def where(self, *, fully: bool = False) -> Where:
        """Where it takes place."""
        return where_of(self.appointment, self.service, self.tenant, self.premises, fully=fully)

    def values(self, message: Message, *, when: str, link: str, language: str) -> Mapping[str, str]:
        """The values of the message's placeholders."""
        offered = {
            "given_name": self.appointment.given_name,
            "family_name": self.appointment.family_name,
            "business": self.tenant.company,
            "service": self.service.name,
            "expert": self.expert.display_name if self.expert else self.tenant.company,
            "when": when,
            "where": spoken_where(self.where(), language),
            "zone": self.appointment.customer_zone,
            "manage_link": link,
            "price": spoken_price(int(self.appointment.price or 0), self.appointment.currency or ""),
            "pay_until": self._pay_until(language),
            "business_contact": f"{self.tenant.contact_mail}, {self.tenant.contact_phone}",
        }
        return {name: offered[name] for name in message.fields}

    def _pay_until(self, language: str) -> str:
        """Until when it has to be paid, in the zone of who pays; nothing where it need not be."""
        held = self.appointment
        return spoken_time(held.lapses_at, held.customer_zone, language) if held.lapses_at else ""

    def calendar(self, message: Message, summary: str, *, organizer: str, language: str) -> tuple[Attachment, ...]:
        """The file that enters the appointment into a calendar, or takes it out."""
        if message.calendar is None:
            return ()
        kind = f"text/calendar; method={message.calendar}; charset=UTF-8"
        content = self.file(message.calendar, summary, self.where(), organizer=organizer, language=language)
        return (Attachment(filename="invite.ics", content_type=kind, content=content),)

    def file(self, method: Method, summary: str, where: Where, *, organizer: str, language: str) -> bytes:
        """The appointment as it stands, as a calendar file."""
        held = self.appointment
        event = CalendarEvent(
            uid=f"{held.id}@{organizer.rpartition('@')[2]}",
            sequence=int(held.sequence),
            stamp=held.changed_at,
            start=held.starts_at,
            end=held.ends_at,
            summary=f"{self.service.name}, {self.tenant.company}",
            description="\n".join(filter(None, (summary, where.link))),
            location=spoken_where(where, language),
            url=where.link,
            status=_STATUS.get(held.state, "CANCELLED"),
            organizer_name=self.tenant.company,
            organizer_mail=organizer,
            attendee_name=f"{held.given_name} {held.family_name}",
            attendee_mail=held.email,
        )
        return calendar_file(event, method=method)


def meeting_about(notification: Notification, vault: Vault) -> Meeting:
    """What a message is about, as it stands now. NotToBeSent when the message is not true any more."""
    ref = Appointment.ref(notification.tenant, notification.subject, str(notification.about))
    held = _still_true(fetch(ref, consistent=True), notification)
    meeting = meeting_of(held, vault)
    if meeting is None or (meeting.expert is None and held.state.holds_time):
        raise NotToBeSent("gone")
    return meeting


def meeting_of(held: Appointment, vault: Vault) -> Meeting | None:
    """An appointment with what belongs to it; None when the business or the service has ended."""
    tenant = held.tenant
    tenant_ref, service_ref = Tenant.ref(tenant), Service.ref(tenant, held.service)
    expert_ref, premises_ref = Staff.ref(tenant, held.expert), Premises.ref(tenant)
    found = fetch_all([tenant_ref, expert_ref, service_ref, premises_ref])
    business, service = found.get(tenant_ref), found.get(service_ref)
    if business is None or service is None:
        return None
    vault.preload(tenant, [held.subject, business.subject, held.expert])
    return Meeting(
        appointment=held,
        tenant=business,
        expert=found.get(expert_ref),
        service=service,
        premises=found.get(premises_ref),
    )


def _still_true(held: Appointment | None, notification: Notification) -> Appointment:
    if held is None:
        raise NotToBeSent("gone")
    if int(held.sequence) != int(notification.about_version or 0):
        raise NotToBeSent("superseded")
    if held.state is not _STATES.get(notification.message, State.CONFIRMED):
        raise NotToBeSent("superseded")
    if notification.channel == "sms" and not held.sms_wanted:
        raise NotToBeSent("not-wanted")
    return held
