"""What the ledger adds to a booking, what counting costs, and what it takes to close a day of ten thousand entries."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as of_day
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.day_proof import DayProof
from chalicelib.domain.ids import new_id
from chalicelib.domain.merkle import leaf_hash
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_proof import canonical
from chalicelib.records.reading import Ref, client
from chalicelib.services.ledger.closing import Closing
from chalicelib.services.ledger.tallying import Tallying, Written
from chalicelib.services.ledger.verifying import Verifying
from infra.bench.capacity import TRANSACTION, write_units
from infra.bench.figures import Figure
from infra.bench.metering import Meter, Trips
from tests.builders import NETWORK, booked, business
from tests.services.ledgers import MemoryRoots
from tests.stage import Stage, stage

ENTRIES = 10_000
BATCH = 100
_AT_ONCE = 25


def run() -> list[Figure]:
    """On a stage of moto."""
    with stage() as on:
        meter = Meter(delay=0)
        with meter.installed():
            return [*_of_a_booking(on), *_of_counting(meter), *_of_a_long_day(on, meter)]


def _of_a_booking(on: Stage) -> Iterator[Figure]:
    """The entry itself in its transaction, and its place in the index of people, which is written after it."""
    of = business(on)
    booked(on, of)
    (item,) = [each for each in _items() if each["action"]["S"] == Action.APPOINTMENT_BOOKED.value]
    yield Figure("booking: write units of its ledger entry", TRANSACTION * write_units(None, item), "WRU")
    yield Figure("booking: write units of the entry in the index of people", write_units(None, item), "WRU")


def _of_counting(meter: Meter) -> Iterator[Figure]:
    """A batch of a hundred entries of one tenant's day, as the stream hands them over."""
    tenant, day, action = "5" * 32, date(2030, 11, 2), Action.SIGNED_IN.value  # not to be closed below
    batch = [Written(tenant=tenant, day=day, action=action, processor=None, number=n + 1) for n in range(BATCH)]
    with meter.metering() as trips:
        Tallying().take(batch)
    yield Figure(f"counting {BATCH} entries of a day: read units", trips.reads(), "RRU")
    yield Figure(f"counting {BATCH} entries of a day: write units", trips.writes(), "WRU")


def _of_a_long_day(on: Stage, meter: Meter) -> Iterator[Figure]:
    """Reading, proving, noting; then verifying."""
    tenant, day = new_id(on.clock.now), on.clock.now.date() + timedelta(days=1)
    _fill(tenant, day)
    action = Action.SIGNED_IN.value
    Tallying().take(
        [Written(tenant=tenant, day=day, action=action, processor=None, number=n + 1) for n in range(ENTRIES)]
    )
    on.clock.now = datetime.combine(day + timedelta(days=1), of_day(2), UTC)
    roots = MemoryRoots()
    done, trips = _metered(meter, lambda: Closing(on.clock, roots).run())
    if (tenant, day) not in roots.held:
        raise AssertionError(f"{done} without the long day")
    name = f"closing a day of {ENTRIES:,} entries"
    yield Figure(f"{name}: read units", trips.reads(), "RRU")
    yield Figure(f"{name}: write units", trips.writes(), "WRU")
    yield Figure(f"{name}: calls", trips.count(), "calls")
    yield Figure(f"{name}: size of the proof", len(roots.held[tenant, day]) / 1e6, "MB")
    yield Figure(f"{name}: computation", _computed(tenant, day), "s")
    verdict, trips = _metered(meter, lambda: Verifying(on.clock, roots).day(tenant, day))
    if not verdict.ok or verdict.entries != ENTRIES:
        raise AssertionError(verdict)
    yield Figure(f"verifying a day of {ENTRIES:,} entries: read units", trips.reads(), "RRU")


def _computed(tenant: str, day: date) -> float:
    """Seconds for leaves, root, chain and the object, without the calls to a database that is none."""
    items = [item for item in _items() if item["pk"]["S"] == LedgerEntry.partition(tenant, day)]
    start = time.perf_counter()
    leaves = [(item["sk"]["S"], leaf_hash(canonical(item)).hex()) for item in items]
    DayProof.of(tenant, day, leaves, previous=None).encode()
    return time.perf_counter() - start


def _metered(meter: Meter, action: Any) -> tuple[Any, Trips]:
    with meter.metering() as trips:
        done = action()
    return done, trips


def _fill(tenant: str, day: date) -> None:
    table, start = Ref(LedgerEntry, "", "").table, datetime.combine(day, of_day(), UTC)
    for first in range(0, ENTRIES, _AT_ONCE):
        times = [start + timedelta(seconds=8 * number) for number in range(first, first + _AT_ONCE)]
        entries = [LedgerEntry.of(tenant, Action.SIGNED_IN, at=at, actor="a" * 32, network=NETWORK) for at in times]
        puts = [{"PutRequest": {"Item": {**entry.serialize(), "version": {"N": "1"}}}} for entry in entries]
        client().batch_write_item(RequestItems={table: puts})


def _items() -> list[dict[str, Any]]:
    pages = client().get_paginator("scan").paginate(TableName=Ref(LedgerEntry, "", "").table)
    return [item for page in pages for item in page["Items"] if item["kind"]["S"] == LedgerEntry.kind_name()]
