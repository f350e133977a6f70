"""The operator's staff look at a tenant's data: for a reason, for an hour at most, and the tenant's admins are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.records.installation import OperatorAccess
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.outbox import notify_staff
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

LASTS = timedelta(minutes=60)
PAGE = 100
_AT_ONCE = 90
"""How many admins are told in the transaction that opens the access; it has room for a few writes more."""


@dataclass(frozen=True)
class Accessing:
    """Accesses to tenants' data."""

    vault: Vault
    clock: Clock

    def open(self, caller: StaffSession, *, tenant: str, reason: str, network: str) -> OperatorAccess:
        """Opens one that ends by itself. The entries name no reason: it is sealed with the tenant's key."""
        business, admins, now = _tenant(tenant), _admins(tenant), self._now()
        if business is None:
            raise NotFoundError("There is no such tenant.")
        if not admins:  # as long as a registration is not confirmed
            raise NotFoundError("Nobody at this tenant could be told of it yet.")
        self.vault.preload(tenant, [tenant])
        ref = OperatorAccess.ref(tenant, new_id(now))
        access = OperatorAccess(
            ref.pk,
            ref.sk,
            zone=business.zone,
            of_staff=caller.staff,
            started_at=now,
            until=now + LASTS,
            reason=reason,
        )
        transaction = Transaction()
        transaction.require(business)
        transaction.create(access)
        _note(transaction, access, Action.ACCESS_OPENED, by=caller, at=now, network=network)
        _tell(transaction, access, admins[:_AT_ONCE], now=now)
        transaction.commit()
        for at in range(_AT_ONCE, len(admins), _AT_ONCE):
            rest = Transaction()
            _tell(rest, access, admins[at : at + _AT_ONCE], now=now)
            rest.commit()
        return access

    def close(self, caller: StaffSession, *, tenant: str, access: str, network: str) -> None:
        """Ends one before its time. Whoever works for the operator may: less can be seen afterwards, never more."""
        held, now = fetch(OperatorAccess.ref(tenant, access), consistent=True), self._now()
        if held is None or held.until <= now:
            raise NotFoundError("There is no such access, or it has ended.")
        held.until = now
        transaction = Transaction()
        transaction.update(held)
        _note(transaction, held, Action.ACCESS_CLOSED, by=caller, at=now, network=network)
        transaction.commit()

    def listed(self, caller: StaffSession, *, before: str = "", network: str) -> tuple[list[OperatorAccess], str]:
        """A page of the accesses to the caller's business, the newest first, and the place of the next one; noted."""
        transaction = Transaction()
        transaction.create(
            LedgerEntry.of(
                caller.tenant,
                Action.TENANT_READ,
                at=self._now(),
                actor=caller.staff,
                thing=caller.tenant,
                network=network,
            )
        )
        transaction.commit()
        self.vault.preload(caller.tenant, [caller.tenant])
        found = OperatorAccess.latest(caller.tenant, before=before, most=PAGE + 1)
        rest = found[PAGE - 1].id if len(found) > PAGE else ""
        return [each for each in found[:PAGE] if not each.is_absent()], rest

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _tenant(tenant: str) -> Tenant | None:
    return None if tenant == INSTALLATION else fetch(Tenant.ref(tenant), consistent=True)


def _admins(tenant: str) -> list[Staff]:
    team = fetch(Team.ref(tenant), consistent=True)
    refs = [Staff.ref(tenant, each) for each in (team.admins() if team is not None else ())]
    found = fetch_all(refs)
    held = [admin for ref in refs if (admin := found.get(ref)) is not None]
    return [admin for admin in held if admin.unconfirmed_since is None]


def _note(
    transaction: Transaction, access: OperatorAccess, action: Action, *, by: StaffSession, at: datetime, network: str
) -> None:
    """In both ledgers: the operator's own and that of whose data it is."""
    for ledger in (INSTALLATION, access.tenant):
        transaction.create(LedgerEntry.of(ledger, action, at=at, actor=by.staff, thing=access.id, network=network))


def _tell(transaction: Transaction, access: OperatorAccess, admins: list[Staff], *, now: datetime) -> None:
    for admin in admins:
        notify_staff(
            transaction,
            tenant=admin.tenant,
            staff=admin.subject,
            message="operator-access",
            language=admin.language,
            zone=admin.zone,
            about=access.id,
            now=now,
        )
