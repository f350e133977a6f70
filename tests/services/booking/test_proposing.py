"""Proposals: several times are kept, one is chosen, the rest is free again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LinkExpiredError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    SlotTakenError,
)
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.states import RestrictionGround
from chalicelib.domain.terms import Payment
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.notification import Notification
from chalicelib.records.proposal import Proposal, ProposalState
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.proposed import CHOSEN, LAPSED, Choice, choice_link
from chalicelib.services.booking.proposing import PROPOSED
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, booked, link_to
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit
from tests.services.offer_builders import BEAT, DAY, HOUR, MINUTE, change_service, idea, person, propose
from tests.services.prepared import open_business
from tests.stage import Stage


def kept() -> list[tuple[str, int]]:
    """What stands in the day sheets and has not lapsed: by whom, until when."""
    return [(entry.owner, entry.until) for sheet in stored(DaySheet) for entry in sheet.content.entries]


def token_of(on: Stage, held: Proposal) -> str:
    """The link by which it is chosen."""
    return on.services.linking.token(choice_link(held))


def choose(on: Stage, held: Proposal, at: Any = MONDAY_10) -> Appointment:
    """Chooses a time."""
    choice = Choice(starts_at=at, zone=None, phone=None, address=None, answers={})
    return on.services.proposed.choose(token_of(on, held), choice, network=NETWORK)


def test_all_proposed_times_are_kept() -> None:
    """Under the proposal's id, until it is over; nobody else can book them."""
    with open_business() as (on, of):
        held = propose(on, of)

        until = int((on.clock.now + 48 * HOUR).timestamp())
        assert kept() == [(held.id, until)] * 3
        for day in range(3):
            with pytest.raises(SlotTakenError):
                booked(on, of, starts_at=MONDAY_10 + day * DAY, **BEAT)
        (entry,) = ledger(Action.PROPOSAL_MADE)
        assert (entry.actor, entry.about, entry.thing) == (of.expert, held.subject, held.id)


def test_the_customer_hears_by_mail_which_times_there_are() -> None:
    """With a link to the page; what the expert wrote stands there and not in the mail."""
    with open_business() as (on, of):
        held = propose(on, of, note="Bitte bringen Sie die Röntgenbilder mit.")
        on.pump()

        (mail,) = on.mails()
        assert (mail.to, mail.sender_name) == ("anna.muster@kundin.example", "Praxis Brunner")
        assert "Montag, 9. November 2026, 10:00 Uhr; Dienstag, 10. November 2026, 10:00 Uhr" in mail.text
        assert "Röntgen" not in mail.text + mail.html
        shown = on.services.proposed.show(link_to(on, "proposal").removeprefix("choose="), network=NETWORK)
        assert (shown.proposal.id, shown.proposal.note) == (held.id, "Bitte bringen Sie die Röntgenbilder mit.")
        assert shown.starts == [MONDAY_10, MONDAY_10 + DAY, MONDAY_10 + 2 * DAY]


def test_who_chooses_has_the_appointment_and_the_other_times_are_free() -> None:
    """In one transaction; the expert is told, without a name."""
    with open_business() as (on, of):
        held = propose(on, of)

        taken = choose(on, held, MONDAY_10 + DAY)

        assert (taken.state, taken.starts_at, taken.subject) == (State.CONFIRMED, MONDAY_10 + DAY, held.subject)
        assert kept() == [(taken.id, 0)]
        now = the(Proposal)
        assert (now.state, now.chosen, now.appointment) == (ProposalState.CHOSEN, MONDAY_10 + DAY, taken.id)
        assert [each.about for each in ledger(Action.PROPOSAL_CHOSEN)] == [held.subject]
        on.pump()
        (told,) = [each for each in on.mails() if each.to == "regula@praxis-brunner.example"]
        assert "Dienstag, 10. November 2026, 10:00 Uhr" in told.text
        assert "Muster" not in told.text


def test_the_choice_is_confirmed_since_the_expert_proposed_it() -> None:
    """Who has to pay in advance still has to."""
    with open_business() as (on, of):
        change_service(of, confirm_within=600)
        assert choose(on, propose(on, of)).state is State.CONFIRMED

        change_service(of, price=9000, payment=Payment.ONLINE)
        second = propose(on, of, starts=[MONDAY_10 + 3 * HOUR, MONDAY_10 + 5 * HOUR], person=person(**BEAT))
        assert choose(on, second, MONDAY_10 + 3 * HOUR).state is State.UNPAID


