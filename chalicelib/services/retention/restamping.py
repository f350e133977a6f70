"""Stamping anew: after a declared period changed, what is stored gets the expiry that its declaration says now.

1. One read: are the stamps those of today's declarations? Then nothing is to be done, and that is the rule. Else it is
   noted what is wanted now, and whatever was under way for other declarations is forgotten: a deployment that is rolled
   back finds that, too, and begins anew.
2. The table is read in segments, page by page. What has other stamps by now is written, each under the version
   that was read, in one transaction with the progress of the segment. So a run that is killed, or out of time, is gone
   on with by the next one where it stopped, nothing is counted twice, and of two runs at once one leaves the segment to
   the other. What is changed by others meanwhile is read again.
3. When all segments are done, that and an entry in the ledger are written together.
4. While the new code is deployed, the old still runs, and what it writes has old stamps, also behind the back of the
   job. So an hour after the beginning, when the old has ended for certain, everything is looked at once more.

A shorter period holds from then on: what is past it is invisible at once and ends with the next sweep. A longer one
brings nothing back that has expired or was blocked. Nothing is unsealed. The ledger is append-only and what is
transient lives for hours or days: both keep the stamps that they were written with.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records._base import Record
from chalicelib.records._tables import RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.ending import kind_of
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_raw
from chalicelib.records.restamp import SEGMENTS, STAMPING, Raw, StampProgress, fingerprint, page, stamped
from chalicelib.records.writing import LIMIT, LostRaceError, Transaction

PAGE = LIMIT - 2
NOTED = 20  # pages without a change until the progress is noted all the same
ATTEMPTS = 5
OVERLAP = timedelta(hours=1)  # an update of the stack takes minutes, and a function that is running then 14 at most


@dataclass(frozen=True)
class Stamped:
    """What came of one run: items looked at and written by it, and whether all is stamped now."""

    looked_at: int
    written: int
    done: bool


@dataclass(frozen=True)
class Restamping:
    """The job, for records of these kinds."""

    clock: Clock
    kinds: tuple[type[Record], ...] = RECORDS

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Stamped:
        """Goes on until everything is stamped as declared, or `may_go_on` says that time is short."""
        wanted = fingerprint(self.kinds)
        whole = fetch(StampProgress.whole(), consistent=True)
        try:
            whole = self._begun(whole, wanted)
        except TryAgainError:
            return Stamped(0, 0, done=False)
        if whole.is_done:
            return Stamped(0, 0, done=True)
        segments = [self._segment(number, wanted, whole) for number in range(SEGMENTS)]
        for segment in segments:
            segment.go_on(may_go_on)
        done = all(segment.is_done for segment in segments) and self._finish(whole, segments)
        return Stamped(sum(each.looked_at for each in segments), sum(each.written for each in segments), done=done)

    def _begun(self, whole: StampProgress | None, wanted: str) -> StampProgress:
        """What is under way or done; a look at everything is begun when something else is wanted, and once more."""
        now = self.clock().replace(microsecond=0)
        if whole is None or whole.fingerprint != wanted:
            return self._begin(whole, wanted, again_at=now + OVERLAP)
        if whole.is_done and whole.again_at is not None and whole.again_at <= now:
            return self._begin(whole, wanted, again_at=None)
        return whole

    def _begin(self, whole: StampProgress | None, wanted: str, *, again_at: datetime | None) -> StampProgress:
        transaction, ref = Transaction(), StampProgress.whole()
        begun = whole or StampProgress(ref.pk, ref.sk)
        begun.fingerprint, begun.is_done, begun.again_at = wanted, False, again_at
        begun.at = self.clock().replace(microsecond=0)
        (transaction.create if whole is None else transaction.update)(begun)
        for number in range(SEGMENTS):
            transaction.discard(StampProgress.segment(number))
        transaction.commit()
        return begun

    def _segment(self, number: int, wanted: str, whole: StampProgress) -> "_Segment":
        ref = StampProgress.segment(number)
        progress = fetch(ref, consistent=True) or StampProgress(ref.pk, ref.sk, fingerprint=wanted)
        kinds = {kind.kind_name(): kind for kind in self.kinds}
        return _Segment(number, progress, whole, kinds, self.clock, is_done=progress.is_done)

    def _finish(self, whole: StampProgress, segments: "list[_Segment]") -> bool:
        """Notes that all is stamped; False when another run was faster, or the table is busy."""
        total: Counter[str] = Counter()
        transaction, now = Transaction(), self.clock().replace(microsecond=0)
        for segment in segments:
            total.update(segment.progress.counts)
            transaction.delete(segment.progress)
        whole.is_done, whole.at = True, now
        transaction.update(whole)
        transaction.create(LedgerEntry.of(INSTALLATION, Action.RESTAMPED, at=now, counts=dict(sorted(total.items()))))
        try:
            transaction.commit()
        except TryAgainError:
            return False
        return True


@dataclass
class _Segment:
    """One part of the table under way."""

    number: int
    progress: StampProgress
    whole: StampProgress
    kinds: dict[str, type[Record]]
    clock: Clock
    is_done: bool
    looked_at: int = 0
    written: int = 0

    def go_on(self, may_go_on: Callable[[], bool]) -> None:
        """Page by page; gives up when another run is at this segment."""
        cursor, quiet = self.progress.cursor, 0
        while not self.is_done and may_go_on():
            try:
                items, cursor = page(self.number, cursor=cursor, limit=PAGE)
                items = [item for item in items if item["pk"]["S"] != STAMPING]
                self.looked_at += len(items)
                quiet += 1
                if cursor is None or quiet == NOTED or any(self._changed(items)):
                    self._write(items, cursor)
                    quiet = 0
            except TryAgainError:
                return

    def _write(self, items: list[Raw], cursor: Raw | None) -> None:
        """One transaction: the page, and that it is done. What others changed meanwhile is read again."""
        counted = Counter(self.progress.counts)
        for _ in range(ATTEMPTS):
            changed = dict(self._changed(items))
            try:
                self._commit(changed, cursor, counted)
            except LostRaceError as lost:
                if lost.keys & {(self.progress.pk, self.progress.sk), (STAMPING, StampProgress.whole().sk)}:
                    raise
                items = list(fetch_raw(changed).values())
            else:
                self.written += len(changed)
                self.is_done = cursor is None
                return
        raise TryAgainError

    def _commit(self, changed: dict[Ref[Any], Raw], cursor: Raw | None, counted: Counter[str]) -> None:
        transaction = Transaction()
        for ref, item in changed.items():
            transaction.rewrite(ref, item)
        progress = self.progress
        progress.cursor, progress.counts = cursor, counted + Counter(kind_of(ref.pk, ref.sk) for ref in changed)
        progress.at, progress.is_done = self.clock().replace(microsecond=0), cursor is None
        (transaction.create if progress.version is None else transaction.update)(progress)
        transaction.unchanged(self.whole)  # what another run has begun anew, or finished, must not be gone on with
        transaction.commit()

    def _changed(self, items: Iterable[Raw]) -> "Iterable[tuple[Ref[Any], Raw]]":
        for item in items:
            kind = self.kinds.get(item["kind"]["S"])
            anew = item if kind is None else stamped(kind, item)
            if anew != item:
                yield Ref(RecordsTable, item["pk"]["S"], item["sk"]["S"]), anew
