"""What one of several experts proposes holds once the others have agreed to the time that was chosen."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import LinkUsedError
from chalicelib.domain.terms import Payment
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.proposal import Proposal
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.proposed import CHOSEN, Choice, choice_link
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business
from tests.services.booking_builders import service, write
from tests.services.colleagues import BEAT, colleague, working
from tests.services.looking import busy_owners, messages, now_of
from tests.services.offer_builders import DAY, idea
from tests.services.together_builders import CARO, WANTED, agree, by_link, duo, mailed, refuse
from tests.services.waiting_builders import HOUR
from tests.stage import Stage

ONLINE: dict[str, Any] = {"price": 9000, "payment": Payment.ONLINE, "pay_within": 20}


def proposed(on: Stage, of: Business, caller: StaffSession, what: Service, expert: str) -> Proposal:
    """Two times of a service, for one of its experts."""
    meant = idea(of, service=what.id, expert=expert, starts=[MONDAY_10, MONDAY_10 + DAY])
    return on.services.proposing.propose(caller, meant, network=NETWORK, repeat=None)


def choose(on: Stage, held: Proposal) -> Appointment:
    """The first one."""
    choice = Choice(starts_at=MONDAY_10, zone=None, phone=None, address=None, answers={})
    return on.services.proposed.choose(on.services.linking.token(choice_link(held)), choice, network=NETWORK)


def chosen(on: Stage, of: Business, caller: StaffSession, *experts: str, **terms: Any) -> Appointment:
    """What a customer chose out of what was proposed for the first of these experts."""
    what = service(on, of, [*experts], together=len(experts) > 1, **{"confirm_within": 120, **terms})
    return choose(on, proposed(on, of, caller, what, experts[0]))


def pay(on: Stage, held: Appointment) -> Appointment:
    """The price came."""

    def nothing_more(_: Transaction) -> None: ...

    on.services.settling.paid(held.tenant, held.subject, held.id, also=nothing_more)
    return now_of(held)


def test_the_others_are_asked_about_the_time_that_was_chosen() -> None:
    """Whoever proposed it agreed by that; everybody else gets a link of their own, and the customer hears it waits."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = chosen(on, of, beat, beat.staff, of.expert, caro.staff)

        assert (held.state, held.lapses_at, held.agreed) == (
            State.PENDING,
            on.clock.now.replace(microsecond=0) + 2 * HOUR,
            {beat.staff},
        )
        assert {each.subject for each in messages(WANTED)} == {of.expert, caro.staff}
        assert [each.subject for each in messages(CHOSEN)] == [beat.staff]
        assert len(messages("appointment-requested")) == 1
        assert messages("appointment-confirmed") == messages("appointment-reminder") == []
        assert busy_owners() == [held.id] * 3


