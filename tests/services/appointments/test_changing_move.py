"""Moving by link."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, LinkUsedError, NotFoundError, SlotTakenError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.day_sheet import DaySheet
from tests.builders import MONDAY_10, NETWORK, booked, terms
from tests.services.looking import busy_owners, ledger, messages, now_of, stored, the
from tests.services.meddling import before_commit, calls, refused_writes
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def token_of(on: Stage, held: Appointment) -> str:
    """The token to move the appointment as it stands."""
    return on.services.linking.self_service(now_of(held))["reschedule"]


def move(on: Stage, held: Appointment, at: datetime) -> Appointment:
    """Moves by the current link."""
    return on.services.changing.move(token_of(on, held), at, network=NETWORK)


def test_moving_gives_one_time_back_and_takes_another() -> None:
    """In one transaction, told to the customer and noted."""
    with open_business() as (on, of):
        held = booked(on, of)

        with calls() as made:
            moved = move(on, held, MONDAY_10 + DAY)

        assert made.count("TransactWriteItems") == 1
        assert (moved.starts_at, moved.ends_at, moved.sequence) == (MONDAY_10 + DAY, MONDAY_10 + DAY + HOUR, 1)
        assert busy_owners() == [held.id]
        assert {each.day: len(each.content.entries) for each in stored(DaySheet)} == {
            MONDAY_10.date(): 0,
            (MONDAY_10 + DAY).date(): 1,
        }
        assert [each.about_version for each in messages("appointment-rescheduled")] == [1]
        assert [each.thing for each in ledger(Action.APPOINTMENT_MOVED)] == [held.id]


def test_the_reminder_moves_along() -> None:
    """The old one is gone, a new one waits, and the appointment knows it."""
    with open_business() as (on, of):
        held = booked(on, of)

        move(on, held, MONDAY_10 + DAY)

        reminder = messages("appointment-reminder")[0]
        assert len(messages("appointment-reminder")) == 1
        assert (reminder.send_at, reminder.about_version) == (MONDAY_10, 1)
        assert the(Appointment).unsent == {reminder.id}


def test_the_old_links_end_and_still_show_the_appointment() -> None:
    """Whoever holds the first mail is sent to the latest one."""
    with open_business() as (on, of):
        held = booked(on, of)
        old = on.services.linking.self_service(held)
        move(on, held, MONDAY_10 + DAY)

        with pytest.raises(LinkUsedError):
            on.services.changing.move(old["reschedule"], MONDAY_10, network=NETWORK)
        with pytest.raises(LinkUsedError):
            on.services.changing.cancel(old["cancel"], network=NETWORK)
        with pytest.raises(LinkUsedError):
            on.services.changing.slots(old["reschedule"], frm=MONDAY_10, to=MONDAY_10 + DAY, network=NETWORK)

        assert on.services.showing.show(old["cancel"], network=NETWORK).meeting.appointment.starts_at == MONDAY_10 + DAY
        assert move(on, held, MONDAY_10).sequence == 2


def test_every_time_that_is_shown_for_moving_can_be_moved_to() -> None:
    """Its own and those it overlaps included, but for the present one."""
    with open_business() as (on, of):
        held = booked(on, of)
        booked(on, of, starts_at=MONDAY_10 + 3 * HOUR, email="beat@kunde.example")
        midnight = MONDAY_10.replace(hour=0)

        def free() -> list[datetime]:
            return on.services.changing.slots(token_of(on, held), frm=midnight, to=midnight + DAY, network=NETWORK)

        for at in (first := free()):
            if at != now_of(held).starts_at:
                move(on, held, at)

        assert MONDAY_10 + 30 * MINUTE in first
        assert MONDAY_10 + 3 * HOUR not in first
        assert free() == first


@pytest.mark.parametrize("minutes", [-30, 30])
def test_an_appointment_may_overlap_itself(minutes: int) -> None:
    """Half an hour earlier or later: its own time is not in its way."""
    with open_business() as (on, of):
        held = booked(on, of)

        assert move(on, held, MONDAY_10 + minutes * MINUTE).starts_at == MONDAY_10 + minutes * MINUTE
        assert busy_owners() == [held.id]


def test_a_busy_time_is_refused_and_nothing_changes() -> None:
    """The appointment stays where it was."""
    with open_business() as (on, of):
        held = booked(on, of)
        booked(on, of, starts_at=MONDAY_10 + 2 * HOUR, email="beat@kunde.example")

        for minutes in (90, 120, 150):
            with pytest.raises(SlotTakenError):
                move(on, held, MONDAY_10 + minutes * MINUTE)

        assert (now_of(held).starts_at, now_of(held).sequence) == (MONDAY_10, 0)
        assert len(messages("appointment-rescheduled")) == 0


def test_the_present_time_is_no_move() -> None:
    """In whichever zone it is written."""
    with open_business() as (on, of):
        held = booked(on, of)

        for at in (MONDAY_10, datetime.fromisoformat("2026-11-09T10:00:00+01:00")):
            with pytest.raises(ConflictError):
                move(on, held, at)


@pytest.mark.parametrize(
    ("at", "error"),
    [
        (datetime(2026, 11, 2, 8, 0, tzinfo=UTC), InvalidInputError),
        (datetime(2026, 11, 2, 7, 0, tzinfo=UTC), InvalidInputError),
        (datetime(2026, 11, 2, 8, 30, tzinfo=UTC), SlotTakenError),  # within the notice
        (MONDAY_10 + timedelta(minutes=15), SlotTakenError),  # off the grid
        (MONDAY_10 + timedelta(seconds=30), SlotTakenError),
        (MONDAY_10.replace(hour=18), SlotTakenError),  # closed
        (datetime(1, 1, 1, tzinfo=UTC), SlotTakenError),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), SlotTakenError),
    ],
)
def test_moving_goes_by_the_rules_of_booking(at: datetime, error: type[Exception]) -> None:
    """Neither the past nor what is not offered."""
    with open_business() as (on, of):
        held = booked(on, of)

        with pytest.raises(error):
            move(on, held, at)


@pytest.mark.parametrize(("days", "later"), [(14, True), (-4, False)])
def test_a_later_time_keeps_the_customer_longer(days: int, later: bool) -> None:
    """The entry and the claim of the address alike; an earlier time does not shorten what was promised."""
    with open_business() as (on, of):
        held = booked(on, of)
        at = MONDAY_10 + days * DAY

        move(on, held, at)

        ends = (at if later else MONDAY_10) + HOUR
        assert (the(Customer).last_appointment_at, the(CustomerAddress).last_appointment_at) == (ends, ends)
        assert the(Appointment).ends_at == at + HOUR


def test_a_cancelled_appointment_can_not_be_moved() -> None:
    """It has to be booked anew."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = token_of(on, held)
        on.services.changing.cancel(on.services.linking.self_service(held)["cancel"], network=NETWORK)

        for each in (token, token_of(on, held)):
            with pytest.raises(LinkUsedError):
                on.services.changing.move(each, MONDAY_10 + DAY, network=NETWORK)

        assert busy_owners() == []


