"""Marks on everything about a person: what a restriction or a legal hold on the person means for each record.

One record says what holds for the person (the anchor); all others carry marks that follow from it. They are written in
batches, each on condition that the anchor is still as it was read. So two who mark at once can't leave a mixture: the
one who is late starts again from what the anchor says now. A run that was killed is completed by any later one, since
only what is not yet as it should be is written. Nothing is opened on the way, so none of it is a use of the data.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from chalicelib.domain.errors import TryAgainError
from chalicelib.records import catalogue as _kinds  # noqa: F401 (kinds are found by the name they are stored under)
from chalicelib.records._base import Record, Standing
from chalicelib.records._busy import reading
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, client, key_of
from chalicelib.records.writing import ContendedError, LostRaceError, Transaction

R = TypeVar("R", bound=Record)
Mark = Callable[[R, Record], bool]

BATCH = 25
_ATTEMPTS = 6
_FIRST_PAUSE_MS = 10


def to_mark(ref: Ref[R]) -> R | None:
    """The record at `ref` in whatever state, to be marked and not to be opened; None when past its period or gone."""
    record = _stored(ref)
    return None if record is None or record.standing() is Standing.EXPIRED else record


def spread(anchor: Ref[R], mark: Mark[R], *, also: Callable[[Record], Iterable[Ref[Any]]] = lambda _: ()) -> R | None:
    """Marks all that lies with the anchor, and the records of `also`. `mark` changes a record and says whether it did.

    The anchor as it was all the while; None when there is none. TryAgainError when others change it all the time; what
    was done so far stays done.
    """
    for _ in range(_ATTEMPTS):
        held = _stored(anchor)
        if held is None or _walk(held, mark, also):
            return held
    raise TryAgainError


def _walk(anchor: R, mark: Mark[R], also: Callable[[Record], Iterable[Ref[Any]]]) -> bool:
    """Whether all was marked while the anchor stayed as it is."""
    beside: dict[tuple[str, str], Ref[Any]] = {}
    for batch in _batches(_all_with(anchor), BATCH):
        beside |= {(ref.pk, ref.sk): ref for record in batch for ref in also(record)}
        if not _mark(anchor, mark, batch):
            return False
    others = (record for record in map(_stored, beside.values()) if record is not None)
    return all(_mark(anchor, mark, batch) for batch in _batches(others, BATCH))


def _mark(anchor: R, mark: Mark[R], records: list[Record]) -> bool:
    """Marks some records in one transaction; False when the anchor has changed."""
    for number in range(_ATTEMPTS):
        todo = [record for record in records if mark(anchor, record)]
        if not todo:
            return True
        transaction = Transaction()
        transaction.unchanged(anchor)
        for record in todo:
            transaction.mark(record)
        try:
            transaction.commit()
        except LostRaceError as lost:
            if lost.hit(anchor):
                return False
        except ContendedError:
            time.sleep(secrets.randbelow(_FIRST_PAUSE_MS << number) / 1000)
        else:
            return True
        # Marks that were not written stand on the copies in hand: only what is read anew tells what is still to do.
        again = (_stored(Ref(type(record), record.pk, record.sk)) for record in todo)
        records = [record for record in again if record is not None]
    raise TryAgainError


def _all_with(anchor: Record) -> Iterator[Record]:
    pages = client().get_paginator("query").paginate
    with reading():
        found = pages(
            TableName=Ref(RecordsTable, "", "").table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": anchor.pk}},
            ConsistentRead=True,
        )
        for page in found:
            yield from (RecordsTable.from_raw_data(raw) for raw in page["Items"] if raw["sk"]["S"] != anchor.sk)


def _stored(ref: Ref[R]) -> R | None:
    with reading():
        raw = client().get_item(TableName=ref.table, Key=key_of(ref.pk, ref.sk), ConsistentRead=True).get("Item")
    return None if raw is None else ref.record.from_raw_data(raw)


def _batches(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while batch := list(islice(records, size)):
        yield batch
