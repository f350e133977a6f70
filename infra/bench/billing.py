"""What one call to DynamoDB costs, from the request that was really sent and the items that really lay there.

Where AWS publishes no rule, the dearer reading is taken: a condition check in a transaction costs as a write of its
item; a transaction that is refused costs as if it had been carried out, without the indexes. An index is written after
the transaction, so its writes count once.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from infra.bench.capacity import TRANSACTION, Index, Item, Read, item_size, page_units, read_units, write_units

Key = tuple[str, str, str]
_MOST_KEYS = 100
_PLACEHOLDER = re.compile(r"[#:]\w+")
_SAME_PAGE = ("TableName", "IndexName", "KeyConditionExpression", "ExclusiveStartKey", "ScanIndexForward")


class Units(NamedTuple):
    """Read and write units."""

    reads: float = 0
    writes: float = 0


class Step(NamedTuple):
    """One step of a transaction: a write leaves `new` (None: nothing), a check leaves all as it is."""

    key: Key
    new: Item | None
    writes: bool


class Billing:
    """Prices calls. `ask` carries out a call that is not priced itself."""

    def __init__(self, ask: Callable[[str, dict[str, Any]], Any]) -> None:
        self._ask = ask
        self._indexes = cache(self._described)

    def held_before(self, operation: str, sent: Mapping[str, Any]) -> dict[Key, Item]:
        """The items that a write is about to touch, as they are."""
        if operation == "UpdateItem":
            return self._peek([_key(sent["TableName"], sent["Key"])])
        if operation != "TransactWriteItems":
            return {}
        keys = [step.key for step in steps(sent)]
        found: dict[Key, Item] = {}
        for at in range(0, len(keys), _MOST_KEYS):
            found |= self._peek(keys[at : at + _MOST_KEYS])
        return found

    def units(
        self, operation: str, sent: Mapping[str, Any], held: Mapping[Key, Item], answer: Mapping[str, Any] | None
    ) -> Units:
        """The price. `answer` is None when the call was refused; KeyError for a call that nobody priced yet."""
        if operation == "TransactWriteItems":
            return Units(writes=self._transaction(sent, held, carried_out=answer is not None))
        if operation == "UpdateItem":
            return Units(writes=self._update(sent, held))
        price = {"GetItem": _get, "BatchGetItem": _batch_get, "Query": self._query}[operation]
        return Units(reads=price(sent, answer or {}))

    def _transaction(self, sent: Mapping[str, Any], held: Mapping[Key, Item], *, carried_out: bool) -> float:
        total = 0
        for step in steps(sent):
            old = held.get(step.key)
            total += TRANSACTION * write_units(old, step.new)
            if carried_out and step.writes:
                total += sum(index.write_units(old, step.new) for index in self._indexes(step.key[0]))
        return total

    def _update(self, sent: Mapping[str, Any], held: Mapping[Key, Item]) -> int:
        """The item as it lies there afterwards tells what was written, if anything was."""
        key = _key(sent["TableName"], sent["Key"])
        old, new = held.get(key), self._peek([key]).get(key)
        return write_units(old, new) + sum(index.write_units(old, new) for index in self._indexes(key[0]))

    def _query(self, sent: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
        items = answer["Items"]
        if answer["ScannedCount"] and ("FilterExpression" in sent or "ProjectionExpression" in sent):
            items = self._unfiltered(sent, limit=answer["ScannedCount"])
        return page_units(items, _how(sent))

    def _unfiltered(self, sent: Mapping[str, Any], *, limit: int) -> list[Item]:
        """All that was read for a page of which a filter left less."""
        used = set(_PLACEHOLDER.findall(sent["KeyConditionExpression"]))  # those of the filter may not be sent along
        wanted = {name: sent[name] for name in _SAME_PAGE if name in sent}
        for kind in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
            kept = {name: value for name, value in sent.get(kind, {}).items() if name in used}
            wanted |= {kind: kept} if kept else {}
        items: list[Item] = self._ask("Query", {**wanted, "Limit": limit})["Items"]
        return items

    def _peek(self, keys: list[Key]) -> dict[Key, Item]:
        wanted: dict[str, Any] = {}
        for table, pk, sk in keys:
            wanted.setdefault(table, {"Keys": []})["Keys"].append({"pk": {"S": pk}, "sk": {"S": sk}})
        answer = self._ask("BatchGetItem", {"RequestItems": wanted})
        return {_key(table, item): item for table, items in answer["Responses"].items() for item in items}

    def _described(self, table: str) -> list[Index]:
        described = self._ask("DescribeTable", {"TableName": table})["Table"]
        keys = _names(described["KeySchema"])
        return [
            Index(each["IndexName"], _names(each["KeySchema"]), keys, each["Projection"]["ProjectionType"] == "ALL")
            for each in described.get("GlobalSecondaryIndexes", ())
        ]


def steps(sent: Mapping[str, Any]) -> Iterable[Step]:
    """The steps of a TransactWriteItems request."""
    for wrapped in sent["TransactItems"]:
        ((kind, step),) = wrapped.items()
        new = step["Item"] if kind == "Put" else None
        yield Step(_key(step["TableName"], new or step["Key"]), new, kind != "ConditionCheck")


def _key(table: str, item: Item) -> Key:
    return table, item["pk"]["S"], item["sk"]["S"]


def _names(schema: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in schema)


def _how(sent: Mapping[str, Any]) -> Read:
    return Read.CONSISTENT if sent.get("ConsistentRead") else Read.EVENTUAL


def _get(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    return read_units(item_size(answer.get("Item", {})), _how(sent))


def _batch_get(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Every item is rounded up by itself, and keys under which nothing lies cost too."""
    total = 0.0
    for table, asked in sent["RequestItems"].items():
        found = answer.get("Responses", {}).get(table, [])
        sizes = [item_size(item) for item in found] + [0] * (len(asked["Keys"]) - len(found))
        total += sum(read_units(size, _how(asked)) for size in sizes)
    return total
