"""Staff sign in by a link that is sent to their address; a session is an opaque token whose hash is stored.

Links are good for fifteen minutes and for one use: each sign-in raises the member's counter, which the link must name.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import LinkUsedError, NotSignedInError, TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.links import LinkPurpose
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.session import Session
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.ports import Vault

LINK_MINUTES = 15
STAFF_ADDRESS = "staff-address"


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """Who is calling: a staff member of a tenant, with their roles and the tenant's time zone."""

    tenant: str
    staff: str
    roles: frozenset[str]
    zone: str
    session: str  # the key of the record, from which the token can't be found
    renew: Callable[[], None] | None = field(default=None, compare=False)  # notes the use; may go beside the call


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A fresh session: the token is told once and can't be found again."""

    token: str
    tenant: str
    staff: str
    roles: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True)
class SigningIn:
    """Sign-in links and sessions."""

    vault: Vault
    clock: Clock
    linking: Linking

    def ask_for_link(self, email: str, *, network: str) -> None:
        """Sends a sign-in link if the (normalised) address belongs to a staff member; nobody learns whether."""
        self.vault.tenant_ready(INSTALLATION)
        address = fetch(StaffAddress.ref(self.vault.index(INSTALLATION, STAFF_ADDRESS, email.casefold())))
        transaction = Transaction()
        if address is not None:
            self.add_link(transaction, address, network=network)
        if len(transaction):
            transaction.commit()

    def add_link(self, transaction: Transaction, address: StaffAddress, *, network: str) -> None:
        """Puts the link, or once more the one to confirm the registration, into the outbox."""
        staff = fetch(Staff.ref(address.of_tenant, address.of_staff))
        if staff is None:
            return
        now = self.clock().replace(microsecond=0)
        about = staff.subject
        transaction.create(
            LedgerEntry.of(staff.tenant, Action.SIGN_IN_LINK_ASKED, at=now, about=about, network=network)
        )
        notify_staff(
            transaction,
            tenant=staff.tenant,
            staff=about,
            message="sign-in-link" if staff.unconfirmed_since is None else "confirm-registration",
            language=staff.language,
            zone=staff.zone,
            version=int(staff.sign_ins),
            now=now,
        )

    def sign_in(self, token: str, *, network: str) -> SignedIn:
        """Opens a session for the holder of a sign-in link, once."""
        link = self.linking.read(token, LinkPurpose.SIGN_IN)
        staff = fetch(Staff.ref(link.tenant, link.subject), consistent=True)
        if staff is None or int(staff.sign_ins) != link.version:
            raise LinkUsedError("Ask for a new sign-in link.")
        transaction = Transaction()
        signed_in = self.open_session(transaction, staff, now=self.clock().replace(microsecond=0), network=network)
        staff.sign_ins = int(staff.sign_ins) + 1
        transaction.update(staff)
        try:
            transaction.commit()
        except LostRaceError:
            raise LinkUsedError("Ask for a new sign-in link.") from None
        return signed_in

    def open_session(self, transaction: Transaction, staff: Staff, *, now: datetime, network: str) -> SignedIn:
        """Writes a session into `transaction`."""
        token = secrets.token_urlsafe(32)
        ref = Session.ref(token)
        session = Session(
            ref.pk,
            ref.sk,
            of_tenant=staff.tenant,
            of_staff=staff.subject,
            roles=set(staff.roles),
            tenant_zone=staff.zone,
            started_at=now,
            seen_at=now,
        )
        transaction.create(session)
        transaction.create(LedgerEntry.of(staff.tenant, Action.SIGNED_IN, at=now, actor=staff.subject, network=network))
        expires = session.expires_at or now
        return SignedIn(
            token=token, tenant=staff.tenant, staff=staff.subject, roles=frozenset(staff.roles), expires_at=expires
        )

    def authenticate(self, token: str) -> StaffSession:
        """Whose session this is. NotSignedInError when it is unknown, expired or revoked."""
        session = fetch(Session.ref(token), consistent=True)
        if session is None:
            raise NotSignedInError("Sign in and send the session's token as `Authorization: Bearer <token>`.")
        stale = session.seen(self.clock().replace(microsecond=0))
        return StaffSession(
            tenant=session.of_tenant,
            staff=session.of_staff,
            roles=frozenset(session.roles),
            zone=session.tenant_zone,
            session=session.pk,
            renew=partial(_renew, session) if stale else None,
        )

    def sign_out(self, caller: StaffSession, *, network: str) -> None:
        """Ends the session at once."""
        now = self.clock().replace(microsecond=0)
        transaction = Transaction()
        transaction.discard(Ref(Session, caller.session, "SESSION"))
        transaction.create(
            LedgerEntry.of(caller.tenant, Action.SIGNED_OUT, at=now, actor=caller.staff, network=network)
        )
        transaction.commit()


def _renew(session: Session) -> None:
    transaction = Transaction()
    transaction.update(session)
    # Another request of the same session did it, or it was just revoked: the next request will see that.
    with suppress(TryAgainError):
        transaction.commit()
