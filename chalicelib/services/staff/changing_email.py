"""A member of staff gets another e-mail address, once both the present and the new one have agreed.

A password's proof is derived with a salt that belongs to the address, so the change brings the proof for the new one
along: sealed until then, and void if the password changes meanwhile. Nothing on the way tells whether the new address
is known. If it belongs to an account by the time both have agreed, the change comes to nothing, and nobody hears of it.
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
    NotFoundError,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.records.credentials import Credentials, EmailChange
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch_all
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.ports import ProofHasher, Vault
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.reproving import check_recent, owner_of
from chalicelib.services.sign_in.sessions import Sessions, StaffSession, discard_all, opened_by
from chalicelib.services.sign_in.slowing import Slowing

MESSAGES = ("email-change-old", "email-change-new")
_AGAIN = "Ask for the change again."
_MOST_SESSIONS = 80  # in one transaction; whoever has more open loses the others right afterwards


@dataclass(frozen=True)
class _Held:
    """What is stored of a member who changes their address."""

    staff: Staff
    credentials: Credentials | None
    change: EmailChange | None

    @property
    def password_changed_since(self) -> bool:
        """Whether the proof that the change brought along is none of the present password."""
        changed = self.credentials.changed_at if self.credentials else None
        return self.change is not None and changed is not None and changed >= self.change.asked_at


@dataclass(frozen=True)
class ChangingEmail:
    """Changes of address."""

    vault: Vault
    clock: Clock
    linking: Linking
    sessions: Sessions
    hasher: ProofHasher
    slowing: Slowing

    def ask(
        self, caller: StaffSession, email: str, *, proof: bytes | None, new_proof: bytes | None, network: str
    ) -> None:
        """Writes to both addresses. Who has a password gives its proof for each; CredentialsRefusedError otherwise.

        Before that what `reproving` asks of all who change what they sign in with; SignInAnewError.
        """
        if caller.session is None:
            raise NotAllowedError("A server has no address to change.")
        check_recent(owner_of(caller), now=self._now())
        held = self._read(caller.tenant, caller.staff)
        if held is None:
            raise NotFoundError("There is no such member of staff.")
        if email.casefold() == held.staff.email.casefold():
            raise InvalidInputError("Give another address than the present one.", field="email")
        kept = held.credentials.proof_hash if held.credentials else None
        new_hash = None if kept is None else self._proven(held.staff, kept, proof, new_proof)
        persist(lambda: self._ask(caller, email, new_hash, network))

    def agree(self, token: str, *, network: str) -> None:
        """Notes that one of the addresses agreed; the second one brings the change about."""
        link = self.linking.read(token, LinkPurpose.AGREE_OLD, LinkPurpose.AGREE_NEW)
        persist(lambda: self._agree(link, network))

    def _proven(self, staff: Staff, kept: str, proof: bytes | None, new_proof: bytes | None) -> str:
        """What is kept of the new proof, once the present one fits. Wrong ones count as failed sign-ins do."""
        if proof is None:
            raise InvalidInputError("Send the proof of your password.", field="proof")
        if new_proof is None:
            raise InvalidInputError("Derive it from the same password for the new address.", field="new_proof")
        self.slowing.claim(self.slowing.account(staff.email), known=False, now=self._now())
        if not self.hasher.matches(kept, proof):
            raise CredentialsRefusedError("That is not your password.", field="proof")
        return self.hasher.hash(new_proof)

    def _ask(self, caller: StaffSession, email: str, new_hash: str | None, network: str) -> None:
        held, now = self._read(caller.tenant, caller.staff), self._now()
        if held is None:
            raise NotFoundError("There is no such member of staff.")
        ref = EmailChange.ref(caller.tenant, caller.staff)
        change = held.change or EmailChange(ref.pk, ref.sk, zone=held.staff.zone)
        # Later than any before, also than one that is not stored any more: no older link agrees to this change.
        change.serial = max(int(now.timestamp()), int(change.serial) + 1)
        change.asked_at, change.old_agreed_at, change.new_agreed_at = now, None, None
        change.email, change.proof_hash = email, new_hash
        transaction = Transaction()
        (transaction.update if held.change else transaction.create)(change)
        transaction.require(held.staff)
        if new_hash is not None:
            self.slowing.clear(transaction, self.slowing.account(held.staff.email))
        for message in MESSAGES:
            notify_staff(
                transaction,
                tenant=caller.tenant,
                staff=caller.staff,
                message=message,
                language=held.staff.language,
                zone=held.staff.zone,
                version=change.serial,
                now=now,
            )
        transaction.create(_entry(held.staff, Action.EMAIL_CHANGE_ASKED, now, network))
        transaction.commit()

    def _agree(self, link: Link, network: str) -> None:
        held, now = self._read(link.tenant, link.subject), self._now()
        change = held.change if held else None
        if held is None or change is None or int(change.serial) != link.version or held.password_changed_since:
            raise LinkUsedError(_AGAIN)
        side = "old_agreed_at" if link.purpose is LinkPurpose.AGREE_OLD else "new_agreed_at"
        if getattr(change, side) is not None:
            raise LinkUsedError("This address has agreed. As soon as the other one has, sign in with the new one.")
        setattr(change, side, now)
        if change.old_agreed_at is None or change.new_agreed_at is None:
            transaction = Transaction()
            transaction.update(change)
            transaction.create(_entry(held.staff, Action.EMAIL_CHANGE_AGREED, now, network))
            transaction.commit()
            return
        self._bring_about(held, change, now, network)

    def _bring_about(self, held: _Held, change: EmailChange, now: datetime, network: str) -> None:
        self.vault.tenant_ready(INSTALLATION)
        staff, before = held.staff, self._claim_of(held.staff.email)
        claim_ref = StaffAddress.ref(self._index(change.email))
        claim = StaffAddress(
            claim_ref.pk, claim_ref.sk, zone=staff.zone, of_tenant=staff.tenant, of_staff=staff.subject
        )
        transaction = Transaction()
        transaction.create(claim)
        transaction.delete(before)
        transaction.delete(change)
        staff.email = change.email
        staff.sign_ins = int(staff.sign_ins) + 1  # links that were sent to the address before are void
        transaction.update(staff)
        _renew(transaction, staff, held.credentials, change)
        opened = opened_by(staff.tenant, staff.subject)[:_MOST_SESSIONS]
        discard_all(transaction, opened)
        counts = {"Session": len(opened)}
        transaction.create(_entry(staff, Action.EMAIL_CHANGED, now, network, counts=counts))
        try:
            transaction.commit()
        except LostRaceError as lost:
            if not lost.hit(claim):
                raise
            self._drop(staff, change, now, network)
            return
        self.sessions.end_all_of(staff.tenant, staff.subject)

    def _drop(self, staff: Staff, change: EmailChange, now: datetime, network: str) -> None:
        """The address is somebody else's by now."""
        transaction = Transaction()
        transaction.delete(change)
        transaction.create(_entry(staff, Action.EMAIL_CHANGE_AGREED, now, network))
        transaction.commit()

    def _read(self, tenant: str, staff: str) -> _Held | None:
        refs = Staff.ref(tenant, staff), Credentials.ref(tenant, staff), EmailChange.ref(tenant, staff)
        found = fetch_all(refs, consistent=True)
        member = found.get(refs[0])
        return None if member is None else _Held(member, found.get(refs[1]), found.get(refs[2]))

    def _claim_of(self, email: str) -> StaffAddress:
        ref = StaffAddress.ref(self._index(email))
        claim = fetch_all([ref], consistent=True).get(ref)
        if claim is None:
            raise LinkUsedError(_AGAIN)
        return claim

    def _index(self, email: str) -> str:
        return self.vault.index(INSTALLATION, STAFF_ADDRESS, email.casefold())

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _renew(transaction: Transaction, staff: Staff, held: Credentials | None, change: EmailChange) -> None:
    """The proof for the new address; links to set a password that went to the old one are void, had it one or not."""
    ref = Credentials.ref(staff.tenant, staff.subject)
    credentials = held or Credentials(ref.pk, ref.sk, zone=staff.zone)
    credentials.proof_hash = change.proof_hash
    credentials.generation = int(credentials.generation) + 1
    (transaction.create if held is None else transaction.update)(credentials)


def _entry(
    staff: Staff, action: Action, at: datetime, network: str, *, counts: dict[str, int] | None = None
) -> LedgerEntry:
    return LedgerEntry.of(staff.tenant, action, at=at, actor=staff.subject, network=network, counts=counts)
