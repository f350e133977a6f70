"""Every two things that touch an expert's time, done at the same time: no overlap, nothing lost, each loser told.

A customer's appointment waits for its expert at ten, or has just lapsed without being marked. Around it, or around the
time that it is moved to, or with the colleague that it goes over to, others book, reserve and take in calendars.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import combinations_with_replacement
from typing import Any
from unittest import mock

import pytest
from moto import mock_aws

from chalicelib.domain.errors import NotFoundError, SlotTakenError
from chalicelib.domain.own_calendars import Span, stretch
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.calendar_link import CalendarLink, LinkState
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.reservation import Reservation
from chalicelib.records.writing import Transaction
from chalicelib.services.appointments import reassigning
from chalicelib.services.calendars.importing import Importing, LinkChangedError
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.fakes import DrivenClock
from tests.race.invariants import check_invariants
from tests.race.meeting import Told, both_at_once
from tests.services.colleagues import working
from tests.services.looking import backend, stored
from tests.services.waiting_builders import HOUR, MINUTE, confirming_business, reserved
from tests.stage import AWS, Stage

OPS = ("book", "confirm", "reschedule", "cancel", "reserve", "reassign", "import", "delete")
TAKERS = {"book", "reserve", "import"}
AWAY = MONDAY_10 + 3 * HOUR
ROUNDS = [(0, True, 0), (1, True, -30), (1, False, 30), (None, False, 0)]  # who is faster, whether it is late, minutes


@dataclass(frozen=True)
class World:
    """A business with two experts; one of them is asked for two appointments."""

    of: Business
    expert: StaffSession
    other: str
    asked: Appointment
    second: Appointment
    links: dict[str, list[CalendarLink]]


@dataclass(frozen=True)
class Scene:
    """One round: where those who take time take it."""

    on: Stage
    world: World
    expert: str
    starts_at: datetime
    alike: bool

    def link(self, held: Appointment, name: str) -> str:
        """A customer's link."""
        return self.on.services.linking.self_service(held)[name]


def book(at: Scene, turn: int) -> object:
    """Somebody new."""
    return booked(at.on, at.world.of, expert=at.expert, starts_at=at.starts_at, email=f"neu{turn}@kunden.example")


def confirm(at: Scene, _: int) -> object:
    """The expert agrees."""
    held = at.world.asked
    return at.on.services.deciding.confirm(at.world.expert, held.subject, held.id, network=NETWORK)


def reschedule(at: Scene, turn: int) -> object:
    """The customer prefers another time; where both do, they are two who prefer the same."""
    held = at.world.second if at.alike and turn else at.world.asked
    return at.on.services.changing.move(at.link(held, "reschedule"), AWAY, network=NETWORK)


def cancel(at: Scene, _: int) -> object:
    """The customer does not come."""
    return at.on.services.changing.cancel(at.link(at.world.asked, "cancel"), network=NETWORK)


def reserve(at: Scene, _: int) -> object:
    """Somebody begins to fill in the form."""
    return reserved(at.on, at.world.of, expert=at.expert, starts_at=at.starts_at)


def reassign(at: Scene, _: int) -> object:
    """It goes over to a colleague."""
    world, move = at.world, at.on.services.deleting_staff.reassigning.hand_over
    return move(world.of.session, world.asked, world.expert.staff, world.other, network=NETWORK)


def take_in(at: Scene, turn: int) -> object:
    """Something stands in the calendar of an expert's own."""
    span, days = Span(start=at.starts_at, end=at.starts_at + HOUR), stretch(at.on.clock(), 0)
    try:
        return Importing(at.on.clock).take_in(at.world.links[at.expert][turn], [span], *days)
    except LinkChangedError:
        raise NotFoundError from None  # the link went with the expert


def delete(at: Scene, _: int) -> object:
    """The expert leaves, and a colleague takes over."""
    world, leave = at.world, at.on.services.deleting_staff.delete
    return leave(world.of.session, world.expert.staff, hand_over_to=world.other, network=NETWORK)


DOING: dict[str, Callable[[Scene, int], object]] = {
    "book": book,
    "confirm": confirm,
    "reschedule": reschedule,
    "cancel": cancel,
    "reserve": reserve,
    "reassign": reassign,
    "import": take_in,
    "delete": delete,
}


