"""The proof of a closed day, beside the entries it proves; the copy that nobody can change lies under object lock."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import LedgerTable
from chalicelib.records.ledger_day import end_of
from chalicelib.records.reading import Ref, client

_HASH = "a hash over hashes: it says nothing about a person"


class LedgerRoot(LedgerTable, discriminator="LedgerRoot"):
    """How many entries a tenant's UTC day had, their Merkle root, and the chain up to this day. Written once."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.ACCOUNTABILITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(25), "ends_at"),),
        then=Then.DELETE,
        because="a month longer than the entries, so that none is ever without its proof",
    )

    entries = internal(NumberAttribute(), why="how many entries a day had")
    root = internal(UnicodeAttribute(), why=_HASH)
    previous = internal(UnicodeAttribute(), why=_HASH)
    chain = internal(UnicodeAttribute(), why=_HASH)
    closed_at = internal(InstantAttribute(), why="when the day was proven")

    @classmethod
    def ref(cls, tenant: str, day: date) -> "Ref[LedgerRoot]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}#ROOTS", day.isoformat())

    @property
    def ends_at(self) -> datetime:
        """The end of the day it proves."""
        return end_of(date.fromisoformat(self.sk))


@dataclass(frozen=True)
class Rooted:
    """A root as it is stored: read raw, so that one somebody meddled with can be compared instead of failing."""

    day: date
    entries: str
    root: str
    previous: str
    chain: str


def newest_root(tenant: str) -> Rooted | None:
    """The root of the last day that was closed."""
    found = _read(tenant, "sk > :first", {":first": "0"}, ScanIndexForward=False, Limit=1)
    return found[0] if found else None


def roots_between(tenant: str, first: date, last: date) -> list[Rooted]:
    """The roots of the days from `first` to `last`, in their order."""
    return _read(tenant, "sk BETWEEN :first AND :last", {":first": first.isoformat(), ":last": last.isoformat()})


def root_before(tenant: str, day: date) -> Rooted | None:
    """The root of the last closed day before `day`."""
    found = _read(tenant, "sk < :day", {":day": day.isoformat()}, ScanIndexForward=False, Limit=1)
    return found[0] if found else None


def _read(tenant: str, days: str, named: dict[str, str], **how: Any) -> list[Rooted]:
    values = {":pk": f"TENANT#{tenant}#ROOTS", **named}
    asked = {
        "TableName": Ref(LedgerRoot, "", "").table,
        "KeyConditionExpression": f"pk = :pk AND {days}",
        "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        "ConsistentRead": True,
        **how,
    }
    items: list[dict[str, Any]] = []
    with reading():
        while True:
            answer = client().query(**asked)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer or "Limit" in how:
                return [rooted for item in items if (rooted := _rooted(item)) is not None]
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _rooted(item: dict[str, Any]) -> Rooted | None:
    """The root; None for what somebody put there that is no day's."""
    try:
        day = date.fromisoformat(item["sk"]["S"])
    except ValueError:
        return None
    return Rooted(day, *(_text(item, name) for name in ("entries", "root", "previous", "chain")))


def _text(item: dict[str, Any], name: str) -> str:
    return str(next(iter(item.get(name, {"": ""}).values())))
