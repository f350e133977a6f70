"""What is past its period is absent for everybody, long before anything removes it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.records.appointment import Appointment
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.reading import fetch, fetch_all, query
from chalicelib.records.service import Service
from tests.records.record_builders import (
    ANNA,
    EXPERT,
    NOW,
    TENANT,
    THING,
    YEAR_ON,
    appointment,
    person,
    store,
    stored,
)
from tests.stage import stage

REF = Appointment.ref(TENANT, ANNA, THING)


def by_query() -> Appointment | None:
    """By the person's partition."""
    return next(iter(query(Appointment, REF.pk)), None)


def by_lookup() -> Appointment | None:
    """By the expert's list."""
    found = Appointment.of_expert(TENANT, EXPERT, frm=NOW - timedelta(days=1), to=NOW)
    return next(iter(found), None)


WAYS: dict[str, Callable[[], Appointment | None]] = {
    "fetch": lambda: fetch(REF),
    "consistent fetch": lambda: fetch(REF, consistent=True),
    "fetch_all": lambda: fetch_all([REF]).get(REF),
    "query": by_query,
    "lookup": by_lookup,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_second_of_expiry(way: str) -> None:
    """A second before it is there; at the instant and after it is not, though it is still stored."""
    with stage() as on:
        person(on)
        store(appointment())
        there = {}
        for seconds in (-1, -0.5, 0, 0.5, 1):
            on.clock.now = YEAR_ON + timedelta(seconds=seconds)
            there[seconds] = WAYS[way]() is not None
        remains = stored(REF)

    assert there == {-1: True, -0.5: True, 0: False, 0.5: False, 1: False}
    assert remains is not None


def test_only_the_expired_are_left_out() -> None:
    """Of several records under one key those that are live remain, in their order."""
    with stage() as on:
        sheets = [DaySheet.blank(TENANT, EXPERT, (NOW + timedelta(days=number)).date()) for number in range(4)]
        store(*sheets)
        on.clock.now = NOW.replace(hour=0) + timedelta(days=9)  # a week after the second day ended

        found = DaySheet.between(TENANT, EXPERT, sheets[0].day, sheets[-1].day)

    assert [sheet.day for sheet in found] == [sheet.day for sheet in sheets[2:]]


def test_a_limit_counts_what_is_live() -> None:
    """Expired records in front of it don't use it up."""
    with stage() as on:
        days = [(NOW + timedelta(days=number)).date() for number in range(6)]
        store(*(DaySheet.blank(TENANT, EXPERT, day) for day in days))
        on.clock.now = NOW.replace(hour=0) + timedelta(days=9)

        pk = DaySheet.ref(TENANT, EXPERT, days[0]).pk
        found = {limit: [sheet.day for sheet in query(DaySheet, pk, limit=limit)] for limit in (1, 3, 4, 5, None)}

    assert found == {1: days[2:3], 3: days[2:5], 4: days[2:], 5: days[2:], None: days[2:]}


def test_kinds_do_not_mix() -> None:
    """Under a person's key lie records of several kinds; a query gives those asked for."""
    with stage() as on:
        person(on)
        store(appointment())

        assert query(Service, REF.pk) == []
        assert [found.id for found in query(Appointment, REF.pk)] == [THING]


def test_a_record_that_was_never_written_is_not_absent() -> None:
    """It has no stamp yet."""
    with stage():
        assert not appointment().is_absent()
