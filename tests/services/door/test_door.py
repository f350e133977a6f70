"""The one door by itself: whatever its callers looked at before, it lets nothing in that does not fit."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.availability import Availability
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.participation import Participation
from chalicelib.records.reading import fetch_all
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.door.door import Door
from chalicelib.services.door.sheets import Claim, claim_of
from tests.builders import MONDAY_10, NETWORK, Business
from tests.services.booking_builders import book, experts, service, write
from tests.services.looking import busy_owners, now_of, stored, the
from tests.services.meddling import calls
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR = timedelta(hours=1)


def put(on: Stage, held: Appointment, what: Service, *, by: timedelta) -> None:
    """Moves an appointment without asking whether it may be there."""
    door, transaction = Door(held.tenant, now=on.clock.now), Transaction()
    door.leave(held, what)
    for name in ("starts_at", "ends_at", "blocked_from", "blocked_until"):
        setattr(held, name, getattr(held, name) + by)
    door.enter(held, what)
    door.write(transaction)
    transaction.update(held)
    transaction.commit()


def kept(on: Stage, held: Appointment, what: Service, until: timedelta | None) -> None:
    """Keeps the time of an appointment for longer, or for good."""
    door, transaction = Door(held.tenant, now=on.clock.now), Transaction()
    held.state = State.PENDING if until else State.CONFIRMED
    held.lapses_at = on.clock.now + until if until else None
    door.stay(held, what)
    door.write(transaction)
    transaction.update(held)
    transaction.commit()


def test_it_lets_nobody_in_where_somebody_is() -> None:
    """Also one who was not asked about it; what is left stays as it was."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1))
        held, other = book(on, of, what), book(on, of, what, 1, starts_at=MONDAY_10 + HOUR)

        with pytest.raises(SlotTakenError):
            put(on, now_of(held), what, by=timedelta(minutes=30))

        assert sorted(busy_owners()) == sorted([held.id, other.id])
        put(on, now_of(held), what, by=-HOUR)
        assert now_of(held).starts_at == MONDAY_10 - HOUR


def test_it_lets_nobody_past_a_cap() -> None:
    """Into another period that is full; within a period one appointment counts once."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), caps=(Cap(each=Each.DAY, count=1),))
        held = book(on, of, what)
        book(on, of, what, 1, starts_at=MONDAY_10 + 24 * HOUR)

        put(on, now_of(held), what, by=HOUR)
        with pytest.raises(SlotTakenError, match="another day"):
            put(on, now_of(held), what, by=26 * HOUR)

        assert [len(each.minutes) for each in stored(CapCount)] == [1, 1]


def test_it_lets_nobody_in_at_somebody_who_left() -> None:
    """Whose hours are gone."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1))
        held = book(on, of, what)
        transaction = Transaction()
        transaction.discard(Availability.ref(of.tenant, held.expert))
        transaction.commit()

        with pytest.raises(SlotTakenError, match="offers no times"):
            put(on, now_of(held), what, by=HOUR)


def busy_elsewhere(of: Business, held: Appointment) -> None:
    """Has the expert's own calendar say that the whole day is taken."""
    sheet = next(each for each in stored(DaySheet) if each.pk == DaySheet.partition(of.tenant, held.expert))
    sheet.content = sheet.content.with_outside("f" * 32, ((0, 1440),))
    write(sheet)


def test_who_has_a_time_keeps_it_whatever_stands_over_it_elsewhere() -> None:
    """An entry in the expert's own calendar that came later; and a cap that was lowered meanwhile."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), confirm_within=60, caps=(Cap(each=Each.DAY, count=2),))
        held = book(on, of, what)
        book(on, of, what, 1, starts_at=MONDAY_10 + HOUR)
        busy_elsewhere(of, held)
        what.apply(service(on, of, [held.expert], caps=(Cap(each=Each.DAY, count=1),)).terms())
        write(what)

        kept(on, now_of(held), what, None)

        (entry,) = [each for sheet in stored(DaySheet) for each in sheet.content.entries if each.owner == held.id]
        assert entry.until == 0
        assert now_of(held).state is State.CONFIRMED


def test_who_lost_a_time_gets_it_again_only_if_it_is_free() -> None:
    """After it had lapsed."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), confirm_within=60)
        held, other = book(on, of, what), book(on, of, what, 1, starts_at=MONDAY_10 + HOUR)
        on.clock.move(minutes=60)
        busy_elsewhere(of, held)

        with pytest.raises(SlotTakenError):
            kept(on, now_of(held), what, None)
        for sheet in stored(DaySheet):
            sheet.content = sheet.content.with_outside("f" * 32, ())
            write(sheet)
        kept(on, now_of(held), what, timedelta(minutes=5))

        assert held.id in busy_owners()
        kept(on, now_of(other), what, None)
        assert sorted(busy_owners()) == sorted([held.id, other.id])


def test_what_is_no_appointment_goes_in_and_out() -> None:
    """A time that is kept for somebody."""
    with open_business() as (on, of):
        held = book(on, of, service(on, of, experts(on, of, 1)))
        claim = Claim(owner="e" * 32, calendars=(held.expert,), interval=claim_of(held).interval)

        with pytest.raises(SlotTakenError):
            Door(of.tenant, now=on.clock.now).hold(claim)
        door, transaction = Door(of.tenant, now=on.clock.now), Transaction()
        door.leave(held, None)
        door.hold(claim)
        door.write(transaction)
        transaction.commit()
        assert busy_owners() == ["e" * 32]

        door, transaction = Door(of.tenant, now=on.clock.now), Transaction()
        door.release(claim)
        door.write(transaction)
        transaction.commit()
        assert busy_owners() == []


def test_further_experts_lists_follow_the_appointment() -> None:
    """Whoever takes part no more loses it, and it moves along."""
    with open_business() as (on, of):
        one, two, three = experts(on, of, 3)
        what = service(on, of, [one, two, three], together=True)
        held = now_of(book(on, of, what))

        door, transaction = Door(of.tenant, now=on.clock.now), Transaction()
        door.leave(held, what)
        held.others, held.ends_at = {two}, held.ends_at - timedelta(minutes=5)
        door.enter(held, what)
        door.write(transaction)
        transaction.update(held)
        transaction.commit()

        place = the(Participation)
        assert (place.expert, place.starts_at, place.ends_at) == (two, held.starts_at, held.ends_at)
        assert busy_owners() == [held.id] * 2


def test_what_was_wanted_is_read_at_once() -> None:
    """Everything about an appointment in one call; what was forgotten costs another one, and is right all the same."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 2), caps=(Cap(each=Each.DAY, count=5),))
        held = now_of(book(on, of, what))

        with calls() as prepared:
            door = Door(of.tenant, now=on.clock.now)
            door.want(held)
            door.take(fetch_all(door.refs(), consistent=True))
            door.want_counts(what, [held.expert], held.starts_at)
            door.read()
            door.leave(held, what)
        with calls() as forgotten:
            Door(of.tenant, now=on.clock.now).leave(held, what)

        assert prepared == forgotten == ["BatchGetItem"] * 2


def test_a_time_that_ended_is_counted_no_more() -> None:
    """Where it was counted at all: a service may have had no cap by then."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1))
        held = book(on, of, what)
        what.apply(service(on, of, [held.expert], caps=(Cap(each=Each.DAY, count=1),)).terms())
        write(what)

        on.services.changing.cancel(on.services.linking.self_service(held)["cancel"], network=NETWORK)

        assert stored(CapCount) == []
