"""What comes of a first factor, a link or a password, that was right: a session, or the question for a second one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.ip import UNKNOWN
from chalicelib.domain.tokens import Token
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import Sessions, SignedIn, roles_in

PENDING_PREFIX = "zp_"
NETWORKS = 10


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A sign-in that waits for one of these second factors. The token is told once."""

    token: str
    kinds: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True)
class Admitting:
    """The one place that decides whether a sign-in is complete."""

    vault: Vault
    sessions: Sessions
    kinds: Callable[[Credentials], tuple[str, ...]]

    def admit(
        self,
        transaction: Transaction,
        staff: Staff,
        credentials: Credentials | None,
        *,
        portal: str,
        means: str,
        visitor: Visitor,
        now: datetime,
        earlier: Sequence[Session] = (),
    ) -> SignedIn | Pending:
        """Opens the session, or notes what was proven. The caller requires or updates `staff` in the transaction.

        Nothing comes of it when the credentials changed since they were read: a password that was replaced, or a
        second factor that was set up, this very moment.
        """
        roles_in(portal, set(staff.roles))
        if credentials is None:
            transaction.require_ended(Credentials.ref(staff.tenant, staff.subject))
        elif credentials.has_second_factor:
            transaction.update(credentials)
            kinds = self.kinds(credentials)
            return _pending(transaction, staff, portal=portal, means=means, kinds=kinds, now=now)
        else:
            self.note_network(credentials, visitor)
            transaction.update(credentials)
        return self.sessions.open(
            transaction, staff, portal=portal, means=means, visitor=visitor, now=now, earlier=earlier
        )

    def note_network(self, credentials: Credentials, visitor: Visitor) -> None:
        """Remembers where a complete sign-in came from; whoever calls writes the credentials."""
        if visitor.network != UNKNOWN:
            mark = self._mark(credentials, visitor)
            others = [each for each in credentials.networks or () if each != mark]
            credentials.networks = [*others, mark][-NETWORKS:]

    def knows_network(self, credentials: Credentials, visitor: Visitor) -> bool:
        """Whether one of the last sign-ins came from there."""
        return visitor.network != UNKNOWN and self._mark(credentials, visitor) in (credentials.networks or ())

    def _mark(self, credentials: Credentials, visitor: Visitor) -> str:
        return self.vault.index(credentials.tenant, "sign-in-network", f"{credentials.subject}|{visitor.network}")


def _pending(
    transaction: Transaction, staff: Staff, *, portal: str, means: str, kinds: tuple[str, ...], now: datetime
) -> Pending:
    token = Token.new(staff.tenant, staff.subject)
    ref = PendingSignIn.ref(token)
    pending = PendingSignIn(ref.pk, ref.sk, portal=portal, means=means, started_at=now)
    transaction.create(pending)
    return Pending(token=token.spell(prefix=PENDING_PREFIX), kinds=kinds, expires_at=pending.expires_at or now)
