"""What of an entry is proven, and a whole day of entries as they lie in the store.

Read raw: an entry that somebody meddled with has to be named, even one that can't be read as an entry any more.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.domain.merkle import leaf_hash
from chalicelib.records._base import part
from chalicelib.records._binding import binding
from chalicelib.records._busy import reading
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, client

# What an entry says. Its expiry, its version and its place in indexes are left out: they follow from this, and a
# changed period changes them. Whether they hide it is another question (see `_is_hidden`).
PROVEN = frozenset(
    {"about", "action", "actor", "at", "counts", "ground", "kind", "network", "pk", "processor", "sk", "thing"}
)


@dataclass(frozen=True)
class StoredEntry:
    """One entry: its sort key, the hash of its leaf, what is counted of it, and whether those who ask are shown it."""

    sk: str
    leaf: str
    action: str
    processor: str | None
    is_hidden: bool


def canonical(item: dict[str, Any]) -> bytes:
    """The bytes of an entry that are hashed: its proven attributes in DynamoDB's JSON, sorted, without blanks."""
    proven = {name: item[name] for name in PROVEN if name in item}
    return json.dumps(proven, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr).encode()


def stored_on(tenant: str, day: date) -> list[StoredEntry]:
    """All entries of a tenant's day in order of their sort key, those past their period included."""
    with reading():
        return [_stored(item) for page in _pages(tenant, day) for item in page["Items"]]


def anything_on(tenant: str, day: date) -> bool:
    """Whether there is an entry."""
    with reading():
        return any(page["Items"] for page in _pages(tenant, day, page_size=1))


def _pages(tenant: str, day: date, *, page_size: int | None = None) -> Iterator[dict[str, Any]]:
    pages: Iterator[dict[str, Any]] = iter(
        client()
        .get_paginator("query")
        .paginate(
            TableName=Ref(LedgerEntry, "", "").table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": LedgerEntry.partition(tenant, day)}},
            ConsistentRead=True,
            PaginationConfig={"PageSize": page_size},
        )
    )
    return pages


def _stored(item: dict[str, Any]) -> StoredEntry:
    leaf = leaf_hash(canonical(item)).hex()
    return StoredEntry(
        item["sk"]["S"], leaf, _text(item, "action") or "unknown", _text(item, "processor"), _is_hidden(item)
    )


def _is_hidden(item: dict[str, Any]) -> bool:
    """Whether stamps keep it from whoever reads the day, or the index from the person that it is about."""
    now, person = int(binding.now().timestamp()), _text(item, "about") or _text(item, "actor")
    over = any(int(item[name]["N"]) <= now for name in ("expires_at", "blocked_since") if "N" in item.get(name, {}))
    stands = (_text(item, "people_pk"), _text(item, "people_sk"))
    if person is None or "N" not in item.get("at", {}):
        return over
    at = datetime.fromtimestamp(int(item["at"]["N"]), UTC)
    return over or stands != LedgerEntry.listed(part(item["pk"]["S"], "TENANT"), person, at, item["sk"]["S"])


def _text(item: dict[str, Any], name: str) -> str | None:
    text = item.get(name, {}).get("S")
    return None if text is None else str(text)
