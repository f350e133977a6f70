"""Lists in pages, of everybody at once, by filter, with the seats of groups and those who take part as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotAllowedError
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.participation import Participation
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from chalicelib.records.team import Team
from chalicelib.records.writing import Transaction
from chalicelib.services.attending.agenda import Page
from tests.builders import MONDAY_10, Business
from tests.records.record_builders import ANNA, BEN, appointment, person, store
from tests.services.agenda_builders import page
from tests.services.looking import ledger
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
COLLEAGUE, ROOM = "c" * 32, "d" * 32


@contextmanager
def practice() -> Iterator[tuple[Stage, Business]]:
    """A business with a colleague and two customers."""
    with open_business() as (on, of):
        for each in (ANNA, BEN):
            person(on, tenant=of.tenant, subject=each)
        team = fetch(Team.ref(of.tenant))
        assert team is not None
        team.take_in(COLLEAGUE, {"expert"})
        transaction = Transaction()
        transaction.update(team)
        transaction.commit()
        yield on, of


def held(of: Business, number: int, **changes: Any) -> Appointment:
    """An appointment, stored as it is: hour by hour from Monday at ten."""
    values = {"expert": of.expert, "service": of.service.id, "starts_at": MONDAY_10 + number * HOUR, **changes}
    made = appointment(tenant=of.tenant, thing=f"{number:032x}", **values)
    store(made)
    return made


def change_service(of: Business, **changes: Any) -> None:
    """Other terms."""
    service = fetch(Service.ref(of.tenant, of.service.id))
    assert service is not None
    for name, value in changes.items():
        setattr(service, name, value)
    transaction = Transaction()
    transaction.update(service)
    transaction.commit()


def ids(found: Page) -> list[int]:
    """Which ones, by number."""
    return [int(each.appointment.id, 16) for each in found.entries]


def listed(on: Stage, of: Business, **changes: Any) -> Page:
    """A page of the week."""
    return page(on, of, **{"frm": MONDAY_10 - DAY, "to": MONDAY_10 + 6 * DAY, **changes})


def pages(on: Stage, of: Business, most: int, **changes: Any) -> list[list[int]]:
    """All pages of at most so many."""
    found, after = [], ""
    with mock.patch("chalicelib.services.attending.agenda.PAGE", most):
        while not found or after:
            one = listed(on, of, after=after, **changes)
            found.append(ids(one))
            after = one.rest
    return found


@pytest.mark.parametrize(
    ("most", "starts", "wanted"),
    [
        (3, [0, 1, 2], [[0, 1, 2]]),
        (3, [0, 1, 2, 3], [[0, 1, 2], [3]]),
        (2, [0, 1, 1, 2], [[0], [1, 2], [3]]),
        (2, [0, 0, 0, 1], [[0, 1], [2, 3]]),
    ],
    ids=["full", "one-more", "same-start-stays-together", "more-than-a-page-at-once"],
)
def test_a_long_list_comes_in_pages(most: int, starts: list[int], wanted: list[list[int]]) -> None:
    """Everything once; what starts together is not cut through where that is possible."""
    with practice() as (on, of):
        for number, hour in enumerate(starts):
            held(of, number, starts_at=MONDAY_10 + hour * HOUR)

        assert pages(on, of, most) == wanted


def test_the_note_of_a_later_page_says_where_it_began() -> None:
    """So that nobody is told of a look at a page that did not hold them."""
    with practice() as (on, of):
        for number in range(3):
            held(of, number)
        pages(on, of, 1)

        froms = sorted(each.counts["from"] for each in ledger(Action.APPOINTMENTS_READ))
        assert froms == [int(at.timestamp()) for at in (MONDAY_10 - DAY, MONDAY_10, MONDAY_10 + HOUR)]


def test_an_admin_sees_everybody_at_once() -> None:
    """Merged by start, in pages too, with one note that says: everybody's."""
    with practice() as (on, of):
        for number, expert in enumerate((of.expert, COLLEAGUE, of.expert, COLLEAGUE)):
            held(of, number, expert=expert)

        assert ids(listed(on, of, expert=None)) == [0, 1, 2, 3]
        assert pages(on, of, 1, expert=None) == [[0], [1], [2], [3]]
        assert {(each.about, each.actor) for each in ledger(Action.APPOINTMENTS_READ)} == {(of.tenant, of.expert)}


def test_an_expert_does_not_see_everybody() -> None:
    """And nothing is noted."""
    with practice() as (on, of):
        with pytest.raises(NotAllowedError):
            listed(on, of, expert=None, caller=replace(of.session, roles=frozenset({"expert"})))

        assert ledger(Action.APPOINTMENTS_READ) == []


