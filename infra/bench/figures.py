"""What a benchmark finds: a name, a value, and the most or the least that the design allows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One finding. `budget` is the most that is allowed, `least` the least; None where the figure only tells."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    least: float | None = None

    @property
    def ok(self) -> bool:
        """Whether it is within its budget; what has none can't miss it."""
        return (self.budget is None or self.value <= self.budget) and (self.least is None or self.value >= self.least)

    def row(self) -> dict[str, Any]:
        """As it stands in bench.json."""
        return {**asdict(self), "ok": self.ok}

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Figure":
        """The opposite of `row`."""
        return cls(row["name"], row["value"], row["unit"], row["budget"], row["least"])


def table(figures: Sequence[Figure]) -> str:
    """For people: one line a figure, the misses marked."""
    lines = [("name", "value", "unit", "budget", "ok"), *map(_line, figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(_padded(line, widths) for line in lines)


def misses(figures: Iterable[Figure]) -> list[str]:
    """One sentence for each budget that was missed."""
    return [f"MISSED {f.name}: {number(f.value)} {f.unit}, allowed {_allowed(f)}" for f in figures if not f.ok]


def number(value: float) -> str:
    """At most four digits that say something."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _line(figure: Figure) -> tuple[str, str, str, str, str]:
    allowed = _allowed(figure)
    verdict = "" if not allowed else "ok" if figure.ok else "MISSED"
    return figure.name, number(figure.value), figure.unit, allowed, verdict


def _allowed(figure: Figure) -> str:
    limits = (("<=", figure.budget), (">=", figure.least))
    return ", ".join(f"{sign} {number(limit)}" for sign, limit in limits if limit is not None)


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    name, value, unit, budget, verdict = line
    return f"{name:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {budget:>{widths[3]}}  {verdict}".rstrip()
