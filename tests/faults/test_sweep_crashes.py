"""A sweep that is killed at any of its writes: the next one ends the rest, and together they prove each record once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any
from unittest import mock

import pytest
from moto import mock_aws

from chalicelib.domain.actions import Action
from chalicelib.records._tables import RecordsTable
from chalicelib.records.keys import SubjectKey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.services.retention import sweeping_plan
from tests.fakes import DrivenClock
from tests.records.record_builders import NOW, TENANT, YEAR_ON, appointment, customer, person, store
from tests.records.trial_kinds import TrialDocument, TrialInvoice, TrialSurvey, where
from tests.services.looking import backend, raw, stored
from tests.services.meddling import Killed, calls, killed_at
from tests.services.trial_sweeps import MemoryFiles, hold, put, sweeping
from tests.stage import AWS, Stage, stage

PEOPLE = [f"{number:032x}" for number in range(12)]
HELD, BUSINESS = PEOPLE[7], "b" * 32
HELD_UNTIL = YEAR_ON + timedelta(days=30)


def full(on: Stage) -> None:
    """Twelve people with a key, an appointment, a document and an answer each, invoices, and another business."""
    for who in PEOPLE:
        person(on, subject=who)
        store(customer(subject=who), appointment(subject=who))
        put(TrialDocument(*where(TENANT, who, "DOCUMENT"), sent_at=NOW))
        answer = {"stars": 1, "language": "de", "customer": who, "received_as": "1"}
        put(TrialSurvey(*where(TENANT, who, "SURVEY"), answered_at=NOW, **answer))
    put(*(TrialInvoice(*where(BUSINESS, who, "INVOICE"), issued_at=NOW) for who in PEOPLE))
    hold(TENANT, HELD, HELD_UNTIL)


@cache
def _made() -> Any:
    with stage() as on:
        full(on)
        return deepcopy(backend().tables)


@contextmanager
def a_year_on() -> Iterator[tuple[Stage, MemoryFiles]]:
    """All of that, a year later."""
    tables = _made()
    # Small steps: the fake copies its tables for each transaction, so that large ones would take long.
    with mock.patch.dict("os.environ", AWS), mock_aws(), mock.patch.object(sweeping_plan, "LIMIT", 25):
        on = Stage(DrivenClock(YEAR_ON))
        backend().tables = deepcopy(tables)
        files = MemoryFiles({f"TENANT/{TENANT}/SUBJECT/{who}/DOCUMENT/{1:032x}/scan.pdf" for who in PEOPLE})
        yield on, files


def proven() -> dict[str, Counter[str]]:
    """What all proofs together say, by what was done."""
    total: dict[str, Counter[str]] = {}
    for entry in stored(LedgerEntry):
        total.setdefault(entry.action.name, Counter()).update(entry.counts or {})
    return total


def assert_all_ended(files: MemoryFiles) -> None:
    """Everybody but the one who is held is gone with key and files; each record is told of in exactly one proof."""
    others = len(PEOPLE) - 1
    gone = {"CUSTOMER": others, "APPOINTMENT": others, "DOCUMENT": others}
    assert proven() == {
        Action.SWEPT.name: gone,
        Action.ANONYMISED.name: {"SURVEY": others},
        Action.BLOCKED.name: {"INVOICE": len(PEOPLE)},
        Action.HELD_BACK.name: {"CUSTOMER": 1, "APPOINTMENT": 1, "DOCUMENT": 1, "SURVEY": 1},
    }
    left = Counter(item["sk"]["S"].partition("#")[0] for item in raw(RecordsTable))
    of_held = {"HOLDS": 1, "CUSTOMER": 1, "APPOINTMENT": 1, "DOCUMENT": 1, "SURVEY": 1}
    assert left == {**of_held, "TrialSurvey": others, "INVOICE": len(PEOPLE)}
    assert [key.sk for key in stored(SubjectKey)] == [f"SUBJECT#{HELD}"]
    assert [HELD in key for key in files.objects] == [True]


@cache
def writes() -> int:
    """How many transactions a sweep makes that nobody kills."""
    with a_year_on() as (on, files), calls() as made:
        sweeping(on, files).run()
        assert_all_ended(files)
        return made.count("TransactWriteItems")


def test_the_number_of_writes_is_the_one_that_is_struck_below() -> None:
    """If a sweep writes more often some day, the test below must strike there too."""
    assert writes() == STRUCK


STRUCK = 10


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(1, STRUCK + 1))
def test_killed_at_a_write(write: int, after: bool) -> None:
    """At each of them, before and after."""
    with a_year_on() as (on, files):
        with killed_at(write, after=after):
            sweeping(on, files).run()

        counts = sweeping(on, files).run()

        assert counts.adds_up
        assert_all_ended(files)


@pytest.mark.parametrize("calls_before", [0, 1, 5, 10])
def test_killed_between_two_files(calls_before: int) -> None:
    """Some prefixes are empty, no record of them is removed yet: the next sweep asks for all of them once more."""
    with a_year_on() as (on, files):
        done = files.delete_all
        files.delete_all = _dying_after(done, calls_before)  # type: ignore[method-assign]
        with pytest.raises(Killed):
            sweeping(on, files).run()
        files.delete_all = done  # type: ignore[method-assign]

        sweeping(on, files).run()

        assert_all_ended(files)


def _dying_after(act: Callable[..., None], times: int) -> Callable[..., None]:
    left = iter(range(times))

    def strike(**given: Any) -> None:
        if next(left, None) is None:
            raise Killed
        act(**given)

    return strike


def test_killed_again_and_again() -> None:
    """Each sweep gets one write far; in the end everything has ended all the same."""
    with a_year_on() as (on, files):
        for _ in range(STRUCK - 4):
            with killed_at(1, after=True):
                sweeping(on, files).run()

        sweeping(on, files).run()

        assert_all_ended(files)
