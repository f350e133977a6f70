"""What a check of the audit is, and what it may look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property

from chalicelib.records.sampling import Sample
from chalicelib.services.auditing.declared import Declared, Place
from chalicelib.services.ports import Stack


class Outcome(Enum):
    """What came of a check. One that could not look is as bad as one that found something."""

    FINE = "fine"
    WRONG = "wrong"
    COULD_NOT_LOOK = "could-not-look"


@dataclass(frozen=True)
class Finding:
    """What a check saw: what is wrong, in names of ours, and how much it looked at. Never a value that is stored."""

    wrong: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What checks look at."""

    now: datetime
    place: Place
    declared: Declared
    stack: Stack
    data_key: str
    copy_vault: str
    take_sample: Callable[[], Sample]

    @cached_property
    def sample(self) -> Sample:
        """Stored items, taken once an audit; what it holds are counts and names."""
        return self.take_sample()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: the promises it bears on, what it looks at in a sentence, and how."""

    name: str
    promises: tuple[str, ...]
    looks_at: str
    look: Callable[[Sight], Finding]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One check of an audit that took place."""

    name: str
    outcome: Outcome
    wrong: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_fine(self) -> bool:
        """Whether it looked and found nothing."""
        return self.outcome is Outcome.FINE

    def stored(self) -> dict[str, object]:
        """As the result of the audit holds it."""
        found = {"wrong": list(self.wrong), "counts": dict(self.counts)}
        return {"name": self.name, "outcome": self.outcome.value, **found}

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> "Checked":
        """Out of a result."""
        wrong, counts = stored["wrong"], stored["counts"]
        if not isinstance(wrong, list) or not isinstance(counts, dict):
            raise TypeError("this is no outcome of a check")
        return cls(name=str(stored["name"]), outcome=Outcome(stored["outcome"]), wrong=tuple(wrong), counts=counts)
