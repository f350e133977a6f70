"""Restrictions: what is stored of a person is not used, except by themselves, until the restriction is lifted."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import ConflictError, NotFoundError, RestrictedError
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.hold import Holds
from chalicelib.records.notification import Notification
from chalicelib.records.reading import fetch
from chalicelib.services.booking.booking import NOT_ONLINE
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.agenda_builders import agenda as list_of
from tests.services.looking import ledger, now_of, stored, the
from tests.services.meddling import before_commit, killed_at
from tests.services.prepared import open_business
from tests.services.privacy_builders import hold
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def restrict(on: Stage, of: Business, held: Appointment) -> Any:
    """Restricts the use of what is stored about the customer of an appointment."""
    ground = RestrictionGround.ACCURACY_CONTESTED
    return on.services.restricting.restrict(of.session, held.subject, ground, network=NETWORK)


def lift(on: Stage, of: Business, held: Appointment) -> None:
    """Lifts it."""
    on.services.restricting.lift(of.session, held.subject, network=NETWORK)


def marked() -> dict[str, bool]:
    """Which kinds carry the mark; each kind as a whole."""
    found: dict[str, set[bool]] = {}
    for kind in (Customer, Appointment, Notification, CustomerAddress, Holds):
        for record in stored(kind):
            found.setdefault(kind.__name__, set()).add(record.restricted_since is not None)
    return {name: one for name, (one,) in found.items()}


def agenda(on: Stage, of: Business) -> list[Appointment]:
    """What staff see."""
    frm, to = MONDAY_10 - DAY, MONDAY_10 + 10 * DAY
    return list_of(on, of, frm=frm, to=to)


def test_grounds_are_the_points_of_the_law() -> None:
    """Art. 18(1)(a) to (d)."""
    assert [ground.point for ground in RestrictionGround] == ["a", "b", "c", "d"]


def test_everything_sealed_about_the_person_is_restricted() -> None:
    """The person's own record, their appointments; not what says nothing by itself."""
    with open_business() as (on, of):
        held = booked(on, of)

        since = restrict(on, of, held)

        assert since == on.clock()
        assert marked() == {"Customer": True, "Appointment": True, "Notification": False, "CustomerAddress": False}
        (entry,) = ledger(Action.RESTRICTED)
        assert (entry.actor, entry.about, entry.ground) == (of.expert, held.subject, "accuracy-contested")
        assert entry.network == NETWORK


def test_nobody_else_is() -> None:
    """Another customer of the same business."""
    with open_business() as (on, of):
        held = booked(on, of)
        other = booked(on, of, email="ben@kunde.example", starts_at=MONDAY_10 + DAY)

        restrict(on, of, held)

        assert now_of(other).restricted_since is None
        assert now_of(other).given_name == "Anna"


def test_what_is_restricted_is_there_and_cannot_be_opened() -> None:
    """Staff see that the time is taken, and not by whom."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)

        (seen,) = agenda(on, of)

        assert seen.starts_at == held.starts_at
        with pytest.raises(RestrictedError):
            assert seen.given_name


def test_no_new_use_begins() -> None:
    """A booking by the person is refused, in words that say nothing of why."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)

        with pytest.raises(ConflictError) as refused:
            booked(on, of, starts_at=MONDAY_10 + DAY)

        assert (str(refused.value), refused.value.slug, refused.value.field) == (NOT_ONLINE, "conflict", None)
        assert "restrict" not in NOT_ONLINE.lower()
        assert len(stored(Appointment)) == 1


def test_a_time_that_is_taken_says_so_first() -> None:
    """So that asking costs a real booking, and a message to the person."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)

        with pytest.raises(ConflictError) as refused:
            booked(on, of, starts_at=MONDAY_10 + DAY)
        with pytest.raises(Exception, match="offered") as taken:
            booked(on, of)

        assert type(taken.value) is not type(refused.value)


def test_a_booking_that_was_under_way_is_refused() -> None:
    """It had read the person before; its transaction finds them changed."""
    with open_business() as (on, of):
        held = booked(on, of)

        with before_commit(lambda: restrict(on, of, held)), pytest.raises(ConflictError):
            booked(on, of, starts_at=MONDAY_10 + DAY)

        assert len(stored(Appointment)) == 1


def test_a_booking_that_was_faster_is_restricted_with_the_rest() -> None:
    """The marks are spread after the person's own."""
    with open_business() as (on, of):
        held = booked(on, of)

        with before_commit(lambda: booked(on, of, starts_at=MONDAY_10 + DAY)):
            restrict(on, of, held)

        assert len(stored(Appointment)) == 2
        assert marked()["Appointment"]


@pytest.mark.parametrize("write", [1, 2])
def test_a_killed_run_is_completed_by_the_next_call(write: int) -> None:
    """The person's own record is the first, so that nothing begins in between."""
    with open_business() as (on, of):
        held = booked(on, of)
        with killed_at(write):
            restrict(on, of, held)
        between = the(Customer).restricted_since is not None

        restrict(on, of, held)

        assert between is (write == 2)
        assert marked()["Customer"]
        assert marked()["Appointment"]
        assert len(ledger(Action.RESTRICTED)) == 1


