"""What is kept for somebody counts towards caps already: so it can be booked, and nobody comes past the cap by it."""

import pytest

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.cap_count import CapCount
from chalicelib.services.waiting.places import Yes
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.looking import stored
from tests.services.offer_builders import cancel, change_service, join, offers, place_links, with_list
from tests.services.prepared import open_business
from tests.services.waiting_builders import HOUR, MINUTE, offer, reserved
from tests.stage import Stage

ONE_A_DAY = (Cap(each=Each.DAY, count=1),)


def is_offered(on: Stage, of: Business) -> bool:
    """Whether another time of that day is shown."""
    at = MONDAY_10 + 2 * HOUR
    return bool(on.services.offering.slots(of.tenant, of.service.id, of.expert, frm=at, to=at + MINUTE))


def counts() -> list[tuple[int, bool]]:
    """How many appointments are counted, and whether anything is kept beside them."""
    return [(len(each.minutes), bool(each.kept)) for each in stored(CapCount)]


@pytest.mark.parametrize(
    "cap", [Cap(each=Each.DAY, count=1), Cap(each=Each.DAY, minutes=119)], ids=["count", "minutes"]
)
def test_a_reserved_time_is_honoured_though_a_cap_is_reached_with_it(cap: Cap) -> None:
    """Nobody else gets, or sees, the last one of the day meanwhile; and it counts once."""
    with open_business() as (on, of):
        offer(on, of, caps=(cap,))
        held = reserved(on, of)

        assert not is_offered(on, of)
        with pytest.raises(SlotTakenError):
            booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="schneller@kunden.example")
        assert booked(on, of, reservation=held.id)

        assert counts() == [(1, False)]


def test_who_reserves_another_time_of_a_full_day_is_told_at_once() -> None:
    """And not when the form is filled in."""
    with open_business() as (on, of):
        offer(on, of, caps=ONE_A_DAY)
        reserved(on, of)

        with pytest.raises(SlotTakenError):
            reserved(on, of, starts_at=MONDAY_10 + 2 * HOUR)


@pytest.mark.parametrize(("seconds", "free"), [(-1, False), (0, True), (1, True)])
def test_a_reservation_that_lapses_counts_no_more(seconds: int, free: bool) -> None:
    """To the second, by itself."""
    with open_business() as (on, of):
        offer(on, of, caps=ONE_A_DAY)
        reserved(on, of)
        on.clock.move(minutes=5, seconds=seconds)

        assert is_offered(on, of) is free
        if free:
            assert booked(on, of, starts_at=MONDAY_10 + 2 * HOUR)
            assert counts() == [(1, False)]


def test_a_reservation_that_is_given_back_counts_no_more() -> None:
    """At once."""
    with open_business() as (on, of):
        offer(on, of, caps=ONE_A_DAY)
        held = reserved(on, of)
        on.services.reserving.give_back(of.tenant, held.id, network=NETWORK)

        assert is_offered(on, of)
        assert booked(on, of, starts_at=MONDAY_10 + 2 * HOUR)


def test_a_place_that_is_offered_to_who_waits_counts() -> None:
    """Until they decline it; whoever takes it gets it."""
    with with_list() as (on, of):
        change_service(of, caps=[{"each": "day", "count": 1, "minutes": None}])
        join(on, of)
        cancel(on, booked(on, of, email="dora@kundin.example"))
        assert offers(on) == (1, 0)

        assert not is_offered(on, of)
        with pytest.raises(SlotTakenError):
            booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="schneller@kunden.example")
        assert on.services.places.accept(place_links(on)["accept"], Yes(), network=NETWORK)
        assert counts() == [(1, False)]


def test_a_place_that_is_declined_counts_no_more() -> None:
    """The day has room for one again."""
    with with_list() as (on, of):
        change_service(of, caps=[{"each": "day", "count": 1, "minutes": None}])
        join(on, of)
        cancel(on, booked(on, of, email="dora@kundin.example"))
        offers(on)

        on.services.places.decline(place_links(on)["decline"], network=NETWORK)

        assert counts() == [(0, False)]
        assert booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="schneller@kunden.example")


def test_what_was_given_back_counts_until_those_who_wait_were_asked() -> None:
    """A day that was full is theirs first; where nobody waits, everybody's at once."""
    with with_list() as (on, of):
        change_service(of, caps=[{"each": "day", "count": 1, "minutes": None}])
        join(on, of)
        cancel(on, booked(on, of, email="dora@kundin.example"))

        assert not is_offered(on, of)
        with pytest.raises(SlotTakenError):
            booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="schneller@kunden.example")

        assert offers(on) == (1, 0)
        assert on.services.places.accept(place_links(on)["accept"], Yes(), network=NETWORK)
