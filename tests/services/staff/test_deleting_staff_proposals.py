"""What somebody who leaves has proposed to customers: withdrawn in the same walk, told once, and naming nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import LinkUsedError, NotFoundError, SlotTakenError
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.proposal import Proposal, ProposalState
from chalicelib.services.booking.proposed import Choice, choice_link
from chalicelib.services.booking.withdrawing import WITHDRAWN
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.fakes import MemoryFiles
from tests.services.booking_builders import book, rooms, service
from tests.services.colleagues import working
from tests.services.looking import busy_owners, ledger, messages, stored, the
from tests.services.meddling import before_commit, killed_at
from tests.services.offer_builders import ANNA, BEAT, CLEO, DAY, HOUR, idea, person
from tests.services.prepared import open_business
from tests.services.staff.test_deleting_staff import delete, left_of
from tests.stage import Stage


@contextmanager
def two() -> Iterator[tuple[Stage, Business, StaffSession]]:
    """A business with two experts for one service, and a bucket."""
    with open_business() as (on, of):
        vars(on.services)["files"] = MemoryFiles()
        yield on, of, working(on, of)


def proposed(on: Stage, of: Business, whose: StaffSession, **changes: Any) -> Proposal:
    """Three times of an expert that an admin proposes to Anna, or somebody else."""
    asked = idea(of, expert=whose.staff, **changes)
    return on.services.proposing.propose(of.session, asked, network=NETWORK, repeat=None)


def choose(on: Stage, held: Proposal) -> Appointment:
    """The customer takes the first one."""
    token = on.services.linking.token(choice_link(held))
    choice = Choice(starts_at=MONDAY_10, zone=None, phone=None, address=None, answers={})
    return on.services.proposed.choose(token, choice, network=NETWORK)


def test_open_proposals_end_with_whoever_made_them() -> None:
    """The times are free, the customer hears which do not hold any more, and the link is used up."""
    with two() as (on, of, beat):
        other = proposed(on, of, of.session, person=person(**CLEO))
        anna = booked(on, of, starts_at=MONDAY_10 + 7 * DAY)
        asked = idea(of, expert=beat.staff, customer=anna.subject, person=None)
        held = on.services.proposing.propose(beat, asked, network=NETWORK, repeat=None)
        on.pump()

        delete(on, of.session, beat.staff)
        on.pump()

        assert sorted(busy_owners()) == sorted([anna.id, *[other.id] * 3])
        assert {each.id: each.state for each in stored(Proposal)} == {
            held.id: ProposalState.WITHDRAWN,
            other.id: ProposalState.OPEN,
        }
        mail = on.mails()[-1]
        assert (mail.to, mail.subject) == (ANNA["email"], "Terminvorschläge gelten nicht mehr")
        assert "Montag, 9. November 2026, 10:00 Uhr; Dienstag, 10. November 2026" in mail.text
        assert "Zürcher" not in mail.text
        with pytest.raises(LinkUsedError):
            choose(on, held)
        (entry,) = ledger(Action.PROPOSAL_WITHDRAWN)
        assert (entry.actor, entry.about, entry.thing) == (of.expert, held.subject, held.id)
        assert left_of(beat.staff) == []


def test_rooms_are_free_with_it() -> None:
    """They stay when somebody leaves, and colleagues need them."""
    with two() as (on, of, beat):
        what = service(on, of, [of.expert, beat.staff], resources=(rooms(on, 1),))
        proposed(on, of, beat, service=what.id)

        delete(on, of.session, beat.staff)

        assert busy_owners() == []
        assert book(on, of, what, expert=of.expert).starts_at == MONDAY_10


def test_what_is_over_stays_as_it_is_without_their_name() -> None:
    """Nobody is told anything; what was chosen is an appointment like any other."""
    with two() as (on, of, beat):
        chosen, lapsed = proposed(on, of, beat), proposed(on, of, beat, person=person(**CLEO), starts=_later(4))
        taken = choose(on, chosen)
        back = proposed(on, of, beat, person=person(**BEAT), starts=_later(8))
        on.services.proposing.withdraw(beat, back.subject, back.id, network=NETWORK)
        on.clock.now += 2 * DAY
        on.services.proposals_ending.run()

        delete(on, of.session, beat.staff, to=of.expert)

        states = {each.id: each.state for each in stored(Proposal)}
        assert [states[each.id].value for each in (chosen, lapsed, back)] == ["chosen", "lapsed", "withdrawn"]
        assert messages(WITHDRAWN) == []
        assert len(ledger(Action.PROPOSAL_WITHDRAWN)) == 1
        assert [(each.id, each.expert) for each in stored(Appointment)] == [(taken.id, of.expert)]
        assert left_of(beat.staff) == []


def _later(days: int) -> list[Any]:
    return [MONDAY_10 + days * DAY, MONDAY_10 + days * DAY + 2 * HOUR]


@pytest.mark.parametrize(("seconds", "told"), [(-1, True), (0, False), (1, False)])
def test_who_could_not_choose_any_more_hears_nothing(seconds: int, *, told: bool) -> None:
    """The run that says that proposals have lapsed finds it done, and writes to nobody who is gone."""
    with two() as (on, of, beat):
        held = proposed(on, of, beat)
        on.clock.now = held.until
        on.clock.move(seconds=seconds)

        delete(on, of.session, beat.staff)
        on.clock.move(seconds=2)

        assert on.services.proposals_ending.run().lapsed == 0
        assert the(Proposal).state is ProposalState.WITHDRAWN
        assert len(messages(WITHDRAWN)) == told
        assert left_of(beat.staff) == []


def test_nobody_is_written_to_who_had_the_processing_restricted() -> None:
    """The times are free all the same."""
    with two() as (on, of, beat):
        held = proposed(on, of, beat)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        delete(on, of.session, beat.staff)

        assert (busy_owners(), messages(WITHDRAWN)) == ([], [])
        assert left_of(beat.staff) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, 5))
def test_a_walk_that_was_killed_goes_on_with_the_next_call(write: int, *, after: bool) -> None:
    """Each customer is told once, and each end is noted once."""
    with two() as (on, of, beat):
        for number, who in enumerate((ANNA, CLEO)):
            proposed(on, of, beat, person=person(**who), starts=_later(4 * number))

        with killed_at(write, after=after):
            delete(on, of.session, beat.staff)
        delete(on, of.session, beat.staff)

        assert len(messages(WITHDRAWN)) == len(ledger(Action.PROPOSAL_WITHDRAWN)) == 2
        assert busy_owners() == []
        assert left_of(beat.staff) == []


def test_what_is_chosen_before_they_leave_is_an_appointment_ahead() -> None:
    """And goes over to a colleague with the others."""
    with two() as (on, of, beat):
        held = proposed(on, of, beat)

        with before_commit(lambda: choose(on, held), least=6):
            delete(on, of.session, beat.staff, to=of.expert)

        assert the(Proposal).state is ProposalState.CHOSEN
        assert (the(Appointment).expert, the(Appointment).state) == (of.expert, State.CONFIRMED)
        assert messages(WITHDRAWN) == []


def test_nothing_is_chosen_of_who_has_begun_to_leave() -> None:
    """Though it is still open for a moment."""
    with two() as (on, of, beat):
        held = proposed(on, of, beat)
        with killed_at(1, after=True):
            delete(on, of.session, beat.staff)

        with pytest.raises((SlotTakenError, NotFoundError)):
            choose(on, held)

        delete(on, of.session, beat.staff)
        assert stored(Appointment) == []
        assert len(messages(WITHDRAWN)) == 1


def test_what_is_proposed_at_the_same_moment_is_withdrawn_or_never_made() -> None:
    """Before they leave it is found; after that there is nobody to propose."""
    with two() as (on, of, beat):
        with before_commit(lambda: proposed(on, of, beat), least=6):
            delete(on, of.session, beat.staff)
        assert the(Proposal).state is ProposalState.WITHDRAWN
        assert left_of(beat.staff) == []

    with two() as (on, of, beat):
        asked = idea(of, expert=beat.staff)
        with (
            before_commit(lambda: delete(on, of.session, beat.staff), least=4),
            pytest.raises((SlotTakenError, NotFoundError)),
        ):
            on.services.proposing.propose(of.session, asked, network=NETWORK, repeat=None)
        assert stored(Proposal) == []
        assert left_of(beat.staff) == []


def test_withdrawn_by_hand_at_the_same_moment_it_is_noted_once() -> None:
    """Whoever comes second finds it done; the time is somebody else's right away."""
    with two() as (on, of, beat):
        held = proposed(on, of, beat)

        with before_commit(
            lambda: on.services.proposing.withdraw(of.session, held.subject, held.id, network=NETWORK), least=6
        ):
            delete(on, of.session, beat.staff)

        assert len(ledger(Action.PROPOSAL_WITHDRAWN)) == 1
        assert booked(on, of).expert == of.expert
        assert left_of(beat.staff) == []
