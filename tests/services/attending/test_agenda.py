"""What staff see of their appointments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotAllowedError
from chalicelib.records.appointment import Appointment, State
from tests.builders import MONDAY_10, NETWORK, Business, booked, business
from tests.services.agenda_builders import agenda as list_of
from tests.services.looking import ledger
from tests.services.meddling import calls
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def agenda(on: Stage, of: Business, **changes: Any) -> list[Appointment]:
    """The expert's appointments of the Monday after next."""
    return list_of(on, of, **{"frm": MONDAY_10 - 2 * HOUR, "to": MONDAY_10 + DAY, **changes})


def test_appointments_come_in_order_with_who_comes() -> None:
    """Readable, and whatever the order of booking."""
    with open_business() as (on, of):
        booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, given_name="Beat", email="beat@kunde.example")
        booked(on, of)

        assert [(each.starts_at, each.given_name) for each in agenda(on, of)] == [
            (MONDAY_10, "Anna"),
            (MONDAY_10 + 2 * HOUR, "Beat"),
        ]


@pytest.mark.parametrize(
    ("frm", "to", "found"),
    [(0, 1, 1), (1, 60, 0), (-1, 1, 1), (-1, 0, 0)],
)
def test_the_start_decides_whether_it_is_in_the_range(frm: int, to: int, found: int) -> None:
    """From is in, to is out, by the second."""
    with open_business() as (on, of):
        booked(on, of)
        asked = {"frm": MONDAY_10 + timedelta(seconds=frm), "to": MONDAY_10 + timedelta(seconds=to)}

        assert len(agenda(on, of, **asked)) == found


def test_every_look_is_noted() -> None:
    """Who looked at whose agenda, from where; also when there is nothing to see."""
    with open_business() as (on, of):
        agenda(on, of)

        entry = ledger(Action.APPOINTMENTS_READ)[0]
        assert (entry.actor, entry.about, entry.network, entry.at) == (of.expert, of.expert, NETWORK, on.clock.now)


def test_experts_see_their_own_and_admins_all() -> None:
    """A refused look is no look: nothing is noted."""
    with open_business() as (on, of):
        booked(on, of)
        colleague = replace(of.session, staff="f" * 32, roles=frozenset({"expert"}))

        with pytest.raises(NotAllowedError):
            agenda(on, of, caller=colleague)
        assert ledger(Action.APPOINTMENTS_READ) == []

        assert len(agenda(on, of, caller=replace(colleague, roles=frozenset({"admin"})))) == 1


@pytest.mark.parametrize(
    ("length", "good"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(days=62), True),
        (timedelta(days=62, seconds=1), False),
    ],
)
def test_a_range_is_more_than_nothing_and_62_days_at_most(length: timedelta, good: bool) -> None:
    """To the second."""
    with open_business() as (on, of):
        if good:
            assert agenda(on, of, to=MONDAY_10 - 2 * HOUR + length) == []
        else:
            with pytest.raises(InvalidInputError):
                agenda(on, of, to=MONDAY_10 - 2 * HOUR + length)


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_the_ends_of_the_calendar_are_empty(year: int) -> None:
    """What lies before 1970 does not break the order of the index."""
    with open_business() as (on, of):
        booked(on, of)
        frm = datetime(year, 1, 1, tzinfo=UTC)

        assert agenda(on, of, frm=frm, to=frm + 30 * DAY) == []


def test_cancelled_appointments_are_shown_as_such() -> None:
    """So that nobody waits for who does not come."""
    with open_business() as (on, of):
        token = on.services.linking.self_service(booked(on, of))["cancel"]
        on.services.changing.cancel(token, network=NETWORK)

        assert [each.state for each in agenda(on, of)] == [State.CANCELLED]


def test_a_moved_appointment_is_listed_at_its_new_time_only() -> None:
    """The index follows."""
    with open_business() as (on, of):
        token = on.services.linking.self_service(booked(on, of))["reschedule"]
        on.services.changing.move(token, MONDAY_10 + 3 * HOUR, network=NETWORK)

        assert [each.starts_at for each in agenda(on, of)] == [MONDAY_10 + 3 * HOUR]


def test_another_tenants_appointments_stay_out() -> None:
    """Even for an admin who knows the expert's id."""
    with open_business() as (on, of):
        other = business(on, email="urs@andere.example")
        booked(on, other)

        assert agenda(on, of, expert=other.expert) == []


def test_a_list_costs_two_round_trips() -> None:
    """The list, that of others' appointments and the services beside the note of it, then all the keys at once."""
    with open_business() as (on, of):
        for number in range(4):
            booked(on, of, starts_at=MONDAY_10 + number * HOUR, email=f"kunde{number}@kunden.example")
        on.vault.forget(of.tenant)
        on.vault.link_key(of.tenant)

        with calls() as made:
            agenda(on, of)

        assert sorted(made) == ["BatchGetItem", "Query", "Query", "Query", "TransactWriteItems"]
