"""Caps count by the days of the place where the expert is, and hold what is booked: no more and no less."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Travel, WorkingRange
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.appointment import Appointment
from chalicelib.records.cap_count import CapCount
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.service import Service
from chalicelib.services.door import recounting
from chalicelib.services.offering.reading import Search
from tests.builders import MONDAY_10, NETWORK, Business, terms
from tests.services.booking_builders import book
from tests.services.looking import now_of, stored
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ONE_A_DAY = (Cap(each=Each.DAY, count=1),)
AUCKLAND = Travel(date(2026, 11, 9), date(2026, 11, 20), "Pacific/Auckland")
NIGHT, MORNING = datetime(2026, 11, 10, 9, tzinfo=UTC), datetime(2026, 11, 10, 19, tzinfo=UTC)
"""22:00 in Auckland, 10:00 in Zurich, on the 10th in both; and 8:00 of the 11th there, 20:00 of the 10th here."""


def works(on: Stage, of: Business, *travels: Travel, zone: str = "Europe/Zurich") -> None:
    """Sets hours around the clock."""
    weekly = {day: (WorkingRange(0, 1440),) for day in range(7)}
    rules = Rules(zone=zone, weekly=weekly, exceptions={}, travels=travels)
    on.services.offering.set_availability(of.session, of.expert, rules, version=None, network=NETWORK)


def lay_down(on: Stage, of: Business, **changes: Any) -> Service:
    """Other terms of the service."""
    changed = terms(of.expert, **{"horizon_days": 60, **changes})
    return on.services.offering.change_service(of.session, of.service.id, changed, version=None, network=NETWORK)


def cancel(on: Stage, held: Appointment) -> None:
    """By the customer's link."""
    on.services.changing.cancel(on.services.linking.self_service(now_of(held))["cancel"], network=NETWORK)


def counted() -> dict[str, set[str]]:
    """Which appointments count, by period."""
    return {each.over: set(each.minutes) for each in stored(CapCount) if each.minutes}


def test_the_day_of_a_cap_is_that_of_the_place_where_the_expert_is() -> None:
    """What is offered there is one a day there, each of which can be booked."""
    with open_business() as (on, of):
        works(on, of, AUCKLAND)
        what = lay_down(on, of, caps=ONE_A_DAY)

        book(on, of, what, starts_at=NIGHT)
        with pytest.raises(SlotTakenError):
            book(on, of, what, 1, starts_at=NIGHT + HOUR)
        search = Search(tenant=of.tenant, service=what.id, expert=of.expert, frm=NIGHT, to=MORNING + HOUR)
        free = on.services.offering.free(search).starts

        assert free[0] == datetime(2026, 11, 10, 11, tzinfo=UTC)  # midnight there
        book(on, of, what, 2, starts_at=MORNING)
        assert set(counted()) == {"2026-11-10", "2026-11-11"}


@pytest.mark.parametrize("where", ["travels", "moves house"])
def test_what_is_booked_counts_where_the_expert_will_be(where: str) -> None:
    """A journey that is entered, or another home, after the booking; then given back there, and free."""
    with open_business() as (on, of):
        works(on, of)
        what = lay_down(on, of, caps=ONE_A_DAY)
        held = book(on, of, what, starts_at=MORNING)
        assert counted() == {"2026-11-10": {held.id}}

        if where == "travels":
            works(on, of, AUCKLAND)
        else:
            works(on, of, zone="Pacific/Auckland")

        assert counted() == {"2026-11-11": {held.id}}
        with pytest.raises(SlotTakenError):
            book(on, of, what, 1, starts_at=MORNING + HOUR)
        assert book(on, of, what, 2, starts_at=NIGHT)
        cancel(on, held)
        assert book(on, of, what, 3, starts_at=MORNING + HOUR)


def test_what_was_given_back_while_there_was_no_cap_counts_no_more() -> None:
    """Nor does what was moved meanwhile stand on two days."""
    with open_business() as (on, of):
        what = lay_down(on, of, caps=ONE_A_DAY)
        gone, moved = (book(on, of, what, day, starts_at=MONDAY_10 + day * DAY) for day in range(2))
        lay_down(on, of)
        cancel(on, gone)
        link = on.services.linking.self_service(now_of(moved))["reschedule"]
        on.services.changing.move(link, moved.starts_at + DAY, network=NETWORK)

        what = lay_down(on, of, caps=ONE_A_DAY)

        assert counted() == {"2026-11-11": {moved.id}}
        assert book(on, of, what, 3, starts_at=MONDAY_10)


def test_a_cap_that_is_laid_down_again_counts_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The change was stored, and whoever counted was killed: the same change again makes it good."""
    with open_business() as (on, of):
        held = book(on, of, lay_down(on, of))
        with monkeypatch.context() as killed:
            killed.setattr(recounting, "_held", Mock(side_effect=TimeoutError))
            with pytest.raises(TimeoutError):
                lay_down(on, of, caps=ONE_A_DAY)

        what = lay_down(on, of, caps=ONE_A_DAY)

        assert counted() == {"2026-11-09": {held.id}}
        with pytest.raises(SlotTakenError):
            book(on, of, what, 1, starts_at=MONDAY_10 + HOUR)


def test_what_is_booked_while_counts_are_put_right_stays_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is in no list yet."""
    with open_business() as (on, of):
        what = lay_down(on, of, caps=ONE_A_DAY)
        old = book(on, of, what)
        listed = recounting._appointments
        made = []

        def slowly(*given: Any) -> Iterable[Appointment]:
            found = listed(*given)
            made.append(book(on, of, what, 1, starts_at=MONDAY_10 + DAY))
            return found

        monkeypatch.setattr(recounting, "_appointments", slowly)
        current = fetch(Ref(Service, what.pk, what.sk))
        assert current is not None
        recounting.recount(current, now=on.clock.now)

        assert counted() == {"2026-11-09": {old.id}, "2026-11-10": {made[0].id}}
