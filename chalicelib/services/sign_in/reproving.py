"""Before what somebody signs in with changes, they prove once more who they are: whoever finds a session open can't.

That is the password where there is one, and a sign-in of minutes ago where there is none; and the second factor of
minutes ago where there is one, at the sign-in or when it was set up. To end other sessions one factor is enough.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    SignInAnewError,
)
from chalicelib.records.credentials import Credentials
from chalicelib.records.reading import fetch_all
from chalicelib.records.session import Session
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import ProofHasher
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.sign_in.slowing import Slowing

FRESH = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose sign-in data they are, as they are stored."""

    staff: Staff
    tenant: Tenant
    session: Session
    credentials: Credentials

    def put(self, transaction: Transaction) -> None:
        """Writes the credentials, which must still be as they were read."""
        write = transaction.create if self.credentials.version is None else transaction.update
        write(self.credentials)


def owner_of(caller: StaffSession) -> Owner:
    """The caller's records. NotAllowedError for a server, NotFoundError for who left this very moment."""
    if caller.session is None:
        raise NotAllowedError("This is for people: sign in yourself.")
    staff_at, tenant_at = Staff.ref(caller.tenant, caller.staff), Tenant.ref(caller.tenant)
    credentials_at = Credentials.ref(caller.tenant, caller.staff)
    found = fetch_all([caller.session, staff_at, tenant_at, credentials_at], consistent=True)
    session, staff, tenant = found.get(caller.session), found.get(staff_at), found.get(tenant_at)
    if session is None or staff is None or tenant is None:
        raise NotFoundError("You are not signed in any more.")
    credentials = found.get(credentials_at) or Credentials(credentials_at.pk, credentials_at.sk)
    return Owner(staff=staff, tenant=tenant, session=session, credentials=credentials)


def check_recent(owner: Owner, *, now: datetime) -> None:
    """What no password stands in for. SignInAnewError when it is too long ago."""
    if owner.credentials.has_second_factor and not _recent(owner.session.second_factor_at, now):
        raise SignInAnewError("Sign in anew with your second factor: that must be minutes ago.")
    if owner.credentials.proof_hash is None and not _recent(owner.session.started_at, now):
        raise SignInAnewError("Sign in anew by a link: that must be minutes ago, as long as you have no password.")


@dataclass(frozen=True)
class Reproving:
    """The password once more, beside what `check_recent` asks for."""

    hasher: ProofHasher
    slowing: Slowing

    def check(self, transaction: Transaction, owner: Owner, proof: bytes | None, *, now: datetime) -> None:
        """CredentialsRefusedError when the proof is wrong, InvalidInputError when it is missing.

        Wrong ones count as failed sign-ins of the account do, until `transaction` is carried out.
        """
        check_recent(owner, now=now)
        if owner.credentials.proof_hash is not None:
            self._check_password(transaction, owner, proof, now=now)

    def check_one(self, transaction: Transaction, owner: Owner, proof: bytes | None, *, now: datetime) -> None:
        """Like `check`, with one factor: the sign-in if it was minutes ago, or else the password."""
        if _recent(owner.session.started_at, now):
            return
        if owner.credentials.proof_hash is None:
            raise SignInAnewError("Sign in anew by a link: that must be minutes ago, as long as you have no password.")
        self._check_password(transaction, owner, proof, now=now)

    def _check_password(self, transaction: Transaction, owner: Owner, proof: bytes | None, *, now: datetime) -> None:
        if proof is None:
            raise InvalidInputError("Send the proof of your password once more.", field="proof")
        account = self.slowing.account(owner.staff.email)
        self.slowing.claim(account, known=False, now=now)
        if not self.hasher.matches(str(owner.credentials.proof_hash), proof):
            raise CredentialsRefusedError("That is not your password.")
        self.slowing.clear(transaction, account)


def _recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < FRESH
