"""What must hold in the tables after a race, whoever won: read raw, judged without the product's own services."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from chalicelib.domain.busy import DayBusy, to_intervals
from chalicelib.domain.slots import Interval

Raw = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Held:
    """What one expert's raw records say: appointments by id, and busy time by owner."""

    appointments: dict[str, Interval]
    entries: list[tuple[str, Interval]]
    customers: int

    @classmethod
    def of(cls, items: Iterable[Raw], *, tenant: str, expert: str) -> "Held":
        """Out of a scan of `records`."""
        mine = [item for item in items if item["pk"]["S"].startswith(f"TENANT#{tenant}")]
        booked = [i for i in mine if i["kind"]["S"] == "Appointment" and i["expert"]["S"] == expert]
        sheets = [i for i in mine if i["pk"]["S"] == f"TENANT#{tenant}#DAY#{expert}"]
        return cls(
            {item["sk"]["S"].removeprefix("APPOINTMENT#"): _taken(item) for item in booked},
            [entry for sheet in sheets for entry in _entries(sheet)],
            sum(item["kind"]["S"] == "Customer" for item in mine),
        )


def contradictions(held: Held, promised: Mapping[str, int]) -> list[str]:
    """Everything that is wrong, one sentence each. `promised`: the ids that callers were told, how many times each."""
    found = [f"{each} was promised {times} times" for each, times in promised.items() if times != 1]
    found += [f"{each} was promised but is not stored" for each in promised.keys() - held.appointments.keys()]
    found += [f"{each} is stored but nobody was told" for each in held.appointments.keys() - promised.keys()]
    ordered = sorted(held.appointments.items(), key=lambda one: one[1].start)
    found += [f"{a} and {b} overlap" for (a, x), (b, y) in pairwise(ordered) if x.end > y.start]
    if held.customers != len(held.appointments):
        found.append(f"{held.customers} customers are stored for {len(held.appointments)} appointments")
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


def _taken(item: Raw) -> Interval:
    return Interval(int(item["blocked_from"]["N"]) // 60, int(item["blocked_until"]["N"]) // 60)


def _entries(sheet: Raw) -> list[tuple[str, Interval]]:
    busy, day = DayBusy.decode(sheet["busy"]["B"]), date.fromisoformat(sheet["sk"]["S"])
    owners = (entry.owner for entry in busy.entries)
    return list(zip(owners, to_intervals(day, busy), strict=True))
