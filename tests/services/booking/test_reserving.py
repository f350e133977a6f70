"""Times that are kept for five minutes: busy for others, booked by whoever knows the id, and not to be hoarded."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    FormRefusedError,
    InvalidInputError,
    LinkInvalidError,
    NotFoundError,
    ReadOnlyError,
    SlotTakenError,
    TooManyAttemptsError,
)
from chalicelib.domain.forms import FORMS, Returned
from chalicelib.domain.visits import Visitor
from chalicelib.records.reservation import AddressReservations, Reservation
from chalicelib.services.booking.reserving import KEPT
from chalicelib.services.forms import FormUse
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, booked
from tests.services.colleagues import working
from tests.services.looking import busy_owners, ledger, stored, the
from tests.services.meddling import before_commit, killed_at
from tests.services.prepared import open_business
from tests.services.waiting_builders import HOUR, MINUTE, SECOND, offer, pick, reserved
from tests.stage import Stage


def free(on: Stage, of: Business) -> bool:
    """Whether the time is offered."""
    starts = on.services.offering.slots(
        of.tenant, of.service.id, of.expert, frm=MONDAY_10, to=MONDAY_10 + timedelta(minutes=1)
    )
    return len(list(starts)) == 1


def form(on: Stage, of: Business) -> FormUse:
    """A form that came back as it went out."""
    fixed = {"tenant": of.tenant, "service": of.service.id}
    token = on.services.forms.hand_out("reservation", fixed).token
    back = Returned(fields=FORMS["reservation"].fields, fixed=fixed)
    return on.services.forms.check("reservation", token, back, network=NETWORK)


def by_visitor(on: Stage, of: Business, minutes: int = 0, visitor: Visitor = VISITOR) -> Reservation:
    """Somebody reserves, so many minutes after ten."""
    wanted = pick(of, starts_at=MONDAY_10 + minutes * MINUTE)
    return on.services.reserving.reserve(wanted, visitor=visitor, repeat=None, form=form(on, of))


@pytest.mark.parametrize(("seconds", "kept"), [(-1, True), (0, False), (1, False)])
def test_a_time_is_kept_for_five_minutes_to_the_second(seconds: int, kept: bool) -> None:
    """Busy for everybody else, where times are shown and where they are booked; then free by itself."""
    with open_business() as (on, of):
        assert free(on, of)
        held = reserved(on, of)
        assert held.until == on.clock.now + KEPT == on.clock.now + 5 * MINUTE

        on.clock.now += KEPT + seconds * SECOND

        assert free(on, of) is not kept
        if kept:
            with pytest.raises(SlotTakenError):
                booked(on, of)
            with pytest.raises(SlotTakenError):
                reserved(on, of)
        else:
            assert booked(on, of)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_it_is_honoured_at_booking(seconds: int) -> None:
    """Its time, its expert; it is gone then. Who comes a second late is still lucky if nobody else was faster."""
    with open_business() as (on, of):
        held = reserved(on, of)
        on.clock.now += KEPT + seconds * SECOND

        appointment = booked(on, of, reservation=held.id)

        assert (appointment.starts_at, appointment.expert) == (MONDAY_10, held.expert)
        assert busy_owners() == [appointment.id]
        assert len(stored(Reservation)) == (seconds >= 0)  # what is over by itself is left to the table


@pytest.mark.parametrize("uses", [True, False])
def test_the_notice_is_that_of_the_reservation(uses: bool) -> None:
    """What could still be booked when it was reserved can be booked while it is kept."""
    with open_business() as (on, of):
        on.clock.now = MONDAY_10 - HOUR
        held = reserved(on, of)
        on.clock.now += 4 * MINUTE

        if uses:
            assert booked(on, of, reservation=held.id)
        else:
            on.services.reserving.give_back(of.tenant, held.id, network=NETWORK)
            with pytest.raises(SlotTakenError):
                booked(on, of)


@pytest.mark.parametrize(
    "changes", [{"starts_at": MONDAY_10 + HOUR}, {"expert": "another"}], ids=["another-time", "another-expert"]
)
def test_a_reservation_keeps_its_own_time_only(changes: dict[str, Any]) -> None:
    """Whoever books something else with it gives the time back; the rules hold for what is booked."""
    with open_business() as (on, of):
        wanted = {**changes, "expert": working(on, of).staff} if "expert" in changes else changes
        held = reserved(on, of)

        appointment = booked(on, of, reservation=held.id, **wanted)

        assert busy_owners() == [appointment.id]
        assert stored(Reservation) == []


def test_who_comes_too_late_is_told() -> None:
    """It was given to somebody else by then."""
    with open_business() as (on, of):
        held = reserved(on, of)
        on.clock.now += KEPT
        booked(on, of)

        with pytest.raises(SlotTakenError):
            booked(on, of, reservation=held.id, email="spaet@kunden.example")


def test_it_is_booked_once() -> None:
    """Of two who use the same reservation one gets the time."""
    with open_business() as (on, of):
        held = reserved(on, of)

        with before_commit(lambda: booked(on, of, reservation=held.id)), pytest.raises(SlotTakenError):
            booked(on, of, reservation=held.id, email="zwei@kunden.example")

        assert len(busy_owners()) == 1


def test_any_expert_is_chosen_and_stays() -> None:
    """Whoever was reserved does it, though another one is free as well."""
    with open_business() as (on, of):
        beat = working(on, of)

        one, two = reserved(on, of, expert=None), reserved(on, of, expert=None)

        assert {one.expert, two.expert} == {of.expert, beat.staff}
        assert booked(on, of, expert=None, reservation=two.id).expert == two.expert


def test_seats_are_reserved_one_by_one() -> None:
    """As many as there are."""
    with open_business() as (on, of):
        offer(on, of, seats=2)

        assert reserved(on, of).group == reserved(on, of).group != 0
        with pytest.raises(SlotTakenError):
            reserved(on, of)


def test_giving_back_frees_the_time_at_once() -> None:
    """Once; whatever is no reservation, or one of somebody else's business, is none."""
    with open_business() as (on, of):
        held = reserved(on, of)
        for tenant, id_ in ((of.tenant, "nonsense"), (of.tenant, "1" * 32), ("2" * 32, held.id)):
            with pytest.raises(LinkInvalidError):
                on.services.reserving.give_back(tenant, id_, network=NETWORK)
        assert not free(on, of)

        on.services.reserving.give_back(of.tenant, held.id, network=NETWORK)

        assert free(on, of)
        assert stored(Reservation) == []
        assert len(ledger(Action.RESERVATION_RETURNED)) == 1
        with pytest.raises(LinkInvalidError):
            on.services.reserving.give_back(of.tenant, held.id, network=NETWORK)