def test_a_second_restriction_changes_nothing() -> None:
    """It counts from the first."""
    with open_business() as (on, of):
        held = booked(on, of)
        since = restrict(on, of, held)
        on.clock.move(days=1)

        assert restrict(on, of, held) == since
        assert the(Customer).restricted_since == since


def test_lifted_everything_is_as_before() -> None:
    """And the ledger knows both."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)
        with killed_at(2):
            lift(on, of, held)
        lift(on, of, held)

        assert set(marked().values()) == {False}
        assert agenda(on, of)[0].given_name == "Anna"
        assert booked(on, of, starts_at=MONDAY_10 + DAY).subject == held.subject
        assert [each.about for each in ledger(Action.RESTRICTION_LIFTED)] == [held.subject]


def test_lifting_and_restricting_at_once_leave_no_mixture() -> None:
    """What the person's own record says last holds for all."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)

        with before_commit(lambda: restrict(on, of, held)):
            lift(on, of, held)
        with before_commit(lambda: lift(on, of, held)):
            restrict(on, of, held)

        assert marked()["Customer"] is marked()["Appointment"]


def test_only_a_customer_who_is_there_can_be_restricted() -> None:
    """Not a stranger, not staff, nobody past their period."""
    with open_business() as (on, of):
        held = booked(on, of)
        ground = RestrictionGround.UNLAWFUL
        for person in ("f" * 32, of.expert):
            with pytest.raises(NotFoundError):
                on.services.restricting.restrict(of.session, person, ground, network=NETWORK)
        on.clock.now = the(Customer).expires_at
        with pytest.raises(NotFoundError):
            restrict(on, of, held)


def test_holds_are_no_use_of_the_data() -> None:
    """Art. 18(2): claims go on. They can be placed, read and lifted while the person is restricted."""
    with open_business() as (on, of):
        held = booked(on, of)
        hold(on, of, held)
        restrict(on, of, held)

        assert len(hold(on, of, held)) == 2
        assert not marked()["Holds"]
        assert the(Customer).restricted_since is not None


# Messages


def test_nothing_is_sent_to_a_restricted_person() -> None:
    """Neither what waits already nor a reminder that falls due; each says why."""
    with open_business() as (on, of):
        held = booked(on, of)
        before = len(on.mails())
        restrict(on, of, held)

        on.pump()
        on.clock.now = MONDAY_10 - DAY
        on.pump()

        assert len(on.mails()) == before
        assert {(each.state, each.reason) for each in stored(Notification) if each.about} == {
            (Delivery.SKIPPED, "restricted")
        }


def test_after_lifting_reminders_are_sent_again() -> None:
    """Those that fall due from then on."""
    with open_business() as (on, of):
        held = booked(on, of)
        on.pump()
        before = len(on.mails())
        restrict(on, of, held)
        lift(on, of, held)

        on.clock.now = MONDAY_10 - DAY
        on.pump()

        assert len(on.mails()) == before + 1


# By the person's own link


def test_a_restricted_person_sees_and_cancels_their_appointment() -> None:
    """Art. 18(2): with their consent; each use is noted."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)
        token = on.services.linking.self_service(now_of(held))["cancel"]

        assert on.services.showing.show(token, network=NETWORK).meeting.appointment.state is State.CONFIRMED
        on.services.changing.cancel(token, network=NETWORK)

        assert now_of(held).state is State.CANCELLED
        assert now_of(held).restricted_since is not None
        assert len(ledger(Action.CUSTOMER_EXCEPTION_READ)) == 2
        assert [each.ground for each in ledger(Action.CUSTOMER_EXCEPTION_WRITTEN)] == ["subject-consent"]


def test_a_restricted_person_moves_their_appointment() -> None:
    """Their own record lives on with it, and stays restricted."""
    with open_business() as (on, of):
        held = booked(on, of)
        restrict(on, of, held)
        token = on.services.linking.self_service(now_of(held))["reschedule"]
        assert on.services.changing.slots(token, frm=MONDAY_10, to=MONDAY_10 + DAY, network=NETWORK)

        moved = on.services.changing.move(token, MONDAY_10 + 2 * DAY, network=NETWORK)

        customer = the(Customer)
        assert moved.starts_at == MONDAY_10 + 2 * DAY
        assert customer.last_appointment_at == the(CustomerAddress).last_appointment_at == moved.ends_at
        assert set(marked().values()) == {True, False}
        assert marked()["Customer"]
        assert marked()["Appointment"]
        written = ledger(Action.CUSTOMER_EXCEPTION_WRITTEN)
        assert sorted(str(each.counts) for each in written) == ["{'Appointment': 1}", "{'Customer': 1}"]
        assert fetch(Customer.ref(of.tenant, held.subject)) is not None


def test_a_move_that_was_under_way_is_noted_too() -> None:
    """The restriction came in between: it reads again, and goes on as the person's own wish."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = on.services.linking.self_service(held)["reschedule"]

        with before_commit(lambda: restrict(on, of, held)):
            on.services.changing.move(token, MONDAY_10 + 2 * DAY + HOUR, network=NETWORK)

        assert marked()["Appointment"]
        assert len(ledger(Action.CUSTOMER_EXCEPTION_WRITTEN)) == 2
