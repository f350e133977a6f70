"""Who may decide about what waits, and what the link of the expert opens."""

from collections.abc import Callable

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    RestrictedError,
)
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import Appointment, State
from chalicelib.services.appointments.deciding import Deciding
from tests.builders import MONDAY_10, NETWORK, booked, business, link_to
from tests.services.colleagues import colleague, working
from tests.services.looking import ledger, now_of
from tests.services.waiting_builders import HOUR, SECOND, confirm, confirming_business
from tests.stage import Stage

Decide = Callable[[Deciding, str], Appointment]
BOTH: dict[str, Decide] = {
    "confirm": lambda deciding, token: deciding.confirm_by_link(token, network=NETWORK),
    "decline": lambda deciding, token: deciding.decline_by_link(token, network=NETWORK),
}
STATES = {"confirm": State.CONFIRMED, "decline": State.DECLINED}


def mailed(on: Stage) -> str:
    """The token of the latest link that an expert was sent."""
    on.pump()
    return link_to(on, "confirmation")


@pytest.mark.parametrize("what", BOTH)
def test_the_link_decides_once(what: str) -> None:
    """In the expert's name; then it is used up, whatever it is to do."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        token = mailed(on)

        assert BOTH[what](on.services.deciding, token).state is STATES[what]

        (entry,) = ledger(Action.APPOINTMENT_CONFIRMED, Action.APPOINTMENT_DECLINED)
        assert (entry.actor, entry.about, entry.network) == (of.expert, held.subject, NETWORK)
        for each in BOTH.values():
            with pytest.raises(LinkUsedError):
                each(on.services.deciding, token)


@pytest.mark.parametrize("what", BOTH)
def test_the_link_is_for_the_time_that_it_was_sent_for(what: str) -> None:
    """Once the customer has moved it, the expert is asked anew."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        token = mailed(on)
        links = on.services.linking.self_service(held)
        on.services.changing.move(links["reschedule"], MONDAY_10 + 2 * HOUR, network=NETWORK)

        with pytest.raises(LinkUsedError):
            BOTH[what](on.services.deciding, token)

        assert now_of(held).state is State.PENDING
        assert mailed(on) != token


@pytest.mark.parametrize("moved", [False, True])
def test_a_link_is_honoured_right_after_it_lapsed(moved: bool) -> None:
    """But not one for a time before."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        token = mailed(on)
        if moved:
            links = on.services.linking.self_service(held)
            on.services.changing.move(links["reschedule"], MONDAY_10 + 2 * HOUR, network=NETWORK)
        on.clock.now += 3 * HOUR
        on.services.settling.lapse_due()

        if moved:
            with pytest.raises(LinkUsedError):
                on.services.deciding.confirm_by_link(token, network=NETWORK)
        else:
            assert on.services.deciding.confirm_by_link(token, network=NETWORK).state is State.CONFIRMED


def test_the_link_ends_with_the_start_and_serves_nothing_else() -> None:
    """Nor does a customer's link decide."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        token = mailed(on)

        with pytest.raises(LinkInvalidError):
            on.services.changing.cancel(token, network=NETWORK)
        for link in on.services.linking.self_service(held).values():
            with pytest.raises(LinkInvalidError):
                on.services.deciding.confirm_by_link(link, network=NETWORK)
        on.clock.now = MONDAY_10
        with pytest.raises(LinkExpiredError):
            on.services.deciding.confirm_by_link(token, network=NETWORK)


def test_only_its_expert_and_admins_decide() -> None:
    """A colleague does not, though they do the same service; another admin does."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        beat = working(on, of)
        chief = colleague(on, of, "chef@praxis-brunner.example", roles=("admin",))

        with pytest.raises(NotAllowedError):
            on.services.deciding.confirm(beat, held.subject, held.id, network=NETWORK)

        assert on.services.deciding.confirm(chief, held.subject, held.id, network=NETWORK).state is State.CONFIRMED


def test_another_business_finds_nothing() -> None:
    """As if it were not there."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        other = business(on, email="zweite@praxis-zwei.example")

        with pytest.raises(NotFoundError):
            confirm(on, other, held)


@pytest.mark.parametrize("what", BOTH)
def test_nothing_is_decided_about_restricted_data(what: str) -> None:
    """Neither by link nor by staff, until the restriction is lifted."""
    with confirming_business() as (on, of):
        held = booked(on, of)
        token = mailed(on)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        with pytest.raises(RestrictedError):
            BOTH[what](on.services.deciding, token)
        with pytest.raises(RestrictedError):
            confirm(on, of, held)


def test_a_business_that_has_cancelled_decides_nothing() -> None:
    """By link, too: it can be read only."""
    with confirming_business() as (on, of):
        booked(on, of)
        token = mailed(on)
        on.services.tenancies.cancel(of.session, network=NETWORK)
        on.clock.now += SECOND

        with pytest.raises(ReadOnlyError):
            on.services.deciding.confirm_by_link(token, network=NETWORK)
