"""What a thousand bookings cost in units of AWS, from the first look at free times to the end of what is stored.

Units are counted from the calls that really leave the program, on moto, by the rules that AWS publishes (`capacity`);
how often each thing happens to a booking, and how long a function runs, are assumptions, printed with the rest.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from chalicelib.records._base import Record
from chalicelib.records._tables import TABLES
from chalicelib.records.appointment import Appointment
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import client
from chalicelib.services.ledger.tallying import Tallying, Written
from infra.bench.actions import Practice, practice
from infra.bench.billing import Units
from infra.bench.capacity import item_size
from infra.bench.figures import Figure
from infra.bench.metering import Meter, Trips
from infra.local.paths import ROOT

BOOKINGS = 1000
LOOKS, LISTS = 3.0, 0.2
KNOWN, MOVED, CANCELLED, COLD = 0.5, 0.1, 0.1, 0.02
API_SECONDS, DISPATCH_SECONDS, STREAM_SECONDS = 0.15, 0.6, 0.05
ENTRIES_A_BATCH = 5
QUEUE_CALLS = 3  # a message is sent, received and deleted
_ASSUMED = (
    ("looks at a month of free times, each", LOOKS, "a booking"),
    ("lists that staff look at", LISTS, "a booking"),
    ("by customers who booked before", KNOWN, "of them"),
    ("moved by link", MOVED, "of them"),
    ("cancelled by link", CANCELLED, "of them"),
    ("calls that find no key in memory", COLD, "of them"),
    ("a call of the API takes", API_SECONDS, "s"),
    ("sending a message takes", DISPATCH_SECONDS, "s"),
    ("a batch of a stream takes", STREAM_SECONDS, "s"),
    ("records in a batch of a stream", ENTRIES_A_BATCH, "records"),
)
_YEAR = timedelta(days=400)


def run() -> list[Figure]:
    """In one practice."""
    meter = Meter(delay=0)
    with meter.installed(), practice() as at:
        for name in ("new_data_key", "open_data_key"):
            setattr(at.on.kms, name, meter.watched(f"kms.{name}", getattr(at.on.kms, name)))
        at.slots_of_a_month()  # whatever is made once in a process
        found = list(_figures(_Measured(at, meter)))
    return [*found, *(Figure(f"1,000 bookings, assumed: {what}", value, unit) for what, value, unit in _ASSUMED)]


@dataclass(frozen=True)
class _Measured:
    """What each thing costs, once; measured in the order in which it is asked for."""

    at: Practice
    meter: Meter

    @cached_property
    def look(self) -> Units:
        """At a month of free times."""
        return self._units(self.at.slots_of_a_month)

    @cached_property
    def listed(self) -> Units:
        """A day of an expert, for staff."""
        self.at.list_a_day()
        return self._units(self.at.list_a_day)

    @cached_property
    def booked(self) -> tuple[Units, Units]:
        """By somebody new, and by somebody known; with the form that it takes."""
        known = self.at.somebody()
        self._book(0, known)
        return self._units(lambda: self._book(1, "")), self._units(lambda: self._book(2, known))

    @cached_property
    def changed(self) -> tuple[Units, Units]:
        """Moved, and cancelled."""
        held = [self._book(days, "") for days in (3, 4)]
        return self._units(lambda: self.at.move(held[0])), self._units(lambda: self.at.cancel(held[1]))

    @cached_property
    def sent(self) -> Units:
        """A message, from the queue to the provider."""
        self._book(7, "")
        self.at.on.clock.move(seconds=1)
        self.at.on.services.outbox.wake()
        count = len(self.at.on.queue.bodies)
        return _part(self._units(self.at.on.drain), count)

    @cached_property
    def counted(self) -> Units:
        """An entry of the ledger, in a batch."""
        at, tenant = self.at.on.clock.now, self.at.of.tenant
        action = "customer:appointment:booked"
        number = 10**30  # behind every one that was counted
        batch = [
            Written(tenant=tenant, day=at.date(), action=action, processor=None, number=number + each)
            for each in range(ENTRIES_A_BATCH)
        ]
        return _part(self._units(lambda: Tallying().take(batch)), ENTRIES_A_BATCH)

    @cached_property
    def kept(self) -> tuple[float, float]:
        """Bytes and entries of the ledger that a booking by somebody new leaves."""
        before, entries = self._bytes(), len(_kept(LedgerEntry))
        self._book(8, "")
        return self._bytes() - before, len(_kept(LedgerEntry)) - entries

    @cached_property
    def keys(self) -> float:
        """Calls to KMS where no key is in memory."""
        self.at.forget_keys()
        return self._trips(lambda: self._book(9, "")).count("kms.")

    @cached_property
    def ended(self) -> Units:
        """When the periods are over. Last of all: nothing is left then."""
        many = len(_kept(Appointment))
        self.at.on.clock.now += _YEAR
        return _part(self._units(self.at.on.services.sweeping.run), many)

    def _book(self, days: int, email: str) -> Any:
        return self.at.book(days=days, form=self.at.booking_form(), email=email)

    def _trips(self, action: Any) -> Trips:
        with self.meter.metering() as trips:
            action()
        return trips

    def _units(self, action: Any) -> Units:
        trips = self._trips(action)
        return Units(trips.reads(), trips.writes())

    @staticmethod
    def _bytes() -> int:
        return sum(item_size(item) for table in TABLES for item in _items(table))


def _figures(one: _Measured) -> Iterator[Figure]:
    (new, known), (moved, cancelled) = one.booked, one.changed
    messages, (stored, entries) = 2 + MOVED + CANCELLED, one.kept
    calls = LOOKS + 2 + MOVED + CANCELLED + LISTS
    written = entries + messages + MOVED + CANCELLED + LISTS
    parts = [
        (LOOKS, one.look),
        (1 - KNOWN, new),
        (KNOWN, known),
        (MOVED, moved),
        (CANCELLED, cancelled),
        (LISTS, one.listed),
        (messages, one.sent),
        (written, one.counted),
    ]
    keys = COLD * (calls + messages) * one.keys
    parts.append((1, one.ended))
    yield _figure("read units", sum(often * units.reads for often, units in parts), "RRU")
    yield _figure("write units", sum(often * units.writes for often, units in parts), "WRU")
    yield _figure("calls of the API", calls, "calls")
    batches = (messages + written) / ENTRIES_A_BATCH
    yield _figure("runs of functions", calls + messages + batches, "runs")
    yield _figure("memory and time of functions", gigabyte_seconds(calls, messages, batches), "GB-s")
    yield _figure("calls of the queue", messages * QUEUE_CALLS, "calls")
    yield _figure("mails", messages, "mails")
    yield _figure("calls of KMS", keys, "calls")
    yield _figure("stored at once, by somebody new", stored / 1e6, "MB")


def gigabyte_seconds(calls: float, messages: float, batches: float) -> float:
    """With the memory that the functions are given."""
    given = json.loads((ROOT / ".chalice" / "config.json").read_text())["lambda_functions"]
    size: dict[str, float] = {name: settings["lambda_memory_size"] / 1024 for name, settings in given.items()}
    stream = (size["relay"] + size["tally"]) / 2
    run = (calls * API_SECONDS * size["api_handler"], messages * DISPATCH_SECONDS * size["dispatch"])
    return sum(run) + batches * STREAM_SECONDS * stream


def _figure(name: str, each: float, unit: str) -> Figure:
    return Figure(f"1,000 bookings: {name}", each * BOOKINGS, unit)


def _part(units: Units, count: int) -> Units:
    return Units(units.reads / count, units.writes / count)


def _kept(kind: type[Record]) -> list[dict[str, Any]]:
    """All of a kind."""
    return [item for item in _items(kind) if item["kind"]["S"] == kind.kind_name()]


def _items(table: type[Record]) -> list[dict[str, Any]]:
    """All of a table."""
    pages = client().get_paginator("scan").paginate(TableName=table.Meta.table_name)
    return [item for page in pages for item in page["Items"]]
