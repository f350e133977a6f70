"""One's own second factors: set up, listed, removed; and the rule of a business that everybody has one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, VersionMismatchError
from chalicelib.domain.passkeys import Passkey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.session import Challenge
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.outbox import notify_staff
from chalicelib.services.second_factors import recovery, totp
from chalicelib.services.second_factors.ports import Passkeys
from chalicelib.services.sign_in.reproving import Owner, Reproving, owner_of
from chalicelib.services.sign_in.sessions import MOST_AT_ONCE, Sessions, StaffSession, discard_all, opened_by

TOTP, PASSKEY = "TOTP", "PASSKEY"
PASSKEYS = 10


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What an app needs for its codes. Told once."""

    secret: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What somebody has to prove themselves with, and whether their business requires a second factor."""

    password: bool
    totp: bool
    passkeys: tuple[Passkey, ...]
    recovery_codes: int
    required: bool


@dataclass(frozen=True)
class SecondFactors:
    """Whoever adds or removes one proves anew who they are, gets a mail about it, and ends other sessions by adding."""

    clock: Clock
    sessions: Sessions
    reproving: Reproving
    passkeys: Callable[[], Passkeys]
    issuer: str

    def shown(self, caller: StaffSession) -> Factors:
        """The caller's own."""
        owner = owner_of(caller)
        return Factors(
            password=bool(owner.credentials.proof_hash),
            totp=bool(owner.credentials.totp_secret),
            passkeys=tuple(_passkeys(owner)),
            recovery_codes=len(owner.credentials.recovery_hashes or ()),
            required=bool(owner.tenant.second_factor_required),
        )

    def begin_totp(self, caller: StaffSession, proof: bytes | None, *, network: str) -> Secret:
        """A secret for an app; it counts once a code made with it came back."""
        secret = totp.new_secret()
        owner = self._begin(caller, TOTP, {"secret": secret}, proof, network=network)
        return Secret(secret=secret, uri=totp.uri(secret, account=owner.staff.email, issuer=self.issuer))

    def confirm_totp(self, caller: StaffSession, code: str, *, network: str) -> list[str]:
        """Takes the app on, in place of an earlier one. Gives recovery codes where there are none yet."""

        def attempt() -> list[str]:
            owner, begun, now = owner_of(caller), _begun(caller, TOTP), self._now()
            secret = begun.content["secret"]
            step = totp.step_of(secret, code, now=now, after=0)
            if step is None:
                raise InvalidInputError(
                    "Send the code that the app shows now; check the clock of the phone.", field="code"
                )
            transaction = Transaction()
            transaction.delete(begun)
            owner.credentials.totp_secret, owner.credentials.totp_step = secret, step
            return self._added(transaction, caller, owner, now=now, network=network)

        return self._and_end_others(persist(attempt), caller)

    def remove_totp(self, caller: StaffSession, proof: bytes | None, *, network: str) -> None:
        """The app's codes count no more."""

        def forget(owner: Owner) -> None:
            if not owner.credentials.totp_secret:
                raise NotFoundError("There is no app to remove.")
            owner.credentials.totp_secret = None

        persist(lambda: self._remove(caller, proof, forget, network=network))

    def begin_passkey(self, caller: StaffSession, proof: bytes | None, *, network: str) -> Mapping[str, Any]:
        """What a browser needs to make a passkey."""
        challenge = self.passkeys().challenge()
        owner = self._begin(caller, PASSKEY, {"challenge": challenge}, proof, network=network)
        known = _passkeys(owner)
        if len(known) >= PASSKEYS:
            raise ConflictError(f"Remove one first: there may be {PASSKEYS}.")
        return self.passkeys().creation(
            challenge,
            handle=bytes.fromhex(caller.staff),
            name=owner.staff.email,
            display_name=owner.staff.display_name,
            known=[each.credential for each in known],
        )

    def add_passkey(self, caller: StaffSession, label: str, answer: Mapping[str, Any], *, network: str) -> list[str]:
        """Takes a passkey on. Gives recovery codes where there are none yet. A challenge is good for one answer."""

        def attempt() -> list[str]:
            owner, begun, now = owner_of(caller), _begun(caller, PASSKEY), self._now()
            transaction = Transaction()
            transaction.delete(begun)
            made = self.passkeys().created(answer, challenge=begun.content["challenge"])
            if made is None or made.id in {each.id for each in _passkeys(owner)}:
                transaction.commit()
                raise InvalidInputError("Ask for new options, and make the passkey with them.", field="credential")
            fresh = replace(made, label=label, added_at=int(now.timestamp()))
            owner.credentials.passkeys = [*(owner.credentials.passkeys or ()), fresh.stored()]
            return self._added(transaction, caller, owner, now=now, network=network)

        return self._and_end_others(persist(attempt), caller)

    def remove_passkey(self, caller: StaffSession, passkey: str, proof: bytes | None, *, network: str) -> None:
        """The passkey counts no more."""

        def forget(owner: Owner) -> None:
            left = [each.stored() for each in _passkeys(owner) if each.id != passkey]
            if len(left) == len(owner.credentials.passkeys or ()):
                raise NotFoundError("There is no such passkey.")
            owner.credentials.passkeys = left or None

        persist(lambda: self._remove(caller, proof, forget, network=network))

    def make_recovery_codes(self, caller: StaffSession, proof: bytes | None, *, network: str) -> list[str]:
        """Ten new ones; the old ones are void."""

        def attempt() -> list[str]:
            owner, now, transaction = owner_of(caller), self._now(), Transaction()
            if not owner.credentials.has_second_factor:
                raise ConflictError("Set up an app or a passkey first: the codes stand in for one.")
            self.reproving.check(transaction, owner, proof, now=now)
            codes = _new_codes(transaction, caller, owner, now=now, network=network)
            owner.put(transaction)
            _tell(transaction, owner, now=now)
            transaction.commit()
            return codes

        return persist(attempt)

    def require(self, caller: StaffSession, *, required: bool, version: int | None, network: str) -> Tenant:
        """Whether everybody who works there needs one. Holds for every session from now on."""

        def attempt() -> Tenant:
            owner, transaction = owner_of(caller), Transaction()
            if version is not None and version != owner.tenant.version:
                raise VersionMismatchError("Read the business again and send the ETag of that answer.")
            if required and not owner.credentials.has_second_factor:
                raise ConflictError("Set up a second factor of your own first.")
            if required:
                transaction.require(owner.credentials)
            owner.tenant.second_factor_required = required
            transaction.update(owner.tenant)
            _note(transaction, caller, Action.TENANT_CHANGED, now=self._now(), network=network)
            transaction.commit()
            return owner.tenant

        return persist(attempt)

    def _begin(
        self, caller: StaffSession, what: str, content: dict[str, str], proof: bytes | None, *, network: str
    ) -> Owner:
        def attempt() -> Owner:
            owner, now, transaction = owner_of(caller), self._now(), Transaction()
            self.reproving.check(transaction, owner, proof, now=now)
            _ask(transaction, owner, what, {**content, "session": owner.session.sk}, now=now)
            _note(transaction, caller, Action.SECOND_FACTOR_BEGUN, now=now, network=network)
            transaction.commit()
            return owner

        return persist(attempt)

    def _added(
        self, transaction: Transaction, caller: StaffSession, owner: Owner, *, now: datetime, network: str
    ) -> list[str]:
        codes: list[str] = []
        if not owner.credentials.recovery_hashes:
            codes = _new_codes(transaction, caller, owner, now=now, network=network)
        owner.put(transaction)
        owner.session.second_factor_at = now
        transaction.update(owner.session)
        discard_all(transaction, opened_by(caller.tenant, caller.staff, but=caller.session)[:MOST_AT_ONCE])
        _note(transaction, caller, Action.SECOND_FACTOR_ADDED, now=now, network=network)
        _tell(transaction, owner, now=now)
        transaction.commit()
        return codes

    def _and_end_others(self, codes: list[str], caller: StaffSession) -> list[str]:
        """What was opened without a second factor while it was being added; from here on nothing can be."""
        self.sessions.end_all_of(caller.tenant, caller.staff, but=caller.session)
        return codes

    def _remove(
        self, caller: StaffSession, proof: bytes | None, forget: Callable[[Owner], None], *, network: str
    ) -> None:
        owner, now, transaction = owner_of(caller), self._now(), Transaction()
        self.reproving.check(transaction, owner, proof, now=now)
        forget(owner)
        if not owner.credentials.has_second_factor:
            if owner.tenant.second_factor_required:
                raise ConflictError("Your business requires a second factor: add another one first.")
            owner.credentials.recovery_hashes = None
        owner.put(transaction)
        _note(transaction, caller, Action.SECOND_FACTOR_REMOVED, now=now, network=network)
        _tell(transaction, owner, now=now)
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _passkeys(owner: Owner) -> list[Passkey]:
    return [Passkey(**each) for each in owner.credentials.passkeys or ()]