@pytest.mark.parametrize("again", [MONDAY_10, MONDAY_10 + DAY], ids=["same", "other"])
def test_of_two_choices_exactly_one_holds(again: Any) -> None:
    """The other one is told so, whether it comes later or at the same time."""
    with open_business() as (on, of):
        held = propose(on, of)

        with before_commit(lambda: choose(on, held, again)), pytest.raises(LinkUsedError):
            choose(on, held)
        with pytest.raises(LinkUsedError):
            choose(on, held)

        assert [each.starts_at for each in stored(Appointment)] == [again]
        assert len(kept()) == 1


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False), (1, False)])
def test_a_proposal_ends_to_the_second(seconds: int, open_: bool) -> None:
    """Afterwards choosing answers that it is over, and everybody can book its times, whether it was said or not."""
    with open_business() as (on, of):
        held = propose(on, of)
        on.clock.move(hours=48, seconds=seconds)

        if open_:
            assert choose(on, held)
            return
        with pytest.raises(LinkExpiredError):
            choose(on, held)
        assert booked(on, of, **BEAT)


def test_what_lapses_is_said_to() -> None:
    """Once, to the expert; its state says so."""
    with open_business() as (on, of):
        propose(on, of)
        on.clock.move(hours=48, seconds=-1)
        assert on.services.proposals_ending.run().lapsed == 0
        on.clock.move(seconds=1)

        assert on.services.proposals_ending.run().lapsed == 1
        assert on.services.proposals_ending.run().lapsed == 0

        assert the(Proposal).state is ProposalState.LAPSED
        assert [each.subject for each in messages(LAPSED)] == [of.expert]
        assert len(ledger(Action.PROPOSAL_LAPSED)) == 1
        on.pump()
        assert "verfallen" in on.mails()[-1].subject


def test_what_is_chosen_does_not_lapse() -> None:
    """Also when both happen at once."""
    with open_business() as (on, of):
        held = propose(on, of)
        on.clock.move(hours=48)
        with before_commit(on.services.proposals_ending.run, least=1):
            assert on.services.proposals_ending.run().lapsed == 0
        assert len(messages(LAPSED)) == 1

        second = propose(on, of, person=person(**BEAT))
        choose(on, second)
        on.clock.move(hours=48)
        assert on.services.proposals_ending.run().lapsed == 0
        assert {each.state for each in stored(Proposal) if each.id != held.id} == {ProposalState.CHOSEN}


def test_a_time_drops_out_when_it_begins() -> None:
    """The others can still be chosen; no proposal is open for longer than its last time."""
    with open_business() as (on, of):
        held = propose(on, of, starts=[MONDAY_10, MONDAY_10 + 2 * HOUR], hours=720)
        assert held.until == MONDAY_10 + 2 * HOUR
        assert [until for _, until in kept()] == [int((MONDAY_10 + hours * HOUR).timestamp()) for hours in (0, 2)]
        on.clock.now = MONDAY_10

        assert on.services.proposed.show(token_of(on, held), network=NETWORK).starts == [MONDAY_10 + 2 * HOUR]
        with pytest.raises((SlotTakenError, InvalidInputError)):
            choose(on, held)
        assert choose(on, held, MONDAY_10 + 2 * HOUR)


def test_only_what_is_proposed_can_be_chosen() -> None:
    """A link is no right to any other time."""
    with open_business() as (on, of):
        held = propose(on, of)

        with pytest.raises(SlotTakenError):
            choose(on, held, MONDAY_10 + 3 * HOUR)


def test_times_off_the_grid_and_within_the_notice_can_be_proposed() -> None:
    """The expert knows why."""
    with open_business() as (on, of):
        change_service(of, notice=30 * 1440, horizon_days=1)

        held = propose(on, of, starts=[MONDAY_10 + 7 * MINUTE, MONDAY_10 + DAY + 13 * MINUTE])

        assert choose(on, held, MONDAY_10 + 7 * MINUTE).starts_at == MONDAY_10 + 7 * MINUTE


def test_no_time_that_is_taken_can_be_proposed() -> None:
    """Not one: nothing is kept, nobody is written to."""
    with open_business() as (on, of):
        booked(on, of, starts_at=MONDAY_10 + DAY, **BEAT)
        before = len(stored(Notification)), kept()

        with pytest.raises(SlotTakenError):
            propose(on, of)

        assert (stored(Proposal), messages(PROPOSED)) == ([], [])
        assert (len(stored(Notification)), kept()) == before


@pytest.mark.parametrize(
    "starts",
    [[MONDAY_10, MONDAY_10], [MONDAY_10, MONDAY_10 - 8 * DAY], [MONDAY_10, MONDAY_10 + timedelta(seconds=1)]],
    ids=["twice", "past", "seconds"],
)
def test_times_that_make_no_sense_are_refused(starts: Any) -> None:
    """Before anything is read."""
    with open_business() as (on, of), pytest.raises((InvalidInputError, SlotTakenError)):
        propose(on, of, starts=starts)


