"""Staff sign in with the proof of their password.

Whoever guesses learns nothing but that it was refused. An account that there is not, that has no password or may not be
used goes through the same steps as a wrong password: the same reads, the same count, the same slow comparison, an entry
in a ledger, the same words, after the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import CredentialsRefusedError, KeyDestroyedError, RestrictedError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.passwords import SALT_BYTES
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.session import Session
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.forms import FormUse
from chalicelib.services.ports import ProofHasher, Vault
from chalicelib.services.sign_in.admitting import Admitting, Pending
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.refusing import Refusing
from chalicelib.services.sign_in.replacing import brought_by, earlier_in
from chalicelib.services.sign_in.sessions import SignedIn, portal_of
from chalicelib.services.sign_in.slowing import Slowing
from chalicelib.services.sign_in.throttling import Throttling

REFUSED = "Check address and password, or have a link sent to the address."


@dataclass(frozen=True)
class _Account:
    """What there is of an account; `kept` is the hash of its proof if one may sign in with it, else empty.

    `earlier` are the sessions that the visitor came with.
    """

    staff: Staff | None = None
    credentials: Credentials | None = None
    kept: str = ""
    earlier: Sequence[Session] = ()


@dataclass(frozen=True)
class _Given:
    email: str
    proof: bytes
    portal: str
    visitor: Visitor
    form: FormUse | None


@dataclass(frozen=True)
class PasswordSignIn:
    """Sign-in by password."""

    vault: Vault
    clock: Clock
    throttling: Throttling
    slowing: Slowing
    hasher: ProofHasher
    admitting: Admitting
    refusing: Refusing

    def salt(self, email: str) -> bytes:
        """The salt of a (normalised) address: computed, so that nothing tells whether there is such an account."""
        return salt_of(self.vault, email)

    def sign_in(
        self, email: str, proof: bytes, *, portal: str = "", visitor: Visitor, form: FormUse | None = None
    ) -> SignedIn | Pending:
        """Admits who proves the password. CredentialsRefusedError, TooManyAttemptsError."""
        self.throttling.admit(visitor)
        if form is not None:
            form.check(fetch(form.ref, consistent=True))
        with self.refusing.evenly():
            return self._sign_in(_Given(email, proof, portal, visitor, form))

    def _sign_in(self, given: _Given) -> SignedIn | Pending:
        self.vault.tenant_ready(INSTALLATION)
        account = self._find(given)
        known = account.credentials is not None and self.admitting.knows_network(account.credentials, given.visitor)
        self.slowing.claim(self.slowing.account(given.email), known=known, now=self._now())
        try:
            return self._enter(account, given)
        except LostRaceError as error:  # signed in elsewhere, or a change of the profile, this very moment
            if given.form is not None:
                given.form.lost(error)
            return persist(lambda: self._enter(self._find(given), given))

    def _find(self, given: _Given) -> _Account:
        index = self.vault.index(INSTALLATION, STAFF_ADDRESS, given.email.casefold())
        address = fetch(StaffAddress.ref(index), consistent=True)
        tenant, member = (address.of_tenant, address.of_staff) if address else (INSTALLATION, INSTALLATION)
        staff_ref, tenant_ref = Staff.ref(tenant, member), Tenant.ref(tenant)
        credentials_ref = Credentials.ref(tenant, member)
        found = fetch_all([staff_ref, tenant_ref, credentials_ref, *brought_by(given.visitor)], consistent=True)
        staff, credentials, business = found.get(staff_ref), found.get(credentials_ref), found.get(tenant_ref)
        if staff is None or credentials is None or business is None:
            return _Account(staff)
        ended = business.tenancy.standing(self._now()) is Standing.ENDED
        usable = not ended and staff.unconfirmed_since is None
        earlier = earlier_in(found, given.visitor)
        return _Account(staff, credentials, _kept(staff, credentials) if usable else "", earlier)

    def _enter(self, account: _Account, given: _Given) -> SignedIn | Pending:
        now, staff, credentials, visitor = self._now(), account.staff, account.credentials, given.visitor
        fits = self.hasher.matches(account.kept or self.hasher.decoy, given.proof)
        if not fits or not account.kept or staff is None or credentials is None:
            _note_refusal(staff, at=now, network=visitor.network)
            raise CredentialsRefusedError(REFUSED)
        if self.hasher.needs_rehash(account.kept):
            credentials.proof_hash = self.hasher.hash(given.proof)
        transaction = Transaction()
        admitted = self.admitting.admit(
            transaction,
            staff,
            credentials,
            portal=given.portal or portal_of(set(staff.roles)),
            means="password",
            visitor=visitor,
            now=now,
            earlier=account.earlier,
        )
        transaction.require(staff)
        if isinstance(admitted, SignedIn):  # or whoever knows the password could try codes without end
            self.slowing.clear(transaction, self.slowing.account(given.email))
        if given.form is not None:
            given.form.use(transaction)
        transaction.commit()
        return admitted

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def salt_of(vault: Vault, email: str) -> bytes:
    """The salt of an address, the same for ever; whether or not there is such an account does not matter."""
    vault.tenant_ready(INSTALLATION)
    return bytes.fromhex(vault.index(INSTALLATION, "password-salt", email.casefold()))[:SALT_BYTES]


def _kept(staff: Staff, credentials: Credentials) -> str:
    try:
        staff.check_usable()
        return credentials.proof_hash or ""
    except (RestrictedError, KeyDestroyedError):
        return ""


def _note_refusal(staff: Staff | None, *, at: datetime, network: str) -> None:
    transaction = Transaction()
    tenant, about = (staff.tenant, staff.subject) if staff else (INSTALLATION, None)
    transaction.create(LedgerEntry.of(tenant, Action.SIGN_IN_REFUSED, at=at, about=about, network=network))
    transaction.commit()
