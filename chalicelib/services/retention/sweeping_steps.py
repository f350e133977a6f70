"""Carries out the steps of a sweep, each in one transaction with its proof, and accounts for every record.

*Removed*: each deletion is conditional on the record being past its period, and on nobody holding the person; the key
of who ends with it is destroyed with it. *Anonymised*: removed, and put down without the person under a key that
leads nowhere. *Blocked*: stamped anew, so that it stands in no list. *Unsent*: taken out of the outbox that it never
left. What waits for a job that should have dealt with it goes, or is blocked, at its end like anything else; until then
it is the job's. Files go before the record that they belong to: should the sweep be killed in between, the next one
finds the record and asks for their deletion once more.

Whose person is *held* is put off to the end of the hold, and not looked at again until then; a business whose people
are not all at their end yet, from day to day. What was extended or
removed meanwhile (*revived*) is left out, and what met a busy table is *postponed* to the next sweep.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import TryAgainError
from chalicelib.records._base import Record, part
from chalicelib.records._tables import RecordsTable
from chalicelib.records.due import ANONYMISE, BLOCK, EXPIRY, FILES, JOBS, SEND, Due
from chalicelib.records.ending import HOLDS, anonymised, ends_with, files_of, is_of_a_person, kind_of, others_with_keys
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch_raw
from chalicelib.records.restamp import Raw, instant, put_off, stamped
from chalicelib.records.writing import LIMIT, LostRaceError, Transaction
from chalicelib.services.ports import Files
from chalicelib.services.retention.sweeping_plan import TENANT, Step, chunks

Items = Mapping[tuple[str, str], Raw]
_DONE = {
    EXPIRY: ("removed", Action.SWEPT),
    FILES: ("removed", Action.SWEPT),
    ANONYMISE: ("anonymised", Action.ANONYMISED),
    BLOCK: ("blocked", Action.BLOCKED),
    SEND: ("unsent", Action.NOT_SENT_IN_TIME),
}
LATER = timedelta(days=1)
_HELD_AT_ONCE = LIMIT - 2  # beside the look at the hold, and the entry in the ledger
_ENDINGS = {EXPIRY, FILES, ANONYMISE}
_OUT = {outcome for outcome, _ in _DONE.values()}


@dataclass
class Counts:
    """Records in, and what became of them."""

    due: int = 0
    removed: int = 0
    anonymised: int = 0
    blocked: int = 0
    unsent: int = 0
    held: int = 0
    revived: int = 0
    postponed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def settled(self) -> int:
        """Those that no longer stand in the index, or later."""
        return self.removed + self.anonymised + self.blocked + self.unsent + self.held

    @property
    def adds_up(self) -> bool:
        """Whether everything that went in is accounted for."""
        return self.due == self.settled + self.revived + self.postponed


@dataclass(frozen=True)
class Steps:
    """What carries steps out; `kinds` by the name they are stored under."""

    clock: Clock
    files: Callable[[], Files]
    kinds: Mapping[str, type[Record]]
    counts: Counts
    failures: list[Exception] = field(default_factory=list)

    def carry_out(self, step: Step) -> None:
        """Does what the step says to those records that it still holds for, and counts each of them once.

        What fails is postponed; a failure that is no mere delay is kept among `failures`.
        """
        self.counts.due += len(step.due)
        running = _Running(self, step.tenant, list(step.due))
        try:
            running.go(step.action)
        except TryAgainError:
            running.note("postponed", running.left)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with some, the others end)
            self.failures.append(error)
            running.note("postponed", running.left)


@dataclass
class _Running:
    """One step under way: `left` are the records that nothing became of yet."""

    steps: Steps
    tenant: str
    left: list[Due]

    def go(self, action: str) -> None:
        """All of it; TryAgainError leaves the rest in `left`."""
        if action == EXPIRY:
            self._keep_who_is_needed()
            self._end(EXPIRY, self.left, {})
            return
        items = fetch_raw([*map(_ref, self.left), *(_holds(pk) for pk in _people(self.left))])
        self.note("revived", [each for each in self.left if not _stands(items.get((each.pk, each.sk)), each)])
        over = [each for each in self.left if self._is_over(items[each.pk, each.sk], "expires_at")]
        running = [each for each in self.left if each not in over]
        if action in JOBS:
            self.note(
                "revived", [each for each in running if not self._is_over(items[each.pk, each.sk], "blocked_since")]
            )
            self._stamp(BLOCK, [each for each in running if each in self.left], items)
        elif action in {BLOCK, SEND}:
            self._stamp(action, running, items)
        self._end_with_files(over, items)

    def note(self, outcome: str, these: Iterable[Due]) -> None:
        """Counts what became of some of those that are left."""
        noted = set(these)
        counts = self.steps.counts
        setattr(counts, outcome, getattr(counts, outcome) + len(noted))
        if outcome in _OUT:
            counts.kinds.update(kind_of(each.pk, each.sk) for each in noted)
        self.left = [each for each in self.left if each not in noted]

    def _stamp(self, action: str, due: list[Due], items: Items) -> None:
        anew = {each: self._stamped(items[each.pk, each.sk]) for each in due}
        self.note("postponed", [each for each, item in anew.items() if item is None])
        self.note("revived", [each for each, item in anew.items() if item == items[each.pk, each.sk]])

        def write(transaction: Transaction, each: Due) -> None:
            item = anew[each]
            if item is not None:
                transaction.rewrite(_ref(each), item)

        self._settle(action, [each for each in due if each in self.left], write)

    def _stamped(self, item: Raw) -> Raw | None:
        kind = self.steps.kinds.get(item["kind"]["S"])
        try:
            return None if kind is None else stamped(kind, item)
        except (TypeError, ValueError) as unreadable:
            self.steps.failures.append(unreadable)
            return None

    def _end_with_files(self, due: list[Due], items: Items) -> None:
        """Ends records that were looked at: each as its own kind is ended, its files first."""
        for pk in _people(due):
            if (pk, HOLDS) in items and not self._is_over(items[pk, HOLDS], "held_until"):
                theirs = [each for each in due if each.pk == pk]
                for at in range(0, len(theirs), _HELD_AT_ONCE):
                    self._put_off(pk, theirs[at : at + _HELD_AT_ONCE])
        unknown = [each for each in due if items[each.pk, each.sk]["kind"]["S"] not in self.steps.kinds]
        self.note("postponed", [each for each in unknown if each in self.left])
        for action in (EXPIRY, FILES, ANONYMISE):
            these = [e for e in due if e in self.left and self._kind(items[e.pk, e.sk]).ends_by() == action]
            for chunk in chunks(action, these):
                for each in chunk:
                    if self._kind(items[each.pk, each.sk]).has_files:
                        self.steps.files().delete_all(prefix=files_of(each.pk, each.sk))
                self._end(action, list(chunk), items)

    def _keep_who_is_needed(self) -> None:
        """A business whose people still have keys ends a day later, and so on: with its own key theirs would end."""
        for each in [each for each in self.left if each.sk == TENANT]:
            ending = {part(other.pk, "SUBJECT") for other in self.left if ends_with(other.pk, other.sk)}
            if others_with_keys(self.tenant, than={self.tenant, *ending}):
                item = fetch_raw([_ref(each)]).get((each.pk, each.sk))
                if _stands(item, each) and item is not None:
                    self._commit_put_off([each], {(each.pk, each.sk): item}, self._now() + LATER)

    def _end(self, action: str, due: list[Due], items: Items) -> None:
        def write(transaction: Transaction, each: Due) -> None:
            transaction.delete_expired(_ref(each))
            for ref in ends_with(each.pk, each.sk):
                transaction.discard(ref)
            if action == ANONYMISE:
                item = items[each.pk, each.sk]
                transaction.place(*anonymised(self._kind(item), item))

        self._settle(action, due, write)

    def _settle(self, action: str, due: list[Due], write: Callable[[Transaction, Due], None]) -> None:
        """Commits what `write` says of each record, with the proof; leaves out what can't be, and tries the rest."""
        outcome, proof = _DONE[action]
        while due:
            transaction = Transaction()
            for pk in _people(due) if action in _ENDINGS else ():
                if not any(each.pk == pk and each.sk == HOLDS for each in due):
                    transaction.require_unheld(_holds(pk))
            for each in due:
                write(transaction, each)
            transaction.create(self._entry(proof, due))
            try:
                transaction.commit()
            except LostRaceError as lost:
                due = self._without(due, lost)
            else:
                self.note(outcome, due)
                return

    def _without(self, due: list[Due], lost: LostRaceError) -> list[Due]:
        """What is left to try after some of it turned out to be gone, changed or held."""
        changed = [each for each in due if (each.pk, each.sk) in lost.keys]
        self.note("revived", changed)
        held = {pk for pk, sk in lost.keys if sk == HOLDS} - {each.pk for each in changed if each.sk == HOLDS}
        for pk in held:
            self._put_off(pk, [each for each in due if each.pk == pk and each not in changed])
        if not changed and not held:
            raise TryAgainError
        return [each for each in due if each in self.left]

    def _put_off(self, pk: str, due: list[Due]) -> None:
        """Has what is due of a held person come back when the hold ends."""
        items = fetch_raw([_holds(pk), *map(_ref, due)])
        self.note("revived", [each for each in due if not _stands(items.get((each.pk, each.sk)), each)])
        theirs = [each for each in due if each in self.left]
        until = instant(items.get((pk, HOLDS), {}), "held_until")
        if until is None or until <= self._now():  # it ended, or was moved, this very moment
            self.note("postponed", theirs)
            return
        if not theirs:
            return
        self._commit_put_off(theirs, items, until, hold=items[pk, HOLDS])

    def _commit_put_off(self, due: list[Due], items: Items, until: datetime, *, hold: Raw | None = None) -> None:
        transaction = Transaction()
        if hold is not None:
            transaction.require_held(_holds(hold["pk"]["S"]), hold["held_until"]["N"])
        for each in due:
            transaction.rewrite(_ref(each), put_off(items[each.pk, each.sk], until))
        transaction.create(self._entry(Action.HELD_BACK, due))
        transaction.commit()
        self.note("held", due)

    def _entry(self, action: Action, due: Iterable[Due]) -> LedgerEntry:
        counts = dict(sorted(Counter(kind_of(each.pk, each.sk) for each in due).items()))
        return LedgerEntry.of(self.tenant, action, at=self._now(), counts=counts)

    def _kind(self, item: Raw) -> type[Record]:
        return self.steps.kinds[item["kind"]["S"]]

    def _is_over(self, item: Raw, name: str) -> bool:
        at = instant(item, name)
        return at is not None and at <= self._now()

    def _now(self) -> datetime:
        return self.steps.clock().replace(microsecond=0)


def _ref(each: Due) -> Ref[Any]:
    return Ref(RecordsTable, each.pk, each.sk)


def _holds(pk: str) -> Ref[Any]:
    return Ref(RecordsTable, pk, HOLDS)


def _people(due: Iterable[Due]) -> list[str]:
    """The keys of those people that the records are about."""
    return list(dict.fromkeys(each.pk for each in due if is_of_a_person(each.pk)))


def _stands(item: Raw | None, each: Due) -> bool:
    """Whether the item still is what the index said: the index follows a moment later."""
    return item is not None and instant(item, "due_at") == each.at
