"""Capability links: made for people, read when they come back."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, LinkInvalidError
from chalicelib.domain.links import Link, LinkPurpose, read
from chalicelib.observability import proven
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.team import Invitation
from chalicelib.services.ports import Vault

_SELF_SERVICE = {
    "view": LinkPurpose.VIEW,
    "reschedule": LinkPurpose.RESCHEDULE,
    "cancel": LinkPurpose.CANCEL,
    "calendar": LinkPurpose.CALENDAR,
}
_UNTIL_THE_END = frozenset({LinkPurpose.VIEW, LinkPurpose.CALENDAR})


@dataclass(frozen=True)
class Linking:
    """Signs and proves links. Tokens stand behind the # of an address: they never reach a server's log."""

    vault: Vault
    clock: Clock
    base_url: str

    def token(self, link: Link) -> str:
        """The token of a link."""
        return link.sign(self.vault.link_key(link.tenant))

    def page(self, path: str, link: Link, *, name: str = "") -> str:
        """The address of the page that does what the link allows."""
        return f"{self.base_url}/{path}#{name}{self.token(link)}"

    def read(self, token: str, *purposes: LinkPurpose) -> Link:
        """The link, proven to be ours, for one of these purposes and not expired."""
        try:
            return read(
                token, purposes=frozenset(purposes), key_of=self.vault.link_key, now=self.clock(), proven=_noted
            )
        except KeyDestroyedError:
            raise LinkInvalidError("Use the link as it was sent.") from None

    def self_service(self, appointment: Appointment) -> dict[str, str]:
        """The customer's tokens for an appointment as it now stands, by what they allow."""
        return {name: self.token(_link(appointment, purpose)) for name, purpose in _SELF_SERVICE.items()}

    def manage_page(self, appointment: Appointment) -> str:
        """The address of the page on which a customer sees, cancels or moves the appointment, as far as that goes."""
        if appointment.state is State.UNPAID:  # until then there is nothing else to do: it lapses by itself
            return self.pay_page(appointment)
        if not appointment.state.holds_time:
            return self.view_page(appointment)
        tokens = "&".join(f"{name}={token}" for name, token in self.self_service(appointment).items())
        return f"{self.base_url}/appointment#{tokens}"

    def cancel_page(self, appointment: Appointment) -> str:
        """The same page with the right to see and cancel only: short enough for a text message."""
        return self.page("appointment", _link(appointment, LinkPurpose.CANCEL), name="cancel=")

    def pay_page(self, appointment: Appointment) -> str:
        """The page that leads to where the appointment is paid, as long as it waits for that."""
        return self.page("pay", _link(appointment, LinkPurpose.PAY))

    def view_page(self, appointment: Appointment) -> str:
        """The same page with the right to see the appointment only."""
        return self.page("appointment", _link(appointment, LinkPurpose.VIEW), name="view=")


def _noted(link: Link) -> None:
    proven(tenant=link.tenant, actor=link.holder or link.subject)


def staff_link(
    purpose: LinkPurpose, *, tenant: str, staff: str, notification: str, version: int, expires: datetime
) -> Link:
    """A link for a staff member about themselves, in the mail that this notification is."""
    return Link(purpose=purpose, tenant=tenant, subject=staff, thing=notification, version=version, expires=expires)


def invitation_link(invitation: Invitation) -> Link:
    """The link that accepts it, as long as it waits for an answer."""
    return Link(
        purpose=LinkPurpose.ACCEPT_INVITATION,
        tenant=invitation.tenant,
        subject=invitation.id,
        thing=invitation.id,
        version=0,
        expires=invitation.expires_at or invitation.invited_at,
    )


def _link(appointment: Appointment, purpose: LinkPurpose) -> Link:
    return Link(
        purpose=purpose,
        tenant=appointment.tenant,
        subject=appointment.subject,
        thing=appointment.id,
        version=int(appointment.sequence),
        expires=appointment.ends_at if purpose in _UNTIL_THE_END else appointment.starts_at,
    )
