"""Turns a notification into what is sent: reads whom and what it is about, decides whether it may go, writes it.

A notification holds references only, so everything is checked as it is at the moment of sending: a cancelled
appointment gets no reminder, and a changed one no outdated confirmation.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, RestrictedError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.reference import Reference
from chalicelib.messages.calendar_file import CalendarEvent, calendar_file
from chalicelib.messages.catalogue import Message, choose_language, message_named
from chalicelib.messages.notice_words import spoken_date
from chalicelib.messages.rendering import render_email, render_sms
from chalicelib.messages.when import short_time, spoken_time
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.publications import Publications, published
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.suppression import Suppression
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.linking import Linking, staff_link
from chalicelib.services.ports import Attachment, Email, Sms, Vault
from chalicelib.services.signing_in import LINK_MINUTES
from chalicelib.services.suppressing import suppress

CONFIRM_DAYS = 7
_STAFF_LINKS = {
    "confirm-registration": (LinkPurpose.CONFIRM_REGISTRATION, "confirm", timedelta(days=CONFIRM_DAYS)),
    "sign-in-link": (LinkPurpose.SIGN_IN, "sign-in", timedelta(minutes=LINK_MINUTES)),
}


class NotToBeSent(Exception):  # noqa: N818 (not a failure: the notification has become pointless or unwanted)
    """Raised when a notification must not be sent; `reason` is a word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Composed:
    """What to send, and the blind index of the address it goes to."""

    content: Email | Sms
    address_index: str


