"""The plan of a sweep: everybody has a turn, no step exceeds a transaction, and memory no more than a window."""

from collections import Counter
from datetime import timedelta
from unittest import mock

import pytest

from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.due import ANONYMISE, BLOCK, EXPIRY, FILES, SEND, Due
from chalicelib.records.writing import Transaction
from chalicelib.services.retention import sweeping, sweeping_plan
from chalicelib.services.retention.sweeping_plan import WINDOW, Plan, planned
from tests.records.record_builders import NOW
from tests.records.trial_kinds import note
from tests.services.meddling import calls
from tests.services.trial_sweeps import put
from tests.services.trial_sweeps import sweeping as trial_sweep
from tests.stage import stage

BIG, SMALL, THIRD = "b" * 32, "5" * 32, "3" * 32


def due(tenant: str, number: int, *, word: str = "NOTE", person: int | None = None, action: str = EXPIRY) -> Due:
    """One entry; everybody has one record, unless told otherwise."""
    who = number if person is None else person
    return Due(f"TENANT#{tenant}#SUBJECT#{who:032x}", f"{word}#{number:032x}", NOW, action)


def tenants(plan: Plan) -> list[str]:
    """Whose turn it is, step by step."""
    return [step.tenant for step in plan.steps]


def test_a_hundred_thousand_of_one_business_hide_no_other() -> None:
    """Whoever stands behind them in the index has the second step, and whoever else the third."""
    plan = planned([*(due(BIG, n) for n in range(100_000)), due(SMALL, 1), *(due(THIRD, n) for n in range(60))])

    assert tenants(plan)[:3] == [BIG, SMALL, THIRD]
    assert tenants(plan)[3:6] == [BIG, THIRD, BIG]
    assert plan.due == {BIG: Counter(NOTE=100_000), SMALL: Counter(NOTE=1), THIRD: Counter(NOTE=60)}


