"""The slot rules against the naive oracle, on random questions that crowd around clock changes.

Each run asks questions that no run asked before; a difference ends it with the smallest question that shows it.
"""

from infra.bench.figures import Figure
from tests.domain.test_slots_oracle import explore

_QUESTIONS = 10_000


def run() -> list[Figure]:
    """What was asked; there is a figure at all only if both always agreed."""
    seen = explore(_QUESTIONS)
    return [
        Figure("slots against the oracle: random questions", seen["questions"], "questions", least=_QUESTIONS),
        Figure("slots against the oracle: starts compared", seen["starts"], "starts"),
        Figure("slots against the oracle: differences", 0, "questions", 0),
    ]
