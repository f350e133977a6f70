"""How booked appointments begin: confirmed, to be confirmed, to be paid; and what else a form can say."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInputError, LinkUsedError, SlotTakenError
from chalicelib.domain.terms import Answer, Payment, Place, Question
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.notification import Notification
from chalicelib.records.reservation import Reservation
from tests.builders import MONDAY_10, NETWORK
from tests.services.booking_builders import book, experts, rooms, service
from tests.services.freeing_builders import awaited
from tests.services.looking import busy_owners, now_of, stored, the
from tests.services.prepared import open_business
from tests.services.waiting_builders import reserved
from tests.stage import Stage

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def said() -> list[str]:
    """The messages in the outbox, in order of their names."""
    return sorted({each.message for each in stored(Notification)} - {"confirm-registration"})


def move(on: Stage, held: Appointment, by: timedelta) -> Appointment:
    """Moves by link."""
    token = on.services.linking.self_service(now_of(held))["reschedule"]
    return on.services.changing.move(token, held.starts_at + by, network=NETWORK)


BEGINNINGS: dict[str, tuple[dict[str, Any], State, timedelta | None, list[str]]] = {
    "confirmed": ({}, State.CONFIRMED, None, ["appointment-confirmed", "appointment-reminder"]),
    "price only": (
        {"price": 9000, "payment": Payment.ON_SITE},
        State.CONFIRMED,
        None,
        ["appointment-confirmed", "appointment-reminder"],
    ),
    "pending": (
        {"confirm_within": 120},
        State.PENDING,
        timedelta(minutes=120),
        ["appointment-requested", "confirmation-wanted"],
    ),
    "unpaid": (
        {"price": 9000, "payment": Payment.ONLINE, "pay_within": 20, "confirm_within": 120},
        State.UNPAID,
        timedelta(minutes=20),
        ["payment-wanted"],
    ),
}


@pytest.mark.parametrize("case", BEGINNINGS)
def test_how_an_appointment_begins(case: str) -> None:
    """What waits holds its time until it lapses, and has no reminder yet."""
    changes, state, waits, messages = BEGINNINGS[case]
    with open_business() as (on, of):
        held = now_of(book(on, of, service(on, of, experts(on, of, 1), **changes)))

        assert (held.state, held.price) == (state, changes.get("price"))
        assert held.currency == ("CHF" if "price" in changes else None)
        assert held.lapses_at == (waits and on.clock.now.replace(microsecond=0) + waits)
        assert said() == messages
        assert busy_owners() == [held.id]


def test_what_waits_waits_until_the_start_at_most() -> None:
    """Nobody can confirm what has begun."""
    with open_business() as (on, of):
        held = book(on, of, service(on, of, experts(on, of, 1), confirm_within=60 * 24 * 30))

        assert held.lapses_at == held.starts_at


def test_the_time_of_what_nobody_confirmed_is_free_again() -> None:
    """At the second at which it lapses, whether or not anybody has marked it."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), confirm_within=60)
        book(on, of, what)

        on.clock.move(seconds=3599)
        with pytest.raises(SlotTakenError):
            book(on, of, what, 1)
        on.clock.move(seconds=1)
        held = book(on, of, what, 1)
        assert busy_owners() == [held.id]


@pytest.mark.parametrize("verb", ["cancel", "reschedule"])
def test_what_has_lapsed_is_over_though_nobody_marked_it(verb: str) -> None:
    """Its links end at that second."""
    with open_business() as (on, of):
        held = book(on, of, service(on, of, experts(on, of, 1), price=100, payment=Payment.ONLINE, pay_within=20))
        token = on.services.linking.self_service(held)[verb]

        def use() -> Appointment:
            if verb == "cancel":
                return on.services.changing.cancel(token, network=NETWORK)
            return on.services.changing.move(token, MONDAY_10 + HOUR, network=NETWORK)

        on.clock.move(seconds=1200)
        with pytest.raises(LinkUsedError):
            use()
        on.clock.now -= timedelta(seconds=1)
        assert use()


@pytest.mark.parametrize(
    ("changes", "state", "message"),
    [
        ({}, State.CONFIRMED, "appointment-rescheduled"),
        ({"confirm_within": 120}, State.PENDING, "appointment-requested"),
        ({"price": 100, "payment": Payment.ONLINE}, State.UNPAID, "payment-wanted"),
    ],
    ids=["confirmed", "pending", "unpaid"],
)
def test_what_is_moved_waits_for_the_same_things(changes: dict[str, Any], state: State, message: str) -> None:
    """The expert is asked about the new time; who has to pay has no longer than before."""
    with open_business() as (on, of):
        held = book(on, of, service(on, of, experts(on, of, 1), **changes))
        on.clock.move(minutes=10)

        moved = move(on, held, HOUR)

        assert (moved.state, moved.sequence) == (state, 1)
        if state is State.PENDING:
            assert moved.lapses_at == on.clock.now.replace(microsecond=0) + 120 * MINUTE
        else:
            assert moved.lapses_at == held.lapses_at
        (told,) = [each for each in stored(Notification) if each.message == message and each.about_version == 1]
        assert told.about == held.id


def test_a_moved_appointment_keeps_its_people_and_takes_a_room_that_is_free() -> None:
    """Its own if it can."""
    with open_business() as (on, of):
        who, (red, blue) = experts(on, of, 3), rooms(on, 2)
        both = service(on, of, who[:2], together=True, resources=((red, blue),))
        other = service(on, of, who[2:], resources=((red, blue),))
        held = book(on, of, both)
        book(on, of, other, 1, starts_at=MONDAY_10 + 2 * HOUR)

        assert move(on, held, HOUR).resources == {red}
        moved = move(on, held, 2 * HOUR)

        assert (moved.expert, moved.others, moved.resources) == (who[0], {who[1]}, {blue})


