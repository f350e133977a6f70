"""The keys of financial years: made once each, by whoever is the first to seal something that a legal duty keeps."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.keys import SubjectKey
from chalicelib.records.legal_year import LegalYear
from chalicelib.records.reading import fetch
from chalicelib.records.writing import ContendedError, LostRaceError, Transaction
from chalicelib.services.people import new_person
from chalicelib.services.ports import Vault


@dataclass(frozen=True)
class LegalYears:
    """Sees to it that there is a key before anything is sealed for a year."""

    vault: Vault
    clock: Clock

    def year_ready(self, year: int) -> None:
        """Makes the year's key, with the record that stands for it, unless they are there.

        KeyDestroyedError for a year whose ten years are over: what is destroyed is not made anew.
        """
        stands, now = LegalYear.of(year), self.clock().replace(microsecond=0)
        ends = stands.expiry()
        if ends is not None and ends <= now:
            raise KeyDestroyedError(f"the time of {stands.subject} is over")
        if fetch(SubjectKey.ref(INSTALLATION, stands.subject), consistent=True) is None:
            self._make(stands, now)

    def _make(self, stands: LegalYear, now: datetime) -> None:
        self.vault.tenant_ready(INSTALLATION)
        transaction = Transaction()
        new_person(self.vault, transaction, tenant=INSTALLATION, now=now, person=stands.subject)
        transaction.create(stands)
        try:
            transaction.commit()
        except BaseException as failed:
            self.vault.forget(INSTALLATION, stands.subject)  # a key that is not stored must never seal anything
            if not isinstance(failed, LostRaceError | ContendedError):
                raise
        else:
            return
        if fetch(SubjectKey.ref(INSTALLATION, stands.subject), consistent=True) is None:
            raise TryAgainError
