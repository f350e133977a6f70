"""Looking at stored items as they lie there, expired and blocked ones included: for the nightly audit alone.

A sample costs the same however much is stored. It starts at random places of the due index and takes in whole
partitions of what it meets, so that kinds without a running period are looked at, too. Nothing is opened, and what
leaves this module is names of kinds and fields, and counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.records._base import CLOSE, SEND, TENANCY, Record, shards
from chalicelib.records._busy import reading
from chalicelib.records._tables import DueIndex, RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.due import JOBS, endings
from chalicelib.records.reading import Ref, client

Item = Mapping[str, Mapping[str, Any]]

_EMAIL = re.compile(r"[^\s@<>\",;:#]+@[^\s@<>\"',;:#]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[ ()/.-]?[0-9]){7,14}(?!\w)")
_PHONE_IN_KEY = re.compile(r"\+[1-9][0-9]{7,14}(?!\w)")  # instants in keys are written with zeros in front
_KEY_FIELDS = frozenset({"pk", "sk", "due_shard", "lookup_pk", "lookup_sk"})
# Mail servers give a message a number that is spelled like an address.
_MESSAGE_NUMBERS = frozenset({("Notification", "provider_id")})
_MACHINERY = (*endings(RECORDS), TENANCY, CLOSE)  # nothing but time and our own jobs decides when it is dealt with
_KINDS: Mapping[str, type[Record]] = {kind.kind_name(): kind for kind in RECORDS}
_SEALED_NAMES = frozenset(name for kind in RECORDS for name in kind.sealed_fields())


@dataclass
class Sample:
    """What was looked at, and what should not have been there: names of ours only."""

    items: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    too_old: dict[str, int] = field(default_factory=dict)
    in_the_clear: dict[str, int] = field(default_factory=dict)

    def take(self, item: Item, *, ended_before: datetime) -> None:
        """Looks at one item, once."""
        key = item["pk"]["S"], item["sk"]["S"]
        if key in self._seen:
            return
        self._seen.add(key)
        self.items += 1
        if _kept_beyond(item, ended_before):
            _count(self.too_old, _kind_of(item))
        for name in _in_the_clear(item):
            _count(self.in_the_clear, f"{_kind_of(item)}.{name}")


def overdue(*, before: datetime, limit: int) -> int:
    """How many entries of the due index should have been dealt with before then; at most `limit` a shard are counted.

    A hold moves the entry to its own end, so what is held is not among them.
    """
    found = 0
    for action in _MACHINERY:
        for shard in shards(action):
            with reading():
                answer = client().query(**_index(shard, "<=", before, limit), Select="COUNT")
            found += int(answer["Count"])
    return found


def sample(*, now: datetime, far: timedelta, dice: float, each: int, partitions: int, grace: timedelta) -> Sample:
    """A sample of what is stored: `each` items of each shard from two places on, and up to `partitions` whole ones.

    `dice` between 0 and 1 says where in the time until `far` the second place is.
    """
    looked = Sample()
    refs = list(dict.fromkeys(_entries(now, now + far * dice, each)))
    for item in _items(refs):
        looked.take(item, ended_before=now - grace)
    for pk in list(dict.fromkeys(pk for found, _ in refs for pk in (found, _tenant_of(found)) if pk))[:partitions]:
        for item in _partition(pk, each):
            looked.take(item, ended_before=now - grace)
    return looked


def _entries(now: datetime, second: datetime, each: int) -> Iterator[tuple[str, str]]:
    for action in (*_MACHINERY, SEND, *JOBS):
        for shard in shards(action):
            for operator, at in (("<=", now), (">", now), (">=", second)):
                with reading():
                    found = client().query(**_index(shard, operator, at, each))["Items"]
                yield from ((entry["pk"]["S"], entry["sk"]["S"]) for entry in found)


def _index(shard: str, operator: str, at: datetime, limit: int) -> dict[str, Any]:
    return {
        "TableName": Ref(RecordsTable, "", "").table,
        "IndexName": DueIndex.Meta.index_name,
        "KeyConditionExpression": f"due_shard = :shard AND due_at {operator} :at",
        "ExpressionAttributeValues": {":shard": {"S": shard}, ":at": {"N": str(int(at.timestamp()))}},
        "Limit": limit,
    }


def _items(keys: list[tuple[str, str]]) -> Iterator[Item]:
    """The items at these keys; those that DynamoDB is too busy for are left out, since this is a sample."""
    table = Ref(RecordsTable, "", "").table
    for at in range(0, len(keys), 100):
        wanted = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys[at : at + 100]]
        with reading():
            answer = client().batch_get_item(RequestItems={table: {"Keys": wanted}})
        yield from answer["Responses"].get(table, ())


def _partition(pk: str, limit: int) -> Iterator[Item]:
    with reading():
        answer = client().query(
            TableName=Ref(RecordsTable, "", "").table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            Limit=limit,
        )
    yield from answer["Items"]


def _tenant_of(pk: str) -> str:
    """The partition of the business that a partition of a person belongs to."""
    pieces = pk.split("#")
    return "#".join(pieces[:2]) if pieces[0] == "TENANT" and len(pieces) > 2 else ""


def _kept_beyond(item: Item, ended_before: datetime) -> bool:
    ends = [end for end in (_instant(item, "expires_at"), _declared_end(item)) if end is not None]
    held = _instant(item, "held_until")
    return bool(ends) and max(min(ends), held or min(ends)) <= ended_before


def _declared_end(item: Item) -> datetime | None:
    """When it ends by its declaration, whatever its stamp says; None too where nobody can read it."""
    kind = _KINDS.get(_kind_of(item))
    try:
        return None if kind is None else kind.from_raw_data({"zone": {"S": "UTC"}, **item}).expiry()
    except (TypeError, ValueError):
        return None


def _instant(item: Item, name: str) -> datetime | None:
    stored = item.get(name, {}).get("N")
    return None if stored is None else datetime.fromtimestamp(int(stored), UTC)


def _in_the_clear(item: Item) -> Iterator[str]:
    """Fields that no declaration knows, that are declared as sealed, or that look like a way to reach somebody."""
    kind = _KINDS.get(_kind_of(item))
    known = set() if kind is None else {each.attr_name for each in kind.get_attributes().values()}
    for name, value in item.items():
        if (_kind_of(item), name) in _MESSAGE_NUMBERS:
            continue
        if name in _SEALED_NAMES and name not in known:
            yield name
        elif kind is not None and name not in known:
            yield "(undeclared)"
        elif any(_reaches_somebody(text, is_key=name in _KEY_FIELDS) for text in _texts(value)):
            yield name
    if kind is not None and "sealed" in item and "B" not in item["sealed"]:
        yield "sealed"


def _texts(value: Any) -> Iterator[str]:
    """All texts within a value of DynamoDB's."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for form, inner in value.items():
            yield from () if form in {"N", "NS", "B", "BS", "BOOL", "NULL"} else _texts(inner)
    elif isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
        for inner in value:
            yield from _texts(inner)


def _reaches_somebody(text: str, *, is_key: bool) -> bool:
    return bool(_EMAIL.search(text) or (_PHONE_IN_KEY if is_key else _PHONE).search(text))


def _kind_of(item: Item) -> str:
    stored = str(item.get("kind", {}).get("S", ""))
    return stored if stored in _KINDS else "(unknown kind)"


def _count(into: dict[str, int], name: str) -> None:
    into[name] = into.get(name, 0) + 1