def test_a_move_follows_the_service_as_it_is_now() -> None:
    """It takes longer by now: so does the moved appointment."""
    with open_business() as (on, of):
        held = booked(on, of)
        on.services.offering.change_service(
            of.session, of.service.id, terms(of.expert, duration=120), version=None, network=NETWORK
        )

        assert move(on, held, MONDAY_10 + DAY).ends_at == MONDAY_10 + DAY + 2 * HOUR


def test_a_service_that_is_gone_can_not_be_moved_to() -> None:
    """Cancelling is still possible."""
    with open_business() as (on, of):
        held = booked(on, of)
        of.service.delete()

        with pytest.raises(NotFoundError):
            move(on, held, MONDAY_10 + DAY)

        cancelled = on.services.changing.cancel(on.services.linking.self_service(held)["cancel"], network=NETWORK)
        assert cancelled.state is State.CANCELLED


def test_two_moves_at_once_are_one() -> None:
    """The slower one finds its link replaced."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = token_of(on, held)

        with (
            before_commit(lambda: on.services.changing.move(token, MONDAY_10 + DAY, network=NETWORK)),
            pytest.raises(LinkUsedError),
        ):
            on.services.changing.move(token, MONDAY_10 + 2 * DAY, network=NETWORK)

        assert the(Appointment).starts_at == MONDAY_10 + DAY
        assert busy_owners() == [held.id]


def test_a_time_that_is_taken_meanwhile_is_refused() -> None:
    """Whoever writes first has it; the mover keeps the old time."""
    with open_business() as (on, of):
        held = booked(on, of)

        with (
            before_commit(lambda: booked(on, of, starts_at=MONDAY_10 + DAY, email="beat@kunde.example")),
            pytest.raises(SlotTakenError),
        ):
            move(on, held, MONDAY_10 + DAY)

        assert the_state(held) == (MONDAY_10, 0)
        assert len(busy_owners()) == 2


def test_a_conflict_in_the_store_is_tried_again() -> None:
    """Another transaction was at the same sheet: that decides nothing."""
    with open_business() as (on, of):
        held = booked(on, of)

        with refused_writes("TransactionConflict", times=2):
            move(on, held, MONDAY_10 + DAY)

        assert the_state(held) == (MONDAY_10 + DAY, 1)


def the_state(held: Appointment) -> tuple[datetime, int]:
    """Where it stands, and how often it was changed."""
    held = now_of(held)
    return held.starts_at, int(held.sequence)
