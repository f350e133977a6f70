"""The second step of a sign-in: a code, a passkey or a recovery code, five tries in all.

Each try is one transaction that requires the pending sign-in to be as it was read: of tries that race, each is counted
before it is answered, and nobody gets a sixth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import CredentialsRefusedError
from chalicelib.domain.passkeys import Passkey
from chalicelib.domain.tokens import Token
from chalicelib.domain.visits import Visitor
from chalicelib.observability import proven
from chalicelib.records.credentials import Credentials
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch_all
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.second_factors import recovery, totp
from chalicelib.services.second_factors.ports import Passkeys
from chalicelib.services.sign_in.admitting import PENDING_PREFIX, Admitting
from chalicelib.services.sign_in.replacing import brought_by, earlier_in
from chalicelib.services.sign_in.sessions import SECOND, Sessions, SignedIn
from chalicelib.services.sign_in.slowing import Slowing

TRIES = 5


def kinds(credentials: Credentials) -> tuple[str, ...]:
    """What somebody can choose from for the second step."""
    has = {
        "totp": credentials.totp_secret,
        "passkey": credentials.passkeys,
        "recovery-code": credentials.has_second_factor and credentials.recovery_hashes,
    }
    return tuple(kind for kind, held in has.items() if held)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What somebody proves themselves with; one of the three."""

    totp: str | None = None
    recovery_code: str | None = None
    passkey: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A sign-in that waits, whose it is, and the sessions that they came with."""

    pending: PendingSignIn
    staff: Staff
    credentials: Credentials
    earlier: Sequence[Session]


@dataclass(frozen=True)
class SecondStep:
    """Nothing here tells a stranger anything: whoever asks has proven the first factor, or is refused."""

    clock: Clock
    sessions: Sessions
    admitting: Admitting
    slowing: Slowing
    passkeys: Callable[[], Passkeys]

    def ask(self, pending: str, *, network: str) -> Mapping[str, Any]:
        """What a browser needs to use a passkey. The challenge in it is good for one answer."""

        def attempt() -> Mapping[str, Any]:
            waiting, now, transaction = _waiting(pending), self._now(), Transaction()
            known = [Passkey(**each) for each in waiting.credentials.passkeys or ()]
            if not known:
                raise CredentialsRefusedError("Choose one of the second factors that were named.")
            challenge = self.passkeys().challenge()
            waiting.pending.challenge = challenge
            transaction.update(waiting.pending)
            _note(transaction, waiting, Action.SECOND_FACTOR_ASKED, now=now, network=network)
            transaction.commit()
            return self.passkeys().request(challenge, known=[each.credential for each in known])

        return persist(attempt)

    def prove(self, pending: str, given: Given, *, visitor: Visitor) -> SignedIn:
        """Opens the session. CredentialsRefusedError for what is wrong, used before, or too late."""
        waiting, now = _waiting(pending, visitor), self._now()
        # Counted apart from passwords: whoever knows the password can't clear it by sending that once more.
        account = self.slowing.account(f"second-factor {waiting.staff.subject}")
        known = self.admitting.knows_network(waiting.credentials, visitor)
        self.slowing.claim(account, known=known, now=now)
        return persist(lambda: self._prove(pending, given, account, visitor=visitor, now=now))

    def _prove(self, token: str, given: Given, account: str, *, visitor: Visitor, now: datetime) -> SignedIn:
        waiting, transaction = _waiting(token, visitor), Transaction()
        pending, credentials = waiting.pending, waiting.credentials
        means = self._fitting(pending, credentials, given, now)
        if means is None:
            self._count(transaction, waiting, visitor, now)
            raise CredentialsRefusedError("Try again; after five times begin anew.")
        self.admitting.note_network(credentials, visitor)
        self.slowing.clear(transaction, account)
        transaction.delete(pending)
        transaction.update(credentials)
        transaction.require(waiting.staff)
        signed_in = self.sessions.open(
            transaction,
            waiting.staff,
            portal=pending.portal,
            means=f"{pending.means}{SECOND}{means}",
            visitor=visitor,
            now=now,
            earlier=waiting.earlier,
        )
        transaction.commit()
        return signed_in

    def _fitting(self, pending: PendingSignIn, credentials: Credentials, given: Given, now: datetime) -> str | None:
        """By what the second factor is proven; notes on the credentials that it was used."""
        if given.totp is not None and credentials.totp_secret:
            step = totp.step_of(credentials.totp_secret, given.totp, now=now, after=int(credentials.totp_step))
            credentials.totp_step = step or credentials.totp_step
            return "totp" if step else None
        if given.recovery_code is not None and credentials.has_second_factor:
            left = recovery.without(credentials.recovery_hashes or [], given.recovery_code)
            credentials.recovery_hashes = credentials.recovery_hashes if left is None else left
            return None if left is None else "recovery-code"
        if given.passkey is not None and pending.challenge is not None:
            return "passkey" if self._signed(credentials, given.passkey, str(pending.challenge)) else None
        return None

    def _signed(self, credentials: Credentials, answer: Mapping[str, Any], challenge: str) -> bool:
        held = [Passkey(**each) for each in credentials.passkeys or ()]
        chosen = next((each for each in held if each.credential == answer.get("id")), None)
        count = self.passkeys().used(answer, chosen, challenge=challenge) if chosen is not None else None
        if chosen is None or count is None:
            return False
        credentials.passkeys = [each.stored() | ({"count": count} if each == chosen else {}) for each in held]
        return True

    def _count(self, transaction: Transaction, waiting: _Waiting, visitor: Visitor, now: datetime) -> None:
        """One more wrong try; the last one ends the sign-in."""
        pending = waiting.pending
        pending.tries, pending.challenge = int(pending.tries) + 1, None
        if pending.tries < TRIES:
            transaction.update(pending)
        else:
            transaction.delete(pending)
        _note(transaction, waiting, Action.SIGN_IN_REFUSED, now=now, network=visitor.network)
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _waiting(text: str, visitor: Visitor | None = None) -> _Waiting:
    token = Token.read(text, prefix=PENDING_PREFIX)
    if token is None:
        raise _over()
    pending_at, staff_at = PendingSignIn.ref(token), Staff.ref(token.tenant, token.owner)
    credentials_at = Credentials.ref(token.tenant, token.owner)
    brought = brought_by(visitor) if visitor else []
    found = fetch_all([pending_at, staff_at, credentials_at, *brought], consistent=True)
    pending, staff, credentials = found.get(pending_at), found.get(staff_at), found.get(credentials_at)
    if pending is None or staff is None or credentials is None:
        raise _over()
    proven(tenant=staff.tenant, actor=staff.subject)
    earlier = earlier_in(found, visitor) if visitor else []
    return _Waiting(pending=pending, staff=staff, credentials=credentials, earlier=earlier)


def _over() -> CredentialsRefusedError:
    return CredentialsRefusedError("Begin the sign-in anew.")


def _note(transaction: Transaction, waiting: _Waiting, action: Action, *, now: datetime, network: str) -> None:
    staff = waiting.staff
    transaction.create(LedgerEntry.of(staff.tenant, action, at=now, about=staff.subject, network=network))
