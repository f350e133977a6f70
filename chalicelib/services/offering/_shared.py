"""What every part of the offer does: changes under a version, entries in the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, NotFoundError, VersionMismatchError
from chalicelib.records._base import Record
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.ports import PublicHolidays, Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

R = TypeVar("R", bound=Record)
S = TypeVar("S")


@dataclass(frozen=True)
class Part:
    """What the parts of the offer have in common."""

    vault: Vault
    clock: Clock
    holidays: PublicHolidays

    @property
    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)

    def _create(
        self, caller: StaffSession, kind: type[R], make: Callable[[Transaction], R], repeat: Repeatable | None
    ) -> R:
        """The record that `make` gives and adds with all that goes along, or the one of the same request before."""
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            return there(fetch(Ref(kind, earlier.pk, earlier.sk), consistent=True))
        transaction = Transaction()
        record = make(transaction)
        if repeat:
            repeat.remember(transaction, record, at=self._now)
        try:
            transaction.commit()
        except LostRaceError:
            return self._create(caller, kind, make, repeat)
        return record

    def _looked(
        self, caller: StaffSession, action: Action, look: Callable[[], S], *, network: str, about: str | None = None
    ) -> S:
        """What a look brings; the entry about it is written beside it."""
        noted = Transaction()
        noted.create(
            LedgerEntry.of(caller.tenant, action, at=self._now, actor=caller.staff, about=about, network=network)
        )
        found, _ = side_by_side(look, noted.commit)
        return found


def change(
    record: Record, entry: LedgerEntry, *, while_there: Staff | None = None, needing: Record | None = None
) -> None:
    """Writes the record as it was read, or nothing: VersionMismatchError when somebody else was faster.

    What it is `needing` is written anew, so that whoever takes that away at the same time has to look again.
    """
    transaction = Transaction()
    if needing is not None:
        transaction.update(needing)
    if while_there is not None:  # who is about to leave gets no hours any more
        transaction.require(while_there)
    (transaction.update if record.version else transaction.create)(record)
    transaction.create(entry)
    try:
        transaction.commit()
    except LostRaceError:
        raise VersionMismatchError("Read it again and repeat the change.", field="If-Match") from None


def check_version(held: Record | None, wanted: int | None) -> None:
    """VersionMismatchError unless the change was made on what there is now; what was never set has version 0."""
    if wanted is not None and wanted != int((held.version if held else 0) or 0):
        raise VersionMismatchError("Read it again and repeat the change.", field="If-Match")


def check_room(transaction: Transaction, tenant: str, held: Sequence[Record], *, most: int) -> None:
    """ConflictError when there are as many as there may be; who makes one at the same time has to count anew."""
    if len(held) >= most:
        raise ConflictError(f"There are {most}, those that are archived among them: bring one of these back instead.")
    team = fetch(Team.ref(tenant), consistent=True)
    if team is not None:
        transaction.update(team)


def there(record: R | None) -> R:
    """The record; NotFoundError if there is none."""
    if record is None:
        raise NotFoundError("There is no such record.")
    return record


def entry_of(caller: StaffSession, action: Action, thing: str, *, at: datetime, network: str) -> LedgerEntry:
    """What the ledger says of a change by staff."""
    return LedgerEntry.of(caller.tenant, action, at=at, actor=caller.staff, thing=thing, network=network)
