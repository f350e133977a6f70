"""Refunds by how early somebody cancels."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.refunds import latest, refund
from chalicelib.domain.terms import Refund

START = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
DAY = 24 * 60
RULES = (Refund(minutes=2 * DAY, percent=100), Refund(minutes=DAY, percent=50), Refund(minutes=60, percent=10))


@pytest.mark.parametrize(
    ("before", "seconds", "back"),
    [
        (30 * DAY, 0, 9000),
        (2 * DAY, -1, 9000),
        (2 * DAY, 0, 9000),
        (2 * DAY, 1, 4500),
        (DAY, -1, 4500),
        (DAY, 0, 4500),
        (DAY, 1, 900),
        (60, 0, 900),
        (60, 1, 0),
        (0, 0, 0),
        (-60, 0, 0),
    ],
)
def test_the_share_depends_on_how_early_it_is(before: int, seconds: int, back: int) -> None:
    """Each rule holds up to its last second; who comes later falls under the next one."""
    at = START - timedelta(minutes=before) + timedelta(seconds=seconds)

    assert refund(9000, RULES, starts_at=START, at=at) == back


@pytest.mark.parametrize("order", [RULES, RULES[::-1], (RULES[1], RULES[2], RULES[0])], ids=["down", "up", "mixed"])
def test_the_order_of_the_rules_says_nothing(order: tuple[Refund, ...]) -> None:
    """The most generous one that is kept wins."""
    assert refund(100, order, starts_at=START, at=START - timedelta(days=3)) == 100


@pytest.mark.parametrize(("paid", "percent", "back"), [(99, 50, 50), (1, 1, 1), (0, 100, 0), (10001, 33, 3301)])
def test_fractions_go_to_the_customer(paid: int, percent: int, back: int) -> None:
    """And never more than was paid."""
    rules = [Refund(minutes=0, percent=percent)]

    assert refund(paid, rules, starts_at=START, at=START) == back <= paid


def test_without_rules_nothing_goes_back() -> None:
    """Nobody promised anything."""
    assert refund(9000, (), starts_at=START, at=START - timedelta(days=300)) == 0


def test_minutes_before_the_start_are_real_ones() -> None:
    """Also over the night in which clocks go back, when a day has 25 hours."""
    after_the_change = datetime(2026, 10, 25, 8, 0, tzinfo=UTC)  # nine o'clock in Zurich

    assert latest(after_the_change, DAY) == datetime(2026, 10, 24, 8, 0, tzinfo=UTC)  # ten o'clock in Zurich
