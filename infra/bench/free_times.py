"""Free times of one month with 1, 10 and 100 experts who have sixty appointments each: calls, units, computation.

Calls are counted as they leave the process; each calendar is one Query, and a bounded number run side by side. The
computation is what is left once everything is read: rules, rooms, merging, and the answer as JSON.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from timeit import repeat
from unittest import mock

from chalicelib.api.booking._slots import slots_view
from chalicelib.domain.busy import DayBusy, Entry
from chalicelib.domain.ids import new_id
from chalicelib.records._base import Record
from chalicelib.records.availability import Availability
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.writing import Transaction
from chalicelib.services.offering.reading import Search, see
from infra.bench.figures import Figure
from infra.bench.metering import Meter
from tests.builders import Business, business, weekdays
from tests.stage import Stage, stage

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
MONTH = timedelta(days=31)
HOW_MANY = (1, 10, 100)
_WORKDAYS, _A_DAY = 5, 3
_WRITES, _ROUNDS, _CALLS = 90, 5, 3
_QUERY, _BATCH = "dynamodb.Query", "dynamodb.BatchGetItem"


def run() -> list[Figure]:
    """A practice of each size."""
    return [figure for count in HOW_MANY for figure in _measured(count)]


def _measured(count: int) -> Iterator[Figure]:
    meter, name = Meter(), f"slots of a month, {count} expert{'s' if count > 1 else ''}"
    with stage() as on:
        of = business(on)
        _employ(on, of, count)
        expert = of.expert if count == 1 else None
        search = Search(tenant=of.tenant, service=of.service.id, frm=MONDAY, to=MONDAY + MONTH, expert=expert)
        on.services.offering.free(search)
        with meter.installed(), meter.metering() as trips:
            on.services.offering.free(search)
        yield Figure(f"{name}: Query", trips.count(_QUERY), "calls", count)
        yield Figure(f"{name}: read units of a Query", trips.reads(_QUERY) / count, "RRU", 2)
        yield Figure(f"{name}: read units of the batches", trips.reads(_BATCH), "RRU")
        yield Figure(f"{name}: round trips", trips.in_sequence(), "in sequence", _trips(count))
        yield Figure(f"{name}: computation", _seconds(on, search) * 1000, "ms")


def _seconds(on: Stage, search: Search) -> float:
    seen = see(search, now=on.clock())

    def compute() -> str:
        return slots_view(on.services.offering.free(search), None).model_dump_json(by_alias=True)

    with mock.patch("chalicelib.services.offering.free_times.see", return_value=seen):
        return min(repeat(compute, number=_CALLS, repeat=_ROUNDS)) / _CALLS


def _employ(on: Stage, of: Business, count: int) -> None:
    """So many experts in all, with sheets of sixty appointments in twenty days each."""
    experts = [of.expert, *(new_id(on.clock()) for _ in range(count - 1))]
    hours = [_hours(of, each) for each in experts[1:]]
    of.service.experts = set(experts)
    changed = Transaction()
    changed.update(of.service)
    changed.commit()
    _write([*hours, *(sheet for each in experts for sheet in _sheets(on, of, each))])


def _hours(of: Business, expert: str) -> Availability:
    return Availability.of(of.tenant, expert, zone="Europe/Zurich", rules=weekdays())


def _sheets(on: Stage, of: Business, expert: str) -> Iterator[DaySheet]:
    days = [MONDAY.date() + timedelta(days=number) for number in range(28) if number % 7 < _WORKDAYS]
    for day in days:
        sheet = DaySheet.blank(of.tenant, expert, day)
        starts = range(9 * 60, (9 + 2 * _A_DAY) * 60, 120)
        sheet.content = DayBusy(tuple(Entry(start, start + 60, new_id(on.clock())) for start in starts))
        yield sheet


def _write(records: list[Record]) -> None:
    for at in range(0, len(records), _WRITES):
        transaction = Transaction()
        for each in records[at : at + _WRITES]:
            transaction.create(each)
        transaction.commit()


def _trips(count: int) -> int:
    """One round for one expert; otherwise the service first, then calendars, sixteen at a time.

    At least four are asked for here: the fake answers in the same process, where calls wait for each other.
    """
    return 1 if count == 1 else 2 + count // 4
