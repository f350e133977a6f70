"""Booking under contention: many want times that overlap without being equal, while others cancel on the same day.

In each round 56 threads book, and eight use the same link to cancel an appointment that stands in the same day sheet,
all at once, through the services of the product on the tables and keys of the deployed stack. Counted is what a loser
costs: the transactions that were sent in vain by somebody who was told no in the end.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from unittest import mock

from chalicelib.domain.clock import system_clock
from chalicelib.domain.errors import LinkUsedError, SlotTakenError, TryAgainError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.wishing import Wish
from chalicelib.wiring import Services
from infra.bench.emulated import services_on
from infra.bench.figures import Figure
from infra.local.client import Business, Client
from infra.local.cloud import LocalCloud
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

THREADS, ROUNDS = 64, 12
ONE_IN = 8  # so many of them cancel
NETWORK = "203.0.113.0/24"
STEP, STARTS, DURATIONS = timedelta(minutes=5), 6, (30, 45, 60)  # all of them hold the sixth five minutes
CONTESTED, CANCELLED = timedelta(hours=8), timedelta(hours=13)  # UTC; in working hours in summer and winter
_COMMIT = Transaction.commit


@dataclass
class Tally:
    """What came of the attempts, and what those cost that came to nothing."""

    booked: Counter[int] = field(default_factory=Counter)
    cancelled: Counter[int] = field(default_factory=Counter)
    losers: int = 0
    wasted: int = 0
    lost_cancels: int = 0

    @property
    def wrong_rounds(self) -> int:
        """Those in which not exactly one got the time, or not exactly one was told that it is cancelled."""
        return sum(counts[number] != 1 for counts in (self.booked, self.cancelled) for number in range(ROUNDS))


class Wasted(threading.local):
    """How many transactions of this thread's attempt were sent in vain."""

    count = 0


def run() -> list[Figure]:
    """All rounds in one stack."""
    package(root=ROOT, stage="local", out=PACKAGE)
    with LocalCloud() as cloud:
        terms = {"step": 5, "buffer_after": 0, "horizon_days": 365, "duration": 30, "durations": [*DURATIONS]}
        of = Client(cloud).business(email="crowd@praxis.example", service=terms)
        services = services_on(cloud, system_clock, connections=THREADS)
        first = cloud.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        tally, seconds = Tally(), 0.0
        for number in range(ROUNDS):
            seconds += _round(services, of, number, first + timedelta(days=number), tally)
    name = f"contention, {THREADS} threads, overlapping times and cancels"
    return [
        Figure(f"{name}: attempts a second", THREADS * ROUNDS / seconds, "1/s"),
        Figure(f"{name}: transactions wasted per loser", tally.wasted / max(tally.losers, 1), "transactions", 1),
        Figure(f"{name}: rounds without exactly one winner", tally.wrong_rounds, "rounds", 0),
        Figure(f"{name}: lost cancels", tally.lost_cancels, "appointments", 0),
    ]


def _round(services: Services, of: Business, number: int, day: datetime, tally: Tally) -> float:
    """One round, and the seconds that it took."""
    held = services.booking.book(_wish(of, day + CANCELLED, 30, f"held.{number}"), network=NETWORK, repeat=None)
    token = services.linking.self_service(held)["cancel"]
    gate, wasted, lock = threading.Barrier(THREADS), Wasted(), threading.Lock()

    def enter(entrant: int) -> None:
        gate.wait()
        wasted.count = 0
        cancels = entrant % ONE_IN == 0
        if cancels:
            won = _was_done(lambda: services.changing.cancel(token, network=NETWORK))
        else:
            wish = _wish(of, _start(day, entrant), DURATIONS[entrant % len(DURATIONS)], f"{number}.{entrant}")
            won = _was_done(lambda: services.booking.book(wish, network=NETWORK, repeat=None))
        with lock:
            (tally.cancelled if cancels else tally.booked)[number] += won
            tally.losers += not won
            tally.wasted += 0 if won else wasted.count

    with _counting(wasted), ThreadPoolExecutor(THREADS) as crowd:
        began = perf_counter()
        list(crowd.map(enter, range(THREADS)))
        seconds = perf_counter() - began
    now = fetch(Ref(Appointment, held.pk, held.sk), consistent=True)
    tally.lost_cancels += now is None or now.state is not State.CANCELLED
    return seconds


def _was_done(attempt: Callable[[], object]) -> bool:
    """Whether it succeeded; False for whoever was told that it can't be done, or not now."""
    try:
        attempt()
    except (SlotTakenError, LinkUsedError, TryAgainError):
        return False
    return True


@contextmanager
def _counting(wasted: Wasted) -> Iterator[None]:
    def commit(transaction: Transaction) -> None:
        try:
            _COMMIT(transaction)
        except TryAgainError:
            wasted.count += 1
            raise

    with mock.patch.object(Transaction, "commit", commit):
        yield


def _start(day: datetime, entrant: int) -> datetime:
    return day + CONTESTED + entrant % STARTS * STEP


def _wish(of: Business, starts_at: datetime, duration: int, who: str) -> Wish:
    return Wish(
        tenant=of.tenant,
        service=of.service,
        expert=of.expert,
        starts_at=starts_at,
        duration=duration,
        given_name="Anna",
        family_name="Muster",
        email=f"{who}@kundin.example",
        phone=None,
        language="de",
        zone="Europe/Zurich",
        sms_wanted=False,
    )