def test_who_takes_part_has_it_in_their_list_too() -> None:
    """Between their own, in order; in everybody's list it stands once."""
    with practice() as (on, of):
        made = held(of, 1, others={COLLEAGUE})
        ref = Participation.ref(of.tenant, ANNA, made.id, COLLEAGUE)
        common = {"expert": COLLEAGUE, "starts_at": made.starts_at, "ends_at": made.ends_at, "zone": made.zone}
        store(Participation(ref.pk, ref.sk, **common))
        for number in (0, 2):
            held(of, number, expert=COLLEAGUE)

        found = listed(on, of, expert=COLLEAGUE)

        assert ids(found) == [0, 1, 2]
        assert found.entries[1].appointment.given_name == "Änne"
        assert pages(on, of, 1, expert=COLLEAGUE) == [[0], [1], [2]]
        assert ids(listed(on, of, expert=None)) == [0, 1, 2]


def test_a_list_leads_to_nothing_that_is_gone() -> None:
    """A lead may outlive its appointment by a moment."""
    with practice() as (on, of):
        ref = Participation.ref(of.tenant, ANNA, "9" * 32, of.expert)
        store(Participation(ref.pk, ref.sk, expert=of.expert, starts_at=MONDAY_10, ends_at=MONDAY_10 + HOUR))

        assert listed(on, of).entries == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2]),
        ({"states": frozenset({"confirmed"})}, [0]),
        ({"states": frozenset({"cancelled", "confirmed"})}, [0, 1]),
        ({"resource": ROOM}, [1]),
        ({"service": "5" * 32}, [2]),
        ({"site": "6" * 32}, []),
    ],
    ids=["all", "confirmed", "two-states", "room", "service", "site"],
)
def test_a_list_can_be_narrowed(wanted: dict[str, Any], found: list[int]) -> None:
    """By state, room, service, site."""
    with practice() as (on, of):
        held(of, 0)
        held(of, 1, state=State.CANCELLED, resources={ROOM})
        held(of, 2, service="5" * 32, state=State.DECLINED)

        assert ids(listed(on, of, **wanted)) == found


def test_a_site_is_that_of_the_service() -> None:
    """Services say where."""
    with practice() as (on, of):
        change_service(of, site="6" * 32)
        held(of, 0)

        assert ids(listed(on, of, site="6" * 32)) == [0]
        assert ids(listed(on, of, site="7" * 32)) == []


def test_the_seats_of_a_group_are_counted() -> None:
    """Those who cancelled have none; a filter does not change the count; other starts are other groups."""
    with practice() as (on, of):
        change_service(of, seats=5)
        for number, state in enumerate((State.CONFIRMED, State.PENDING, State.CANCELLED)):
            held(of, number, starts_at=MONDAY_10, group=7, state=state, lapses_at=MONDAY_10, subject=BEN)
        held(of, 3, starts_at=MONDAY_10 + HOUR, group=7)
        held(of, 4, starts_at=MONDAY_10 + 2 * HOUR)

        seats = [(each.taken, each.seats) for each in listed(on, of).entries]
        pending = listed(on, of, states=frozenset({"pending"})).entries

        assert seats == [(2, 5), (2, 5), (2, 5), (1, 5), (1, 1)]
        assert [(each.taken, each.seats) for each in pending] == [(2, 5)]


def test_answers_come_along_for_who_may_be_shown() -> None:
    """By appointment; of who had the processing restricted none."""
    with practice() as (on, of):
        for number, changes in enumerate(({}, {"restricted_since": MONDAY_10})):
            made = held(of, number, answers={"q"}, **changes)
            ref = GivenAnswer.ref(of.tenant, ANNA, made.id, "q")
            kept = {"kept_until": MONDAY_10 + DAY, "appointment_ends_at": made.ends_at, "purpose": "p"}
            store(GivenAnswer(ref.pk, ref.sk, appointment=made.id, question="Krücken?", answer=str(number), **kept))

        found = on.services.agenda.answers(listed(on, of))

        assert {int(which, 16): [one.answer for one in told] for which, told in found.items()} == {0: ["0"]}


@pytest.mark.parametrize(
    ("seconds", "state"), [(-1, State.PENDING), (0, State.LAPSED), (1, State.LAPSED)], ids=["before", "at", "after"]
)
def test_what_waited_too_long_has_lapsed(seconds: int, state: State) -> None:
    """To the second, whether or not the run that notes it came by."""
    with practice() as (on, of):
        held(of, 0, state=State.PENDING, lapses_at=on.clock.now + MINUTE)
        on.clock.move(seconds=60 + seconds)

        assert [each.state for each in listed(on, of).entries] == [state]


@pytest.mark.parametrize("to", [MONDAY_10 - DAY, MONDAY_10 + 61 * DAY + timedelta(seconds=1)])
def test_a_range_that_is_none_is_refused_for_everybody_too(to: Any) -> None:
    """Nothing is read."""
    with practice() as (on, of), pytest.raises(InvalidInputError):
        listed(on, of, expert=None, to=to)
