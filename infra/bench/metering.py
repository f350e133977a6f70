"""Watches every call that leaves the process: which, when, and what it costs.

Each call is held up a little, as the network would: so calls that the program makes side by side really overlap, and
the longest chain of calls that do not is the number of round trips that somebody waits for.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from infra.bench.billing import Billing, Units

DELAY_SECONDS = 0.03


@dataclass(frozen=True)
class Trip:
    """One call, such as `dynamodb.Query`, on a clock of seconds."""

    name: str
    start: float
    end: float
    units: Units = field(default_factory=Units)


@dataclass
class Trips:
    """The calls of one action."""

    made: list[Trip] = field(default_factory=list)

    def count(self, prefix: str = "") -> int:
        """How many calls there were whose name begins so."""
        return sum(trip.name.startswith(prefix) for trip in self.made)

    def reads(self, name: str = "") -> float:
        """Read units, of one kind of call or of all."""
        return sum(trip.units.reads for trip in self.made if trip.name.startswith(name))

    def writes(self) -> float:
        """Write units."""
        return sum(trip.units.writes for trip in self.made)

    def in_sequence(self) -> int:
        """The round trips that are waited for one after the other."""
        return longest_chain((trip.start, trip.end) for trip in self.made)


def longest_chain(spans: Iterable[tuple[float, float]]) -> int:
    """How many of the spans can follow each other without overlap; ends that touch follow each other."""
    chain, free_from = 0, float("-inf")
    for end, start in sorted((end, start) for start, end in spans):
        if start >= free_from:
            chain, free_from = chain + 1, end
    return chain


class Meter:
    """Turned on by `metering`; outside of it calls pass untouched."""

    def __init__(self, *, delay: float = DELAY_SECONDS) -> None:
        self._delay = delay
        self._trips: Trips | None = None
        self._lock = threading.Lock()
        self._billings: dict[int, Billing] = {}
        self._really: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Puts the meter between the program and AWS, or what stands in for it."""
        meter = self

        def call(client: Any, operation: str, sent: dict[str, Any]) -> Any:
            return meter._call(client, operation, sent)

        with mock.patch.object(BaseClient, "_make_api_call", call):
            yield

    @contextmanager
    def metering(self) -> Iterator[Trips]:
        """Notes all calls of what stands under it."""
        self._trips = trips = Trips()
        try:
            yield trips
        finally:
            self._trips = None

    def watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, noted as a call of that name: for what is not reached by botocore in a test."""

        def call(*given: Any, **named: Any) -> Any:
            if self._trips is None:
                return function(*given, **named)
            start = self._sent()
            try:
                return function(*given, **named)
            finally:
                self._note(Trip(name, start, time.perf_counter()))

        return call

    def _call(self, client: Any, operation: str, sent: dict[str, Any]) -> Any:
        if self._trips is None:
            return self._really(client, operation, sent)
        service = client.meta.service_model.service_name
        billing = self._billing(client) if service == "dynamodb" else None
        held = billing.held_before(operation, sent) if billing else {}
        start, answer = self._sent(), None
        try:
            answer = self._really(client, operation, sent)
            return answer
        finally:
            end = time.perf_counter()
            units = billing.units(operation, sent, held, answer) if billing else Units()
            self._note(Trip(f"{service}.{operation}", start, end, units))

    def _sent(self) -> float:
        start = time.perf_counter()
        time.sleep(self._delay)
        return start

    def _note(self, trip: Trip) -> None:
        with self._lock:
            if self._trips is not None:
                self._trips.made.append(trip)

    def _billing(self, client: Any) -> Billing:
        def ask(operation: str, sent: dict[str, Any]) -> Any:
            return self._really(client, operation, sent)

        with self._lock:
            return self._billings.setdefault(id(client), Billing(ask))
