"""Many customers want the same time at once: one gets it, everybody else is told so.

Ten thousand attempts from 64 threads go through the services of the product on the tables and keys of the deployed
stack (over HTTP the emulator would need minutes for them), five hundred more through the deployed API itself. Some
rounds want one and the same time, some twelve times of three lengths that all overlap. In some, eight of the threads
cancel by one link what stands at that time, while the others want to have it. Afterwards the tables are read raw.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from itertools import count, cycle, islice, takewhile
from time import perf_counter
from typing import Any, Protocol

from chalicelib.domain.clock import system_clock
from chalicelib.domain.errors import LinkUsedError, SlotTakenError, TryAgainError
from chalicelib.records.appointment import Appointment
from chalicelib.services.booking.wishing import Wish
from chalicelib.wiring import Services
from infra.bench.emulated import services_on
from infra.bench.figures import Figure
from infra.bench.race_check import Held, contradictions
from infra.local.client import Business, Client
from infra.local.cloud import LocalCloud
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

THREADS, ROUNDS = 64, 157  # 10,048 attempts
HTTP_THREADS, HTTP_ROUNDS = 20, 25
NETWORK = "203.0.113.0/24"
SHIFT = timedelta(minutes=5)
SHIFTS = 12  # an hour's appointments that start within an hour all overlap
LENGTHS = (60, 58, 56)  # minutes; each is longer than the starts of a round are apart
ONE_IN = 8  # so many of the threads cancel, where there is something to be cancelled


class Kind(Enum):
    """What is wanted at once in a round."""

    EQUAL = "one time"
    SHIFTED = "times that overlap, of unequal length"
    FREED = "the same, while somebody cancels"


# Hours (UTC) at which a round is held. None reaches into the next, and all lie in the business's hours (8-12 and 13-18
# in Zurich) in summer and winter.
_DAY = ((7, Kind.EQUAL), (8, Kind.SHIFTED), (12, Kind.FREED), (13, Kind.SHIFTED), (15, Kind.FREED))
_HTTP_DAY = ((7, Kind.EQUAL), (8, Kind.SHIFTED), (12, Kind.EQUAL), (13, Kind.SHIFTED), (15, Kind.EQUAL))

YES, TAKEN, BUSY, CANCELLED, USED = "yes", "taken", "busy", "cancelled", "used"


@dataclass(frozen=True)
class Round:
    """The times that are wanted at once: all of them overlap."""

    kind: Kind
    times: list[datetime]


@dataclass
class Tally:
    """What callers were told, and the ids that winners got."""

    told: Counter[str] = field(default_factory=Counter)
    promised: Counter[str] = field(default_factory=Counter)
    cancelled: set[str] = field(default_factory=set)
    wrong_rounds: int = 0

    def add(self, answers: list[str], *, freed: str = "") -> None:
        """One round: an answer is `taken`, `busy`, `yes` with the id behind it, or whatever else came.

        Where an appointment was `freed` in it, one was told that it is, and nobody need have come in time.
        """
        winners = [answer.removeprefix(YES) for answer in answers if answer.startswith(YES)]
        self.promised.update(winners)
        self.told.update(YES if answer.startswith(YES) else answer for answer in answers)
        self.wrong_rounds += len(winners) > 1 if freed else len(winners) != 1
        if freed:
            self.promised[freed] += 1
            self.cancelled.add(freed)
            self.wrong_rounds += answers.count(CANCELLED) != 1

    @property
    def strange(self) -> int:
        """Answers that are neither a yes nor an honest no."""
        return sum(times for told, times in self.told.items() if told not in {YES, TAKEN, BUSY, CANCELLED, USED})


def run() -> list[Figure]:
    """Both races in one stack, then the tables."""
    package(root=ROOT, stage="local", out=PACKAGE)
    with LocalCloud(parameters={"ApiRate": "10000", "ApiBurst": "10000"}) as cloud:
        client = Client(cloud)
        terms = {"step": 5, "buffer_after": 0, "horizon_days": 365, "durations": sorted(LENGTHS)}
        of = client.business(email="race@praxis.example", service=terms)
        rounds = list(islice(_rounds(cloud.now(), _DAY), ROUNDS))
        last = list(islice(_rounds(rounds[-1].times[0], _HTTP_DAY), HTTP_ROUNDS))
        _refuse_unless_offered(client, of, [*rounds, *last])
        services = services_on(cloud, system_clock, connections=THREADS)
        began = perf_counter()
        inside = _race(_Inside(services, of), rounds, threads=THREADS)
        seconds = perf_counter() - began
        outside = _race(_Outside(client, of), last, threads=HTTP_THREADS)
        held = Held.of(cloud.scan_raw("records"), tenant=of.tenant, expert=of.expert)
    wrong = contradictions(held, inside.promised + outside.promised, inside.cancelled)
    for sentence in wrong:
        print(sentence)
    return [
        *_figures("race, 64 threads", inside, attempts=THREADS * ROUNDS),
        Figure("race, 64 threads: attempts a second", THREADS * ROUNDS / seconds, "1/s"),
        *_figures("race by HTTP, 20 threads", outside, attempts=HTTP_THREADS * HTTP_ROUNDS),
        Figure("races: appointments stored", len(held.appointments), "records"),
        Figure("races: contradictions in the tables", len(wrong), "records", 0),
    ]


def _rounds(after: datetime, hours: Sequence[tuple[int, Kind]]) -> Iterator[Round]:
    """Fresh times without end, from two days later on."""
    first = after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    for day in count():
        for hour, kind in hours:
            start = first + timedelta(days=day, hours=hour)
            yield Round(kind, [start + SHIFT * shift for shift in range(1 if kind is Kind.EQUAL else SHIFTS)])


def _refuse_unless_offered(client: Client, of: Business, rounds: Sequence[Round]) -> None:
    """A race for a time that nobody offers would be won by no one, and show nothing."""
    wanted, month = [at for each in rounds for at in each.times], timedelta(days=60)
    offered: set[str] = set()
    for frm in takewhile(lambda at: at <= wanted[-1], (wanted[0] + number * month for number in count())):
        offered.update(client.slots(of, frm=frm, to=frm + month))
    missing = [at for at in wanted if f"{at:%Y-%m-%dT%H:%M:%SZ}" not in offered]
    if missing:
        raise RuntimeError(f"{len(missing)} of the times to be contested are not offered, such as {missing[0]}")


class _Entrance(Protocol):
    """Where the crowd comes in."""

    def book(self, number: int, starts_at: datetime, length: int) -> str:
        """Customer number so-and-so wants a time."""
        ...

    def prepare(self, starts_at: datetime) -> tuple[str, str]:
        """An appointment that is to be cancelled: its id, and the token to do it with."""
        ...

    def cancel(self, token: str) -> str:
        """Somebody cancels it."""
        ...


def _race(entrance: _Entrance, rounds: Sequence[Round], *, threads: int) -> Tally:
    tally, numbers, gate = Tally(), count(1), threading.Barrier(threads)

    def enter(act: Callable[[], str]) -> str:
        gate.wait()
        return act()

    with ThreadPoolExecutor(threads) as crowd:
        for each in rounds:
            freed, token = entrance.prepare(each.times[0]) if each.kind is Kind.FREED else ("", "")
            lengths = LENGTHS[:1] if each.kind is Kind.EQUAL else LENGTHS
            wishes = zip(islice(numbers, threads), cycle(each.times), cycle(lengths), strict=False)
            acts = [
                partial(entrance.cancel, token) if freed and not wish[0] % ONE_IN else partial(entrance.book, *wish)
                for wish in wishes
            ]
            tally.add(list(crowd.map(enter, acts)), freed=freed)
    return tally


@dataclass(frozen=True)
class _Inside:
    """Through the services."""

    services: Services
    of: Business

    def book(self, number: int, starts_at: datetime, length: int) -> str:
        """In the words of this race."""
        try:
            return YES + self._booked(f"in.{number}@kundin.example", starts_at, length).id
        except SlotTakenError:
            return TAKEN
        except TryAgainError:
            return BUSY

    def prepare(self, starts_at: datetime) -> tuple[str, str]:
        """An hour from then on."""
        held = self._booked(f"in.{starts_at:%Y%m%d%H}@kundin.example", starts_at, LENGTHS[0])
        return held.id, self.services.linking.self_service(held)["cancel"]

    def cancel(self, token: str) -> str:
        """Until there is an answer: nobody gives up because many are at it."""
        while True:
            try:
                self.services.changing.cancel(token, network=NETWORK)
            except LinkUsedError:
                return USED
            except TryAgainError:
                continue
            return CANCELLED

    def _booked(self, email: str, starts_at: datetime, length: int) -> Appointment:
        wish = Wish(
            tenant=self.of.tenant,
            service=self.of.service,
            expert=self.of.expert,
            starts_at=starts_at,
            duration=length,
            given_name="Anna",
            family_name="Muster",
            email=email,
            phone=None,
            language="de",
            zone="Europe/Zurich",
            sms_wanted=False,
        )
        return self.services.booking.book(wish, network=NETWORK, repeat=None)


@dataclass(frozen=True)
class _Outside:
    """Through the deployed API."""

    client: Client
    of: Business

    def book(self, number: int, starts_at: datetime, length: int) -> str:
        """In the words of this race."""
        text = f"{starts_at:%Y-%m-%dT%H:%M:%SZ}"
        answer = self.client.try_to_book(self.of, starts_at=text, duration=length, email=f"out.{number}@kundin.example")
        if answer.status == 201:
            booked: dict[str, Any] = answer.json()
            return f"{YES}{booked['id']}"
        honest = answer.status in {429, 503} and "retry-after" in answer.headers
        return TAKEN if answer.status == 409 else BUSY if honest else f"{answer.status}"

    def prepare(self, starts_at: datetime) -> tuple[str, str]:
        """An hour from then on."""
        held = self.client.book(self.of, starts_at=f"{starts_at:%Y-%m-%dT%H:%M:%SZ}")
        return held["id"], held["links"]["cancel"]

    def cancel(self, token: str) -> str:
        """By the link."""
        path = "/v1/appointment/cancellation"
        answer = self.client.cloud.call("POST", path, headers={"Zusage-Link": token})
        return {200: CANCELLED, 410: USED}.get(answer.status, f"{answer.status}")


def _figures(name: str, tally: Tally, *, attempts: int) -> list[Figure]:
    return [
        Figure(f"{name}: attempts", attempts, "attempts"),
        Figure(f"{name}: rounds with a winner too many or too few, or a lost cancel", tally.wrong_rounds, "rounds", 0),
        Figure(f"{name}: cancelled", len(tally.cancelled), "appointments"),
        Figure(f"{name}: told that the time is taken", tally.told[TAKEN], "attempts"),
        Figure(f"{name}: told to try again", tally.told[BUSY], "attempts"),
        Figure(f"{name}: any other answer", tally.strange, "attempts", 0),
    ]