def test_what_is_given_back_is_noted_for_those_who_wait() -> None:
    """By who cancels and who moves, if the service has a list; and calendars are told each time."""
    with open_business() as (on, of):
        who = experts(on, of, 1, linked=True)
        what = service(on, of, who, offer_minutes=30)
        awaited(on, of, service=what.id)
        held = book(on, of, what)
        assert [each.appointment for each in stored(CalendarNews)] == [held.id]
        assert stored(FreedTime) == []

        move(on, held, HOUR)
        on.services.changing.cancel(on.services.linking.self_service(now_of(held))["cancel"], network=NETWORK)

        assert sorted(each.starts_at for each in stored(FreedTime)) == [MONDAY_10, MONDAY_10 + HOUR]
        assert len(stored(CalendarNews)) == 3


@pytest.mark.parametrize("verb", ["cancel", "move"])
def test_it_is_too_late_by_the_rules_of_the_service(verb: str) -> None:
    """To the second; the answer says whom to ask."""
    with open_business() as (on, of):
        held = book(on, of, service(on, of, experts(on, of, 1), cancel_until=60, move_until=60))
        tokens = on.services.linking.self_service(held)

        def change() -> Appointment:
            if verb == "move":
                return on.services.changing.move(tokens["reschedule"], MONDAY_10 + DAY, network=NETWORK)
            return on.services.changing.cancel(tokens["cancel"], network=NETWORK)

        on.clock.now = MONDAY_10 - HOUR + timedelta(seconds=1)
        with pytest.raises(Exception, match=r"ask regula@praxis-brunner\.example or \+41"):
            change()
        on.clock.now = MONDAY_10 - HOUR
        assert change()


def test_a_reserved_time_is_booked_by_whoever_holds_it() -> None:
    """And by nobody else; the reservation is used up, and its expert and room are taken over."""
    with open_business() as (on, of):
        who, where = experts(on, of, 2), rooms(on, 2)
        what = service(on, of, who, resources=(where,), notice=0)
        kept = [reserved(on, of, service=what.id, expert=None) for _ in who]

        with pytest.raises(SlotTakenError):
            book(on, of, what)
        held = book(on, of, what, reservation=kept[1].id)

        assert (held.expert, held.resources) == (kept[1].expert, kept[1].resources)
        assert sorted(busy_owners()) == sorted([held.id, kept[0].id] * 2)
        assert [each.id for each in stored(Reservation)] == [kept[0].id]


@pytest.mark.parametrize("seconds", [299, 300])
def test_a_reservation_that_lapsed_is_no_obstacle(seconds: int) -> None:
    """Neither for others nor for who had it; the notice counts again then."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), notice=60)
        on.clock.now = MONDAY_10 - HOUR
        kept = reserved(on, of, service=what.id, expert=None)
        on.clock.move(seconds=seconds)

        if seconds < 300:
            assert book(on, of, what, reservation=kept.id)
        else:
            with pytest.raises(SlotTakenError):
                book(on, of, what, reservation=kept.id)
            assert book(on, of, what, reservation=kept.id, starts_at=MONDAY_10 + HOUR)


def test_somebody_with_a_reservation_may_choose_another_time() -> None:
    """The one that was kept is free at once."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1))
        kept = reserved(on, of, service=what.id, expert=None)

        held = book(on, of, what, reservation=kept.id, starts_at=MONDAY_10 + HOUR)

        assert busy_owners() == [held.id]
        assert book(on, of, what, 1)


PAIN = Question(id="pain", label="Wo?", answer=Answer.TEXT, purpose="Vorbereitung", keep_days=30, required=True)


def test_answers_are_checked_and_kept_and_move_along() -> None:
    """Each for as long as its question says, from the end of the appointment on."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), questions=(PAIN,))

        with pytest.raises(InvalidInputError) as refused:
            book(on, of, what)
        held = book(on, of, what, answers={"pain": "Knie"})

        assert refused.value.field == "answers.pain"
        assert held.answers == {"pain"}
        kept_until = the(GivenAnswer).kept_until
        move(on, held, DAY)
        assert the(GivenAnswer).kept_until == kept_until + DAY
        assert (the(GivenAnswer).question, the(GivenAnswer).answer) == ("Wo?", "Knie")


@pytest.mark.parametrize(
    ("place", "given", "field"),
    [
        (Place.PHONE, {"phone": "+41795550123"}, "customer.phone"),
        (Place.CUSTOMER, {"address": "Seeweg 3, 8002 Zürich"}, "address"),
    ],
    ids=["phone", "customer"],
)
def test_who_is_to_be_reached_says_where(place: Place, given: dict[str, str], field: str) -> None:
    """And only then is it kept with the appointment."""
    ((name, value),) = given.items()
    with open_business() as (on, of):
        who = experts(on, of, 1)
        what = service(on, of, who, place=place)

        with pytest.raises(InvalidInputError) as refused:
            book(on, of, what, phone=None)
        held = book(on, of, what, phone=given.get("phone"), address=given.get("address"))
        elsewhere = book(on, of, service(on, of, who), 1, starts_at=MONDAY_10 + HOUR, **given)

        assert refused.value.field == field
        assert (held.place, getattr(held, name)) == (place, value)
        assert getattr(elsewhere, name) is None
