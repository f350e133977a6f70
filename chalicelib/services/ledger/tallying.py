"""Counts what the ledger's stream shows, per tenant, UTC day, kind of action and processor.

The stream delivers at least once: a batch that failed, or whose answer got lost, comes again as a whole or in part.
Every entry is counted once all the same. All entries of one tenant's day have one partition key, so they pass through
the stream in the order in which they were written, with sequence numbers that grow. The day remembers the highest
number that it counted, and is written under its version: what comes again is below it and is passed over, and of two
that count the same batch at once, one loses, reads again and finds everything counted. For this the stream must be
read by one reader a shard (no parallelization factor, which keeps the order of each item only).

One order is not promised: should DynamoDB split a very busy day between two shards, an entry of the slower one could be
passed over. The counts of a running day may lag for such reasons; they are never too high. When the day is closed, it
is counted anew from the entries themselves, and that count is final (see `closing`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from chalicelib.domain.errors import TryAgainError
from chalicelib.records.ledger_day import LedgerDay
from chalicelib.records.writing import LostRaceError, Transaction

ATTEMPTS = 6
ByDay = dict[str, dict[date, int]]


@dataclass(frozen=True, kw_only=True)
class Written:
    """An entry that was just written, as the stream shows it."""

    tenant: str
    day: date
    action: str
    processor: str | None
    number: int  # the sequence number


class Tallying:
    """Counts, and tells what was counted."""

    def take(self, batch: Sequence[Written]) -> int:
        """Counts those entries of a batch that were not counted before; the number of them.

        TryAgainError when some could not be counted: then the batch has to come again.
        """
        counted, failed = 0, False
        for (tenant, day), entries in groupby(sorted(batch, key=_place), key=_day_of):
            try:
                counted += _counted(tenant, day, list(entries))
            except TryAgainError:
                failed = True
        if failed:
            raise TryAgainError
        return counted

    def counts(self, tenant: str, first: date, last: date) -> dict[date, dict[str, int]]:
        """How often each kind of action happened on each day."""
        return {each.day: dict(each.actions) for each in LedgerDay.between(tenant, first, last)}

    def handed_over(self, tenant: str, first: date, last: date) -> ByDay:
        """How often each processor was, or may have been, handed data of one tenant on each day."""
        return _by_processor(LedgerDay.between(tenant, first, last))

    def handed_over_everywhere(self, first: date, last: date) -> ByDay:
        """The same over the whole installation; one Query a day."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return _by_processor(each for day in days for each in LedgerDay.everywhere(day))


def _counted(tenant: str, day: date, entries: Sequence[Written]) -> int:
    for _ in range(ATTEMPTS):
        held = LedgerDay.current(tenant, day)
        seen = int(held.seen or 0)
        fresh = [each for each in entries if each.number > seen]
        if held.closed_at is not None or not fresh:
            return 0
        for each in fresh:
            held.add(each.action, each.processor)
        held.seen = str(fresh[-1].number)
        transaction = Transaction()
        (transaction.update if held.version else transaction.create)(held)
        try:
            transaction.commit()
        except LostRaceError:
            continue
        return len(fresh)
    raise TryAgainError


def _by_processor(days: Iterable[LedgerDay]) -> ByDay:
    found: ByDay = {}
    for each in days:
        for processor, count in each.processors.items():
            of_days = found.setdefault(processor, {})
            of_days[each.day] = of_days.get(each.day, 0) + count
    return found


def _place(entry: Written) -> tuple[str, date, int]:
    return entry.tenant, entry.day, entry.number


def _day_of(entry: Written) -> tuple[str, date]:
    return entry.tenant, entry.day
