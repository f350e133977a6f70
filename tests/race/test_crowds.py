"""A crowd wants what there is only so much of: so many get it as there is, and everybody else is told so."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.terms import Cap, Each
from chalicelib.records.appointment import Appointment
from tests.builders import MONDAY_10, Business
from tests.race.crowd import at_once
from tests.race.invariants import check_invariants
from tests.services.booking_builders import book, experts, rooms, service
from tests.services.looking import stored
from tests.services.prepared import open_business
from tests.services.waiting_builders import HOUR, MINUTE, reserved
from tests.stage import Stage

CROWD = 10

# How many experts there are, the terms, and how many of the crowd can have it; starts differ by so many minutes.
CROWDS: dict[str, tuple[int, Callable[[Stage], dict[str, Any]], int, int]] = {
    "one time": (1, lambda _: {}, 1, 0),
    "times that overlap": (1, lambda _: {"step": 5}, 1, 5),
    "lengths that overlap": (
        1,
        lambda _: {"step": 5, "durations": (50, 55, 60), "duration": 55, "buffer_after": 10},
        1,
        5,
    ),
    "seats": (1, lambda _: {"seats": 4}, 4, 0),
    "a room": (3, lambda on: {"resources": (rooms(on, 1),)}, 1, 0),
    "two rooms": (4, lambda on: {"resources": (rooms(on, 2),), "step": 5}, 2, 5),
    "a cap": (1, lambda _: {"caps": (Cap(each=Each.DAY, count=3),), "duration": 30}, 3, 30),
    "any expert": (4, lambda _: {}, 4, 0),
    "all experts": (3, lambda _: {"together": True}, 1, 0),
}


@pytest.mark.parametrize("case", CROWDS)
def test_a_crowd_gets_as_much_as_there_is(case: str) -> None:
    """Never one too many, and none is left over while somebody was refused."""
    count, offered, there_are, shift = CROWDS[case]
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, count), **offered(on))
        durations = what.durations or [None]
        book(on, of, what, 99, starts_at=MONDAY_10 + 24 * HOUR)  # so that no key is made for the first time

        told = at_once(
            [
                partial(
                    book,
                    on,
                    of,
                    what,
                    who,
                    starts_at=MONDAY_10 + who * shift * MINUTE,
                    duration=durations[who % len(durations)],
                )
                for who in range(CROWD)
            ]
        )

        assert told == {"done": there_are, "SlotTakenError": CROWD - there_are}
        assert len(stored(Appointment)) == there_are + 1
        check_invariants(of.tenant, now=on.clock.now)


def test_reserving_and_booking_are_one_crowd() -> None:
    """One of all of them has the time."""
    with open_business() as (on, of):
        book_first(on, of)

        told = at_once(
            [partial(reserved, on, of) if who % 2 else partial(book, on, of, of.service, who) for who in range(CROWD)]
        )

        assert told == {"done": 1, "SlotTakenError": CROWD - 1}
        check_invariants(of.tenant, now=on.clock.now)


def test_one_reservation_is_used_once() -> None:
    """However often it is sent at the same time."""
    with open_business() as (on, of):
        book_first(on, of)
        kept = reserved(on, of)

        told = at_once([partial(book, on, of, of.service, who, reservation=kept.id) for who in range(CROWD)])

        assert told == {"done": 1, "SlotTakenError": CROWD - 1}
        check_invariants(of.tenant, now=on.clock.now)


def book_first(on: Stage, of: Business) -> None:
    """So that no key is made for the first time while others wait."""
    book(on, of, of.service, 99, starts_at=MONDAY_10 + 24 * HOUR)