@dataclass(frozen=True)
class Composing:
    """Writes e-mails and text messages."""

    vault: Vault
    clock: Clock
    linking: Linking
    mail_sender: str
    organizer_mail: str
    product: str
    versions: Publications = published

    def compose(self, notification: Notification) -> Composed:
        """The content as of now. NotToBeSent says why there is none."""
        message = message_named(notification.message)
        if notification.useless_at is not None and notification.useless_at <= self.clock():
            raise NotToBeSent("too-late")
        try:
            if message.about == "appointment":
                return self._about_appointment(notification, message)
            return self._about_staff(notification, message)
        except KeyDestroyedError:
            raise NotToBeSent("person-erased") from None
        except RestrictedError:
            raise NotToBeSent("restricted") from None

    def _about_staff(self, notification: Notification, message: Message) -> Composed:
        tenant_ref = Tenant.ref(notification.tenant)
        staff_ref = Staff.ref(notification.tenant, notification.subject)
        found = fetch_all([tenant_ref, staff_ref])
        tenant, staff = found.get(tenant_ref), found.get(staff_ref)
        if tenant is None or staff is None:
            raise NotToBeSent("gone")
        self.vault.preload(tenant.tenant, [tenant.subject, staff.subject])
        index = self._admitted("email", staff.email)
        values = self._staff_values(notification, message, tenant, staff)
        content = render_email(message.name, notification.language, values, fallback=tenant.language)
        return Composed(
            Email(
                to=staff.email,
                to_name=staff.display_name,
                sender=self.mail_sender,
                sender_name=self.product,
                reply_to=self.mail_sender,
                subject=content.subject,
                text=content.text,
                html=content.html,
                headers={},
                reference=reference_of(notification),
            ),
            index,
        )

    def _staff_values(
        self, notification: Notification, message: Message, tenant: Tenant, staff: Staff
    ) -> Mapping[str, str]:
        if message.name == "notice-changed":
            return {"given_name": staff.given_name, **self._news(notification, tenant)}
        purpose, page, valid = _STAFF_LINKS[message.name]
        link = staff_link(
            purpose,
            tenant=tenant.tenant,
            staff=staff.subject,
            version=int(notification.about_version or 0),
            expires=self.clock() + valid,
        )
        offered = {
            "given_name": staff.given_name,
            "business": tenant.company,
            "link": self.linking.page(page, link),
            "valid_days": str(CONFIRM_DAYS),
            "valid_minutes": str(LINK_MINUTES),
        }
        return {name: offered[name] for name in message.fields}

    def _news(self, notification: Notification, tenant: Tenant) -> Mapping[str, str]:
        """Which version of the notice it is, since when it is in force, and where it is read."""
        language = choose_language(notification.language, fallback=tenant.language)
        version = next((each for each in self.versions() if each.version == notification.about), None)
        if version is None:
            raise NotToBeSent("gone")
        return {
            "effective": spoken_date(version.effective, language),
            "link": f"{self.linking.base_url}/notice/versions/{version.version}?language={language}",
        }

    def _about_appointment(self, notification: Notification, message: Message) -> Composed:
        meeting = self._meeting(notification)
        address = meeting.appointment.email if notification.channel == "email" else meeting.appointment.phone
        if not address:
            raise NotToBeSent("not-wanted")
        index = self._admitted(notification.channel, address)
        language = choose_language(notification.language, fallback=meeting.tenant.language)
        if notification.channel == "sms":
            return Composed(self._sms(notification, message, meeting, language), index)
        return Composed(self._email(notification, message, meeting, language), index)

    def _meeting(self, notification: Notification) -> "_Meeting":
        tenant, subject = notification.tenant, notification.subject
        held = _still_true(
            fetch(Appointment.ref(tenant, subject, str(notification.about)), consistent=True), notification
        )
        tenant_ref, expert_ref = Tenant.ref(tenant), Staff.ref(tenant, held.expert)
        service_ref = Service.ref(tenant, held.service)
        found = fetch_all([tenant_ref, expert_ref, service_ref])
        business, expert, service = found.get(tenant_ref), found.get(expert_ref), found.get(service_ref)
        if business is None or expert is None or service is None:
            raise NotToBeSent("gone")
        self.vault.preload(tenant, [subject, business.subject, expert.subject])
        return _Meeting(appointment=held, tenant=business, expert=expert, service=service)

    def _admitted(self, channel: str, address: str) -> str:
        """The blind index of an address that may be written to."""
        self.vault.tenant_ready(INSTALLATION)
        index = self.vault.index(INSTALLATION, f"suppression-{channel}", address.casefold())
        if fetch(Suppression.ref(channel, index), consistent=True) is not None:
            self._renew(channel, index)
            raise NotToBeSent("suppressed")
        return index

    def _renew(self, channel: str, index: str) -> None:
        """A stop lives on as long as it keeps messages back."""
        transaction = Transaction()
        suppress(transaction, channel, index, reason=None, at=self.clock().replace(microsecond=0))
        with contextlib.suppress(LostRaceError):  # somebody else renewed or lifted it this very moment
            transaction.commit()

    def _sms(self, notification: Notification, message: Message, meeting: "_Meeting", language: str) -> Sms:
        held = meeting.appointment
        values = meeting.values(
            when=short_time(held.starts_at, held.customer_zone, language), link=self.linking.cancel_page(held)
        )
        text = render_sms(message.name, language, values, fallback=meeting.tenant.language)
        return Sms(to=str(held.phone), text=text, reference=reference_of(notification))

    def _email(self, notification: Notification, message: Message, meeting: "_Meeting", language: str) -> Email:
        held = meeting.appointment
        values = meeting.values(
            when=spoken_time(held.starts_at, held.customer_zone, language), link=self.linking.manage_page(held)
        )
        content = render_email(message.name, language, values, fallback=meeting.tenant.language)
        return Email(
            to=held.email,
            to_name=f"{held.given_name} {held.family_name}",
            sender=self.mail_sender,
            sender_name=meeting.tenant.company,
            reply_to=meeting.tenant.contact_mail,
            subject=content.subject,
            text=content.text,
            html=content.html,
            attachments=self._calendar(message, meeting, content.subject),
            headers={},
            reference=reference_of(notification),
        )

    def _calendar(self, message: Message, meeting: "_Meeting", summary: str) -> tuple[Attachment, ...]:
        if message.calendar is None:
            return ()
        held = meeting.appointment
        event = CalendarEvent(
            uid=f"{held.id}@{self.organizer_mail.rpartition('@')[2]}",
            sequence=int(held.sequence),
            stamp=held.changed_at,
            start=held.starts_at,
            end=held.ends_at,
            summary=f"{meeting.service.name}, {meeting.tenant.company}",
            description=summary,
            location="",
            organizer_name=meeting.tenant.company,
            organizer_mail=self.organizer_mail,
            attendee_name=f"{held.given_name} {held.family_name}",
            attendee_mail=held.email,
        )
        kind = f"text/calendar; method={message.calendar}; charset=UTF-8"
        content = calendar_file(event, method=message.calendar)
        return (Attachment(filename="invite.ics", content_type=kind, content=content),)


@dataclass(frozen=True, kw_only=True)
class _Meeting:
    """Everything a message about an appointment speaks of."""

    appointment: Appointment
    tenant: Tenant
    expert: Staff
    service: Service

    def values(self, *, when: str, link: str) -> Mapping[str, str]:
        """The values of the placeholders."""
        return {
            "given_name": self.appointment.given_name,
            "family_name": self.appointment.family_name,
            "business": self.tenant.company,
            "service": self.service.name,
            "expert": self.expert.display_name,
            "when": when,
            "zone": self.appointment.customer_zone,
            "manage_link": link,
            "business_contact": f"{self.tenant.contact_mail}, {self.tenant.contact_phone}",
        }


def reference_of(notification: Notification) -> str:
    """What providers get to name the notification by."""
    return str(Reference(notification.tenant, notification.subject, notification.id))


def _still_true(held: Appointment | None, notification: Notification) -> Appointment:
    if held is None:
        raise NotToBeSent("gone")
    if int(held.sequence) != int(notification.about_version or 0):
        raise NotToBeSent("superseded")
    wanted = State.CANCELLED if notification.message == "appointment-cancelled" else State.CONFIRMED
    if held.state is not wanted:
        raise NotToBeSent("superseded")
    if notification.channel == "sms" and not held.sms_wanted:
        raise NotToBeSent("not-wanted")
    return held