@pytest.mark.parametrize("number", [WINDOW - 1, WINDOW, WINDOW + 1, 5 * WINDOW])
def test_the_window_is_bounded(number: int) -> None:
    """However much is due; what is beyond is counted."""
    plan = planned(due(BIG, n) for n in range(number))

    held = sum(len(step.due) for step in plan.steps)
    assert held == (number if number < WINDOW else WINDOW // 2)
    assert plan.beyond == number - held


def test_many_businesses_share_the_window() -> None:
    """As many as there is room for, each with as much as the others."""
    plan = planned(due(f"{tenant:032x}", n) for tenant in range(100) for n in range(1000))

    of = Counter(step.tenant for step in plan.steps for _ in step.due)
    assert len(of) == 100
    assert len(set(of.values())) == 1
    assert WINDOW // 4 < sum(of.values()) <= WINDOW


@pytest.mark.parametrize(
    ("word", "action", "size"),
    [
        ("NOTE", EXPIRY, 49),  # a deletion, and a look whether the person is held
        ("CUSTOMER", EXPIRY, 33),  # and a key
        ("NOTE", ANONYMISE, 33),  # and what is kept
        ("NOTE", BLOCK, 99),
        ("NOTIFICATION", SEND, 99),
    ],
)
def test_a_step_is_as_large_as_a_transaction(word: str, action: str, size: int) -> None:
    """A hundred writes with the proof, and not one more."""
    entries = [due(BIG, n, word=word, action=action) for n in range(400)]
    entries = [Due(each.pk, word, NOW, action) for each in entries] if word == "CUSTOMER" else entries

    plan = planned(entries)

    assert [len(step.due) for step in plan.steps[:-1]] == [size] * (400 // size)
    assert sum(len(step.due) for step in plan.steps) == 400


def test_what_is_about_one_person_stays_together() -> None:
    """One look for all of it, however it was mixed in the index."""
    plan = planned(due(BIG, n, person=n % 2) for n in range(98))

    (first, second) = plan.steps
    assert [len(first.due), len(second.due)] == [97, 1]
    assert [each.pk for each in first.due] == sorted(each.pk for each in first.due)


def test_a_step_does_one_thing() -> None:
    """What ends, what is blocked and what was never sent are steps of their own."""
    plan = planned(due(BIG, n, action=(EXPIRY, BLOCK, SEND)[n % 3]) for n in range(30))

    assert sorted((step.action, len(step.due)) for step in plan.steps) == [(BLOCK, 10), (EXPIRY, 10), (SEND, 10)]


def test_what_belongs_to_no_business_has_its_turn() -> None:
    """It is the installation's."""
    plan = planned([Due("SUPPRESSION#email#" + "1" * 32, "SUPPRESSION", NOW, EXPIRY), due(BIG, 1)])

    assert sorted(tenants(plan)) == sorted([INSTALLATION, BIG])


def test_everything_goes_in_the_end_whatever_the_window() -> None:
    """And the small business in the first round: before the second look at the index."""
    with stage() as on:
        put(*(note(NOW - timedelta(days=40), tenant=BIG, person=f"{n:032x}") for n in range(90)))
        put(note(NOW - timedelta(days=31), tenant=SMALL, person="a" * 32))
        order: list[str] = []
        commit = Transaction.commit

        def noting(transaction: Transaction) -> None:
            order.append(transaction._steps[-1].key[0])
            commit(transaction)

        with mock.patch.object(sweeping_plan, "WINDOW", 30), mock.patch.object(Transaction, "commit", noting):
            plan = trial_sweep(on).plan()
            counts = trial_sweep(on).run()

        assert (counts.due, counts.removed, counts.adds_up) == (91, 91, True)
        assert SMALL in order[1]
        assert plan.beyond == 90 + 1 - sum(len(step.due) for step in plan.steps) > 0


@pytest.mark.parametrize("hidden", [1, 60])
def test_what_does_not_end_hides_nothing_behind_it(hidden: int) -> None:
    """A first windowful that meets a busy table again and again: what comes behind it is ended all the same."""
    with stage() as on:
        put(*(note(NOW - timedelta(days=40), tenant=BIG, person=f"{n:032x}") for n in range(100)))
        put(*(note(NOW - timedelta(days=31), tenant=SMALL, person=f"{n:032x}") for n in range(hidden)))
        commit = Transaction.commit

        def refusing(transaction: Transaction) -> None:
            if BIG in transaction._steps[-1].key[0]:
                raise TryAgainError
            commit(transaction)

        windows = (mock.patch.object(module, "WINDOW", 40) for module in (sweeping_plan, sweeping))
        with next(windows), next(windows), mock.patch.object(Transaction, "commit", refusing):
            counts = trial_sweep(on).run()

        assert (counts.removed, counts.adds_up) == (hidden, True)
        assert trial_sweep(on).run().removed == 100


def test_how_far_the_index_is_read_ahead_is_bounded() -> None:
    """For one plan: so many entries of each shard, and the next plan goes on."""
    with stage() as on:
        put(*(note(NOW - timedelta(days=40), tenant=BIG, person=f"{n:032x}") for n in range(80)))

        with mock.patch.object(sweeping, "AHEAD", 5):
            assert sum(plan_due(on)) <= 4 * 5
            assert trial_sweep(on).run().removed == 80


def plan_due(on: object) -> list[int]:
    """How many each step holds."""
    return [len(step.due) for step in trial_sweep(on).plan().steps]  # type: ignore[arg-type]


def test_planning_reads_the_index_and_nothing_else() -> None:
    """No record is looked at, and nothing is written."""
    with stage() as on:
        put(*(note(NOW - timedelta(days=40), tenant=BIG, person=f"{n:032x}") for n in range(20)))

        with calls() as made:
            trial_sweep(on).plan()

        assert set(made) == {"Query"}


def test_a_plan_can_not_be_changed() -> None:
    """What was looked at is what is done: the run carries out these steps and no others."""
    plan = planned([due(BIG, 1)])

    with pytest.raises(AttributeError):
        plan.steps = ()  # type: ignore[misc]
    with pytest.raises(AttributeError):
        plan.steps[0].due = ()  # type: ignore[misc]


def test_a_business_comes_after_everybody_whose_key_it_kept() -> None:
    """Behind what has files, and behind all others of its last step."""
    business = Due(f"TENANT#{BIG}", "TENANT", NOW, EXPIRY)
    files = due(BIG, 7, word="STAFF", action=FILES)

    plan = planned([business, files, *(due(BIG, n) for n in range(60)), Due(f"TENANT#{BIG}", "TEAM", NOW, EXPIRY)])

    assert plan.steps[0].due == (files,)
    assert plan.steps[-1].due[-1] == business
