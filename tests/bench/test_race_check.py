"""The judgement after a race finds every kind of wrong."""

from collections import Counter
from typing import Any

import pytest

from chalicelib.domain.busy import DayBusy, Entry, split_by_day
from chalicelib.domain.slots import Interval
from infra.bench.race_check import Held, contradictions
from tests.builders import MONDAY_10, booked, business
from tests.stage import stage

A, B = "a" * 32, "b" * 32
NIGHT = Interval(1435, 1445)  # over a midnight


def held(**changes: Any) -> Held:
    """Two appointments, one of them cut in two on its sheets."""
    entries = [(A, Interval(60, 120)), (B, Interval(1435, 1440)), (B, Interval(1440, 1445))]
    usual = {"appointments": {A: Interval(60, 120), B: NIGHT}, "cancelled": set(), "entries": entries, "customers": 2}
    return Held(**{**usual, **changes})


def test_all_is_well() -> None:
    """Touching ends included."""
    assert contradictions(held(), Counter([A, B])) == []
    touching = held(
        appointments={A: Interval(0, 60), B: Interval(60, 90)}, entries=[(A, Interval(0, 60)), (B, Interval(60, 90))]
    )
    assert contradictions(touching, Counter([A, B])) == []


@pytest.mark.parametrize(
    ("changes", "promised", "wrong"),
    [
        ({}, [A], "nobody was told"),
        ({}, [A, B, "c" * 32], "not stored"),
        ({}, [A, B, B], "promised 2 times"),
        ({"customers": 3}, [A, B], "3 customers"),
        ({"entries": [(A, Interval(60, 120)), (B, Interval(1435, 1440))]}, [A, B], "missing on a sheet"),
        ({"entries": [*held().entries, (A, Interval(60, 61))]}, [A, B], "without reason"),
        ({"entries": [*held().entries, ("c" * 32, Interval(0, 5))]}, [A, B], "without reason"),
        ({"appointments": {A: Interval(60, 121), B: Interval(120, 130)}}, [A, B], "overlap"),
        ({"appointments": {B: NIGHT}, "cancelled": {A}}, [A, B], "nobody asked"),
        ({"appointments": {B: NIGHT}, "cancelled": {A}}, [A, B], "without reason"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], promised: list[str], wrong: str) -> None:
    """Each in a sentence of its own."""
    assert any(wrong in sentence for sentence in contradictions(held(**changes), Counter(promised)))


def test_a_cancel_that_got_lost_is_said() -> None:
    """Somebody was told that it is cancelled, and it stands there still."""
    assert contradictions(held(), Counter([A, B]), {A}) == [f"{A} was cancelled and stands there still"]
    over = held(appointments={B: NIGHT}, cancelled={A}, entries=held().entries[1:])
    assert contradictions(over, Counter([A, B]), {A}) == []


def test_real_records_are_read() -> None:
    """As they lie in the table after a booking."""
    with stage() as on:
        of = business(on)
        appointment = booked(on, of, starts_at=MONDAY_10)
        from chalicelib.records._tables import RecordsTable
        from chalicelib.records.reading import client

        items = client().scan(TableName=RecordsTable.Meta.table_name)["Items"]

    found = Held.of(items, tenant=of.tenant, expert=of.expert)

    assert list(found.appointments) == [appointment.id]
    assert contradictions(found, Counter([appointment.id])) == []


def test_a_sheet_is_the_only_thing_cut_at_midnight() -> None:
    """So the builder above is what the product writes."""
    cut = [DayBusy((Entry(start, end, B),)) for _, start, end in split_by_day(NIGHT)]

    assert [(day.entries[0].start, day.entries[0].end) for day in cut] == [(1435, 1440), (0, 5)]
