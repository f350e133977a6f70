"""Messages that were never sent expire like any other: nothing hides from the sweep in the outbox."""

from datetime import timedelta

import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.records.notification import Notification
from chalicelib.records.reading import Ref, fetch
from chalicelib.services.sweeping import UNSENT
from tests.builders import booked, business
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


def test_what_waits_for_less_is_left_alone() -> None:
    """A reminder that is a week and a second late but has not expired stays, and the sweep's sums still fit."""
    with stage() as on:
        reminder = a_reminder(on)
        on.clock.now = reminder.send_at + UNSENT + timedelta(seconds=1)

        counts = on.services.sweeping.run()

        held = fetch(Ref(Notification, reminder.pk, reminder.sk))
        assert held is not None
        assert held.state is Delivery.WAITING
        assert counts.adds_up
        assert counts.revived >= 1
