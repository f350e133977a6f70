"""Fairness: whose turn it is, among those who are free."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.fairness import counted, fairest
from chalicelib.domain.ids import made_at, new_id

WEIGHTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5), min_size=1)
THEN = datetime(2026, 11, 9, 9, tzinfo=UTC)


def shares(weights: dict[str, int]) -> dict[str, Fraction]:
    """The part of each."""
    total = sum(weights.values())
    return {who: Fraction(weight, total) if total else Fraction(1, len(weights)) for who, weight in weights.items()}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(WEIGHTS, st.integers(0, 40))
def test_nobody_who_is_free_with_the_others_gets_a_whole_one_more_than_their_share(
    weights: dict[str, int], times: int
) -> None:
    """After each single one of them."""
    held = dict.fromkeys(weights, 0)
    for number in range(1, times + 1):
        held[fairest(weights, experts=weights, weights=weights, held=held)] += 1
        assert all(held[who] < share * number + 1 for who, share in shares(weights).items())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data(), WEIGHTS)
def test_the_one_with_the_greatest_shortfall_gets_it(data: st.DataObject, weights: dict[str, int]) -> None:
    """Whatever each has already, and whoever is free."""
    held = {each: data.draw(st.integers(0, 9)) for each in weights}
    free = data.draw(st.lists(st.sampled_from(sorted(weights)), min_size=1, unique=True))
    whole, part = sum(held.values()) + 1, shares(weights)

    chosen = fairest(free, experts=weights, weights=weights, held=held)

    assert part[chosen] * whole - held[chosen] == max(part[each] * whole - held[each] for each in free)


@pytest.mark.parametrize(
    ("weights", "held", "next_one"),
    [
        ({}, {}, "a"),
        ({}, {"a": 1}, "b"),
        ({}, {"a": 1, "b": 1}, "c"),
        ({"c": 3}, {}, "c"),
        ({"c": 3}, {"c": 2}, "a"),
        ({"a": 0, "b": 0, "c": 0}, {"a": 1}, "b"),
        ({"a": 0}, {"b": 9, "c": 9}, "b"),
    ],
)
def test_whose_turn_it_is(weights: dict[str, int], held: dict[str, int], next_one: str) -> None:
    """A weight is 1 unless said otherwise; who has none comes last; the first of equals is the first by id."""
    assert fairest(["c", "b", "a"], experts="abc", weights=weights, held=held) == next_one


def test_who_has_no_weight_does_what_nobody_else_can() -> None:
    """Rather than nobody."""
    assert fairest(["a"], experts="abc", weights={"a": 0}, held={"a": 50}) == "a"


def test_what_was_booked_before_the_newest_joined_does_not_count() -> None:
    """A newcomer has nothing to catch up with; what is booked from that moment on is shared with them."""
    made = [new_id(THEN + timedelta(milliseconds=each)) for each in (-1, 0, 1)]

    assert counted(made, []) == 3
    assert counted(made, [THEN]) == 2
    assert counted(made, [THEN, THEN - timedelta(days=1)]) == 2
    assert counted(made, [THEN + timedelta(milliseconds=2)]) == 0


def test_an_id_tells_when_it_was_made() -> None:
    """To the millisecond."""
    at = datetime(2026, 11, 9, 9, 0, 0, 123_000, tzinfo=UTC)

    assert made_at(new_id(at)) == at
