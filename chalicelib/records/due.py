"""Reading the due index: everything that has to happen at a time. The cost grows with what is due only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.records._base import EXPIRY, SEND, shards
from chalicelib.records._tables import DueIndex, RecordsTable
from chalicelib.records.reading import Ref, client


@dataclass(frozen=True)
class Due:
    """One entry of the index."""

    pk: str
    sk: str
    at: datetime


def due_between(*, until: datetime, limit: int) -> list[Due]:
    """What is to be sent until then, the longest overdue first within each shard."""
    return list(_read(SEND, until, limit))


def expired(*, until: datetime, limit: int) -> Iterator[Due]:
    """What has reached the end of its period by then."""
    return _read(EXPIRY, until, limit)


def _read(action: str, until: datetime, limit: int) -> Iterator[Due]:
    # By the client and not by the model: the model would filter by kind, which an index of keys does not hold.
    pages = client().get_paginator("query").paginate
    for shard in shards(action):
        found = pages(
            TableName=Ref(RecordsTable, "", "").table,
            IndexName=DueIndex.Meta.index_name,
            KeyConditionExpression="due_shard = :shard AND due_at <= :until",
            ExpressionAttributeValues={":shard": {"S": shard}, ":until": {"N": str(int(until.timestamp()))}},
            PaginationConfig={"MaxItems": limit, "PageSize": min(limit, 1000)},
        )
        for page in found:
            for item in page["Items"]:
                yield Due(item["pk"]["S"], item["sk"]["S"], datetime.fromtimestamp(int(item["due_at"]["N"]), UTC))
