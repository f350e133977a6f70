"""Before a second factor changes, its owner proves once more who they are: whoever finds a session open has no say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.errors import CredentialsRefusedError, InvalidInputError, NotAllowedError, NotFoundError
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
    """Whose factors they are, as they are stored."""

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
        raise NotAllowedError("Second factors are for people.")
    staff_at, tenant_at = Staff.ref(caller.tenant, caller.staff), Tenant.ref(caller.tenant)
    credentials_at = Credentials.ref(caller.tenant, caller.staff)
    found = fetch_all([caller.session, staff_at, tenant_at, credentials_at], consistent=True)
    session, staff, tenant = found.get(caller.session), found.get(staff_at), found.get(tenant_at)
    if session is None or staff is None or tenant is None:
        raise NotFoundError("You are not signed in any more.")
    credentials = found.get(credentials_at) or Credentials(credentials_at.pk, credentials_at.sk)
    return Owner(staff=staff, tenant=tenant, session=session, credentials=credentials)


@dataclass(frozen=True)
class Reproving:
    """The password once more; a sign-in of just now where there is none."""

    hasher: ProofHasher
    slowing: Slowing

    def check(self, transaction: Transaction, owner: Owner, proof: bytes | None, *, now: datetime) -> None:
        """CredentialsRefusedError when the proof is wrong, InvalidInputError when it is missing.

        Wrong ones count as failed sign-ins of the account do, until `transaction` is carried out.
        """
        kept = owner.credentials.proof_hash
        if kept is None:
            if now - owner.session.started_at >= FRESH:
                raise CredentialsRefusedError("Set a password, or sign in anew by a link: that must be minutes ago.")
            return
        if proof is None:
            raise InvalidInputError("Send the proof of your password once more.", field="proof")
        account = self.slowing.account(owner.staff.email)
        self.slowing.claim(account, known=False, now=now)
        if not self.hasher.matches(kept, proof):
            raise CredentialsRefusedError("That is not your password.")
        self.slowing.clear(transaction, account)
