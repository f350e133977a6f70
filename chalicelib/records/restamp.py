"""Stamps: what follows from the declaration and stands on every item, and how it is made anew without unsealing.

What was written under an older declaration keeps its old stamps until they are made anew. A shorter period then holds
at once; a longer one never brings back what has expired or was blocked.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._base import EXPIRY, SEND, TTL_GRACE, Record, shard
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.due import JOBS
from chalicelib.records.reading import Ref, client

SEGMENTS = 4
STAMPING = "STAMPING"
STAMPS = ("expires_at", "blocked_since", "ttl", "due_shard", "due_at", "lookup_pk", "lookup_sk")
_PROGRESS = "how far the stamps of what is stored have been made anew"
_RULES = 2  # to be raised when stamps are computed in another way from the same declaration
Raw = dict[str, Any]


class StampProgress(RecordsTable, discriminator="StampProgress"):
    """How far the stamping anew has come: one record for all, and one a segment of the table while it lasts.

    It is kept for a year; then everything stored is looked at once more, changed declarations or not.
    """

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.OPERATION,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(12), "at"),),
        then=Then.DELETE,
    )

    fingerprint = internal(UnicodeAttribute(), why="of all declared periods that the stamps were made from")
    cursor = internal(JSONAttribute(null=True), why=_PROGRESS)
    counts = internal(JSONAttribute(default=dict), why=_PROGRESS)
    is_done = internal(BooleanAttribute(default=False), why=_PROGRESS)
    again_at = internal(InstantAttribute(null=True), why="from when everything stored is looked at once more")
    at = internal(InstantAttribute(), why="when it was noted")

    @classmethod
    def whole(cls) -> "Ref[StampProgress]":
        """Where it stands which declarations everything stored is stamped by."""
        return Ref(cls, STAMPING, "WHOLE")

    @classmethod
    def segment(cls, number: int) -> "Ref[StampProgress]":
        """Where the progress in one segment stands."""
        return Ref(cls, STAMPING, f"SEGMENT#{number}")


def fingerprint(kinds: Iterable[type[Record]]) -> str:
    """The same for the same periods, and another as soon as one of them changes."""
    said = sorted(json.dumps([kind.kind_name(), *_periods(kind)]) for kind in kinds if kind.has_due_index)
    return sha256(json.dumps([_RULES, *said]).encode()).hexdigest()[:32]


def _periods(kind: type[Record]) -> list[Any]:
    handling = kind.handling
    keeps = [*handling.keep, *([handling.blocked] if handling.blocked else [])]
    told = [[asdict(keep.period), keep.since, keep.counted.name] for keep in keeps]
    return [told, handling.then.name, kind.ends_by(), list(kind.financial_year_ends)]


def stamped(kind: type[Record], raw: Raw) -> Raw:
    """The item with the stamps that its declaration gives it now. What is over stays over (see `Record.stamp`)."""
    anew = kind.from_raw_data(dict(raw)).serialize(null_check=False)
    rest = {name: value for name, value in raw.items() if name not in STAMPS}
    return rest | {name: anew[name] for name in STAMPS if name in anew}


def put_off(raw: Raw, until: datetime) -> Raw:
    """The item under a legal hold: what was due is due when the hold ends, and it stands in no list until then."""
    rest = {name: value for name, value in raw.items() if not name.startswith("lookup_")}
    at, ttl = ({"N": str(int(end.timestamp()))} for end in (until, until + TTL_GRACE))
    # What was never sent, or done, is not tried again then: it has only its end left to wait for.
    waits = raw.get("due_shard", {}).get("S", "").startswith((SEND, *JOBS))
    shards = {"due_shard": {"S": shard(EXPIRY, raw["pk"]["S"])}} if waits else {}
    return rest | shards | {"held_until": at, "due_at": at, "ttl": ttl}


def instant(raw: Mapping[str, Any], name: str) -> datetime | None:
    """An instant as it lies in an item."""
    return datetime.fromtimestamp(int(raw[name]["N"]), UTC) if name in raw else None


def page(segment: int, *, cursor: Raw | None, limit: int) -> tuple[list[Raw], Raw | None]:
    """Some items of one segment of the table, as they lie there, and where to go on; None at its end.

    The one Scan of the program: whoever changes a declaration pays for what is stored, once.
    """
    asked = {"ExclusiveStartKey": cursor} if cursor else {}
    with reading():
        answer = client().scan(
            TableName=RecordsTable.Meta.table_name,
            Segment=segment,
            TotalSegments=SEGMENTS,
            Limit=limit,
            ConsistentRead=True,
            **asked,
        )
    return answer["Items"], answer.get("LastEvaluatedKey")