def _ask(transaction: Transaction, owner: Owner, what: str, content: dict[str, str], *, now: datetime) -> None:
    """Notes what has to be answered, in place of what was asked before."""
    ref = Challenge.ref(owner.staff.tenant, owner.staff.subject, what)
    held = fetch(ref, consistent=True)
    if held is None:
        transaction.create(Challenge(ref.pk, ref.sk, started_at=now, content=content))
    else:
        held.started_at, held.content = now, content
        transaction.update(held)


def _begun(caller: StaffSession, what: str) -> Challenge:
    """What was asked of this very session."""
    found = fetch(Challenge.ref(caller.tenant, caller.staff, what), consistent=True)
    if found is None or caller.session is None or found.content["session"] != caller.session.sk:
        raise ConflictError("Begin anew: it was not begun in this session, or too long ago.")
    return found


def _new_codes(
    transaction: Transaction, caller: StaffSession, owner: Owner, *, now: datetime, network: str
) -> list[str]:
    codes = recovery.new_codes()
    owner.credentials.recovery_hashes = [recovery.hashed(code) for code in codes]
    _note(transaction, caller, Action.RECOVERY_CODES_MADE, now=now, network=network)
    return codes


def _note(transaction: Transaction, caller: StaffSession, action: Action, *, now: datetime, network: str) -> None:
    transaction.create(LedgerEntry.of(caller.tenant, action, at=now, actor=caller.staff, network=network))


def _tell(transaction: Transaction, owner: Owner, *, now: datetime) -> None:
    staff = owner.staff
    notify_staff(
        transaction,
        tenant=staff.tenant,
        staff=staff.subject,
        message="second-factor-changed",
        language=staff.language,
        zone=staff.zone,
        now=now,
    )
