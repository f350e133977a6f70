"""What signing in costs, that Argon2id is the only slow step of it, and that a race gets nobody a fourth attempt.

Requests and units are those of the real app over records on moto. The throttle is raced on the tables of the emulator:
they carry out conditional writes one after the other, as DynamoDB does.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

from chalicelib.adapters.argon2 import Argon2Proofs
from chalicelib.domain.errors import TooManyAttemptsError
from chalicelib.domain.passwords import ARGON_MEMORY_KIB, PROOF_BYTES, spell
from chalicelib.domain.visits import Visitor
from chalicelib.services.sign_in.throttling import Throttling
from infra.bench.actions import Practice, practice
from infra.bench.emulated import services_on
from infra.bench.figures import Figure
from infra.bench.metering import Meter, Trips
from infra.local.cloud import LocalCloud
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

THREADS, ROUNDS = 50, 20
_EMAIL = "regula@praxis-brunner.example"
_PROOF, _WRONG = bytes(range(PROOF_BYTES)), bytes(PROOF_BYTES)
_HASHES = 20
_HASH_ONCE = """
import sys
from argon2.low_level import Type, hash_secret_raw
hash_secret_raw(bytes(32), bytes(16), 2, int(sys.argv[1]), 1, 32, Type.ID)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
_MIDNIGHT = datetime(2026, 11, 10, tzinfo=UTC)


def run() -> list[Figure]:
    """Requests, the slow step, the race."""
    return [*_requests(), *_argon2(), *_race()]


def _requests() -> list[Figure]:
    meter = Meter()
    with meter.installed(), practice() as at:
        for name in ("new_data_key", "open_data_key"):
            setattr(at.on.kms, name, meter.watched(f"kms.{name}", getattr(at.on.kms, name)))
        bench = _Requests(at, meter)
        return [*bench.parameters(), *bench.sign_ins(), *bench.calls()]


class _Requests:
    """One method a kind of request. Three attempts, then five minutes have to pass."""

    def __init__(self, at: Practice, meter: Meter) -> None:
        self._at, self._meter = at, meter
        at.call("PUT", "/staff/me/password", {"proof": spell(_PROOF)}, Authorization=f"Bearer {at.of.token}")

    def parameters(self) -> Iterator[Figure]:
        """What a browser asks first."""
        self._ask_parameters()
        yield from _figures("sign-in parameters", self._metered(self._ask_parameters), trips=0, kms=0)

    def sign_ins(self) -> Iterator[Figure]:
        """By password: right, wrong, for nobody, and with nothing at hand."""
        yield from self._sign_in("sign-in, first of a process today")
        yield from self._sign_in("sign-in", minutes=0, kms=0)
        yield from self._sign_in("sign-in refused, wrong proof", minutes=0, proof=_WRONG, kms=0)
        yield from self._sign_in("sign-in refused, no such account", email="nobody@praxis.example", proof=_WRONG)
        self._at.forget_keys()
        yield from self._sign_in("sign-in, cold")

    def calls(self) -> Iterator[Figure]:
        """What every call of staff begins with."""
        self._who()  # the first one in five minutes notes that the session is in use
        yield from _figures("authenticated call", self._metered(self._who), trips=1, kms=0)

    def _ask_parameters(self) -> None:
        self._at.call("POST", "/sign-in/parameters", {"email": _EMAIL})

    def _who(self) -> None:
        self._at.call("GET", "/session", Authorization=f"Bearer {self._at.of.token}")

    def _sign_in(
        self, name: str, *, email: str = _EMAIL, proof: bytes = _PROOF, kms: int | None = None, minutes: int = 6
    ) -> list[Figure]:
        self._at.on.clock.move(minutes=minutes)
        form = self._at.call("GET", "/forms/sign-in")["token"]
        sent = {"email": email, "proof": spell(proof), "portal": None, "keep": "token"}
        trips = self._metered(lambda: self._ask(sent, form))
        return list(_figures(name, trips, kms=kms))

    def _ask(self, sent: dict[str, Any], form: str) -> None:
        try:
            self._at.call("POST", "/sign-in", sent, Zusage_Form=form)
        except AssertionError as refused:
            if "401" not in str(refused):
                raise

    def _metered(self, action: Callable[[], object]) -> Trips:
        with self._meter.metering() as trips:
            action()
        return trips


def _figures(name: str, made: Trips, *, trips: int | None = None, kms: int | None = None) -> Iterator[Figure]:
    yield Figure(f"{name}: round trips", made.in_sequence(), "in sequence", trips)
    yield Figure(f"{name}: KMS", made.count("kms."), "calls", kms)
    yield Figure(f"{name}: read units", made.reads(), "RRU")
    yield Figure(f"{name}: write units", made.writes(), "WRU")


def _argon2() -> list[Figure]:
    """Time and memory of one comparison; each amount of memory in a process of its own, whose peak it is."""
    hasher = Argon2Proofs()
    kept = hasher.hash(_PROOF)
    taken = []
    for _ in range(_HASHES):
        began = perf_counter()
        hasher.matches(kept, _PROOF)
        taken.append((perf_counter() - began) * 1000)
    memory = (_peak(ARGON_MEMORY_KIB) - _peak(8)) / 1024
    return [
        Figure("Argon2id of a proof: median", median(taken), "ms"),
        Figure("Argon2id of a proof: slowest of twenty", max(taken), "ms"),
        Figure("Argon2id of a proof: memory", memory, "MiB", budget=20),
    ]


def _peak(memory_kib: int) -> int:
    """The most memory, in KiB, that a fresh process used that hashes with so much."""
    command = [sys.executable, "-c", _HASH_ONCE, str(memory_kib)]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def _race() -> list[Figure]:
    """Fifty at once from one address, round after round, half of them around midnight and between two processes."""
    package(root=ROOT, stage="local", out=PACKAGE)
    with LocalCloud() as cloud:
        now = [_MIDNIGHT]
        services = services_on(cloud, lambda: now[0], connections=THREADS)
        processes = [Throttling(services.clock), Throttling(services.clock)]
        wrong = refused = 0
        began = perf_counter()
        for number in range(ROUNDS):
            now[0] = _MIDNIGHT + timedelta(hours=number // 2, seconds=number % 2 * 7 if number < 10 else 43_200)
            told = _round(processes, Visitor.of(f"203.0.113.{number}", ""))
            wrong += told.count(0) != 3
            refused += sum(1 for wait in told if 0 < wait <= 300)
        seconds = perf_counter() - began
    return [
        Figure("throttle race, 50 threads: rounds with other than 3 admitted", wrong, "rounds", 0),
        Figure("throttle race, 50 threads: told how long to wait", refused, "attempts", least=ROUNDS * (THREADS - 3)),
        Figure("throttle race, 50 threads: attempts a second", ROUNDS * THREADS / seconds, "1/s"),
    ]


def _round(processes: list[Throttling], visitor: Visitor) -> list[int]:
    """What each of fifty hears: 0 when it is let through, else the seconds to wait."""
    gate = threading.Barrier(THREADS)

    def attempt(number: int) -> int:
        gate.wait()
        try:
            processes[number % len(processes)].admit(visitor)
        except TooManyAttemptsError as error:
            return error.retry_after
        return 0

    with ThreadPoolExecutor(THREADS) as crowd:
        return list(crowd.map(attempt, range(THREADS)))