@cache
def _made() -> tuple[Any, World]:
    """Made once a process, and copied for each round."""
    with confirming_business() as (on, of):
        expert = working(on, of)
        asked = booked(on, of, expert=expert.staff)
        second = booked(on, of, expert=expert.staff, starts_at=MONDAY_10 - HOUR, email="zwei@kunden.example")
        links = {staff: [_link(on, of, staff, number) for number in (7, 8)] for staff in (expert.staff, of.expert)}
        world = World(of=of, expert=expert, other=of.expert, asked=asked, second=second, links=links)
        return deepcopy(backend().tables), world


def _link(on: Stage, of: Business, staff: str, number: int) -> CalendarLink:
    """A calendar of an expert's own."""
    ref = CalendarLink.ref(of.tenant, staff, f"{number}" * 32)
    link = CalendarLink(ref.pk, ref.sk, calendar="caldav", state=LinkState.WORKING, linked_at=on.clock.now)
    link.next_at, link.opens, link.own_calendar = on.clock.now, {}, None
    transaction = Transaction()
    transaction.create(link)
    transaction.commit()
    return deepcopy(link)


@contextmanager
def scene(pair: tuple[str, str], *, late: bool, minutes: int) -> Iterator[Scene]:
    """A copy of the world. Late: what waits has lapsed, and nobody has marked it yet."""
    tables, world = _made()
    with mock.patch.dict("os.environ", AWS), mock_aws():
        on = Stage(DrivenClock())
        backend().tables = deepcopy(tables)
        on.clock.now += 2 * HOUR if late else MINUTE
        expert, start = world.expert.staff, MONDAY_10
        if {"reassign", "delete"} & {*pair}:
            expert = world.other
        elif "reschedule" in pair or {*pair} <= TAKERS:
            start = AWAY
        at = start + minutes * MINUTE
        yield Scene(on=on, world=deepcopy(world), expert=expert, starts_at=at, alike=pair[0] == pair[1])


@pytest.mark.parametrize("pair", [*combinations_with_replacement(OPS, 2)], ids=" and ".join)
def test_two_at_once(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In both orders and in none, before and after what waits has lapsed, at the same and at overlapping times."""
    monkeypatch.setattr(reassigning, "_PAUSE", 0)
    for faster, late, minutes in ROUNDS:
        with scene(pair, late=late, minutes=minutes) as at:
            one, two = (lambda turn=turn, op=op: DOING[op](at, turn) for turn, op in enumerate(pair))
            told = both_at_once(one, two, faster=faster)

            check_invariants(at.world.of.tenant, now=at.on.clock.now)
            _check_what_was_told(at, pair, told)


def _check_what_was_told(at: Scene, pair: tuple[str, str], told: list[Told | None]) -> None:
    """Nobody who was told that it is done has lost it, but to what the other did afterwards on purpose."""
    done = {op for op, error in zip(pair, told, strict=True) if error is None}
    asked = next((each for each in stored(Appointment) if each.id == at.world.asked.id), None)
    if "cancel" in done:
        assert asked is None or asked.state is State.CANCELLED  # the expert's deletion may take it along
    if asked is None:
        assert {"cancel", "delete"} <= done
        return
    if "confirm" in done and not done & {"cancel", "reschedule"}:
        assert asked.state is State.CONFIRMED
    if "reschedule" in done and not at.alike:
        assert asked.starts_at == AWAY
    if done & {"reassign", "delete"} and "cancel" not in done:
        assert asked.expert == at.world.other
    for number, op in enumerate(pair):
        if op in {"book", "import"}:
            assert _stands(at, op, number) is (told[number] is None)
    reserving = [error is None for op, error in zip(pair, told, strict=True) if op == "reserve"]
    assert len(stored(Reservation)) == sum(reserving)
    if {*pair} <= TAKERS - {"import"}:
        assert sum(error is None for error in told) == 1
        assert any(isinstance(error, SlotTakenError) for error in told)


def _stands(at: Scene, op: str, turn: int) -> bool:
    """Whether the booking, or the busy time, is there."""
    if op == "book":
        ahead = [each for each in stored(Appointment) if each.id not in {at.world.asked.id, at.world.second.id}]
        at.on.vault.preload(at.world.of.tenant, [each.subject for each in ahead])
        return any(each.email == f"neu{turn}@kunden.example" for each in ahead)
    link = at.world.links[at.expert][turn]
    return any(each.link == link.id for sheet in stored(DaySheet) for each in sheet.content.outside)
