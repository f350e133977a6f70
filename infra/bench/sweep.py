"""What a sweep costs: among few and many records, beside the bare calls it makes, in memory, and killed on its way."""

import gc
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from statistics import median
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from chalicelib.records._tables import KeysTable, LedgerTable, RecordsTable
from chalicelib.records.reading import client
from chalicelib.services.retention.sweeping import Sweeping
from infra.bench.emulated import point_tables_at
from infra.bench.figures import Figure
from infra.bench.metering import Meter, Trips
from infra.bench.stored import Store, make_tables
from infra.local.cloud import LocalCloud
from tests.fakes import DrivenClock

DUE = 1_000
STORED = (10_000, 100_000)
PAIRS = 5
KILLS = 2  # once before a write, once after one: each costs a look at everything that is due
TRACED = 30
WRITE = "TransactWriteItems"


class Killed(BaseException):
    """The worker is gone: no `except` of the program may see this."""


def run() -> list[Figure]:
    """Beside the bare calls, and very much at once, in empty tables; then the same thousand among few and many."""
    cloud = LocalCloud().start(deployed=False)
    try:
        point_tables_at(cloud, connections=10)
        clock = DrivenClock()
        make_tables(clock)
        store = Store(client(), clock.now)
        beside, much = _beside_bare_calls(store, clock), _much(store, clock)
        small, large = _sweeps(store, clock)
        return [*_growth(small, large), beside, *much]
    finally:
        cloud.stop()


def _sweeping(clock: DrivenClock) -> Sweeping:
    def none() -> Any:
        raise AssertionError("nothing here has files")

    return Sweeping(clock, none)


def _sweeps(store: Store, clock: DrivenClock) -> list[Trips]:
    meter = Meter(delay=0)
    past, future = clock.now - timedelta(minutes=5), clock.now + timedelta(days=100)
    found, kept = [], 0
    with meter.installed():
        for stored in STORED:
            # The same thousand each time: other keys would fall otherwise among the shards, and be rounded otherwise.
            store.add(stored - DUE - kept, expires=future, seed=stored)
            store.add(DUE, expires=past, seed=DUE)
            kept = stored - DUE
            with meter.metering() as trips:
                _expect(DUE, _sweeping(clock).run().removed)
            found.append(trips)
    return found


def _growth(small: Trips, large: Trips) -> list[Figure]:
    compared: dict[str, Callable[[Trips], float]] = {
        "read units": lambda trips: trips.reads(),
        "write units": lambda trips: trips.writes(),
        "round trips": lambda trips: trips.count(),
    }
    name = "sweep of 1,000 due"
    apart = [
        Figure(f"{name}: difference of {what}, 100,000 to 10,000 stored", abs(of(large) / of(small) - 1) * 100, "%", 5)
        for what, of in compared.items()
    ]
    return [
        *apart,
        *_figures(f"{name} among 10,000", small),
        *_figures(f"{name} among 100,000", large),
    ]


def _figures(name: str, trips: Trips) -> list[Figure]:
    return [
        Figure(f"{name}: read units", trips.reads(), "RRU"),
        Figure(f"{name}: write units", trips.writes(), "WRU"),
        Figure(f"{name}: Query", trips.count("dynamodb.Query"), "calls"),
        Figure(f"{name}: transactions", trips.count(f"dynamodb.{WRITE}"), "calls"),
    ]


def _beside_bare_calls(store: Store, clock: DrivenClock) -> Figure:
    """The sweep, and right after it the same calls with the same content and nothing around them; the middle ratio."""
    past, ratios = clock.now - timedelta(minutes=5), []
    for number in range(PAIRS):
        store.add(DUE, expires=past, seed=number)
        with _noted() as calls:
            swept = _timed(lambda: _expect(DUE, _sweeping(clock).run().removed))
        store.add(DUE, expires=past, seed=number)
        bare = [(operation, _anew(sent)) for operation, sent in calls]
        ratios.append(_timed(lambda bare=bare: _make(bare)) / swept)  # type: ignore[misc]
        _expect(0, _sweeping(clock).run().due)
    return Figure("sweep: records a second, relative to the bare calls", median(ratios), "x", least=0.7)


