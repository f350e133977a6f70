"""Sessions of staff: opened, recognised, listed, ended; see `ending` for their end before its time.

Every call reads the session together with the member of staff and the tenant, in one round trip: who was deleted, lost
a role, or whose tenant ended is refused at once, and no copy of a right can be out of date.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotAllowedError, NotSignedInError, TryAgainError
from chalicelib.domain.roles import ADMIN, EXPERT, OPERATOR
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.tokens import Token
from chalicelib.domain.visits import Visitor
from chalicelib.observability import proven
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch_all
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.replacing import PREFIX, give_up

MOST_AT_ONCE = 80  # ended in one transaction, which holds a hundred writes
SECOND = "+"  # stands in `means` before the second factor


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """Who is calling: a staff member of a tenant, with the roles they have here and the tenant's time zone.

    `access` is set when somebody of the operator looks at a tenant's data, `scopes` when a server calls by its key.
    """

    tenant: str
    staff: str
    roles: frozenset[str]
    zone: str
    session: Ref[Session] | None = None
    portal: str = ""
    standing: Standing = Standing.ON_PLAN
    needs_second_factor: bool = False
    access: str = ""
    scopes: frozenset[str] | None = None
    renew: Callable[[], None] | None = field(default=None, compare=False)  # notes the use; may go beside the call


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A fresh session: the token is told once and can't be found again."""

    token: str
    tenant: str
    staff: str
    roles: frozenset[str]
    portal: str
    expires_at: datetime


@dataclass(frozen=True)
class Sessions:
    """What every call of staff begins with."""

    clock: Clock

    def open(
        self,
        transaction: Transaction,
        staff: Staff,
        *,
        portal: str,
        means: str,
        visitor: Visitor,
        now: datetime,
        earlier: Sequence[Session] = (),
    ) -> SignedIn:
        """Writes a session into `transaction`, which requires that the member of staff is still as it was read.

        It takes the place of the `earlier` ones that the visitor came with.
        """
        roles = roles_in(portal, set(staff.roles))
        token = Token.new(staff.tenant, staff.subject)
        ref = Session.ref(token)
        session = Session(ref.pk, ref.sk, portal=portal, means=means, started_at=now, seen_at=now)
        session.browser, session.system, session.network = visitor.browser, visitor.system, visitor.network
        session.second_factor_at = now if SECOND in means else None
        transaction.create(session)
        give_up(transaction, earlier, portal=portal, visitor=visitor, now=now)
        transaction.create(
            LedgerEntry.of(staff.tenant, Action.SIGNED_IN, at=now, actor=staff.subject, network=visitor.network)
        )
        return SignedIn(
            token=token.spell(prefix=PREFIX),
            tenant=staff.tenant,
            staff=staff.subject,
            roles=roles,
            portal=portal,
            expires_at=session.expires_at or now,
        )

    def authenticate(self, text: str) -> StaffSession:
        """Whose session this is. NotSignedInError when it is unknown, expired or ended, or its owner is gone."""
        token = Token.read(text, prefix=PREFIX)
        if token is None:
            raise _unknown()
        ref, staff_ref, tenant_ref = Session.ref(token), Staff.ref(token.tenant, token.owner), Tenant.ref(token.tenant)
        found = fetch_all([ref, staff_ref, tenant_ref], consistent=True)
        session, staff, tenant = found.get(ref), found.get(staff_ref), found.get(tenant_ref)
        if session is None or staff is None or tenant is None:
            raise _unknown()
        proven(tenant=staff.tenant, actor=staff.subject)
        now = self.clock().replace(microsecond=0)
        standing = tenant.tenancy.standing(now)
        if standing is Standing.ENDED:
            raise _unknown()
        stale = session.seen(now)
        return StaffSession(
            tenant=staff.tenant,
            staff=staff.subject,
            roles=roles_in(session.portal, set(staff.roles)),
            zone=staff.zone,
            session=ref,
            portal=session.portal,
            standing=standing,
            needs_second_factor=bool(tenant.second_factor_required) and SECOND not in session.means,
            renew=partial(_renew, session) if stale else None,
        )

    def sign_out(self, caller: StaffSession, *, network: str) -> None:
        """Ends the session at once."""
        if caller.session is None:
            raise NotAllowedError("A key of a server has no session; revoke the key instead.")
        now = self.clock().replace(microsecond=0)
        transaction = Transaction()
        transaction.discard(caller.session)
        transaction.create(
            LedgerEntry.of(caller.tenant, Action.SIGNED_OUT, at=now, actor=caller.staff, network=network)
        )
        transaction.commit()

    def listed(self, caller: StaffSession, *, network: str) -> list[Session]:
        """The caller's own open sessions, the latest used first."""
        found = sorted(Session.all_of(caller.tenant, caller.staff), key=lambda each: each.seen_at, reverse=True)
        transaction, now = Transaction(), self.clock().replace(microsecond=0)
        transaction.create(
            LedgerEntry.of(
                caller.tenant,
                Action.SESSIONS_READ,
                at=now,
                actor=caller.staff,
                network=network,
                counts={"Session": len(found)},
            )
        )
        transaction.commit()
        return found

    def end_all_of(self, tenant: str, staff: str, *, but: Ref[Session] | None = None) -> int:
        """Ends everything that somebody opened or began to, `but` for one; how much that was.

        The entry in the ledger is the caller's business.
        """
        found = opened_by(tenant, staff, but=but)
        for chunk in (found[at : at + MOST_AT_ONCE] for at in range(0, len(found), MOST_AT_ONCE)):
            transaction = Transaction()
            discard_all(transaction, chunk)
            transaction.commit()
        return len(found)


def opened_by(tenant: str, staff: str, *, but: Ref[Session] | None = None) -> list[Session | PendingSignIn]:
    """Everything that somebody opened or began to, `but` for one session."""
    found: list[Session | PendingSignIn] = [*Session.all_of(tenant, staff), *PendingSignIn.all_of(tenant, staff)]
    return [each for each in found if but is None or each.sk != but.sk]


def discard_all(transaction: Transaction, opened: Sequence[Session | PendingSignIn]) -> None:
    """Ends them with what ends them."""
    for each in opened:
        transaction.discard(Ref(type(each), each.pk, each.sk))


def portal_of(roles: set[str]) -> str:
    """Where somebody with these roles goes, who does not say where."""
    return next(role for role in (OPERATOR, ADMIN, EXPERT) if role in roles)


def roles_in(portal: str, roles: set[str]) -> frozenset[str]:
    """What somebody may do in a portal: in the experts' they are an expert and nothing else."""
    if portal not in roles:
        raise NotAllowedError("Sign in to the portal of a role that you have.")
    return frozenset({EXPERT}) if portal == EXPERT else frozenset(roles)


def _unknown() -> NotSignedInError:
    return NotSignedInError("Sign in and send the session's token as `Authorization: Bearer <token>`.")


def _renew(session: Session) -> None:
    transaction = Transaction()
    transaction.update(session)
    # Another request of the same session did it, or it was just ended: the next request will see that.
    with suppress(TryAgainError):
        transaction.commit()
