"""Messages that were never sent expire like any other: nothing hides from the sweep in the outbox."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.records._base import EXPIRY, SEND, shard
from chalicelib.records.due import due_between
from chalicelib.records.notification import UNSENT, Notification
from chalicelib.records.reading import Ref, fetch
from tests.builders import booked, business
from tests.records.record_builders import NOW, notification
from tests.services.looking import ledger
from tests.services.trial_sweeps import put
from tests.stage import Stage, stage


def a_reminder(on: Stage) -> Notification:
    """A reminder in the outbox."""
    appointment = booked(on, business(on))
    (held,) = appointment.unsent or ()
    ref = Notification.ref(appointment.tenant, appointment.subject, held)
    found = fetch(ref)
    assert found is not None
    return found


def stored(on: Stage, reminder: Notification) -> bool:
    """Whether the raw item is still there, expired or not."""
    return bool(list(Notification.query(reminder.pk, Notification.sk == reminder.sk)))


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_an_unsent_reminder_expires(seconds: int, there: bool) -> None:
    """Twelve months after it should have gone, to the second."""
    with stage() as on:
        reminder = a_reminder(on)
        assert reminder.expires_at is not None
        on.clock.now = reminder.expires_at + timedelta(seconds=seconds)

        on.services.sweeping.run()

        assert stored(on, reminder) is there


@pytest.mark.parametrize(("seconds", "action"), [(-1, SEND), (0, EXPIRY), (1, EXPIRY)])
def test_what_nobody_sent_for_a_week_leaves_the_outbox(seconds: int, action: str) -> None:
    """It is kept like any message and never tried again; the ledger says so, once, and no sweep looks at it again."""
    with stage() as on:
        reminder = a_reminder(on)
        on.clock.now = reminder.send_at + UNSENT + timedelta(seconds=seconds)

        counts = on.services.sweeping.run()
        again = on.services.sweeping.run()

        held = fetch(Ref(Notification, reminder.pk, reminder.sk))
        assert held is not None
        assert held.state is Delivery.WAITING
        assert held.due_shard == shard(action, held.pk)
        assert held.due_at == (reminder.next_at if action == SEND else reminder.expires_at)
        assert [(sk, at) for sk, at in waiting(on) if sk == held.sk] == [(held.sk, held.due_at)] * (action == SEND)
        assert (counts.revived, again.due, again.revived) == (0, 0, 0)
        told = sum((entry.counts or {}).get("NOTIFICATION", 0) for entry in ledger(Action.NOT_SENT_IN_TIME))
        assert told == counts.unsent >= (action == EXPIRY)


def waiting(on: Stage) -> list[tuple[str, datetime]]:
    """What the wake-up would find."""
    return [(due.sk, due.at) for due in due_between(until=on.clock.now, limit=99)]


@pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 1), (364, 1), (366, 0)])
def test_what_was_never_sent_ends_like_the_rest(days: int, left: int) -> None:
    """It stood in the index under its sending, and goes when its period is over, not before, whoever sweeps when."""
    with stage() as on:
        reminder = a_reminder(on)
        for day in range(1, days, 51):
            on.clock.now = reminder.send_at + timedelta(days=day)
            on.services.sweeping.run()
        on.clock.now = reminder.send_at + timedelta(days=days)

        counts = on.services.sweeping.run()

        assert stored(on, reminder) is bool(left)
        assert (counts.revived, counts.adds_up) == (0, True)


def test_a_first_sweep_after_a_year_removes_what_was_never_sent() -> None:
    """Straight from the outbox, with everything else."""
    with stage() as on:
        reminder = a_reminder(on)
        on.clock.now = reminder.send_at + timedelta(days=800)

        counts = on.services.sweeping.run()

        assert not stored(on, reminder)
        assert (counts.unsent, counts.revived, counts.adds_up) == (0, 0, True)


@pytest.mark.parametrize("count", [49, 50, 99, 100])
def test_many_people_whose_messages_were_never_sent(count: int) -> None:
    """Planned as one step, since leaving the outbox is one write each; what has expired takes more than one."""
    with stage() as on:
        put(*(notification(subject=f"{number:032x}") for number in range(count)))
        on.clock.now = NOW + timedelta(days=800)

        counts = on.services.sweeping.run()

        assert (counts.due, counts.removed, counts.adds_up) == (count, count, True)
