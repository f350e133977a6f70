"""The sweep: removes what is past its period, and leaves a proof.

1. Read the due index up to now. Its cost grows with what is due, never with what is stored.
2. Plan: one batch per tenant and at most 40 records, as a list of frozen steps that can be printed.
3. Carry out each batch in one transaction: the deletions, each conditional on the record still being expired, the
   destruction of the keys of people who end with it, and the proof in the ledger. So there is no deletion without a
   proof, and a sweep that is killed leaves whole batches behind; the next one goes on with the rest.

What was extended meanwhile, or removed by another sweep, fails its condition and is left out; the rest of its batch
is tried again. So every deletion is counted in one proof, by the sweep that made it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.due import Due, due_between, expired
from chalicelib.records.ending import ends_with, kind_of
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction

BATCH = 40
PAGE = 1000
# What should have been sent and never was stands in the index under its sending, not under its expiry. Nothing waits to
# be sent for a week, and no message is kept for less: so whatever is that late may have expired, too.
UNSENT = timedelta(days=7)


@dataclass(frozen=True)
class Batch:
    """What one transaction removes: records of one tenant."""

    tenant: str
    due: tuple[Due, ...]


@dataclass
class Counts:
    """Records in, removed, no longer there to remove (extended meanwhile, or gone), and left for the next sweep."""

    due: int = 0
    removed: int = 0
    revived: int = 0
    postponed: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether everything that went in is accounted for."""
        return self.due == self.removed + self.revived + self.postponed


class SweepDoesNotAddUpError(Exception):
    """Raised when a sweep can't account for every record it was to remove; the function fails and alarms."""


@dataclass(frozen=True)
class Sweeping:
    """The sweep."""

    clock: Clock

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Counts:
        """Removes what is due, until nothing is left or `may_go_on` says that time is short."""
        counts = Counts()
        while may_go_on():
            batches = self.plan(limit=PAGE)
            before = counts.removed
            for batch in batches:
                if not may_go_on():
                    break
                self._carry_out(batch, counts)
            if counts.removed == before:
                break
        if not counts.adds_up:
            raise SweepDoesNotAddUpError(f"{counts.due} due, {counts.removed} removed")
        return counts

    def plan(self, *, limit: int = PAGE) -> list[Batch]:
        """What would be removed now, without removing it."""
        now = self.clock()
        unsent = due_between(until=now - UNSENT, limit=limit)
        found = sorted([*expired(until=now, limit=limit), *unsent], key=_tenant)
        return [
            Batch(tenant, chunk)
            for tenant, of_tenant in groupby(found, key=_tenant)
            for chunk in _chunks(of_tenant, BATCH)
        ]

    def _carry_out(self, batch: Batch, counts: Counts) -> None:
        left, counts.due = list(batch.due), counts.due + len(batch.due)
        while left:
            try:
                self._remove(batch.tenant, left)
            except LostRaceError as lost:
                revived = [each for each in left if (each.pk, each.sk) in lost.keys]
                counts.revived += len(revived)
                left = [each for each in left if each not in revived] if revived else []
            except TryAgainError:
                counts.postponed += len(left)
                return
            else:
                _count(counts, left)
                return

    def _remove(self, tenant: str, due: Sequence[Due]) -> None:
        transaction, now = Transaction(), self.clock().replace(microsecond=0)
        for each in due:
            transaction.delete_expired(Ref(Tenant, each.pk, each.sk))
            for ref in ends_with(each.pk, each.sk):
                transaction.discard(ref)
        counts = {kind: sum(1 for _ in same) for kind, same in groupby(sorted(kind_of(d.pk, d.sk) for d in due))}
        transaction.create(_proof(tenant, counts, now))
        transaction.commit()


def _proof(tenant: str, counts: dict[str, int], at: datetime) -> LedgerEntry:
    return LedgerEntry.of(tenant, Action.SWEPT, at=at, counts=counts)


def _count(counts: Counts, removed: Sequence[Due]) -> None:
    counts.removed += len(removed)
    for each in removed:
        kind = kind_of(each.pk, each.sk)
        counts.kinds[kind] = counts.kinds.get(kind, 0) + 1


def _tenant(due: Due) -> str:
    pieces = due.pk.split("#")
    return pieces[1] if pieces[0] == "TENANT" else INSTALLATION


def _chunks(due: Iterable[Due], size: int) -> Iterator[tuple[Due, ...]]:
    source = iter(due)
    while chunk := tuple(islice(source, size)):
        yield chunk
