"""Staff enter appointments for customers: past rules where they say so, never over something else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.handling import Source
from chalicelib.domain.states import RestrictionGround
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.notification import Notification
from chalicelib.records.writing import Transaction
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, booked, terms
from tests.services.attending_builders import BERTA, ROOMS, colleague, enter, offer, practice
from tests.services.looking import ledger, messages, stored, the

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
EXPERT_ONLY = frozenset({"expert"})


def values(ignored: Any) -> list[str]:
    """The names of rules."""
    return [each.value for each in ignored]


def test_an_appointment_stands_at_once_and_its_customer_is_told() -> None:
    """Who entered it is noted, on it, with the customer and in the ledger."""
    with practice() as (on, of):
        held = enter(on, of, note="Knie links").appointment
        on.pump()

        person = the(Customer)
        assert (held.state, held.booked_by, held.note) == (State.CONFIRMED, of.expert, "Knie links")
        assert (person.subject, person.source, person.entered_by) == (held.subject, Source.TENANT, of.expert)
        assert held.came_from() is Source.TENANT
        assert person.last_appointment_at == held.ends_at
        assert [mail.to for mail in on.mails()[-1:]] == [BERTA.email]
        (entry,) = ledger(Action.APPOINTMENT_BOOKED_BY_STAFF)
        assert (entry.actor, entry.about, entry.thing, entry.network) == (of.expert, held.subject, held.id, NETWORK)
        assert entry.counts == {"starts_at": int(MONDAY_10.timestamp())}
        assert [each.send_at for each in messages("appointment-reminder")] == [MONDAY_10 - DAY]


def test_somebody_without_an_address_gets_no_mail() -> None:
    """And no reminder by mail either; nothing waits in the outbox."""
    with practice() as (on, of):
        held = enter(on, of, person=replace(BERTA, email=None)).appointment

        assert (held.mail_wanted, held.email) == (False, "")
        assert [each for each in stored(Notification) if each.about == held.id] == []


def test_somebody_without_an_address_may_want_text_messages() -> None:
    """Over that channel alone."""
    with practice() as (on, of):
        held = enter(on, of, person=replace(BERTA, email=None), sms_wanted=True).appointment

        mine = [each for each in stored(Notification) if each.about == held.id]
        assert {each.channel for each in mine} == {"sms"}
        assert len(mine) == 2


def test_quietly_nobody_is_told_now() -> None:
    """The reminder stays."""
    with practice() as (on, of):
        enter(on, of, quiet=True)

        assert messages("appointment-confirmed") == []
        assert len(messages("appointment-reminder")) == 1


@pytest.mark.parametrize("given", ["id", "address"])
def test_a_known_customer_stays_one(given: str) -> None:
    """By id as by address; their period counts from the later appointment."""
    with practice() as (on, of):
        before = booked(on, of, email="Berta@kundin.example", given_name="Bertha")
        how = {"customer": before.subject, "person": None} if given == "id" else {}

        held = enter(on, of, starts_at=MONDAY_10 + DAY, **how).appointment

        assert held.subject == the(Customer).subject
        assert the(Customer).last_appointment_at == held.ends_at
        assert held.given_name == ("Bertha" if given == "id" else "Berta")


RULES: list[tuple[dict[str, Any], list[str]]] = [
    ({"starts_at": MONDAY_10 + 15 * MINUTE}, ["grid"]),
    ({"starts_at": MONDAY_10 - 3 * HOUR}, ["hours"]),
    ({"starts_at": MONDAY_10 + 6 * HOUR + 30 * MINUTE}, ["hours"]),
    ({"starts_at": MONDAY_10 + 5 * DAY}, ["hours"]),
    ({"starts_at": MONDAY_10 + 98 * DAY}, ["horizon"]),
    ({"duration": 45}, ["duration"]),
    ({"starts_at": MONDAY_10 + 96 * DAY, "duration": 45}, ["duration", "hours", "horizon"]),
]


@pytest.mark.parametrize(
    ("changes", "broken"), RULES, ids=["+".join(each) + f"-{n}" for n, (_, each) in enumerate(RULES)]
)
def test_rules_are_kept_unless_staff_go_past_them(changes: dict[str, Any], broken: list[str]) -> None:
    """The refusal names what is not kept, and so does the answer of who goes past it."""
    with practice() as (on, of):
        with pytest.raises((ConflictError, InvalidInputError)) as refused:
            enter(on, of, **changes)
        named = broken if "duration" not in broken else ["durations"]  # which can be told before anything else
        assert all(each in str(refused.value) for each in named)
        assert stored(Appointment) == []

        assert values(enter(on, of, anyway=True, **changes).ignored) == broken


@pytest.mark.parametrize(("minutes", "broken"), [(59, ["grid", "notice"]), (60, []), (-30, ["notice"])])
def test_notice_is_one_of_them(minutes: int, broken: list[str]) -> None:
    """To the minute; who came without an appointment is entered afterwards."""
    with practice() as (on, of):
        on.clock.now = MONDAY_10
        starts_at = MONDAY_10 + minutes * MINUTE

        assert values(enter(on, of, anyway=True, starts_at=starts_at).ignored) == broken


@pytest.mark.parametrize(
    ("past", "anyway", "good"), [(DAY - MINUTE, True, True), (DAY, True, False), (MINUTE, False, False)]
)
def test_the_past_is_past_after_a_day(past: timedelta, *, anyway: bool, good: bool) -> None:
    """And for whoever keeps the rules at once."""
    with practice() as (on, of):
        on.clock.now = MONDAY_10 + past
        if good:
            assert enter(on, of, anyway=anyway).appointment.starts_at == MONDAY_10
        else:
            with pytest.raises(InvalidInputError):
                enter(on, of, anyway=anyway)


def test_an_absence_is_one_of_them() -> None:
    """Of the expert, or of the whole business."""
    with practice() as (on, of):
        hours = on.services.offering.availability(of.session, of.expert, network=NETWORK)
        absent = {
            "id": "1" * 32,
            "from": MONDAY_10.isoformat(),
            "until": (MONDAY_10 + DAY).isoformat(),
            "stand_in": None,
        }
        hours.absences = [absent]
        transaction = Transaction()
        transaction.update(hours)
        transaction.commit()

        assert values(enter(on, of, anyway=True).ignored) == ["absence"]
        assert values(enter(on, of, anyway=True, starts_at=MONDAY_10 - HOUR).ignored) == []


@pytest.mark.parametrize("anyway", [True, False])
@pytest.mark.parametrize("minutes", [-59, 0, 59])
def test_nothing_lies_over_something_else(minutes: int, *, anyway: bool) -> None:
    """Whatever staff say."""
    with practice() as (on, of):
        booked(on, of)
        with pytest.raises((SlotTakenError, ConflictError)):
            enter(on, of, starts_at=MONDAY_10 + minutes * MINUTE, anyway=anyway)

        assert len(stored(Appointment)) == 1


def test_admins_go_past_caps_and_experts_do_not() -> None:
    """And what they enter counts as well."""
    with practice(caps=(Cap(each=Each.DAY, count=1),)) as (on, of):
        expert = replace(of.session, roles=EXPERT_ONLY)
        enter(on, of)
        for caller, anyway in ((of.session, False), (expert, False), (expert, True)):
            with pytest.raises(SlotTakenError):
                enter(on, of, caller=caller, anyway=anyway, starts_at=MONDAY_10 + HOUR)

        entered = enter(on, of, anyway=True, starts_at=MONDAY_10 + HOUR)

        assert values(entered.ignored) == ["caps"]
        assert values(enter(on, of, anyway=True, starts_at=MONDAY_10 + DAY).ignored) == []


def test_of_the_rooms_one_that_is_free_is_taken() -> None:
    """The first, then the next; when none is left, nothing is entered."""
    with practice(resources=(ROOMS,), seats=1) as (on, of):
        beat = colleague(on, of)
        first = enter(on, of).appointment
        second = enter(on, of, expert=beat.staff).appointment

        assert (first.resources, second.resources) == ({ROOMS[0]}, {ROOMS[1]})


def test_staff_may_choose_the_room() -> None:
    """Among those of the service, one of each set, if it is free."""
    with practice(resources=(ROOMS,)) as (on, of):
        beat = colleague(on, of)
        offer(on, of, terms(of.expert, resources=(ROOMS,), experts=frozenset({of.expert, beat.staff})))
        held = enter(on, of, resources=frozenset({ROOMS[1]})).appointment
        assert held.resources == {ROOMS[1]}

        with pytest.raises(SlotTakenError):
            enter(on, of, expert=beat.staff, resources=frozenset({ROOMS[1]}))
        for wrong in (frozenset({"9" * 32}), frozenset(), frozenset(ROOMS)):
            with pytest.raises(InvalidInputError):
                enter(on, of, expert=beat.staff, resources=wrong)


def test_seats_of_a_group_are_shared() -> None:
    """Up to the last one, whatever staff say; in the same room."""
    with practice(seats=2, resources=(ROOMS,)) as (on, of):
        one, two = (enter(on, of, person=replace(BERTA, email=None)).appointment for _ in range(2))

        assert one.group == two.group != 0
        assert one.resources == two.resources
        with pytest.raises(SlotTakenError):
            enter(on, of, anyway=True)


def test_all_who_do_it_together_have_to_be_free() -> None:
    """They stand on it as others."""
    with practice() as (on, of):
        beat = colleague(on, of)
        offer(on, of, terms(of.expert, experts=frozenset({of.expert, beat.staff}), together=True))
        held = enter(on, of).appointment
        assert held.others == {beat.staff}

        with pytest.raises(SlotTakenError):
            enter(on, of, expert=beat.staff, anyway=True)


def test_experts_enter_their_own() -> None:
    """Themselves where they name nobody."""
    with practice() as (on, of):
        beat = colleague(on, of)

        assert enter(on, of, caller=beat, expert=None).appointment.expert == beat.staff
        with pytest.raises(NotAllowedError):
            enter(on, of, caller=beat, expert=of.expert)


def test_admins_may_leave_the_choice_to_us() -> None:
    """Somebody who is free."""
    with practice() as (on, of):
        beat = colleague(on, of)
        found = {enter(on, of, expert=None, person=replace(BERTA, email=None)).appointment.expert for _ in range(2)}

        assert found == {of.expert, beat.staff}
        with pytest.raises(SlotTakenError):
            enter(on, of, expert=None)


@pytest.mark.parametrize("by", ["id", "address"])
def test_a_restricted_person_gets_no_appointment(by: str) -> None:
    """The refusal says what to do about it."""
    with practice() as (on, of):
        before = booked(on, of, email=BERTA.email)
        on.services.restricting.restrict(of.session, before.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
        how = {"customer": before.subject, "person": None} if by == "id" else {}

        for caller in (of.session, replace(of.session, roles=EXPERT_ONLY)):
            with pytest.raises(RestrictedError, match="lifted"):
                enter(on, of, caller=caller, starts_at=MONDAY_10 + DAY, **how)


def test_customers_out_of_reach_are_unknown() -> None:
    """To an expert who never met them; and so is who does not exist."""
    with practice() as (on, of):
        theirs, beat = booked(on, of).subject, colleague(on, of)
        for customer, caller in ((theirs, beat), ("9" * 32, beat), ("9" * 32, of.session)):
            with pytest.raises(NotFoundError):
                enter(
                    on,
                    of,
                    caller=caller,
                    expert=caller.staff,
                    customer=customer,
                    person=None,
                    starts_at=MONDAY_10 + DAY,
                )


@pytest.mark.parametrize("what", [{"service": "9" * 32}, {"expert": "9" * 32}])
def test_what_does_not_exist_is_not_found(what: dict[str, str]) -> None:
    """Services, and experts who do not do it."""
    with practice() as (on, of), pytest.raises(NotFoundError):
        enter(on, of, **what)


def test_the_same_request_again_enters_nothing_more() -> None:
    """And another one with its key is refused."""
    with practice() as (on, of):
        repeat = Repeatable.of("key-of-a-request", scope="enter", content="one")
        first = enter(on, of, repeat=repeat).appointment

        assert enter(on, of, repeat=repeat).appointment.id == first.id
        assert len(stored(Appointment)) == 1
        with pytest.raises(IdempotencyMismatchError):
            enter(on, of, repeat=Repeatable.of("key-of-a-request", scope="enter", content="two"))


@pytest.mark.parametrize("seconds", [1, 59])
def test_appointments_start_at_whole_minutes(seconds: int) -> None:
    """Day sheets know no seconds."""
    with practice() as (on, of), pytest.raises(SlotTakenError):
        enter(on, of, anyway=True, starts_at=MONDAY_10 + timedelta(seconds=seconds))


def test_a_price_and_a_place_come_from_the_service() -> None:
    """It is confirmed although it is not paid: that is between the two of them."""
    with practice(price=12000, currency="EUR") as (on, of):
        held = enter(on, of).appointment

        assert (held.price, held.currency, held.state) == (12000, "EUR", State.CONFIRMED)
        assert isinstance(held.booked_at, datetime)
