"""Seeing and cancelling by link."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, LinkUsedError, NotFoundError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from tests.builders import MONDAY_10, NETWORK, Business, booked, business
from tests.services.looking import busy_owners, ledger, messages, now_of, stored, the
from tests.services.meddling import before_commit, calls, refused_writes
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def links(on: Stage, held: Appointment) -> dict[str, str]:
    """The tokens of an appointment as it stands."""
    return on.services.linking.self_service(now_of(held))


def cancel(on: Stage, held: Appointment) -> Appointment:
    """Cancels by the current link."""
    return on.services.changing.cancel(links(on, held)["cancel"], network=NETWORK)


def forged(held: Appointment, on: Stage, *, other: Business) -> str:
    """A link to the appointment, signed by another business."""
    link = Link(
        purpose=LinkPurpose.CANCEL,
        tenant=held.tenant,
        subject=held.subject,
        thing=held.id,
        version=0,
        expires=held.starts_at,
    )
    return link.sign(on.vault.link_key(other.tenant))


def test_cancelling_frees_the_time() -> None:
    """Somebody else can have it at once."""
    with open_business() as (on, of):
        held = booked(on, of)

        cancelled = cancel(on, held)

        assert (cancelled.state, cancelled.sequence) == (State.CANCELLED, 1)
        assert now_of(held).state is State.CANCELLED
        assert busy_owners() == []
        assert booked(on, of, email="beat@kunde.example")


def test_cancelling_leaves_the_others_on_the_sheet() -> None:
    """Only one's own time is given back."""
    with open_business() as (on, of):
        held, other = booked(on, of), booked(on, of, starts_at=MONDAY_10 + HOUR)

        cancel(on, held)

        assert busy_owners() == [other.id]


def test_cancelling_takes_back_what_waits_and_tells_the_customer() -> None:
    """In one transaction: no reminder is left, on no channel, and the message goes out on each."""
    with open_business() as (on, of):
        held = booked(on, of, sms_wanted=True)
        assert len(messages("appointment-reminder")) == 2

        with calls() as made:
            cancel(on, held)

        assert made.count("TransactWriteItems") == 1
        assert messages("appointment-reminder") == []
        assert {each.channel for each in messages("appointment-cancelled")} == {"email", "sms"}
        assert the(Appointment).unsent is None
        entry = ledger(Action.APPOINTMENT_CANCELLED)[0]
        assert (entry.about, entry.thing, entry.network) == (held.subject, held.id, NETWORK)


def test_a_cancelled_appointment_is_not_cancelled_again() -> None:
    """The second time is told so, and nothing is said twice."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = links(on, held)["cancel"]
        on.services.changing.cancel(token, network=NETWORK)

        for again in (token, links(on, held)["cancel"]):
            with pytest.raises(LinkUsedError):
                on.services.changing.cancel(again, network=NETWORK)

        assert len(messages("appointment-cancelled")) == len(ledger(Action.APPOINTMENT_CANCELLED)) == 1


def test_two_cancellations_at_once_are_one() -> None:
    """The slower one reads again and sees that it is done."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = links(on, held)["cancel"]

        with (
            before_commit(lambda: on.services.changing.cancel(token, network=NETWORK)),
            pytest.raises(LinkUsedError),
        ):
            on.services.changing.cancel(token, network=NETWORK)

        assert len(messages("appointment-cancelled")) == 1


def test_a_booking_of_the_same_day_does_not_stop_a_cancellation() -> None:
    """The sheet changed meanwhile: it is read again, and both happen."""
    with open_business() as (on, of):
        held = booked(on, of)

        with before_commit(lambda: booked(on, of, starts_at=MONDAY_10 + HOUR, email="beat@kunde.example")):
            cancel(on, held)

        assert len(busy_owners()) == 1
        assert now_of(held).state is State.CANCELLED


def test_a_conflict_in_the_store_is_tried_again() -> None:
    """Another transaction was at the same records: that decides nothing."""
    with open_business() as (on, of):
        held = booked(on, of)

        with refused_writes("TransactionConflict", times=2):
            cancel(on, held)

        assert now_of(held).state is State.CANCELLED


