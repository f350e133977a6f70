"""Staff sign in by a link that is sent to their address; see `admitting` for what comes of it.

Links are good for ten minutes and for one use: each sign-in raises the member's counter, which the link must name. They
belong to the request that they were sent for: asking for the next one ends those before.
"""

from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import LinkUsedError
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.admitting import Admitting, Pending
from chalicelib.services.sign_in.replacing import brought_by, earlier_in
from chalicelib.services.sign_in.sessions import SignedIn, portal_of
from chalicelib.services.sign_in.slowing import Slowing

LINK_MINUTES = 10
STAFF_ADDRESS = "staff-address"


@dataclass(frozen=True)
class SigningIn:
    """Sign-in links."""

    vault: Vault
    clock: Clock
    linking: Linking
    admitting: Admitting
    slowing: Slowing

    def ask_for_link(self, email: str, *, network: str) -> None:
        """Sends a sign-in link if the (normalised) address belongs to a staff member; nobody learns whether."""
        self.vault.tenant_ready(INSTALLATION)
        address = fetch(StaffAddress.ref(self.vault.index(INSTALLATION, STAFF_ADDRESS, email.casefold())))
        transaction = Transaction()
        if address is not None:
            self.add_link(transaction, address, network=network)
        if len(transaction):
            with suppress(LostRaceError):  # the same was asked for this very moment: one link is enough
                transaction.commit()

    def add_link(self, transaction: Transaction, address: StaffAddress, *, network: str) -> None:
        """Puts the link, or once more the one to confirm the registration, into the outbox."""
        staff = fetch(Staff.ref(address.of_tenant, address.of_staff))
        if staff is None:
            return
        now = self.clock().replace(microsecond=0)
        about, link = staff.subject, new_id(now)
        if not self.slowing.may_send_link(transaction, about, link=link, now=now):
            return
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
            notification=link,
            now=now,
        )

    def sign_in(self, token: str, *, visitor: Visitor, portal: str = "") -> SignedIn | Pending:
        """Admits the holder of a sign-in link, once; without a portal, to the first that their roles open."""
        link = self.linking.read(token, LinkPurpose.SIGN_IN)
        now = self.clock().replace(microsecond=0)
        staff_ref, tenant_ref = Staff.ref(link.tenant, link.subject), Tenant.ref(link.tenant)
        credentials_ref, asked_ref = Credentials.ref(link.tenant, link.subject), self.slowing.asked_for(link.subject)
        found = fetch_all(
            [staff_ref, tenant_ref, credentials_ref, asked_ref, *brought_by(visitor)],
            consistent=True,
        )
        staff, tenant, asked = found.get(staff_ref), found.get(tenant_ref), found.get(asked_ref)
        if staff is None or int(staff.sign_ins) != link.version or asked is None or asked.link != link.thing:
            raise _used()
        if tenant is None or tenant.tenancy.standing(now) is Standing.ENDED:
            raise _used()
        transaction = Transaction()
        admitted = self.admitting.admit(
            transaction,
            staff,
            found.get(credentials_ref),
            portal=portal or portal_of(set(staff.roles)),
            means="link",
            visitor=visitor,
            now=now,
            earlier=earlier_in(found, visitor),
        )
        staff.sign_ins = int(staff.sign_ins) + 1
        transaction.update(staff)
        transaction.delete(asked)
        try:
            transaction.commit()
        except LostRaceError:
            raise _used() from None
        return admitted


def _used() -> LinkUsedError:
    return LinkUsedError("Ask for a new sign-in link.")