def test_it_stands_once_all_the_others_have_agreed() -> None:
    """Each for themselves; not as long as one is missing."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = chosen(on, of, beat, beat.staff, of.expert, caro.staff)

        assert by_link(on, mailed(on, CARO)) == (State.PENDING, {beat.staff, caro.staff})
        assert agree(on, beat, held).state is State.PENDING
        assert agree(on, of.session, held).state is State.CONFIRMED

        assert now_of(held).agreed == {beat.staff, caro.staff, of.expert}
        assert len(messages("appointment-confirmed")) == 1


def test_one_declines_for_all_and_whoever_proposed_it_is_told() -> None:
    """The time is free again."""
    with duo() as (on, of, beat):
        held = chosen(on, of, of.session, of.expert, beat.staff)

        assert refuse(on, beat, held).state is State.DECLINED

        assert busy_owners() == []
        assert [each.subject for each in messages("confirmation-declined")] == [of.expert]
        assert len(messages("appointment-declined")) == 1


def test_whoever_proposed_it_may_still_decline() -> None:
    """As everybody who agreed may, as long as somebody else has not."""
    with duo() as (on, of, beat):
        held = chosen(on, of, beat, beat.staff, of.expert)

        assert refuse(on, beat, held).state is State.DECLINED


def test_what_the_others_do_not_confirm_lapses() -> None:
    """As what was booked does."""
    with duo() as (on, of, beat):
        held = chosen(on, of, beat, beat.staff, of.expert)
        on.clock.now += 2 * HOUR - timedelta(seconds=1)
        assert on.services.settling.lapse_due().lapsed == 0
        on.clock.now += timedelta(seconds=1)

        assert on.services.settling.lapse_due().lapsed == 1
        assert (now_of(held).state, busy_owners()) == (State.LAPSED, [])


def test_what_an_admin_proposes_for_an_expert_is_that_experts_agreement_only() -> None:
    """The admin is asked like the others where they take part, too, and no link of theirs speaks for anybody else."""
    with duo() as (on, of, beat):
        held = chosen(on, of, of.session, beat.staff, of.expert)

        assert (held.state, held.agreed) == (State.PENDING, {beat.staff})
        assert {each.subject for each in messages(WANTED)} == {of.expert}


def test_where_an_admin_takes_no_part_the_others_are_asked() -> None:
    """What they may confirm for everybody, they have not confirmed by proposing it."""
    with duo() as (on, of, beat):
        chef = colleague(on, of, "chef@praxis-brunner.example", roles=("admin",))
        held = chosen(on, of, chef, beat.staff, of.expert)

        assert (held.state, held.agreed) == (State.PENDING, {beat.staff})
        assert agree(on, chef, held).state is State.CONFIRMED


@pytest.mark.parametrize("case", ["one-expert", "no-confirmation"])
def test_nothing_waits_where_nobody_else_has_to_agree(case: str) -> None:
    """One expert who proposed it, or a service that asks nobody."""
    with duo() as (on, of, beat):
        others = [] if case == "one-expert" else [of.expert]
        within = 120 if case == "one-expert" else None
        held = chosen(on, of, beat, beat.staff, *others, confirm_within=within)

        assert held.state is State.CONFIRMED
        assert held.lapses_at is None
        assert messages(WANTED) == []
        assert len(messages("appointment-confirmed")) == 1


@pytest.mark.parametrize("together", [False, True], ids=["one", "several"])
def test_what_was_paid_waits_for_those_only_who_did_not_propose_it(*, together: bool) -> None:
    """Paying changes nothing of what somebody agreed to."""
    with duo() as (on, of, beat):
        held = chosen(on, of, beat, beat.staff, *([of.expert] if together else []), **ONLINE)
        assert (held.state, messages(WANTED)) == (State.UNPAID, [])

        paid = pay(on, held)

        assert paid.state is (State.PENDING if together else State.CONFIRMED)
        assert {each.subject for each in messages(WANTED)} == ({of.expert} if together else set())


@pytest.mark.parametrize("terms", [{}, ONLINE], ids=["pending", "unpaid"])
def test_another_time_is_nobodys_proposal(terms: dict[str, Any]) -> None:
    """Once the customer has moved it, everybody is asked, and a link to the time of before is used up."""
    with duo() as (on, of, beat):
        held = chosen(on, of, beat, beat.staff, of.expert, **terms)
        token = "" if terms else mailed(on, "regula@praxis-brunner.example")
        link = on.services.linking.self_service(now_of(held))["reschedule"]
        moved = on.services.changing.move(link, MONDAY_10 + 2 * HOUR, network=NETWORK)
        assert not moved.agreed
        if terms:
            pay(on, moved)
        else:
            with pytest.raises(LinkUsedError):
                by_link(on, token)

        assert by_link(on, mailed(on, BEAT)) == (State.PENDING, {beat.staff})


def test_who_takes_part_since_it_was_proposed_is_asked() -> None:
    """Who does it is decided when the time is chosen."""
    with duo() as (on, of, beat):
        what = service(on, of, [beat.staff], confirm_within=120)
        held = proposed(on, of, beat, what, beat.staff)
        what.experts, what.together = {beat.staff, of.expert}, True
        write(what)

        taken = choose(on, held)

        assert (taken.state, taken.agreed) == (State.PENDING, {beat.staff})
        assert {each.subject for each in messages(WANTED)} == {of.expert}