def test_withdrawn_times_are_free() -> None:
    """The link says so, and what was chosen or is over can't be withdrawn."""
    with open_business() as (on, of):
        held = propose(on, of)

        on.services.proposing.withdraw(of.session, held.subject, held.id, network=NETWORK)

        assert kept() == []
        assert the(Proposal).state is ProposalState.WITHDRAWN
        assert len(ledger(Action.PROPOSAL_WITHDRAWN)) == 1
        with pytest.raises(LinkUsedError):
            choose(on, held)
        with pytest.raises(ConflictError):
            on.services.proposing.withdraw(of.session, held.subject, held.id, network=NETWORK)
        on.pump()
        assert on.mails() == []


def test_whoever_withdraws_while_it_is_chosen_is_one_of_both() -> None:
    """Never an appointment of a proposal that was taken back."""
    with open_business() as (on, of):
        held = propose(on, of)

        with before_commit(lambda: choose(on, held)), pytest.raises(ConflictError):
            on.services.proposing.withdraw(of.session, held.subject, held.id, network=NETWORK)

        assert the(Proposal).state is ProposalState.CHOSEN
        assert len(stored(Appointment)) == len(kept()) == 1


def test_a_known_customer_is_proposed_to_by_id_or_by_address() -> None:
    """One person, one entry."""
    with open_business() as (on, of):
        anna = booked(on, of, starts_at=MONDAY_10 + 5 * HOUR).subject

        first = propose(on, of, customer=anna, person=None)
        second = propose(on, of, starts=[MONDAY_10 + 2 * HOUR, MONDAY_10 + 3 * HOUR])

        assert first.subject == second.subject == anna
        assert len(stored(Customer)) == 1
        with pytest.raises(NotFoundError):
            propose(on, of, customer="e" * 32, person=None)


def test_who_turned_out_to_be_somebody_else_is_proposed_to_as_such() -> None:
    """Two entries that were merged are one person."""
    with open_business() as (on, of):
        anna = booked(on, of, starts_at=MONDAY_10 + 5 * HOUR).subject
        beat = booked(on, of, starts_at=MONDAY_10 + 4 * HOUR, **BEAT).subject
        merged = next(each for each in stored(Customer) if each.subject == beat)
        merged.merged_into = anna
        transaction = Transaction()
        transaction.update(merged)
        transaction.commit()

        assert propose(on, of, customer=beat, person=None).subject == anna


def test_who_has_their_data_restricted_is_not_written_to() -> None:
    """And nothing that is open for them is said to have lapsed."""
    with open_business() as (on, of):
        held = propose(on, of)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        with pytest.raises(Exception, match="stored"):
            propose(on, of, starts=[MONDAY_10 + 2 * HOUR, MONDAY_10 + 3 * HOUR])
        on.clock.move(hours=48)
        assert on.services.proposals_ending.run().lapsed == 1
        assert messages(LAPSED) == []


def test_experts_propose_their_own_times_and_admins_everybodys() -> None:
    """Also when listing and withdrawing; each look is noted."""
    with open_business() as (on, of):
        held = propose(on, of)
        other = replace(of.session, staff="e" * 32, roles=frozenset({"expert"}))
        proposing = on.services.proposing

        for refused in (
            lambda: proposing.propose(other, idea(of), network=NETWORK, repeat=None),
            lambda: proposing.of_expert(other, of.expert, network=NETWORK),
            lambda: proposing.withdraw(other, held.subject, held.id, network=NETWORK),
        ):
            with pytest.raises(NotAllowedError):
                refused()
        assert [each.id for each in proposing.of_expert(of.session, of.expert, network=NETWORK)[0]] == [held.id]
        assert len(ledger(Action.PROPOSALS_READ)) == 1


def test_the_same_request_again_is_the_same_proposal() -> None:
    """By its Idempotency-Key."""
    with open_business() as (on, of):
        repeat = Repeatable.of("k", scope="s", content="c")
        made = [on.services.proposing.propose(of.session, idea(of), network=NETWORK, repeat=repeat) for _ in range(2)]

        assert made[0].id == made[1].id == the(Proposal).id


def test_the_link_of_a_proposal_is_for_nothing_else() -> None:
    """Nor is any other link for it."""
    with open_business() as (on, of):
        read = on.services.linking.read(token_of(on, propose(on, of)), LinkPurpose.CHOOSE_TIME)

        assert (read.purpose, read.expires) == (LinkPurpose.CHOOSE_TIME, on.clock.now + 48 * HOUR)


def test_two_at_once_never_get_the_same_time() -> None:
    """Proposing goes through the same door as booking."""
    with open_business() as (on, of):
        with before_commit(lambda: booked(on, of, **BEAT)), pytest.raises(SlotTakenError):
            propose(on, of)

        assert len(kept()) == 1
        assert stored(Proposal) == []


def test_a_business_and_its_expert_are_told_of_a_choice_once() -> None:
    """The confirmation goes to the customer as at any booking."""
    with open_business() as (on, of):
        choose(on, propose(on, of))

        assert [each.subject for each in messages(CHOSEN)] == [of.expert]
        assert len(messages("appointment-confirmed")) == 1
