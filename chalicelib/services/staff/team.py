"""Who works for a tenant and what they may do; admins see and change it.

The team's record and that of the member change in one transaction: so two admins who take the role from each other at
the same moment can't both succeed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    VersionMismatchError,
)
from chalicelib.domain.roles import ADMIN, EXPERT, OPERATOR
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

ROLES = frozenset({ADMIN, EXPERT})
LAST_ADMIN = "Make somebody else an admin first; who wants to stop altogether cancels the tenancy."


@dataclass(frozen=True)
class Members:
    """Those who work there, the longest first, and the ids of those whose deletion is not finished."""

    present: Sequence[Staff]
    leaving: Sequence[str]


@dataclass(frozen=True)
class Teams:
    """The members of staff."""

    vault: Vault
    clock: Clock

    def members(self, caller: StaffSession, *, network: str) -> Members:
        """All of the caller's tenant. Every look is noted."""
        noted = Transaction()
        noted.create(
            LedgerEntry.of(caller.tenant, Action.TEAM_READ, at=self._now(), actor=caller.staff, network=network)
        )
        noted.commit()
        team = team_of(fetch(Team.ref(caller.tenant), consistent=True))
        refs = [Staff.ref(caller.tenant, staff) for staff in team.members]
        self.vault.preload(caller.tenant, team.members)
        found = fetch_all(refs, consistent=True)
        present = [staff for ref in refs if (staff := found.get(ref)) is not None]
        return Members(sorted(present, key=lambda each: (each.joined_at, each.subject)), sorted(team.leaving or ()))

    def give_roles(
        self, caller: StaffSession, staff: str, roles: set[str], *, version: int | None, network: str
    ) -> Staff:
        """The member with exactly these roles; they hold from the member's next call on."""
        check_roles(roles)
        return persist(lambda: self._give_roles(caller, staff, roles, version, network))

    def _give_roles(
        self, caller: StaffSession, staff: str, roles: set[str], version: int | None, network: str
    ) -> Staff:
        team_ref, ref = Team.ref(caller.tenant), Staff.ref(caller.tenant, staff)
        found = fetch_all([team_ref, ref], consistent=True)
        member, team = found.need(ref, what="staff member"), team_of(found.get(team_ref))
        if version is not None and version != int(member.version or 0):
            raise VersionMismatchError("Read it again and repeat the change.", field="If-Match")
        check_still_runs(team, caller)
        if ADMIN not in roles:
            check_not_last_admin(team, staff)
        member.roles = roles
        team.take_in(staff, roles)
        transaction = Transaction()
        transaction.update(member)
        transaction.update(team)
        transaction.create(
            LedgerEntry.of(
                caller.tenant, Action.ROLES_CHANGED, at=self._now(), actor=caller.staff, about=staff, network=network
            )
        )
        transaction.commit()
        return member

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def check_roles(roles: set[str]) -> None:
    """InvalidInputError unless these are roles of a tenant's staff, one at least."""
    if not roles or roles - ROLES:
        raise InvalidInputError("Name one or both of the roles admin and expert.", field="roles")


def check_not_last_admin(team: Team, staff: str) -> None:
    """ConflictError when nobody else could run the tenant, or the installation."""
    held = team.members.get(staff, ())
    if any(role in held and not team.others_with(role, than=staff) for role in (ADMIN, OPERATOR)):
        raise ConflictError(LAST_ADMIN)


def check_still_runs(team: Team, caller: StaffSession) -> None:
    """NotAllowedError for who stopped to run it while their call was on its way; `team` is written with the deed."""
    if not {ADMIN, OPERATOR}.intersection(team.members.get(caller.staff, ())):
        raise NotAllowedError("You may not do this any more.")


def team_of(found: Team | None) -> Team:
    """The team, which every tenant has as long as it lives."""
    if found is None:
        raise NotFoundError("There is no such business.")
    return found
