"""What the figures of contention are made of."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations

from infra.bench.contention import DURATIONS, ONE_IN, ROUNDS, STARTS, STEP, THREADS, Tally


def test_a_round_needs_one_winner_and_one_who_cancels() -> None:
    """Nobody, or two, is wrong; each of both counts."""
    fine = Counter(dict.fromkeys(range(ROUNDS), 1))
    nobody, two = fine - Counter([0]), fine + Counter([1])

    assert Tally(booked=fine, cancelled=fine).wrong_rounds == 0
    assert Tally(booked=nobody, cancelled=fine).wrong_rounds == 1
    assert Tally(booked=two, cancelled=nobody).wrong_rounds == 2


def test_all_times_that_are_wanted_at_once_overlap_and_few_are_equal() -> None:
    """Otherwise two winners would be no contradiction."""
    at = datetime(2026, 11, 9, tzinfo=UTC)
    wanted = {
        (at + entrant % STARTS * STEP, timedelta(minutes=DURATIONS[entrant % len(DURATIONS)]))
        for entrant in range(THREADS)
        if entrant % ONE_IN
    }

    assert len(wanted) == STARTS
    assert all(one < two + length and two < one + more for (one, more), (two, length) in combinations(wanted, 2))
