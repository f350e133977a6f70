"""Staff set and change their own password, and set a new one by a link in a mail when they forgot it.

Every change ends what was opened with the old one: all other sessions, sign-ins under way, and links to set a password.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    LinkUsedError,
    NotAllowedError,
    NotSignedInError,
)
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.session import Session
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.forms import FormUse
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.ports import ProofHasher, Vault
from chalicelib.services.sign_in.asking import Asking
from chalicelib.services.sign_in.password_sign_in import salt_of
from chalicelib.services.sign_in.reproving import check_recent, owner_of
from chalicelib.services.sign_in.sessions import MOST_AT_ONCE, Sessions, StaffSession, discard_all, opened_by
from chalicelib.services.sign_in.slowing import Slowing
from chalicelib.services.sign_in.throttling import Throttling

CHANGED = "password-changed"
RESET = "password-reset"


@dataclass(frozen=True)
class Passwords:
    """One's own password, and the reset of a forgotten one."""

    vault: Vault
    clock: Clock
    linking: Linking
    sessions: Sessions
    throttling: Throttling
    slowing: Slowing
    hasher: ProofHasher
    asking: Asking

    def own_salt(self, caller: StaffSession) -> bytes:
        """The salt for the caller's own password."""
        return salt_of(self.vault, self._own(caller)[0].email)

    def change(self, caller: StaffSession, proof: bytes, current: bytes | None, *, visitor: Visitor) -> None:
        """Sets the caller's first password, or another one if they prove the `current` one; see `reproving`, too."""
        if caller.session is None:
            raise NotAllowedError("Only people have passwords: sign in yourself.")
        _, credentials = self._own(caller)
        if credentials is not None and credentials.proof_hash:
            self._admit(current, visitor)
        persist(lambda: self._change(caller, proof, current, network=visitor.network))

    def ask_for_reset(self, email: str, *, network: str, form: FormUse | None = None) -> None:
        """Sends a link to set a new password if the (normalised) address has an account; nobody learns whether."""
        if form is not None:
            form.check(fetch(form.ref, consistent=True))
        to, transaction = self.asking.look(email), Transaction()
        if not self._is_resettable(to.staff, to.tenant):
            to = to.nobody()
        version = _generation(to.credentials)
        self.asking.put(transaction, to, RESET, Action.PASSWORD_RESET_ASKED, version=version, network=network)
        if form is not None:
            form.use(transaction)
        try:
            if len(transaction):
                transaction.commit()
        except LostRaceError as error:  # the same was asked for this very moment: one link is enough
            if form is not None:
                form.lost(error)

    def reset_salt(self, token: str) -> bytes:
        """The salt for the new password of a link's owner."""
        return salt_of(self.vault, self._linked(token)[0].email)

    def reset(self, token: str, proof: bytes, *, visitor: Visitor) -> None:
        """Sets a new password by a link, once. A second factor stays what it is."""
        persist(lambda: self._reset(token, proof, network=visitor.network))

    def _admit(self, current: bytes | None, visitor: Visitor) -> None:
        if current is None:
            raise InvalidInputError("Send the proof of the password that you have.", field="current_proof")
        self.throttling.admit(visitor)

    def _change(self, caller: StaffSession, proof: bytes, current: bytes | None, *, network: str) -> None:
        owner = owner_of(caller)
        check_recent(owner, now=self._now())
        kept, held = owner.credentials.proof_hash, owner.credentials.version is not None
        if kept and not (current and self.hasher.matches(kept, current)):
            raise CredentialsRefusedError("Check the password that you have, or have a link sent to set a new one.")
        credentials = owner.credentials if held else None
        self._set(owner.staff, credentials, proof, action=Action.PASSWORD_SET, but=caller.session, network=network)

    def _reset(self, token: str, proof: bytes, *, network: str) -> None:
        staff, credentials = self._linked(token)
        self._set(staff, credentials, proof, action=Action.PASSWORD_RESET, but=None, network=network)

    def _set(
        self,
        staff: Staff,
        credentials: Credentials | None,
        proof: bytes,
        *,
        action: Action,
        but: Ref[Session] | None,
        network: str,
    ) -> None:
        now, transaction = self._now(), Transaction()
        kept = self.hasher.hash(proof)
        if credentials is None:
            transaction.create(_first(staff, kept, now))
        else:
            credentials.proof_hash, credentials.changed_at = kept, now
            credentials.generation = _generation(credentials) + 1
            transaction.update(credentials)
        transaction.require(staff)
        self.slowing.link_used(transaction, staff.subject)
        self.slowing.clear(transaction, self.slowing.account(staff.email))
        actor = staff.subject if action is Action.PASSWORD_SET else None
        transaction.create(
            LedgerEntry.of(staff.tenant, action, at=now, actor=actor, about=staff.subject, network=network)
        )
        _tell(transaction, staff, CHANGED, version=0, now=now)
        discard_all(transaction, opened_by(staff.tenant, staff.subject, but=but)[:MOST_AT_ONCE])
        transaction.commit()
        # What was opened with the old password between reading and writing; from here on nothing can be.
        self.sessions.end_all_of(staff.tenant, staff.subject, but=but)

    def _own(self, caller: StaffSession) -> tuple[Staff, Credentials | None]:
        staff_ref, held_ref = Staff.ref(caller.tenant, caller.staff), Credentials.ref(caller.tenant, caller.staff)
        found = fetch_all([staff_ref, held_ref], consistent=True)
        staff = found.get(staff_ref)
        if staff is None:
            raise NotSignedInError("Sign in again.")
        return staff, found.get(held_ref)

    def _linked(self, token: str) -> tuple[Staff, Credentials | None]:
        link = self.linking.read(token, LinkPurpose.RESET_PASSWORD)
        held = self._resettable(link.tenant, link.subject)
        if held is None or _generation(held[1]) != link.version:
            raise _used()
        return held

    def _resettable(self, tenant: str, member: str) -> tuple[Staff, Credentials | None] | None:
        """The account, unless it was never confirmed, may not be used, or its business has ended."""
        staff_ref, tenant_ref = Staff.ref(tenant, member), Tenant.ref(tenant)
        held_ref = Credentials.ref(tenant, member)
        found = fetch_all([staff_ref, tenant_ref, held_ref], consistent=True)
        staff = found.get(staff_ref)
        if staff is None or not self._is_resettable(staff, found.get(tenant_ref)):
            return None
        return staff, found.get(held_ref)

    def _is_resettable(self, staff: Staff | None, business: Tenant | None) -> bool:
        if staff is None or business is None or staff.unconfirmed_since is not None:
            return False
        return staff.restricted_since is None and business.tenancy.standing(self._now()) is not Standing.ENDED

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _first(staff: Staff, kept: str, now: datetime) -> Credentials:
    ref = Credentials.ref(staff.tenant, staff.subject)
    return Credentials(ref.pk, ref.sk, zone=staff.zone, generation=1, changed_at=now, proof_hash=kept)


def _generation(credentials: Credentials | None) -> int:
    return 0 if credentials is None else int(credentials.generation)


def _tell(transaction: Transaction, staff: Staff, message: str, *, version: int, now: datetime) -> None:
    notify_staff(
        transaction,
        tenant=staff.tenant,
        staff=staff.subject,
        message=message,
        language=staff.language,
        zone=staff.zone,
        version=version,
        now=now,
    )


def _used() -> LinkUsedError:
    return LinkUsedError("Ask for a new link to set a password.")