@contextmanager
def _noted() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Notes each call as it was asked for."""
    made: list[tuple[str, dict[str, Any]]] = []
    really: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(asked: Any, operation: str, sent: dict[str, Any]) -> Any:
        made.append((operation, sent))
        return really(asked, operation, sent)

    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield made


def _anew(sent: dict[str, Any]) -> dict[str, Any]:
    """The same call, but not the same request: proofs under other keys, and no token of one that was carried out."""
    if "TransactItems" not in sent:
        return sent
    items = [json.loads(json.dumps(item, default=_unreadable)) for item in sent["TransactItems"]]
    for item in items:
        if "Put" in item:
            item["Put"]["Item"]["sk"]["S"] += "#again"
    return {"TransactItems": items}


def _unreadable(value: object) -> Any:
    raise TypeError(f"a sweep of appointments writes no {type(value).__name__}")


def _make(calls: list[tuple[str, dict[str, Any]]]) -> None:
    bare = client()
    for operation, sent in calls:
        bare._make_api_call(operation, sent)


def _timed(act: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _much(store: Store, clock: DrivenClock) -> list[Figure]:
    """Ten thousand people and a hundred thousand, with their keys: each time killed twice and begun again."""
    past = clock.now - timedelta(minutes=5)
    peaks, seconds = [], []
    for number in STORED:
        before = _proven()
        store.add_people(number, expires=past, seed=number)
        peaks.append(_peak(clock))
        seconds.append(_timed(lambda number=number: _begun_again(clock, Random(number))))  # type: ignore[misc]  # noqa: S311
        _expect(number, _proven() - before)
        _expect(0, _count(KeysTable))
        _expect(0, _count(RecordsTable))
    return [
        Figure("sweep of 100,000 people: peak memory, relative to 10,000", peaks[1] / peaks[0], "x", 1.1),
        Figure("sweep of 100,000 people: peak memory", peaks[1] / 1e6, "MB"),
        Figure("sweep of 100,000 people: killed and begun again", KILLS, "times"),
        Figure("sweep of 100,000 people: ended, each in one proof", _proven() - before, "people", least=STORED[1]),
        Figure("sweep of 100,000 people: from the second life on", seconds[1], "s"),
    ]


def _peak(clock: DrivenClock) -> float:
    """The most bytes that Python held at once, from planning on until it was killed: tracing takes its time."""
    tracemalloc.start()
    try:
        _run_until_killed(clock, "before", TRACED)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _begun_again(clock: DrivenClock, random: Random) -> None:
    """Two more lives: one is killed somewhere, the other ends what is left."""
    _run_until_killed(clock, "after", random.randrange(1, 200))
    _sweeping(clock).run()


def _run_until_killed(clock: DrivenClock, moment: str, write: int) -> None:
    """Kills the sweep before its so manyth write, or when that was carried out and its answer is on the way."""
    strike, event = _Strike(write), f"{moment}-call.dynamodb.{WRITE}"
    client().meta.events.register(event, strike)
    try:
        _sweeping(clock).run()
    except Killed:
        return
    finally:
        client().meta.events.unregister(event, strike)
    raise AssertionError("it was to be killed")


class _Strike:
    """Kills the program at its so manyth write."""

    def __init__(self, write: int) -> None:
        self.left = write

    def __call__(self, **_: Any) -> None:
        self.left -= 1
        if not self.left:
            raise Killed


def _proven() -> int:
    """How many people all proofs together tell of."""
    return sum(json.loads(item["counts"]["S"]).get("CUSTOMER", 0) for item in _all(LedgerTable) if "counts" in item)


def _count(table: Any) -> int:
    return sum(1 for _ in _all(table))


def _all(table: Any) -> Iterator[dict[str, Any]]:
    for page in client().get_paginator("scan").paginate(TableName=table.Meta.table_name):
        yield from page["Items"]


def _expect(wanted: int, seen: int) -> None:
    if wanted != seen:
        raise AssertionError(f"{seen} where {wanted} were expected")
