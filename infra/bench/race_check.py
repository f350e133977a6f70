"""What must hold in the tables after a race, whoever won: read raw, judged without the product's own services."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from chalicelib.domain.busy import DayBusy, to_intervals
from chalicelib.domain.slots import Interval

Raw = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Held:
    """What one expert's raw records say: appointments by id, those that were cancelled, and busy time by owner."""

    appointments: dict[str, Interval]
    cancelled: set[str]
    entries: list[tuple[str, Interval]]
    customers: int

    @classmethod
    def of(cls, items: Iterable[Raw], *, tenant: str, expert: str) -> "Held":
        """Out of a scan of `records`."""
        mine = [item for item in items if item["pk"]["S"].startswith(f"TENANT#{tenant}")]
        booked = [i for i in mine if i["kind"]["S"] == "Appointment" and i["expert"]["S"] == expert]
        sheets = [i for i in mine if i["pk"]["S"] == f"TENANT#{tenant}#DAY#{expert}"]
        over = {_id(item) for item in booked if item["state"]["S"] == "cancelled"}
        return cls(
            {_id(item): _taken(item) for item in booked if _id(item) not in over},
            over,
            [entry for sheet in sheets for entry in _entries(sheet)],
            sum(item["kind"]["S"] == "Customer" for item in mine),
        )


def contradictions(held: Held, promised: Mapping[str, int], cancelled: Collection[str] = ()) -> list[str]:
    """Everything that is wrong, one sentence each. `promised`: the ids that callers were told, how many times each.

    `cancelled` are those whose customers were told that they are.
    """
    every = held.appointments.keys() | held.cancelled
    found = [f"{each} was promised {times} times" for each, times in promised.items() if times != 1]
    found += [f"{each} was promised but is not stored" for each in promised.keys() - every]
    found += [f"{each} is stored but nobody was told" for each in every - promised.keys()]
    found += [f"{each} was cancelled and stands there still" for each in set(cancelled) - held.cancelled]
    found += [f"{each} is cancelled though nobody asked for it" for each in held.cancelled - set(cancelled)]
    ordered = sorted(held.appointments.items(), key=lambda one: one[1].start)
    found += [f"{a} and {b} overlap" for (a, x), (b, y) in pairwise(ordered) if x.end > y.start]
    if held.customers != len(every):
        found.append(f"{held.customers} customers are stored for {len(every)} appointments")
    return found + _of_sheets(held)


def _of_sheets(held: Held) -> list[str]:
    expected = Counter(_minutes(held.appointments.items()))
    written = Counter(_minutes(held.entries))
    missing, more = ({owner for owner, _ in apart} for apart in (expected - written, written - expected))
    return [f"{each} is missing on a sheet" for each in sorted(missing)] + [
        f"{each} stands on a sheet without reason" for each in sorted(more)
    ]


def _minutes(taken: Iterable[tuple[str, Interval]]) -> Iterator[tuple[str, int]]:
    """Who holds which minute: the one measure in which a sheet cut at midnight and an appointment can be compared."""
    return ((owner, minute) for owner, held in taken for minute in range(held.start, held.end))


def _id(item: Raw) -> str:
    return str(item["sk"]["S"].removeprefix("APPOINTMENT#"))


def _taken(item: Raw) -> Interval:
    return Interval(int(item["blocked_from"]["N"]) // 60, int(item["blocked_until"]["N"]) // 60)


def _entries(sheet: Raw) -> list[tuple[str, Interval]]:
    busy, day = DayBusy.decode(sheet["busy"]["B"]), date.fromisoformat(sheet["sk"]["S"])
    owners = (entry.owner for entry in busy.entries)
    return list(zip(owners, to_intervals(day, busy), strict=True))