def test_a_reminder_that_is_being_sent_is_left_to_its_dispatcher() -> None:
    """It is claimed already, so it is not deleted under its hands; the rest goes on as ever."""
    with open_business() as (on, of):
        held = booked(on, of)
        reminder = messages("appointment-reminder")[0]
        on.clock.now = reminder.send_at
        seen: list[Appointment] = []

        with before_commit(lambda: on.dispatching.deliver(reminder.pk, reminder.sk)):
            seen.append(cancel(on, held))

        assert seen[0].state is State.CANCELLED
        assert messages("appointment-reminder")[0].state is Delivery.ACCEPTED


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_links_hold_until_the_appointment_begins(seconds: int, good: bool) -> None:
    """Who is in the room can't cancel any more."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = links(on, held)["cancel"]
        on.clock.now = MONDAY_10 + timedelta(seconds=seconds)

        if good:
            assert on.services.changing.cancel(token, network=NETWORK)
        else:
            with pytest.raises(LinkExpiredError):
                on.services.changing.cancel(token, network=NETWORK)


def test_a_link_does_what_it_is_for_and_nothing_else() -> None:
    """One to cancel does not move, one to move does not cancel; either shows."""
    with open_business() as (on, of):
        tokens = links(on, booked(on, of))

        with pytest.raises(LinkInvalidError):
            on.services.changing.cancel(tokens["reschedule"], network=NETWORK)
        with pytest.raises(LinkInvalidError):
            on.services.changing.move(tokens["cancel"], MONDAY_10 + HOUR, network=NETWORK)
        with pytest.raises(LinkInvalidError):
            on.services.changing.slots(tokens["cancel"], frm=MONDAY_10, to=MONDAY_10 + DAY, network=NETWORK)

        showing = [tokens[name] for name in ("view", "reschedule", "cancel")]
        shown = [on.services.showing.show(token, network=NETWORK).meeting.appointment for token in showing]
        assert {each.id for each in shown} == {the(Appointment).id}


def test_a_link_is_good_for_its_own_appointment() -> None:
    """Another's stays as it is."""
    with open_business() as (on, of):
        mine, other = booked(on, of), booked(on, of, starts_at=MONDAY_10 + HOUR, email="beat@kunde.example")

        cancel(on, mine)

        assert [now_of(each).state for each in (mine, other)] == [State.CANCELLED, State.CONFIRMED]


def test_a_link_that_another_business_signed_opens_nothing() -> None:
    """Every business signs with a key of its own."""
    with open_business() as (on, of):
        other = business(on, email="urs@andere.example")
        held = booked(on, of)

        for token in (forged(held, on, other=other), "", "x" * 140):
            with pytest.raises(LinkInvalidError):
                on.services.changing.cancel(token, network=NETWORK)

        assert now_of(held).state is State.CONFIRMED


def test_an_appointment_that_is_gone_is_not_found() -> None:
    """Its link is genuine still."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = links(on, held)["cancel"]
        held.delete()

        for use in (on.services.showing.show, on.services.changing.cancel):
            with pytest.raises(NotFoundError):
                use(token, network=NETWORK)


def test_a_cancelled_appointment_is_shown_as_such() -> None:
    """By the old link too."""
    with open_business() as (on, of):
        held = booked(on, of)
        token = links(on, held)["reschedule"]

        cancel(on, held)

        assert on.services.showing.show(token, network=NETWORK).meeting.appointment.state is State.CANCELLED


def test_a_confirmation_that_was_not_sent_yet_is_not_sent_after_cancelling() -> None:
    """The customer hears of the cancellation only."""
    with open_business() as (on, of):
        cancel(on, booked(on, of))

        on.pump()

        assert ["abgesagt" in mail.subject for mail in on.mails()] == [True]
        assert {each.state for each in stored(Notification) if each.message == "appointment-confirmed"} == {
            Delivery.SKIPPED
        }