def test_a_form_is_used_up() -> None:
    """One form, one reservation; a refused one leaves the form as it is."""
    with open_business() as (on, of):
        booked(on, of)
        used = form(on, of)
        with pytest.raises(SlotTakenError):
            on.services.reserving.reserve(pick(of), visitor=VISITOR, repeat=None, form=used)
        later = pick(of, starts_at=MONDAY_10 + HOUR)
        on.services.reserving.reserve(later, visitor=VISITOR, repeat=None, form=used)

        with pytest.raises(FormRefusedError):
            on.services.reserving.reserve(
                pick(of, starts_at=MONDAY_10 + 2 * HOUR), visitor=VISITOR, repeat=None, form=used
            )


def test_from_one_address_five_in_ten_minutes() -> None:
    """Then one has to wait; somebody next door does not. What was refused otherwise does not count."""
    with open_business() as (on, of):
        for number in range(5):
            assert by_visitor(on, of, number * 60)
            with pytest.raises(SlotTakenError):
                by_visitor(on, of, number * 60)
            on.clock.now += SECOND

        with pytest.raises(TooManyAttemptsError) as refused:
            by_visitor(on, of, 300)
        assert refused.value.retry_after == 595
        assert by_visitor(on, of, 300, Visitor.of("198.51.100.9", ""))
        on.clock.now += 595 * SECOND - SECOND
        with pytest.raises(TooManyAttemptsError):
            by_visitor(on, of, 360)
        on.clock.now += SECOND
        assert by_visitor(on, of, 360)
        assert "203.0.113" not in repr([each.serialize() for each in stored(AddressReservations)])


def test_a_lost_race_counts_once() -> None:
    """However often it is tried anew."""
    with open_business() as (on, of):
        others = iter(range(1, 9))

        with before_commit(lambda: booked(on, of, starts_at=MONDAY_10 + next(others) * HOUR), times=3):
            by_visitor(on, of)

        count = the(AddressReservations)
        assert int(count.newest) > 0
        assert int(count.newer) == 0


def test_a_server_is_not_counted() -> None:
    """It reserves for many, and the business answers for it."""
    with open_business() as (on, of):
        for number in range(7):
            reserved(on, of, starts_at=MONDAY_10 + number * HOUR)

        assert stored(AddressReservations) == []
        assert {each.actor for each in ledger(Action.TIME_RESERVED)} == {"0" * 32}


def test_the_same_request_gets_the_same_reservation() -> None:
    """With its Idempotency-Key; once it is over there is nothing to give."""
    with open_business() as (on, of):
        repeat = Repeatable.of("key-0001", scope="reserve", content="same")

        one, two = (
            on.services.reserving.reserve(pick(of), visitor=VISITOR, repeat=repeat, form=None, by="0" * 32)
            for _ in range(2)
        )
        assert one.id == two.id
        assert len(busy_owners()) == 1
        on.clock.now += KEPT
        with pytest.raises(NotFoundError):
            on.services.reserving.reserve(pick(of), visitor=VISITOR, repeat=repeat, form=None, by="0" * 32)


def test_whoever_is_killed_leaves_nothing_or_all() -> None:
    """Sheet, reservation and entry come together."""
    with open_business() as (on, of):
        with killed_at(1):
            reserved(on, of)
        assert busy_owners() == stored(Reservation) == ledger(Action.TIME_RESERVED) == []

        with killed_at(1, after=True):
            reserved(on, of)
        assert len(busy_owners()) == len(stored(Reservation)) == len(ledger(Action.TIME_RESERVED)) == 1


def test_what_can_not_be_booked_can_not_be_reserved() -> None:
    """Beside the grid, in the past, of another length, of no such service, or of a business that has cancelled."""
    with open_business() as (on, of):
        wrong = {
            SlotTakenError: {"starts_at": MONDAY_10 + 7 * MINUTE},
            InvalidInputError: {"starts_at": on.clock.now - HOUR},
            NotFoundError: {"service": "1" * 32},
        }
        for error, changes in wrong.items():
            with pytest.raises(error):
                reserved(on, of, **changes)
        with pytest.raises(InvalidInputError):
            reserved(on, of, duration=61)
        on.services.tenancies.cancel(of.session, network=NETWORK)
        with pytest.raises((ReadOnlyError, ConflictError)):
            reserved(on, of)
