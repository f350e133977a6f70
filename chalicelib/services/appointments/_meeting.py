"""Everything that a message about appointments speaks of, and the calendar file that goes with each of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.messages.calendar_file import CalendarEvent, Method, Status, calendar_file
from chalicelib.messages.catalogue import Message
from chalicelib.messages.when import spoken_price, spoken_time
from chalicelib.messages.where import Where, spoken_where
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.premises import Premises
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking._places import where_of
from chalicelib.services.ports import Attachment, Vault

_STATES: Mapping[str, State] = {
    "payment-wanted": State.UNPAID,
    "payments-wanted": State.UNPAID,
    "appointment-requested": State.PENDING,
    "appointments-requested": State.PENDING,
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

    @property
    def is_orphaned(self) -> bool:
        """Whether it is to take place with somebody who has left."""
        return self.expert is None and self.appointment.state.holds_time

    def where(self, *, fully: bool = False) -> Where:
        """Where it takes place."""
        return where_of(self.appointment, self.service, self.tenant, self.premises, fully=fully)

    def values(self, names: Collection[str], *, when: str, link: str, language: str) -> Mapping[str, str]:
        """The values of these placeholders of a message."""
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
        return {name: offered[name] for name in names}

    def _pay_until(self, language: str) -> str:
        """Until when it has to be paid, in the zone of who pays; nothing where it need not be."""
        held = self.appointment
        return spoken_time(held.lapses_at, held.customer_zone, language) if held.lapses_at else ""

    def calendar(
        self, message: Message, summary: str, *, organizer: str, language: str, filename: str = "invite.ics"
    ) -> tuple[Attachment, ...]:
        """The file that enters the appointment into a calendar, or takes it out."""
        if message.calendar is None:
            return ()
        kind = f"text/calendar; method={message.calendar}; charset=UTF-8"
        content = self.file(message.calendar, summary, self.where(), organizer=organizer, language=language)
        return (Attachment(filename=filename, content_type=kind, content=content),)

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
    if meeting is None or meeting.is_orphaned:
        raise NotToBeSent("gone")
    return meeting


def meetings_about(notification: Notification, vault: Vault, *, now: datetime) -> list[Meeting]:
    """What a message about several appointments still is about, in order of time; one at least, or NotToBeSent.

    One that was moved since is shown where it is now. One that is over, or stands in another way than the message says,
    is left out: that is told by a message of its own.
    """
    tenant, customer = notification.tenant, notification.subject
    refs = [Appointment.ref(tenant, customer, each) for each in str(notification.about).split(".")]
    held = list(filter(None, map(fetch_all(refs, consistent=True).get, refs)))
    true = [each for each in held if each.state is _state(notification) and each.ends_at > now]
    if held and not true:
        raise NotToBeSent("superseded")
    meetings = [each for each in meetings_of(true, vault) if not each.is_orphaned]
    if not meetings:
        raise NotToBeSent("gone")
    wanted = [each for each in meetings if _is_wanted(each.appointment, notification)]
    if not wanted:
        raise NotToBeSent("not-wanted")
    return sorted(wanted, key=lambda each: each.appointment.starts_at)


def meeting_of(held: Appointment, vault: Vault) -> Meeting | None:
    """An appointment with what belongs to it; None when the business or the service has ended."""
    return next(iter(meetings_of([held], vault)), None)


def meetings_of(several: Sequence[Appointment], vault: Vault) -> list[Meeting]:
    """Appointments of one customer with what belongs to them, read together; without those whose service has ended."""
    if not several:
        return []
    tenant, customer = several[0].tenant, several[0].subject
    tenant_ref, premises_ref = Tenant.ref(tenant), Premises.ref(tenant)
    services = {each.service: Service.ref(tenant, each.service) for each in several}
    experts = {each.expert: Staff.ref(tenant, each.expert) for each in several}
    refs: list[Ref[Any]] = [tenant_ref, premises_ref, *services.values(), *experts.values()]
    found = fetch_all(refs)
    business = found.get(tenant_ref)
    if business is None:
        return []
    vault.preload(tenant, [customer, business.subject, *experts])
    return [
        Meeting(
            appointment=each,
            tenant=business,
            expert=found.get(experts[each.expert]),
            service=service,
            premises=found.get(premises_ref),
        )
        for each in several
        if (service := found.get(services[each.service])) is not None
    ]


def _still_true(held: Appointment | None, notification: Notification) -> Appointment:
    if held is None:
        raise NotToBeSent("gone")
    if int(held.sequence) != int(notification.about_version or 0):
        raise NotToBeSent("superseded")
    if held.state is not _state(notification):
        raise NotToBeSent("superseded")
    if not _is_wanted(held, notification):
        raise NotToBeSent("not-wanted")
    return held


def _state(notification: Notification) -> State:
    """The state that a message speaks of."""
    return _STATES.get(notification.message, State.CONFIRMED)


def _is_wanted(held: Appointment, notification: Notification) -> bool:
    return notification.channel != "sms" or bool(held.sms_wanted)
