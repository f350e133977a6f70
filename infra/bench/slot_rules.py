"""The pure computation of a month of slots: 60 busy intervals, 533 starts."""

from timeit import repeat

from chalicelib.domain.slots import starts
from infra.bench.figures import Figure
from tests.domain.slots_cases import month_case

_ROUNDS = 300
_CALLS = 5


def run() -> list[Figure]:
    """The fastest of many: what the computation needs when nothing disturbs it."""
    case = month_case()

    def compute() -> list[object]:
        return [*starts(case.offer, case.availability, case.busy, now=case.now, frm=case.frm, to=case.to)]

    found = len(compute())
    seconds = min(repeat(compute, number=_CALLS, repeat=_ROUNDS)) / _CALLS
    return [
        Figure("slots of a month: pure computation", seconds * 1000, "ms", 0.5),
        Figure("slots of a month: starts found", found, "starts"),
    ]
