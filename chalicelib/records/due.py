"""Reading the due index: everything that has to happen at a time. The cost grows with what is due only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.records._base import (
    ANONYMISE,
    BLOCK,
    EXPIRY,
    FILES,
    LAPSE,
    OFFER,
    SEND,
    SETTLE,
    SYNC,
    TENANCY,
    Record,
    shards,
)
from chalicelib.records._tables import DueIndex, RecordsTable
from chalicelib.records.reading import Ref, client

__all__ = [
    "ANONYMISE", "BLOCK", "EXPIRY", "FILES", "JOBS", "LAPSE", "OFFER", "SEND", "SETTLE", "SYNC", "TENANCY",
    "Due", "due_between", "ended", "endings",
]  # fmt: skip

JOBS = (LAPSE, OFFER, SETTLE, SYNC)  # what waits there for somebody ends by its period only once it is in no list


@dataclass(frozen=True, slots=True)
class Due:
    """One entry of the index: what has to be done to the record at this key, from when on."""

    pk: str
    sk: str
    at: datetime
    action: str


def due_between(*, until: datetime, limit: int) -> list[Due]:
    """What is to be sent until then, the longest overdue first within each shard."""
    return list(ended(SEND, until=until, limit=limit))


def endings(kinds: Iterable[type[Record]]) -> list[str]:
    """What may have to be done at the end of records of these kinds; plain expiry always may."""
    held = [kind for kind in kinds if kind.has_due_index]
    blocked = {BLOCK for kind in held if kind.handling.blocked}
    return sorted({EXPIRY} | blocked | {kind.ends_by() for kind in held})


def ended(action: str, *, until: datetime, limit: int, page: int = 1000) -> Iterator[Due]:
    """What has to be done by then: at most `limit` entries of each shard, the longest overdue first."""
    # By the client and not by the model: the model would filter by kind, which an index of keys does not hold.
    pages = client().get_paginator("query").paginate
    for shard in shards(action):
        found = pages(
            TableName=Ref(RecordsTable, "", "").table,
            IndexName=DueIndex.Meta.index_name,
            KeyConditionExpression="due_shard = :shard AND due_at <= :until",
            ExpressionAttributeValues={":shard": {"S": shard}, ":until": {"N": str(int(until.timestamp()))}},
            PaginationConfig={"MaxItems": limit, "PageSize": min(limit, page)},
        )
        for each in found:
            for item in each["Items"]:
                at = datetime.fromtimestamp(int(item["due_at"]["N"]), UTC)
                yield Due(item["pk"]["S"], item["sk"]["S"], at, action)
