"""Closes the days of the ledger: reads a day that is over, proves it, and locks the proof away.

For each tenant, the oldest day first:

1. Read all entries of the day, hash each, compute the Merkle root and the link of the chain.
2. Write the proof as an object that is locked for 25 months, unless there is one. *The object comes first*, because it
   alone can't be changed: whoever is killed after it leaves a proof from which the next run goes on, whatever became
   of the entries in between. The other way round, a root would stand without the list that names entries.
3. In one transaction: the root beside the entries, the final counts of the day, and an entry about it.

Each of the two writes happens once: the object is put on the condition that there is none, the root likewise. When
there is an object already, the root is made from that and never from what the entries say by now: history isn't
rewritten, and `verifying` names what differs.

The entry about a closed day stands in the ledger of the installation, on the day on which it is written. So no tenant
gets a new day to close by the closing of another, and the installation gets one entry at least a day: its heartbeat.

A day is found by the due index, where its counts stand until it is closed. Days whose counts never came to be, because
the stream lost them, are found by looking between the last closed day and this one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.day_proof import DayProof, UnreadableProofError
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records._base import CLOSE
from chalicelib.records.due import ended
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_day import LOOK_BACK, LedgerDay
from chalicelib.records.ledger_proof import StoredEntry, anything_on, stored_on
from chalicelib.records.ledger_root import LedgerRoot, Rooted, newest_root, roots_between
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.ports import RootStore

PAGE = 1000
_LATEST = datetime(2999, 1, 1, tzinfo=UTC)
ATTEMPTS = 6
DAY = timedelta(days=1)


@dataclass
class Closed:
    """What a run did."""

    days: int = 0
    entries: int = 0
    found: int = 0  # days that nobody had counted
    missing: int = 0  # entries that were counted, or proven by a run that was killed, and are not so any more
    too_late: int = 0  # days that appeared when the chain had passed them
    unreadable: int = 0  # days whose object is no proof of theirs
    postponed: int = 0  # days that the next run has to close

    @property
    def adds_up(self) -> bool:
        """Whether nothing speaks of somebody who meddled."""
        return not (self.missing or self.too_late or self.unreadable)


class LedgerDoesNotAddUpError(Exception):
    """Raised when entries vanished or changed before their day was closed, or appeared after; the function alarms."""


@dataclass(frozen=True)
class Closing:
    """Closes days."""

    clock: Clock
    roots: RootStore

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Closed:
        """Closes what is over, until nothing is left or `may_go_on` says that time is short."""
        closed, handled, stuck = Closed(), set[tuple[str, date]](), set[str]()
        while may_go_on():
            fresh = [each for each in self._due() if each not in handled]
            for tenant, day in fresh:
                if not may_go_on():
                    break
                handled.add((tenant, day))
                if tenant in stuck or not self._closes(tenant, day, closed):
                    stuck.add(tenant)  # A later day can't be closed before this one.
            if not fresh:
                break
        if not closed.adds_up:
            raise LedgerDoesNotAddUpError(
                f"{closed.missing} missing, {closed.too_late} too late, {closed.unreadable} unreadable"
            )
        return closed

    def _closes(self, tenant: str, day: date, closed: Closed) -> bool:
        """Closes a day and those before it; one tenant's trouble is not the others'."""
        try:
            self._close_up_to(tenant, day, closed)
        except TryAgainError:
            closed.postponed += 1
        except UnreadableProofError:
            closed.unreadable += 1
        else:
            return True
        return False

    def _due(self) -> list[tuple[str, date]]:
        found = ended(CLOSE, until=self.clock(), limit=PAGE)
        return sorted(LedgerDay.of_key(each.pk, each.sk) for each in found)

    def _close_up_to(self, tenant: str, day: date, closed: Closed) -> None:
        last = newest_root(tenant)
        if last is not None and last.day >= day:
            self._settle(tenant, day, closed)
            return
        previous = last.chain if last else None
        for each in _days_between(tenant, last, day):
            if anything_on(tenant, each):
                closed.found += 1
                previous = self._close(tenant, each, previous, closed)
        self._close(tenant, day, previous, closed)

    def _close(self, tenant: str, day: date, previous: str | None, closed: Closed) -> str:
        """Proves one day; the chain up to it."""
        entries = stored_on(tenant, day)
        proof = DayProof.of(tenant, day, [(each.sk, each.leaf) for each in entries], previous=previous)
        if not self.roots.put(tenant, day, proof.encode()):
            held = DayProof.decode(self.roots.get(tenant, day) or b"")
            if not held.holds or (held.tenant, held.day) != (tenant, day):
                raise UnreadableProofError
            closed.missing += len(set(held.entries) ^ set(proof.entries))
            proof = held
        self._note(proof, entries, closed)
        closed.days, closed.entries = closed.days + 1, closed.entries + proof.count
        return proof.chain

    def _note(self, proof: DayProof, entries: list[StoredEntry], closed: Closed) -> None:
        """Root, final counts and entry in one transaction."""
        now = self.clock().replace(microsecond=0)
        for _ in range(ATTEMPTS):
            held = LedgerDay.current(proof.tenant, proof.day)
            counted = held.total
            root, transaction = _root(proof, now), Transaction()
            transaction.create(root)
            transaction.create(_entry(proof, now))
            _finish(transaction, held, entries, now)
            try:
                transaction.commit()
            except LostRaceError as lost:
                if lost.hit(root):  # Another run closed it.
                    return
            else:
                closed.missing += max(0, counted - len(entries))
                return
        raise TryAgainError

    def _settle(self, tenant: str, day: date, closed: Closed) -> None:
        """A day that the chain has passed already: its counts end, whether it was closed or came too late."""
        held = LedgerDay.current(tenant, day)
        if held.closed_at is not None:
            return
        closed.too_late += not roots_between(tenant, day, day)
        transaction = Transaction()
        _finish(transaction, held, stored_on(tenant, day), self.clock().replace(microsecond=0))
        transaction.commit()


def _finish(transaction: Transaction, held: LedgerDay, entries: list[StoredEntry], now: datetime) -> None:
    held.actions, held.processors, held.closed_at = {}, {}, now
    for each in entries:
        held.add(each.action, each.processor)
    (transaction.update if held.version else transaction.create)(held)


def _days_between(tenant: str, last: Rooted | None, day: date) -> Iterator[date]:
    """The days since the last closed one, or since the tenant began, that have no counts perhaps."""
    first = last.day + DAY if last else max(_beginning(tenant, day), day - LOOK_BACK)
    while first < day:
        yield first
        first += DAY


def _beginning(tenant: str, day: date) -> date:
    """The day on which a tenant began, as its id tells (UUIDv7); not after `day`, whatever an id says."""
    began = datetime.fromtimestamp(min(int(tenant[:12], 16) // 1000, int(_LATEST.timestamp())), UTC)
    return min(began.date(), day)


def _root(proof: DayProof, now: datetime) -> LedgerRoot:
    ref = LedgerRoot.ref(proof.tenant, proof.day)
    return LedgerRoot(
        ref.pk,
        ref.sk,
        entries=proof.count,
        root=proof.root,
        previous=proof.previous,
        chain=proof.chain,
        closed_at=now,
    )


def _entry(proof: DayProof, now: datetime) -> LedgerEntry:
    counts = {"entries": proof.count}
    return LedgerEntry.of(INSTALLATION, Action.DAY_CLOSED, at=now, thing=proof.tenant, counts=counts)
