"""Who can move no longer is shown no times to move to."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.errors import ConflictError
from chalicelib.records.appointment import Appointment
from tests.builders import MONDAY_10, NETWORK, booked
from tests.services.looking import now_of
from tests.services.prepared import open_business
from tests.services.waiting_builders import offer
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def token_of(on: Stage, held: Appointment) -> str:
    """The token to move the appointment as it stands."""
    return on.services.linking.self_service(now_of(held))["reschedule"]


def shown(on: Stage, held: Appointment) -> list[datetime]:
    """What is shown for the day of the appointment and the next."""
    frm = MONDAY_10.replace(hour=0)
    return on.services.changing.slots(token_of(on, held), frm=frm, to=frm + 2 * DAY, network=NETWORK)


@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, False), (1, True)])
def test_nothing_is_shown_to_who_comes_too_late(seconds: int, late: bool) -> None:
    """By the rule of the service, to the second."""
    with open_business() as (on, of):
        offer(on, of, move_until=24 * 60)
        held = booked(on, of, starts_at=MONDAY_10 + DAY)
        on.clock.now = held.starts_at - DAY + timedelta(seconds=seconds)

        starts = shown(on, held)

        assert (starts == []) is late
        if late:
            with pytest.raises(ConflictError, match="too late"):
                on.services.changing.move(token_of(on, held), held.starts_at + HOUR, network=NETWORK)
        else:
            assert on.services.changing.move(token_of(on, held), starts[-1], network=NETWORK)
