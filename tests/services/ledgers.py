"""The ledger in the hands of tests: entries on any day, what the stream would show, and somebody who meddles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, client
from chalicelib.records.writing import Transaction
from chalicelib.services.ledger.closing import Closing
from chalicelib.services.ledger.tallying import Tallying, Written
from chalicelib.services.ledger.verifying import Verifying
from tests.fakes import DrivenClock
from tests.stage import Stage

DAY = date(2026, 11, 2)
NEXT, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)
T1, T2 = "019a42f6d80070008000000000000001", "019a42f6d80070008000000000000002"
PERSON = "a" * 32


@dataclass
class MemoryRoots:
    """Proofs in memory, and how many versions the bucket would hold of each."""

    held: dict[tuple[str, date], bytes] = field(default_factory=dict)
    versions: dict[tuple[str, date], int] = field(default_factory=dict)

    def put(self, tenant: str, day: date, content: bytes) -> bool:
        """Once."""
        if (tenant, day) in self.held:
            return False
        self.held[tenant, day] = content
        self.versions[tenant, day] = 1
        return True

    def get(self, tenant: str, day: date) -> bytes | None:
        """What lies there."""
        return self.held.get((tenant, day))

    def days(self, tenant: str) -> Mapping[date, int]:
        """All of a tenant."""
        return {day: self.versions.get((of, day), 1) for of, day in {*self.held, *self.versions} if of == tenant}


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """An instant of a day."""
    return datetime.combine(day, time(hour, minute), UTC)


def write(
    tenant: str = T1, day: date = DAY, *, count: int = 1, action: Action = Action.SIGNED_IN, **said: Any
) -> list[LedgerEntry]:
    """Entries on a day, a minute apart, from ten o'clock on."""
    said, entries = {"actor": PERSON, "network": "203.0.113.0/24", **said}, []
    for minute in range(count):
        entry = LedgerEntry.of(tenant, action, at=at(day, 10 + minute // 60, minute % 60), **said)
        transaction = Transaction()
        transaction.create(entry)
        transaction.commit()
        entries.append(entry)
    return entries


def stream(*, since: int = 0) -> list[Written]:
    """Everything in the ledger as the stream would show it, numbered in the order of the keys."""
    found = []
    for number, item in enumerate(raw(), since + 1):
        _, tenant, day = item["pk"]["S"].split("#")
        processor = item.get("processor", {}).get("S")
        action = item["action"]["S"]
        found.append(
            Written(tenant=tenant, day=date.fromisoformat(day), action=action, processor=processor, number=number)
        )
    return found


def raw() -> Iterator[dict[str, Any]]:
    """The items of all entries as they lie there, in the order of their keys."""
    items = client().scan(TableName=Ref(LedgerEntry, "", "").table)["Items"]
    entries = [item for item in items if item["kind"]["S"] == "LedgerEntry"]
    yield from sorted(entries, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def meddle(pk: str, sk: str, /, **changes: Any) -> None:
    """Changes attributes of an item behind everybody's back."""
    table = Ref(LedgerEntry, "", "").table
    item = client().get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"]
    client().put_item(TableName=table, Item={**item, **changes})


def remove(pk: str, sk: str) -> None:
    """Deletes an item behind everybody's back."""
    client().delete_item(TableName=Ref(LedgerEntry, "", "").table, Key={"pk": {"S": pk}, "sk": {"S": sk}})


class Book:
    """A ledger with its counts, its closing and its proofs."""

    def __init__(self, on: Stage) -> None:
        self.clock: DrivenClock = on.clock
        self.roots = MemoryRoots()
        self.closing = Closing(on.clock, self.roots)
        self.verifying = Verifying(on.clock, self.roots)
        self.numbers = 0

    def tally(self) -> int:
        """Counts what the stream has."""
        found = stream(since=self.numbers)
        self.numbers += len(found)
        return Tallying().take(found)

    def closed(self, *days: date, tenant: str = T1, count: int = 3) -> "Book":
        """Writes, counts and closes some days of a tenant."""
        for day in days:
            write(tenant, day, count=count)
            Tallying().take([each for each in stream() if each.day == day])
            self.clock.now = at(day + timedelta(days=1), 1)
            self.closing.run()
        return self
