"""What is printed and written."""

import pytest

from infra.bench.figures import Figure, misses, number, table


@pytest.mark.parametrize(("value", "ok"), [(2.999, True), (3, True), (3.001, False)])
def test_a_budget_may_be_used_up(value: float, ok: bool) -> None:
    """But not exceeded."""
    assert Figure("trips", value, "calls", 3).ok is ok


@pytest.mark.parametrize(("value", "ok"), [(0.699, False), (0.7, True), (0.701, True)])
def test_a_least_may_be_reached(value: float, ok: bool) -> None:
    """But not missed."""
    assert Figure("speed", value, "x", least=0.7).ok is ok


def test_a_figure_without_a_budget_misses_nothing() -> None:
    """However large."""
    assert Figure("trips", 1e9, "calls").ok
    assert misses([Figure("trips", 1e9, "calls"), Figure("kept", 0, "calls", 0)]) == []


def test_misses_are_told() -> None:
    """With what was allowed."""
    assert misses([Figure("trips", 4, "calls", 3)]) == ["MISSED trips: 4 calls, allowed <= 3"]
    assert misses([Figure("speed", 0.5, "x", least=0.7)]) == ["MISSED speed: 0.5 x, allowed >= 0.7"]


def test_a_figure_survives_its_file() -> None:
    """Name, value, unit, budget; the verdict is derived."""
    figure = Figure("trips", 4, "calls", 3)

    assert figure.row() == {"name": "trips", "value": 4, "unit": "calls", "budget": 3, "least": None, "ok": False}
    assert Figure.of(figure.row()) == figure


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (3.0, "3"), (0.23561, "0.2356"), (12345.6, "12,346"), (10048, "10,048")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Four digits that say something."""
    assert number(value) == text


def test_the_table() -> None:
    """Columns in line, the verdict last."""
    figures = [
        Figure("a", 1, "calls", 3),
        Figure("longer", 4.5, "ms", 3),
        Figure("b", 7, "x"),
        Figure("c", 8, "x", least=2),
    ]
    lines = table(figures).splitlines()

    assert lines == [
        "name    value  unit   budget  ok",
        "a           1  calls    <= 3  ok",
        "longer    4.5  ms       <= 3  MISSED",
        "b           7  x",
        "c           8  x        >= 2  ok",
    ]
