"""The delivery state table: where reports move a message, and that their order does not matter."""

from functools import reduce
from itertools import pairwise, permutations, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.delivery import ENDS, LATE_TRUTHS, NOT_HANDED_OVER, RANK, REPORTABLE, Delivery, settle

states = st.sampled_from(list(Delivery))
reports = st.lists(st.sampled_from(sorted(REPORTABLE, key=lambda state: state.value)), max_size=12)
beginnings = st.sampled_from([Delivery.WAITING, Delivery.SENDING, Delivery.UNKNOWN, Delivery.ACCEPTED])


@given(beginnings, reports, st.randoms(use_true_random=False))
def test_the_order_of_receipts_does_not_matter(
    beginning: Delivery, given_reports: list[Delivery], random: Random
) -> None:
    """The receipts of one message lead to one state, in whatever order they come."""
    shuffled = random.sample(given_reports, len(given_reports))

    assert reduce(settle, shuffled, beginning) is reduce(settle, given_reports, beginning)


@given(beginnings, reports, st.randoms(use_true_random=False))
def test_repetitions_do_not_matter(beginning: Delivery, given_reports: list[Delivery], random: Random) -> None:
    """The state depends on the set of receipts only: repeating any of them at any time changes nothing."""
    repeated = given_reports + random.choices(given_reports, k=len(given_reports)) if given_reports else []

    assert reduce(settle, repeated, beginning) is reduce(settle, dict.fromkeys(given_reports), beginning)


def test_every_order_of_all_receipts_ends_the_same() -> None:
    """Exhaustively: all 720 orders of all six receipts end in a complaint."""
    outcomes = {reduce(settle, order, Delivery.SENDING) for order in permutations(REPORTABLE)}

    assert outcomes == {Delivery.COMPLAINED}


@given(states, states)
def test_a_report_never_steps_back(current: Delivery, reported: Delivery) -> None:
    """For every pair of states the rank stays or grows, and the answer is one of the two."""
    after = settle(current, reported)

    assert after in (current, reported)
    assert RANK[after] >= RANK[current]


@given(states, states)
def test_an_end_is_left_only_by_a_late_truth(current: Delivery, reported: Delivery) -> None:
    """What leaves an end is in the table with a reason, and nothing else is."""
    if current in ENDS:
        assert (settle(current, reported) is not current) == ((current, reported) in LATE_TRUTHS)


@given(states, states)
def test_hearing_a_report_twice_is_hearing_it_once(current: Delivery, reported: Delivery) -> None:
    """The same report again changes nothing."""
    after = settle(current, reported)

    assert settle(after, reported) is after


@pytest.mark.parametrize(
    ("current", "reported", "after"),
    [
        (Delivery.SENDING, Delivery.DELIVERED, Delivery.DELIVERED),  # the receipt was faster than our own note
        (Delivery.DELIVERED, Delivery.ACCEPTED, Delivery.DELIVERED),
        (Delivery.UNKNOWN, Delivery.ACCEPTED, Delivery.ACCEPTED),
        (Delivery.ACCEPTED, Delivery.UNKNOWN, Delivery.ACCEPTED),
        (Delivery.DELIVERED, Delivery.COMPLAINED, Delivery.COMPLAINED),
        (Delivery.DELIVERED, Delivery.BOUNCED, Delivery.BOUNCED),
        (Delivery.DELIVERED, Delivery.FAILED, Delivery.DELIVERED),
        (Delivery.FAILED, Delivery.DELIVERED, Delivery.DELIVERED),
        (Delivery.BOUNCED, Delivery.DELIVERED, Delivery.BOUNCED),
        (Delivery.COMPLAINED, Delivery.BOUNCED, Delivery.COMPLAINED),
    ],
)
def test_moves_that_matter(current: Delivery, reported: Delivery, after: Delivery) -> None:
    """The moves that real providers make, in their usual and their unusual order."""
    assert settle(current, reported) is after


@pytest.mark.parametrize("current", list(Delivery))
def test_only_what_was_not_handed_over_can_be_skipped(current: Delivery) -> None:
    """Skipping is a decision before the sending; afterwards it would hide what happened."""
    skipped = settle(current, Delivery.SKIPPED) is Delivery.SKIPPED

    assert skipped == (current in NOT_HANDED_OVER or current is Delivery.SKIPPED)


@pytest.mark.parametrize("reported", list(Delivery))
def test_what_was_skipped_stays_skipped(reported: Delivery) -> None:
    """No report can be about a message that nobody sent."""
    assert settle(Delivery.SKIPPED, reported) is Delivery.SKIPPED


def test_the_table_is_whole() -> None:
    """Every state has a rank, the ends share the last one, and the way to them has no two states side by side."""
    way = [rank for state, rank in RANK.items() if state not in ENDS]

    assert set(RANK) == set(Delivery)
    assert all(after > before for before, after in pairwise(way))
    assert {RANK[end] for end in ENDS} == {max(way) + 1}


def test_late_truths_go_one_way_and_say_why() -> None:
    """No two late truths contradict each other, each leaves one end for another and carries a sentence."""
    for before, after in product(ENDS, ENDS):
        assert not {(before, after), (after, before)} <= set(LATE_TRUTHS)
    assert all({before, after} <= ENDS for before, after in LATE_TRUTHS)
    assert all(reason.endswith(".") and len(reason) > 20 for reason in LATE_TRUTHS.values())
