"""Sweeps of kinds that nobody uses yet, and files in memory."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.domain.errors import TryAgainError
from chalicelib.records._base import Record
from chalicelib.records._tables import RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.hold import Holds
from chalicelib.records.reading import client
from chalicelib.records.writing import Transaction
from chalicelib.services.retention.sweeping import Sweeping
from tests.fakes import MemoryFiles
from tests.records.trial_kinds import TRIALS
from tests.stage import Stage

__all__ = ["MemoryFiles", "at_key", "busy", "end_hold", "hold", "put", "sweeping"]


def busy() -> TryAgainError:
    """What a busy service says."""
    return TryAgainError()


def sweeping(on: Stage, files: MemoryFiles | None = None) -> Sweeping:
    """The sweep of everything in the catalogue, and of the trial kinds."""
    held = files or MemoryFiles()
    return Sweeping(on.clock, lambda: held, (*RECORDS, *TRIALS))


def put(*records: Record) -> None:
    """Writes items past any condition. Not by transactions: the fake copies its tables for each."""
    items = [{"PutRequest": {"Item": {**record.serialize(), "version": {"N": "1"}}}} for record in records]
    for at in range(0, len(items), 25):
        client().batch_write_item(RequestItems={RecordsTable.Meta.table_name: items[at : at + 25]})


def hold(tenant: str, person: str, until: datetime) -> Holds:
    """Puts a legal hold on a person: the record of it alone, without marks on anything."""
    ref = Holds.ref(tenant, person)
    held = Holds(ref.pk, ref.sk, holds=[], until=until, marked_until=until)
    transaction = Transaction()
    transaction.create(held)
    transaction.commit()
    return held


def end_hold(held: Holds, at: datetime) -> None:
    """Lets it end at another time."""
    held.until = held.marked_until = at
    transaction = Transaction()
    transaction.mark(held)
    transaction.commit()


def at_key(items: Iterable[dict[str, Any]], pk: str, sk: str) -> dict[str, Any]:
    """The item at a key, out of those of a table."""
    return next(item for item in items if (item["pk"]["S"], item["sk"]["S"]) == (pk, sk))
