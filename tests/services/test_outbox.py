"""From the store to the queue."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.records._base import SHARDS
from chalicelib.records.notification import Notification
from chalicelib.records.writing import Transaction
from chalicelib.services.outbox import letter, notify_staff, take_back
from tests.builders import MONDAY_10, NETWORK, booked, terms
from tests.services.looking import messages, stored
from tests.services.prepared import open_business
from tests.stage import Stage

DAY = timedelta(days=1)


def queued(on: Stage) -> list[tuple[str, int]]:
    """The sort keys in the queue, with their delays."""
    return [(json.loads(body)["sk"], delay) for body, delay in zip(on.queue.bodies, on.queue.delays, strict=True)]


def put(on: Stage, count: int, *, at: datetime | None = None) -> None:
    """Puts messages to so many members into the outbox."""
    for number in range(count):
        transaction = Transaction()
        notify_staff(
            transaction,
            tenant="a" * 32,
            staff=f"{number:032x}",
            message="sign-in-link",
            language="de",
            zone="UTC",
            version=0,
            now=at or on.clock.now,
        )
        transaction.commit()


def test_a_letter_holds_a_key_and_nothing_else() -> None:
    """What stands in the queue tells nothing about anybody."""
    assert json.loads(letter("PK", "SK")) == {"pk": "PK", "sk": "SK"}


@pytest.mark.parametrize(
    ("seconds", "delay"), [(-3600, 0), (-1, 0), (0, 0), (1, 1), (59, 59), (60, 60), (61, None), (3600, None)]
)
def test_what_falls_due_within_a_minute_is_queued_with_its_delay(seconds: int, delay: int | None) -> None:
    """The next wake-up comes in a minute and takes the rest."""
    with open_business() as (on, _):
        put(on, 1, at=on.clock.now + timedelta(seconds=seconds))

        assert on.services.outbox.wake() == (delay is not None)

        assert on.queue.delays == ([] if delay is None else [delay])


def test_every_shard_of_the_index_is_looked_at() -> None:
    """Forty people spread over all of them, and none is forgotten."""
    with open_business() as (on, _):
        put(on, 40)
        assert {each.due_shard for each in stored(Notification) if each.message == "sign-in-link"} == {
            f"SEND#{number}" for number in range(SHARDS)
        }

        assert on.services.outbox.wake() == 40

        assert {sk for sk, _ in queued(on)} == {each.sk for each in messages("sign-in-link")}


def test_what_was_sent_is_not_queued_again() -> None:
    """And what is being sent is left alone until its lease runs out."""
    with open_business() as (on, of):
        booked(on, of)
        assert on.pump() == 1

        assert on.pump() == 0


def test_nothing_is_asked_of_the_queue_when_nothing_is_due() -> None:
    """Most minutes are like that."""
    with open_business() as (on, _):
        assert (on.services.outbox.wake(), on.services.outbox.relay([])) == (0, 0)
        assert on.queue.bodies == []


@pytest.mark.parametrize(("seconds", "now"), [(-1, True), (60, True), (61, False)])
def test_what_was_just_written_is_queued_at_once_if_it_is_due(seconds: int, now: bool) -> None:
    """A reminder for next week waits in the store."""
    with open_business() as (on, _):
        at = int((on.clock.now + timedelta(seconds=seconds)).timestamp())

        assert on.services.outbox.relay([("PK", "SK", at)]) == now

        assert queued(on) == ([("SK", 0)] if now else [])


@pytest.mark.parametrize("state", list(Delivery))
def test_only_what_still_waits_is_taken_back(state: Delivery) -> None:
    """Everything else is somebody's by now, or a fact."""
    with open_business() as (on, of):
        booked(on, of)
        held = messages("appointment-confirmed")[0]
        held.state = state
        transaction = Transaction()

        take_back(transaction, [held])

        assert len(transaction) == (state is Delivery.WAITING)


def test_a_text_message_reminds_in_the_evening_rather_than_at_night() -> None:
    """Ten hours before eight in the morning the mail goes out, but the text message goes at nine."""
    with open_business() as (on, of):
        ten_hours = terms(of.expert, reminder_minutes=600)
        on.services.offering.change_service(of.session, of.service.id, ten_hours, version=None, network=NETWORK)

        booked(on, of, starts_at=MONDAY_10 - timedelta(hours=2), sms_wanted=True)

        times = {each.channel: each.send_at for each in messages("appointment-reminder")}
        assert times["email"] == datetime(2026, 11, 8, 21, 0, tzinfo=UTC)
        assert times["sms"] == datetime(2026, 11, 8, 20, 0, tzinfo=UTC)


def test_a_reminder_stays_put_until_it_is_due() -> None:
    """A week before the appointment there is only the confirmation to send; a day before, the reminder."""
    with open_business() as (on, of):
        booked(on, of)
        assert on.pump() == 1
        on.clock.now = MONDAY_10 - DAY - timedelta(seconds=61)
        assert on.pump() == 0

        on.clock.move(seconds=1)

        assert (on.services.outbox.wake(), on.queue.delays) == (1, [60])
