"""Whoever works for the operator confirms data secrecy before anything else; a new text asks again."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.messages.secrecy_words import SECRECY_VERSION
from chalicelib.records.installation import Secrecy
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True)
class Pledging:
    """Data secrecy."""

    clock: Clock

    def confirmed(self, caller: StaffSession) -> Secrecy | None:
        """What the caller confirmed of the text that holds now."""
        return fetch(Secrecy.ref(caller.staff, SECRECY_VERSION), consistent=True)

    def confirm(self, caller: StaffSession, *, version: str, language: str, network: str) -> None:
        """Notes it with version, language and time; what was confirmed before stays as it was noted then."""
        if version != SECRECY_VERSION:
            raise InvalidInputError("Read the text that holds now, and send its version.", field="version")
        ref, now = Secrecy.ref(caller.staff, version), self._now()
        transaction = Transaction()
        transaction.create(Secrecy(ref.pk, ref.sk, wording=version, language=language, confirmed_at=now))
        transaction.create(
            LedgerEntry.of(
                INSTALLATION, Action.SECRECY_CONFIRMED, at=now, actor=caller.staff, thing=version, network=network
            )
        )
        with suppress(LostRaceError):  # it was confirmed before
            transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)
