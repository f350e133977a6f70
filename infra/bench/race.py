"""Many customers want the same time at once: one gets it, everybody else is told so.

Ten thousand attempts from 64 threads go through the services of the product on the tables and keys of the deployed
stack (over HTTP the emulator would need minutes for them), five hundred more through the deployed API itself. Half of
the rounds want one and the same time, half twelve times that all overlap. Afterwards the tables are read raw.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle, islice
from time import perf_counter
from typing import Any

from chalicelib.domain.clock import system_clock
from chalicelib.domain.errors import SlotTakenError, TryAgainError
from chalicelib.services.booking import Wish
from infra.bench.emulated import services_on
from infra.bench.figures import Figure
from infra.bench.race_check import Held, contradictions
from infra.local.client import Business, Client
from infra.local.cloud import LocalCloud
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

THREADS, ROUNDS = 64, 157  # 10,048 attempts
HTTP_THREADS, HTTP_ROUNDS = 20, 25
SHIFT = timedelta(minutes=5)
SHIFTS = 12  # an hour's appointments that start within an hour all overlap
# Hours (UTC) at which a round is held, and whether its times are shifted. None reaches into the next, and all lie in
# the business's hours (8-12 and 13-18 in Zurich) in summer and winter.
_DAY = ((7, False), (8, True), (12, False), (13, True), (15, False))

Round = list[datetime]  # the times that are wanted at once: all of them overlap
Attempt = Callable[[int, datetime], str]
YES, TAKEN, BUSY = "yes", "taken", "busy"


@dataclass
class Tally:
    """What callers were told, and the ids that winners got."""

    told: Counter[str] = field(default_factory=Counter)
    promised: Counter[str] = field(default_factory=Counter)
    wrong_rounds: int = 0

    def add(self, answers: list[str]) -> None:
        """One round: an answer is `taken`, `busy`, `yes` with the id behind it, or whatever else came."""
        winners = [answer.removeprefix(YES) for answer in answers if answer.startswith(YES)]
        self.promised.update(winners)
        self.told.update(YES if answer.startswith(YES) else answer for answer in answers)
        self.wrong_rounds += len(winners) != 1

    @property
    def strange(self) -> int:
        """Answers that are neither a yes nor an honest no."""
        return sum(times for told, times in self.told.items() if told not in {YES, TAKEN, BUSY})


def run() -> list[Figure]:
    """Both races in one stack, then the tables."""
    package(root=ROOT, stage="local", out=PACKAGE)
    with LocalCloud(parameters={"ApiRate": "10000", "ApiBurst": "10000"}) as cloud:
        client = Client(cloud)
        terms = {"step": 5, "buffer_after": 0, "horizon_days": 365}
        of = client.business(email="race@praxis.example", service=terms)
        rounds = list(islice(_rounds(cloud.now()), ROUNDS + HTTP_ROUNDS))
        _refuse_unless_offered(client, of, rounds)
        began = perf_counter()
        inside = _race(_through_services(cloud, of), rounds[:ROUNDS], threads=THREADS)
        seconds = perf_counter() - began
        outside = _race(_through_http(client, of), rounds[ROUNDS:], threads=HTTP_THREADS)
        held = Held.of(cloud.scan_raw("records"), tenant=of.tenant, expert=of.expert)
    wrong = contradictions(held, inside.promised + outside.promised)
    for sentence in wrong:
        print(sentence)
    return [
        *_figures("race, 64 threads", inside, attempts=THREADS * ROUNDS),
        Figure("race, 64 threads: attempts a second", THREADS * ROUNDS / seconds, "1/s"),
        *_figures("race by HTTP, 20 threads", outside, attempts=HTTP_THREADS * HTTP_ROUNDS),
        Figure("races: appointments stored", len(held.appointments), "records"),
        Figure("races: contradictions in the tables", len(wrong), "records", 0),
    ]


def _rounds(now: datetime) -> Iterator[Round]:
    """Fresh times without end, from the day after tomorrow on."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    for day in count():
        for hour, shifted in _DAY:
            start = first + timedelta(days=day, hours=hour)
            yield [start + SHIFT * shift for shift in range(SHIFTS if shifted else 1)]


def _refuse_unless_offered(client: Client, of: Business, rounds: Sequence[Round]) -> None:
    """A race for a time that nobody offers would be won by no one, and show nothing."""
    offered = set(client.slots(of, frm=rounds[0][0], to=rounds[-1][-1] + SHIFT))
    missing = [at for times in rounds for at in times if f"{at:%Y-%m-%dT%H:%M:%SZ}" not in offered]
    if missing:
        raise RuntimeError(f"{len(missing)} of the times to be contested are not offered, such as {missing[0]}")


def _race(attempt: Attempt, rounds: Sequence[Round], *, threads: int) -> Tally:
    tally, numbers, gate = Tally(), count(1), threading.Barrier(threads)

    def enter(entrant: tuple[int, datetime]) -> str:
        gate.wait()
        return attempt(*entrant)

    with ThreadPoolExecutor(threads) as crowd:
        for times in rounds:
            tally.add(list(crowd.map(enter, zip(islice(numbers, threads), cycle(times), strict=False))))
    return tally


def _through_services(cloud: LocalCloud, of: Business) -> Attempt:
    services = services_on(cloud, system_clock, connections=THREADS)

    def attempt(number: int, starts_at: datetime) -> str:
        wish = Wish(
            tenant=of.tenant,
            service=of.service,
            expert=of.expert,
            starts_at=starts_at,
            given_name="Anna",
            family_name="Muster",
            email=f"in.{number}@kundin.example",
            phone=None,
            language="de",
            zone="Europe/Zurich",
            sms_wanted=False,
        )
        try:
            return YES + services.booking.book(wish, network="203.0.113.0/24", repeat=None).id
        except SlotTakenError:
            return TAKEN
        except TryAgainError:
            return BUSY

    return attempt


def _through_http(client: Client, of: Business) -> Attempt:
    def attempt(number: int, starts_at: datetime) -> str:
        text = f"{starts_at:%Y-%m-%dT%H:%M:%SZ}"
        answer = client.try_to_book(of, starts_at=text, email=f"out.{number}@kundin.example")
        if answer.status == 201:
            booked: dict[str, Any] = answer.json()
            return f"{YES}{booked['id']}"
        honest = answer.status in {429, 503} and "retry-after" in answer.headers
        return TAKEN if answer.status == 409 else BUSY if honest else f"{answer.status}"

    return attempt


def _figures(name: str, tally: Tally, *, attempts: int) -> list[Figure]:
    return [
        Figure(f"{name}: attempts", attempts, "attempts"),
        Figure(f"{name}: rounds without exactly one winner", tally.wrong_rounds, "rounds", 0),
        Figure(f"{name}: told that the time is taken", tally.told[TAKEN], "attempts"),
        Figure(f"{name}: told to try again", tally.told[BUSY], "attempts"),
        Figure(f"{name}: any other answer", tally.strange, "attempts", 0),
    ]
