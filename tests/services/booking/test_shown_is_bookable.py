"""What is shown can be booked: whatever stands in the list of free times is taken at once, until nothing is left."""

from collections import Counter
from datetime import datetime
from random import Random

import pytest

from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.appointment import Appointment
from chalicelib.services.booking.wishing import Item
from chalicelib.services.offering.explaining import Rule
from tests.builders import NETWORK, wish
from tests.services.looking import stored
from tests.services.offering_builders import DAY, MARCH, SERVICES, Practice, practice

MONTH = 28 * DAY


def shown(at: Practice, name: str, *, duration: int | None = None) -> list[tuple[str, datetime]]:
    """The free times of a month, by expert."""
    found = at.on.services.offering.free(at.search(name, to=MARCH + MONTH, duration=duration))
    return [(expert, start) for expert, starts in found.by_expert.items() for start in starts]


def test_every_time_that_is_shown_can_be_booked() -> None:
    """Buffers, rooms, seats, caps, holidays, a travel, the night in which the clocks change: none is refused."""
    random = Random(7)  # noqa: S311 - a repeatable order, nothing secret
    taken: Counter[str] = Counter()
    with practice() as at:
        left = ["massage", "group", "advice", "brief"]
        while left:
            name = random.choice(left)
            duration = random.choice((45, 70)) if name == "massage" else None
            times = shown(at, name, duration=duration)
            if not times and duration in {None, 45}:
                left.remove(name)
            for expert, start in random.sample(times, min(1, len(times))):
                chosen = {"expert": random.choice((expert, None)), "duration": duration}
                of = wish(at.of, service=at.services[name].id, starts_at=start, **chosen)
                at.on.services.booking.book(of, network=NETWORK, repeat=None)
                taken[name] += 1

        assert min(taken.values()) >= 5, taken
        assert len(stored(Appointment)) == sum(taken.values())
        assert max(Counter(each.starts_at for each in stored(Appointment) if each.group).values()) == 3
        assert [each for each in stored(Appointment) if MARCH + 13 * DAY < each.starts_at < MARCH + 13.5 * DAY]


def test_every_visit_that_is_shown_can_be_booked() -> None:
    """Two services, one after the other with the room between them that both ask for, until nothing is left."""
    with practice() as at:
        at.change("brief", buffer_before=5)
        first, second = (at.services[name].id for name in ("massage", "brief"))
        booked = 0
        while True:
            found = at.on.services.offering.visit_times(at.of.tenant, [first, second], frm=MARCH, to=MARCH + 14 * DAY)
            if not found.starts:
                break
            asked = wish(at.of, service=first, expert=None, starts_at=found.starts[0], further=(Item(service=second),))
            one, two = at.on.services.booking.book_all(asked, network=NETWORK, repeat=None)
            assert (two.starts_at - one.starts_at) // MINUTE == found.legs[1].offset == 45 + 15 + 5
            booked += 1

        assert booked >= 3


@pytest.mark.parametrize("services", [["massage", "massage"], ["massage", "nothing"], ["massage", "archived"]])
def test_a_visit_is_of_services_that_are_offered_each_once(services: list[str]) -> None:
    """Others are refused."""
    with practice() as at:
        gone = at.services["brief"].id
        at.on.services.offering.archive_service(at.of.session, gone, version=None, network=NETWORK)
        ids = [{"nothing": "f" * 32, "archived": gone}.get(each) or at.services[each].id for each in services]

        with pytest.raises((InvalidInputError, NotFoundError)):
            at.on.services.offering.visit_times(at.of.tenant, ids, frm=MARCH, to=MARCH + DAY)


def test_a_time_is_explained_as_it_is_shown() -> None:
    """Offered if, and only if, every rule holds: for each quarter of an hour of two weeks on which all rules bite."""
    random = Random(11)  # noqa: S311 - as above
    with practice() as at:
        for name in ("group", "massage", "brief"):
            expert, start = random.choice(shown(at, name))
            of = wish(at.of, service=at.services[name].id, expert=expert, starts_at=start)
            at.on.services.booking.book(of, network=NETWORK, repeat=None)
        kinds: set[tuple[Rule, bool | None]] = set()
        for name in SERVICES:
            for expert in sorted(at.services[name].experts):
                search = at.search(name, expert=expert, to=MARCH + 14 * DAY)
                starts = set(at.on.services.offering.free(search).starts)
                probes = random.sample(sorted(starts), min(4, len(starts)))
                probes += [MARCH + random.randrange(14 * 96) * 15 * MINUTE for _ in range(12)]
                for start in probes:
                    told = at.on.services.explaining.explain(
                        at.of.session, at.services[name].id, expert, start, duration=None, network=NETWORK
                    )
                    assert told.offered == (start in starts), (name, start, told)
                    kinds |= {(each.rule, each.holds) for each in told.verdicts}

        assert {rule for rule, holds in kinds if not holds} >= {Rule.HOURS, Rule.GRID}
        assert len({rule for rule, holds in kinds if holds}) == len(Rule)
