"""The operator's staff at work: noted with every call, and let in to a tenant's data by an access only."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotAllowedError, SecrecyRequiredError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import ADMIN
from chalicelib.messages.secrecy_words import SECRECY_VERSION
from chalicelib.records.installation import OperatorAccess, Secrecy
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True)
class Operating:
    """The door for the operator's staff; whose session it is, is known already. The entry comes before the deed."""

    clock: Clock

    def admit(self, session: StaffSession, *, early: bool, route: str, network: str) -> None:
        """Lets in whoever confirmed data secrecy; `early` calls need not. SecrecyRequiredError for everybody else."""
        if not early:
            _check_secrecy(session)
        _note(INSTALLATION, Action.OPERATOR_CALLED, session, at=self._now(), route=route, network=network)

    def enter(self, session: StaffSession, *, tenant: str, access: str, route: str, network: str) -> StaffSession:
        """What the session is while it uses an access of its owner's: an admin's of that tenant.

        NotAllowedError, always with the same words, when there is no such access, when it is somebody else's or over,
        or when the tenant has ended.
        """
        _check_secrecy(session)
        access_ref, tenant_ref, now = OperatorAccess.ref(tenant, access), Tenant.ref(tenant), self._now()
        found = fetch_all([access_ref, tenant_ref], consistent=True)
        held, business = found.get(access_ref), found.get(tenant_ref)
        if held is None or business is None or not _opens(held, session, now):
            raise _closed()
        _note(tenant, Action.ACCESS_USED, session, at=now, route=route, network=network, thing=access)
        return StaffSession(
            tenant=tenant,
            staff=session.staff,
            roles=frozenset({ADMIN}),
            zone=business.zone,
            standing=business.tenancy.standing(now),
            access=access,
            renew=session.renew,
        )

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _check_secrecy(session: StaffSession) -> None:
    if fetch(Secrecy.ref(session.staff, SECRECY_VERSION), consistent=True) is None:
        raise SecrecyRequiredError("Read GET /v1/operator/secrecy and confirm it with POST /v1/operator/secrecy.")


def _opens(held: OperatorAccess, session: StaffSession, now: datetime) -> bool:
    return held.of_staff == session.staff and held.started_at <= now < held.until


def _note(
    tenant: str, action: Action, session: StaffSession, *, at: datetime, route: str, network: str, thing: str = ""
) -> None:
    entry = LedgerEntry.of(
        tenant, action, at=at, actor=session.staff, thing=thing or None, ground=route, network=network
    )
    noting = Transaction()
    noting.create(entry)
    noting.commit()


def _closed() -> NotAllowedError:
    return NotAllowedError("There is no open access of yours to this tenant: open one, and say why.")
