"""What a search by the beginning of a name costs at a business with ten thousand customers (decision 20).

The names are made up, but begin as often with each two letters as 10,000 names did that Faker 40 drew for Switzerland
(German 65, French 22, Italian 8, others 5 of a hundred). moto looks through its whole table for each page of an index,
so no time of a whole search is told: only what reading, opening and comparing one candidate takes.
"""

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median

from chalicelib.domain.names import fits
from chalicelib.records._base import part
from chalicelib.records._tables import RecordsTable
from chalicelib.records.customer import CustomerName
from chalicelib.records.writing import Transaction
from chalicelib.services.customers.finding import Person
from chalicelib.services.sign_in.sessions import StaffSession
from infra.bench.figures import Figure
from infra.bench.metering import Meter
from tests.builders import NETWORK, business
from tests.services.looking import raw, stored
from tests.stage import Stage, stage

CUSTOMERS = 10_000
_A_TRANSACTION = 15
_TIMED = 1000
_OPENINGS = (
    "ma1087 sc625 st537 ba473 be446 ro399 ch384 an339 me336 al326 ca313 lu300 ha294 sa289 fr289 jo284 co281 "
    "pa268 bo260 le255 gi254 mo243 ka242 ja242 mi231 la228 he223 br221 ge221 ho217 el211 fe208 si203 je191 "
    "da184 we183 fa177 hu176 gr174 ra162 li162 wi160 bu156 de155 th154 ar152 se152 na151 ga150 ni144 er144 "
    "re144 vi139 ke136 pi131 am120 cl120 lo116 su115 wa114 ju113 to113 mu112 fi109 is109 pe108 no105 va104 "
    "bi102 zi97 gu95 ri94 ta93 ku92 fl89 em89 ru88 vo83 so83 do83 di81 zo81 ve74 bl73 eg72 ev70 ab70 pr65 ti65 "
    "fu63 ko62 ad61 ne61 po58 ce57 en54 ya54 sp53 cr53 du52"
)
_COMMON, _MIDDLING = "ma", "ti"


def run() -> list[Figure]:
    """On a stage of moto."""
    with stage() as on:
        of = business(on).session
        _fill(on, of)
        meter = Meter(delay=0)
        with meter.installed():
            return [*_buckets(), *_searches(on, of, meter)]


def _fill(on: Stage, of: StaffSession) -> None:
    known = {word[:2]: int(word[2:]) for word in re.findall(r"\w+", _OPENINGS)}
    drawn = random.Random(1)  # noqa: S311 (made-up names)
    begun = drawn.choices([*known], [*known.values()], k=2 * CUSTOMERS)
    names = [f"{each}{''.join(drawn.choices('aeilnorst', k=6))}".title() for each in begun]
    for at in range(0, CUSTOMERS, _A_TRANSACTION):
        transaction = Transaction()
        for number in range(at, min(at + _A_TRANSACTION, CUSTOMERS)):
            person = Person(
                given_name=names[2 * number], family_name=names[2 * number + 1], email=None, phone=None, language="de"
            )
            on.services.finding.make(transaction, of.tenant, person, zone="UTC", ends=on.clock.now, now=on.clock.now)
        transaction.commit()


def _buckets() -> Iterator[Figure]:
    sizes = Counter(each.bucket for each in stored(CustomerName)).values()
    name = f"search among {CUSTOMERS:,} customers"
    yield Figure(f"{name}: buckets in use", len(sizes), "buckets")
    yield Figure(f"{name}: names in the middle bucket", median(sizes), "names")
    yield Figure(f"{name}: names in the largest bucket", max(sizes), "names")


def _searches(on: Stage, of: StaffSession, meter: Meter) -> Iterator[Figure]:
    for how, typed in (("the commonest beginning", _COMMON), ("another beginning", _MIDDLING)):
        on.vault.forget(of.tenant)
        for state in ("first", "again, keys in memory"):
            with meter.metering() as trips:
                on.services.customers.by_name(of, f"{typed}q", network=NETWORK)
            name = f"search by {how}, {state}"
            yield Figure(f"{name}: read units", trips.reads(), "RRU")
            yield Figure(f"{name}: calls", trips.count(), "calls")
    yield Figure("search: computation for a candidate", _computed(on, of), "ms")


def _computed(on: Stage, of: StaffSession) -> float:
    items = [item for item in raw(RecordsTable) if item["kind"]["S"] == "CustomerName"][:_TIMED]
    on.vault.preload(of.tenant, {part(item["pk"]["S"], "SUBJECT") for item in items})
    started = time.perf_counter()
    for item in items:
        held = CustomerName.from_raw_data(item)
        fits(["maq"], held.given_name, held.family_name)
    return (time.perf_counter() - started) * 1000 / len(items)
