"""Turns a notification into what is sent: reads whom and what it is about, decides whether it may go, writes it.

A notification holds references only, so everything is checked as it is at the moment of sending: a cancelled
appointment gets no reminder, and a changed one no outdated confirmation.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, RestrictedError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.passwords import RESET_LINK
from chalicelib.domain.reference import Reference
from chalicelib.messages.catalogue import Message, choose_language, message_named
from chalicelib.messages.notice_words import spoken_date
from chalicelib.messages.rendering import render_email, render_sms
from chalicelib.messages.when import spoken_time
from chalicelib.records.credentials import EmailChange
from chalicelib.records.installation import OperatorAccess
from chalicelib.records.notification import Notification
from chalicelib.records.publications import Publications, published
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Staff
from chalicelib.records.suppression import Suppression
from chalicelib.records.team import Invitation
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.linking import Linking, invitation_link, staff_link
from chalicelib.services.notifying._ending_words import MESSAGES as ENDINGS
from chalicelib.services.notifying._ending_words import ending_words
from chalicelib.services.notifying._meeting_words import MeetingWords
from chalicelib.services.notifying._offer_words import TO_EXPERTS, OfferWords, expert_words
from chalicelib.services.notifying._pending_words import MESSAGES as PENDING
from chalicelib.services.notifying._pending_words import pending_words
from chalicelib.services.notifying._said import Said
from chalicelib.services.notifying.suppressing import renew
from chalicelib.services.ports import Email, Sms, Vault
from chalicelib.services.sign_in.signing_in import LINK_MINUTES

INVITATION_DAYS = 2
CHANGE_HOURS = 24
# What each link is for, its page, and how long it is good: without a time, for as long as there is what it confirms.
_STAFF_LINKS: Mapping[str, tuple[LinkPurpose, str, timedelta | None]] = {
    "confirm-registration": (LinkPurpose.CONFIRM_REGISTRATION, "confirm", None),
    "email-change-old": (LinkPurpose.AGREE_OLD, "email-change", timedelta(hours=CHANGE_HOURS)),
    "email-change-new": (LinkPurpose.AGREE_NEW, "email-change", timedelta(hours=CHANGE_HOURS)),
    "sign-in-link": (LinkPurpose.SIGN_IN, "sign-in", timedelta(minutes=LINK_MINUTES)),
    "password-reset": (LinkPurpose.RESET_PASSWORD, "reset", RESET_LINK),
}


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
            if message.about in {"appointment", "offer"}:
                return self._to_customer(notification, message)
            if message.about == "invitation":
                return self._about_invitation(notification)
            return self._about_staff(notification, message)
        except KeyDestroyedError:
            raise NotToBeSent("person-erased") from None
        except RestrictedError:
            raise NotToBeSent("restricted") from None

    def _about_staff(self, notification: Notification, message: Message) -> Composed:
        tenant_ref = Tenant.ref(notification.tenant)
        staff_ref = Staff.ref(notification.tenant, notification.subject)
        found = fetch_all([tenant_ref, staff_ref], consistent=True)
        tenant, staff = found.get(tenant_ref), found.get(staff_ref)
        if tenant is None or staff is None:
            raise NotToBeSent("gone")
        self.vault.preload(tenant.tenant, [tenant.subject, staff.subject])
        to, to_name = _addressee(notification, staff)
        if message.name in PENDING:
            now, linking = self.clock(), self.linking
            values, each = pending_words(notification, message, tenant, staff, linking=linking, now=now)
            return self._from_us(notification, to, to_name, values, each=each, fallback=staff.language)
        values = self._staff_values(notification, message, tenant, staff)
        return self._from_us(notification, to, to_name, values, fallback=staff.language)

    def _about_invitation(self, notification: Notification) -> Composed:
        tenant_ref = Tenant.ref(notification.tenant)
        ref = Invitation.ref(notification.tenant, notification.subject)
        found = fetch_all([tenant_ref, ref], consistent=True)
        tenant, invitation = found.get(tenant_ref), found.get(ref)
        if tenant is None or invitation is None:
            raise NotToBeSent("gone")
        link = self.linking.page("invitation", invitation_link(invitation))
        values = {"business": tenant.company, "link": link, "valid_days": str(INVITATION_DAYS)}
        return self._from_us(notification, invitation.email, "", values, fallback=tenant.language)

    def _from_us(
        self,
        notification: Notification,
        to: str,
        to_name: str,
        values: Mapping[str, str],
        *,
        each: Sequence[Mapping[str, str]] = (),
        fallback: str,
    ) -> Composed:
        """A mail from the product itself, and not from a business."""
        index = self._admitted("email", to)
        content = render_email(notification.message, notification.language, values, each=each, fallback=fallback)
        return Composed(
            Email(
                to=to,
                to_name=to_name,
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
        if message.name == "operator-access":
            return {"given_name": staff.given_name, **self._access(notification, tenant)}
        if message.name in {"second-factor-changed", "password-changed", "calendar-broken"}:
            return {"given_name": staff.given_name, **self._change(notification, tenant)}
        if message.name in ENDINGS:
            said = ending_words(notification, message, tenant, base=self.linking.base_url, now=self.clock())
            return {"given_name": staff.given_name, **said}
        if message.name in TO_EXPERTS:
            said = expert_words(notification, message, tenant, staff, linking=self.linking)
            return {"given_name": staff.given_name, **said}
        return self._with_link(notification, message, tenant, staff)

    def _with_link(
        self, notification: Notification, message: Message, tenant: Tenant, staff: Staff
    ) -> Mapping[str, str]:
        purpose, page, valid = _STAFF_LINKS[message.name]
        expires = self.clock() + valid if valid else staff.expires_at
        if expires is None:  # confirmed by another link meanwhile
            raise NotToBeSent("superseded")
        link = staff_link(
            purpose,
            tenant=tenant.tenant,
            staff=staff.subject,
            notification=notification.id,
            version=int(notification.about_version or 0),
            expires=expires,
        )
        language = choose_language(notification.language, fallback=staff.language)
        offered = {
            "given_name": staff.given_name,
            "business": tenant.company,
            "link": self.linking.page(page, link),
            "until": spoken_time(expires, notification.zone, language),
            "valid_hours": str(CHANGE_HOURS),
            "valid_minutes": str((valid or timedelta()) // timedelta(minutes=1)),
        }
        return {name: offered[name] for name in message.fields}

    def _change(self, notification: Notification, tenant: Tenant) -> Mapping[str, str]:
        """When it was, in the zone of whoever reads it, and where they see what they have now."""
        language = choose_language(notification.language, fallback=tenant.language)
        when = spoken_time(notification.send_at, notification.zone, language)
        page = "calendar" if notification.message == "calendar-broken" else "account"
        return {"when": when, "link": f"{self.linking.base_url}/{page}"}

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

    def _access(self, notification: Notification, tenant: Tenant) -> Mapping[str, str]:
        """Why and from when until when the operator's staff may look, in the zone of whoever reads it."""
        held = fetch(OperatorAccess.ref(tenant.tenant, str(notification.about)), consistent=True)
        if held is None:
            raise NotToBeSent("gone")
        language = choose_language(notification.language, fallback=tenant.language)
        return {
            "business": tenant.company,
            "begins": spoken_time(held.started_at, notification.zone, language),
            "ends": spoken_time(held.until, notification.zone, language),
            "link": f"{self.linking.base_url}/notice?language={language}",
        }

    def _to_customer(self, notification: Notification, message: Message) -> Composed:
        said = self._said(notification, message)
        address = said.email if notification.channel == "email" else said.phone
        if not address:
            raise NotToBeSent("not-wanted")
        index = self._admitted(notification.channel, address)
        fallback, reference = said.tenant.language, reference_of(notification)
        if notification.channel == "sms":
            text = render_sms(message.name, notification.language, said.values, fallback=fallback)
            return Composed(Sms(to=address, text=text, reference=reference), index)
        content = render_email(message.name, notification.language, said.values, each=said.each, fallback=fallback)
        return Composed(
            Email(
                to=address,
                to_name=said.name,
                sender=self.mail_sender,
                sender_name=said.tenant.company,
                reply_to=said.tenant.contact_mail,
                subject=content.subject,
                text=content.text,
                html=content.html,
                attachments=said.files(content.subject),
                headers={},
                reference=reference,
            ),
            index,
        )

    def _said(self, notification: Notification, message: Message) -> Said:
        if message.about == "offer":
            return OfferWords(self.vault, self.linking).say(notification, message, now=self.clock())
        return MeetingWords(self.vault, self.clock, self.linking, self.organizer_mail).say(notification, message)

    def _admitted(self, channel: str, address: str) -> str:
        """The blind index of an address that may be written to."""
        self.vault.tenant_ready(INSTALLATION)
        index = self.vault.index(INSTALLATION, f"suppression-{channel}", address.casefold())
        held = fetch(Suppression.ref(channel, index), consistent=True)
        if held is not None:
            self._renew(held)
            raise NotToBeSent("suppressed")
        return index

    def _renew(self, held: Suppression) -> None:
        """A stop lives on as long as it keeps messages back."""
        transaction = Transaction()
        renew(transaction, held, at=self.clock().replace(microsecond=0))
        with contextlib.suppress(LostRaceError):  # somebody else renewed or lifted it this very moment
            transaction.commit()


def reference_of(notification: Notification) -> str:
    """What providers get to name the notification by."""
    return str(Reference(notification.tenant, notification.subject, notification.id))


def _addressee(notification: Notification, staff: Staff) -> tuple[str, str]:
    """Address and name of whom it goes to: the member, or whoever reads the new address that they want."""
    if not notification.message.startswith("email-change-"):
        return staff.email, staff.display_name
    change = fetch(EmailChange.ref(staff.tenant, staff.subject), consistent=True)
    if change is None or int(change.serial) != int(notification.about_version or 0):
        raise NotToBeSent("superseded")
    return (change.email, "") if notification.message == "email-change-new" else (staff.email, staff.display_name)
