"""What a sweep of a thousand due records costs among ten thousand stored ones, and among a hundred thousand."""

from datetime import timedelta

from chalicelib.records.reading import client
from chalicelib.services.sweeping import Sweeping
from infra.bench.emulated import point_tables_at
from infra.bench.figures import Figure
from infra.bench.metering import Meter, Trips
from infra.bench.stored import Store, make_tables
from infra.local.cloud import LocalCloud
from tests.fakes import DrivenClock

DUE = 1_000
STORED = (10_000, 100_000)


def run() -> list[Figure]:
    """The same table, first small, then large."""
    cloud = LocalCloud().start(deployed=False)
    try:
        point_tables_at(cloud, connections=10)
        small, large = _sweeps()
    finally:
        cloud.stop()
    apart = abs(large.reads() / small.reads() - 1) * 100
    return [
        Figure("sweep of 1,000 due: difference of read units, 100,000 to 10,000 stored", apart, "%", 5),
        *_figures("sweep of 1,000 due among 10,000", small),
        *_figures("sweep of 1,000 due among 100,000", large),
    ]


def _sweeps() -> list[Trips]:
    clock = DrivenClock()
    make_tables(clock)
    store, meter = Store(client(), clock.now), Meter(delay=0)
    past, future = clock.now - timedelta(minutes=5), clock.now + timedelta(days=100)
    found, kept = [], 0
    with meter.installed():
        for stored in STORED:
            # The same thousand each time: other keys would fall otherwise among the shards, and be rounded otherwise.
            store.add(stored - DUE - kept, expires=future, seed=stored)
            store.add(DUE, expires=past, seed=DUE)
            kept = stored - DUE
            with meter.metering() as trips:
                counts = Sweeping(clock).run()
            if (counts.due, counts.removed) != (DUE, DUE):
                raise AssertionError(f"{counts.due} due, {counts.removed} removed")
            found.append(trips)
    return found


def _figures(name: str, trips: Trips) -> list[Figure]:
    return [
        Figure(f"{name}: read units", trips.reads(), "RRU"),
        Figure(f"{name}: write units", trips.writes(), "WRU"),
        Figure(f"{name}: Query", trips.count("dynamodb.Query"), "calls"),
        Figure(f"{name}: transactions", trips.count("dynamodb.TransactWriteItems"), "calls"),
    ]
