"""Staff sign in by a link that is sent to their address; see `admitting` for what comes of it.

Links are good for ten minutes and for one use: each sign-in raises the member's counter, which the link must name. They
belong to the request that they were sent for: asking for the next one ends those before.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import LinkUsedError
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.slowing import LINK_GOOD
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.reading import fetch_all
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.linking import Linking
from chalicelib.services.sign_in.admitting import Admitting, Pending
from chalicelib.services.sign_in.asking import Addressee, Asking
from chalicelib.services.sign_in.replacing import brought_by, earlier_in
from chalicelib.services.sign_in.sessions import SignedIn, portal_of
from chalicelib.services.sign_in.slowing import Slowing

LINK_MINUTES = LINK_GOOD // timedelta(minutes=1)


@dataclass(frozen=True)
class SigningIn:
    """Sign-in links."""

    clock: Clock
    asking: Asking
    linking: Linking
    admitting: Admitting
    slowing: Slowing

    def ask_for_link(self, email: str, *, network: str) -> None:
        """Sends a sign-in link if the (normalised) address belongs to a staff member; nobody learns whether."""
        transaction = Transaction()
        self.add_link(transaction, self.asking.look(email), network=network)
        if len(transaction):
            with suppress(LostRaceError):  # the same was asked for this very moment: one link is enough
                transaction.commit()

    def add_link(self, transaction: Transaction, to: Addressee, *, network: str) -> None:
        """Puts the link, or once more the one to confirm the registration, into the outbox."""
        unconfirmed = to.staff is not None and to.staff.unconfirmed_since is not None
        message, version = "confirm-registration" if unconfirmed else "sign-in-link", to.staff and to.staff.sign_ins
        self.asking.put(transaction, to, message, Action.SIGN_IN_LINK_ASKED, version=int(version or 0), network=network)

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
