"""The one-time password of the first account is replaced, once; that opens the installation."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, CredentialsRefusedError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.installation import Installation
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.staff import StaffAddress
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.ports import ProofHasher, Vault
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.throttling import Throttling


@dataclass(frozen=True)
class Unlocking:
    """The change of the first password."""

    vault: Vault
    clock: Clock
    hasher: ProofHasher
    throttling: Throttling

    def replace(self, *, email: str, proof: bytes, new_proof: bytes, visitor: Visitor) -> None:
        """Replaces the password and opens the installation.

        CredentialsRefusedError, after the same time, when the address is not that of the account, when the password is
        wrong, or when the new one is the old one. ConflictError when the installation is open.
        """
        self.throttling.admit(visitor)
        installation = fetch(Installation.ref(), consistent=True)
        if installation is not None and installation.opened_at is not None:
            raise _opened()
        credentials = self._credentials(email)
        kept = credentials.proof_hash if credentials is not None else None
        fits = self.hasher.matches(kept or self.hasher.decoy, proof)
        same = secrets.compare_digest(proof, new_proof)
        if not fits or same or installation is None or credentials is None:
            self._refuse(visitor)
        now = self._now()
        installation.opened_at = credentials.changed_at = now
        credentials.proof_hash = self.hasher.hash(new_proof)
        _commit(installation, credentials, visitor, now)

    def _credentials(self, email: str) -> Credentials | None:
        self.vault.tenant_ready(INSTALLATION)
        ref = StaffAddress.ref(self.vault.index(INSTALLATION, STAFF_ADDRESS, email.casefold()))
        address = fetch(ref, consistent=True)
        # Asked for whether or not there is one, key and all: so the answer takes as long for every address.
        staff = address.of_staff if address is not None else INSTALLATION
        self.vault.preload(INSTALLATION, [staff])
        return fetch(Credentials.ref(INSTALLATION, staff), consistent=True)

    def _refuse(self, visitor: Visitor) -> NoReturn:
        transaction = Transaction()
        transaction.create(
            LedgerEntry.of(INSTALLATION, Action.SIGN_IN_REFUSED, at=self._now(), network=visitor.network)
        )
        transaction.commit()
        raise CredentialsRefusedError("Send the account's address, the one-time password's proof and a new one's.")

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _commit(installation: Installation, credentials: Credentials, visitor: Visitor, now: datetime) -> None:
    transaction = Transaction()
    transaction.update(installation)
    transaction.update(credentials)
    transaction.create(
        LedgerEntry.of(
            INSTALLATION, Action.INSTALLATION_OPENED, at=now, actor=credentials.subject, network=visitor.network
        )
    )
    try:
        transaction.commit()
    except LostRaceError:
        raise _opened() from None


def _opened() -> ConflictError:
    return ConflictError("The installation is open: sign in, or have a link sent to set another password.")
