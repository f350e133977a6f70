"""What a sweep will do, as a list of frozen steps that can be printed before anything is done.

The index is read ahead, so that one tenant with very much to end does not hide the others behind it; how far, and how
much of it is kept, is bounded. What does not fit is only counted, and comes with the next plan. Steps take turns: one
of each tenant, then the next of each.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, zip_longest

from chalicelib.records.due import ANONYMISE, BLOCK, EXPIRY, SEND, Due
from chalicelib.records.ending import ends_with, is_of_a_person, kind_of, tenant_of
from chalicelib.records.writing import LIMIT

WINDOW = 10_000
TENANT = "TENANT"


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction does: the same to records of one tenant."""

    tenant: str
    action: str
    due: tuple[Due, ...]


@dataclass(frozen=True)
class Plan:
    """The steps, in order, and how many records of which kind are due with each tenant, those beyond the steps too."""

    steps: tuple[Step, ...]
    due: dict[str, Counter[str]]

    @property
    def beyond(self) -> int:
        """How many records were seen that the steps do not reach."""
        return sum(sum(of.values()) for of in self.due.values()) - sum(len(step.due) for step in self.steps)


@dataclass
class _Window:
    """Keeps a fair share of what comes by: each tenant's first ones, as many as there is room for."""

    kept: dict[str, list[Due]] = field(default_factory=dict)
    due: dict[str, Counter[str]] = field(default_factory=dict)
    held: int = 0
    share: int = WINDOW

    def take(self, each: Due) -> None:
        tenant = tenant_of(each.pk)
        self.due.setdefault(tenant, Counter())[kind_of(each.pk, each.sk)] += 1
        mine = self.kept.setdefault(tenant, [])
        if len(mine) >= self.share:
            return
        mine.append(each)
        self.held += 1
        while self.held >= WINDOW and self.share > 1:
            self._narrow()

    def _narrow(self) -> None:
        self.share //= 2
        for mine in self.kept.values():
            del mine[self.share :]
        self.held = sum(map(len, self.kept.values()))


def planned(entries: Iterable[Due]) -> Plan:
    """The plan for what the index says is due."""
    window = _Window()
    for each in entries:
        window.take(each)
    turns = zip_longest(*(_steps(tenant, due) for tenant, due in window.kept.items()))
    return Plan(tuple(step for turn in turns for step in turn if step is not None), window.due)


def _steps(tenant: str, due: list[Due]) -> Iterator[Step]:
    # Plain expiry comes last, and the business itself at its end: until then all whom it kept a key for have ended.
    due.sort(key=lambda each: (each.action == EXPIRY, each.action, each.sk == TENANT, each.pk, each.sk))
    for action, same in groupby(due, key=lambda each: each.action):
        for chunk in chunks(action, same):
            yield Step(tenant, action, chunk)


def chunks(action: str, due: Iterable[Due]) -> Iterator[tuple[Due, ...]]:
    """As many as one transaction holds beside its proof. What is about one person stays together if it can."""
    chunk: list[Due] = []
    room, person = LIMIT - 1, ""
    for each in due:
        cost = _writes(action, each) + (_is_checked(action, each) and each.pk != person)
        if cost > room:
            yield tuple(chunk)
            chunk, room, cost = [], LIMIT - 1, _writes(action, each) + _is_checked(action, each)
        chunk.append(each)
        room, person = room - cost, each.pk
    if chunk:
        yield tuple(chunk)


def _writes(action: str, each: Due) -> int:
    if action in {BLOCK, SEND}:
        return 1
    return (2 if action == ANONYMISE else 1) + len(ends_with(each.pk, each.sk))


def _is_checked(action: str, each: Due) -> bool:
    return action not in {BLOCK, SEND} and is_of_a_person(each.pk)
