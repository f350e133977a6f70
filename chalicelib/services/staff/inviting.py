"""Admins invite people by mail; who accepts becomes a member of staff and is signed in.

An invitation lies with the tenant and has the id that the member will have. Inviting tells nobody whether an address is
known: it is always done the same way. Only whoever accepts, and so reads the mail to that address, learns that it
belongs to an account already.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, LinkUsedError, NotFoundError, ReadOnlyError
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.roles import OPERATOR
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.versions import Version, check_acceptable
from chalicelib.domain.visits import Visitor
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.team import Invitation, Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.people import new_person
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.replacing import brought_by, earlier_in
from chalicelib.services.sign_in.sessions import Sessions, SignedIn, StaffSession, portal_of
from chalicelib.services.staff.team import check_roles, check_still_runs, team_of

MOST_OPEN = 20
MOST = 500
_GONE = "Ask whoever invited you for a new invitation."
_KNOWN = "This address has an account already: sign in with it, or ask to be invited with another address."


@dataclass(frozen=True, kw_only=True)
class Joining:
    """What somebody gives to join; names and number are normalised already."""

    given_name: str
    family_name: str
    phone: str | None
    language: str
    terms_version: str
    notice_version: str


@dataclass(frozen=True)
class Offered:
    """An invitation as whoever holds its link sees it."""

    invitation: Invitation
    business: str


@dataclass(frozen=True)
class Inviting:
    """Invitations and their acceptance."""

    vault: Vault
    clock: Clock
    linking: Linking
    sessions: Sessions
    versions: Callable[[], Sequence[Version]]

    def invite(
        self,
        caller: StaffSession,
        *,
        email: str,
        roles: set[str],
        language: str,
        network: str,
        repeat: Repeatable | None,
    ) -> Invitation:
        """Invites whoever reads this (normalised) address. ConflictError while twenty wait for an answer."""
        check_roles(roles)
        return persist(
            lambda: self._invite(caller, email=email, roles=roles, language=language, network=network, repeat=repeat)
        )

    def invite_colleague(
        self, caller: StaffSession, *, email: str, language: str, network: str, repeat: Repeatable | None
    ) -> Invitation:
        """Invites somebody to work for the operator, as `invite` does for a tenant."""
        return persist(
            lambda: self._invite(
                caller, email=email, roles={OPERATOR}, language=language, network=network, repeat=repeat
            )
        )

    def invitations(self, caller: StaffSession, *, network: str) -> list[Invitation]:
        """Those that wait for an answer, the oldest first. Every look is noted."""
        noted = Transaction()
        noted.create(_entry(caller, Action.TEAM_READ, at=self._now(), network=network))
        noted.commit()
        self.vault.preload(caller.tenant, [caller.tenant])
        return Invitation.all_of(caller.tenant)

    def revoke(self, caller: StaffSession, invitation: str, *, network: str) -> None:
        """Takes an invitation back; its link is void at once."""
        held = fetch(Invitation.ref(caller.tenant, invitation), consistent=True)
        if held is None:
            raise NotFoundError("There is no such invitation, or it was accepted.")
        transaction = Transaction()
        transaction.delete(held)
        transaction.create(_entry(caller, Action.INVITATION_REVOKED, thing=invitation, at=self._now(), network=network))
        transaction.commit()

    def offered(self, token: str) -> Offered:
        """What the holder of the link is invited to. LinkUsedError when it was revoked or accepted."""
        tenant, invitation = self._read(token)
        return Offered(invitation, tenant.company)

    def accept(self, token: str, joining: Joining, *, visitor: Visitor) -> SignedIn:
        """Makes the holder of the link a member of staff, once. ConflictError when their address has an account."""
        check_acceptable(
            self.versions(), self.clock(), terms_version=joining.terms_version, notice_version=joining.notice_version
        )
        return persist(lambda: self._accept(token, joining, visitor))

    def _invite(
        self,
        caller: StaffSession,
        *,
        email: str,
        roles: set[str],
        language: str,
        network: str,
        repeat: Repeatable | None,
    ) -> Invitation:
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            return _there(fetch(Ref(Invitation, earlier.pk, earlier.sk), consistent=True))
        team, now = team_of(fetch(Team.ref(caller.tenant), consistent=True)), self._now()
        check_still_runs(team, caller)
        _check_room(team)
        if len(Invitation.all_of(caller.tenant)) >= MOST_OPEN:
            raise ConflictError(f"At most {MOST_OPEN} invitations may be open: revoke one first.")
        ref = Invitation.ref(caller.tenant, new_id(now))
        invitation = Invitation(
            ref.pk, ref.sk, zone=team.zone, roles=roles, language=language, invited_at=now, invited_by=caller.staff
        )
        invitation.email = email
        transaction = Transaction()
        transaction.create(invitation)
        transaction.update(team)  # unchanged but for its version: two at once can't both be the last that is allowed
        notify_staff(
            transaction,
            tenant=caller.tenant,
            staff=invitation.id,
            message="invitation",
            language=language,
            zone=team.zone,
            now=now,
        )
        transaction.create(_entry(caller, Action.STAFF_INVITED, thing=invitation.id, at=now, network=network))
        if repeat:
            repeat.remember(transaction, invitation, at=now)
        transaction.commit()
        return invitation

    def _read(self, token: str) -> tuple[Tenant, Invitation]:
        link = self.linking.read(token, LinkPurpose.ACCEPT_INVITATION)
        tenant_ref, ref = Tenant.ref(link.tenant), Invitation.ref(link.tenant, link.thing)
        found = fetch_all([tenant_ref, ref], consistent=True)
        tenant, invitation = found.get(tenant_ref), found.get(ref)
        if tenant is None or invitation is None:
            raise LinkUsedError(_GONE)
        if tenant.tenancy.standing(self.clock()) in {Standing.READ_ONLY, Standing.ENDED}:
            raise ReadOnlyError("Nobody can join this business any more.")
        return tenant, invitation

    def _accept(self, token: str, joining: Joining, visitor: Visitor) -> SignedIn:
        tenant, invitation = self._read(token)
        self.vault.tenant_ready(INSTALLATION)
        index = self.vault.index(INSTALLATION, STAFF_ADDRESS, invitation.email.casefold())
        address_ref, team_ref = StaffAddress.ref(index), Team.ref(tenant.tenant)
        found = fetch_all([address_ref, team_ref, *brought_by(visitor)], consistent=True)
        if found.get(address_ref) is not None:
            raise ConflictError(_KNOWN)
        now, team, transaction = self._now(), team_of(found.get(team_ref)), Transaction()
        _check_room(team)
        staff = new_person(self.vault, transaction, tenant=tenant.tenant, now=now, person=invitation.id)
        member, *others = _about(tenant, invitation, index, joining, now)
        for record in (member, *others):
            transaction.create(record)
        team.take_in(staff, set(invitation.roles))
        transaction.update(team)
        transaction.delete(invitation)
        transaction.create(
            LedgerEntry.of(tenant.tenant, Action.STAFF_JOINED, at=now, actor=staff, network=visitor.network)
        )
        portal = portal_of(set(invitation.roles))
        earlier = earlier_in(found, visitor)
        signed_in = self.sessions.open(
            transaction, member, portal=portal, means="link", visitor=visitor, now=now, earlier=earlier
        )
        try:
            transaction.commit()
        except LostRaceError:
            self.vault.forget(tenant.tenant, staff)
            raise
        return signed_in

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _check_room(team: Team) -> None:
    if len(team.members) >= MOST:
        raise ConflictError(f"At most {MOST} people can work for a business: somebody has to be deleted first.")


def _about(
    tenant: Tenant, invitation: Invitation, index: str, joining: Joining, now: datetime
) -> tuple[Staff, StaffAddress, Acceptance]:
    ref, address = Staff.ref(tenant.tenant, invitation.id), StaffAddress.ref(index)
    accepted = Acceptance.ref(tenant.tenant, invitation.id, joining.terms_version, joining.notice_version)
    return (
        Staff(
            ref.pk,
            ref.sk,
            zone=tenant.zone,
            roles=set(invitation.roles),
            language=joining.language,
            joined_at=now,
            told_version=joining.notice_version,
            given_name=joining.given_name,
            family_name=joining.family_name,
            email=invitation.email,
            phone=joining.phone,
        ),
        StaffAddress(address.pk, address.sk, zone=tenant.zone, of_tenant=tenant.tenant, of_staff=invitation.id),
        Acceptance(
            accepted.pk,
            accepted.sk,
            zone=tenant.zone,
            terms_version=joining.terms_version,
            notice_version=joining.notice_version,
            language=joining.language,
            accepted_at=now,
        ),
    )


def _entry(
    caller: StaffSession, action: Action, *, at: datetime, network: str, thing: str | None = None
) -> LedgerEntry:
    return LedgerEntry.of(caller.tenant, action, at=at, actor=caller.staff, thing=thing, network=network)


def _there(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise NotFoundError("The invitation of this request was answered or revoked.")
    return invitation
