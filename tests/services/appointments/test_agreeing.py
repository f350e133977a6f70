"""Where several experts take part all of them are asked, and all have to agree; one is enough to decline."""

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, LinkUsedError, NotAllowedError, RestrictedError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import State
from tests.builders import NETWORK
from tests.services.colleagues import BEAT, colleague, working
from tests.services.looking import busy_owners, ledger, messages, now_of
from tests.services.meddling import before_commit, killed_at
from tests.services.together_builders import CARO, REGULA, WANTED, agree, asked, by_link, duo, mailed, refuse
from tests.services.waiting_builders import HOUR

MISSED, DECLINED = "confirmation-missed", "confirmation-declined"


@pytest.mark.parametrize("order", [(BEAT, REGULA), (REGULA, BEAT)], ids=["other-first", "first-first"])
def test_it_stands_once_all_have_agreed_by_links_of_their_own(order: tuple[str, str]) -> None:
    """In whatever order; until then it waits, for the customer too. An admin's own link speaks for themselves only."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        who = {REGULA: of.expert, BEAT: beat.staff}
        tokens = {each: mailed(on, each) for each in who}
        one, two = order

        assert by_link(on, tokens[one]) == (State.PENDING, {who[one]})
        assert messages("appointment-confirmed") == messages("appointment-reminder") == []
        assert (now_of(held).sequence, now_of(held).lapses_at) == (held.sequence, held.lapses_at)
        assert by_link(on, tokens[two]) == (State.CONFIRMED, {of.expert, beat.staff})

        assert len(messages("appointment-confirmed")) == 1
        assert [(each.actor, each.about) for each in ledger(Action.APPOINTMENT_AGREED)] == [(who[one], held.subject)]
        assert [each.actor for each in ledger(Action.APPOINTMENT_CONFIRMED)] == [who[two]]
        for token in tokens.values():
            with pytest.raises(LinkUsedError):
                by_link(on, token)


def test_who_agrees_twice_gets_the_same_answer() -> None:
    """By link and by the list; nothing is written a second time."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        token = mailed(on, BEAT)

        first = by_link(on, token)
        written = now_of(held).version

        assert by_link(on, token) == first == (State.PENDING, {beat.staff})
        assert agree(on, beat, held).state is State.PENDING
        assert now_of(held).version == written
        assert len(ledger(Action.APPOINTMENT_AGREED)) == 1


def test_everybody_is_asked_at_once_and_at_half_time_unless_they_agreed_by_then() -> None:
    """The customer's name stands in none of these mails."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        now = on.clock.now.replace(microsecond=0)
        assert sorted((each.subject, each.send_at) for each in messages(WANTED)) == sorted(
            (who, at) for who in (of.expert, beat.staff) for at in (now, now + HOUR)
        )
        on.pump()
        agree(on, beat, held)
        on.clock.now += HOUR
        on.pump()

        sent = [mail for mail in on.mails() if "wartet auf Sie" in mail.subject]
        assert sorted(mail.to for mail in sent) == [BEAT, REGULA, REGULA]
        assert not any("Anna" in mail.text for mail in sent)


def test_an_admin_confirms_for_all_of_them() -> None:
    """Without being among those who agreed; a colleague who takes no part may not even agree."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = asked(on, of, beat.staff, of.expert)
        agree(on, beat, held)

        with pytest.raises(NotAllowedError):
            agree(on, caro, held)
        confirmed = agree(on, colleague(on, of, "chef@praxis-brunner.example", roles=("admin",)), held)

        assert (confirmed.state, confirmed.agreed) == (State.CONFIRMED, {beat.staff})


def test_an_admin_who_takes_part_confirms_for_all_of_them() -> None:
    """By the list of appointments; and is among those who agreed."""
    with duo() as (on, of, beat):
        held = asked(on, of, beat.staff, of.expert)

        confirmed = agree(on, of.session, held)

        assert (confirmed.state, confirmed.agreed) == (State.CONFIRMED, {of.expert})


def test_one_declines_for_all() -> None:
    """Also after others have agreed, who are told; the time is free, and every link is used up."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        tokens = [mailed(on, each) for each in (REGULA, BEAT)]
        by_link(on, tokens[0])

        assert on.services.deciding.decline_by_link(tokens[1], network=NETWORK).state is State.DECLINED

        assert busy_owners() == []
        on.pump()
        (told,) = [mail for mail in on.mails() if "wurde abgelehnt" in mail.subject and mail.to != held.email]
        assert (told.to, "Erstgespräch" in told.text, "Anna" in told.text) == (REGULA, True, False)
        assert [each.subject for each in messages(DECLINED)] == [of.expert]
        assert len(messages("appointment-declined")) == 1
        for token in tokens:
            with pytest.raises(LinkUsedError):
                by_link(on, token)
        with pytest.raises(ConflictError):
            agree(on, of.session, held)


def test_two_agree_at_once_and_it_is_confirmed() -> None:
    """Whoever loses the race reads the other's agreement, and confirms."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = asked(on, of, beat.staff, caro.staff)

        with before_commit(lambda: agree(on, caro, held)) as done:
            assert agree(on, beat, held).state is State.CONFIRMED

        assert done
        assert (now_of(held).state, now_of(held).agreed) == (State.CONFIRMED, {beat.staff, caro.staff})
        assert [len(ledger(each)) for each in (Action.APPOINTMENT_AGREED, Action.APPOINTMENT_CONFIRMED)] == [1, 1]
        assert len(messages("appointment-confirmed")) == 1


@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
def test_of_an_agreement_and_a_refusal_at_once_one_comes_first(*, last: bool) -> None:
    """A refusal ends what only waits; what all have agreed to can't be declined any more."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = asked(on, of, beat.staff, caro.staff)
        if last:
            agree(on, caro, held)
        with before_commit(lambda: refuse(on, caro, held)), pytest.raises(ConflictError):
            agree(on, beat, held)
        assert now_of(held).state is State.DECLINED

        again = asked(on, of, beat.staff, caro.staff)
        if last:
            agree(on, caro, again)
            with before_commit(lambda: agree(on, beat, again)), pytest.raises(ConflictError):
                refuse(on, caro, again)
        else:
            with before_commit(lambda: agree(on, beat, again)):
                refuse(on, caro, again)
        assert now_of(again).state is (State.CONFIRMED if last else State.DECLINED)


@pytest.mark.parametrize("after", [False, True])
def test_an_agreement_is_there_whole_or_not_at_all(*, after: bool) -> None:
    """Killed before or after its one write, and repeated: one entry, one agreement."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        with killed_at(1, after=after):
            agree(on, beat, held)
        assert bool(now_of(held).agreed) is after

        agree(on, beat, held)

        assert now_of(held).agreed == {beat.staff}
        assert len(ledger(Action.APPOINTMENT_AGREED)) == 1


def test_what_lapsed_is_honoured_once_all_have_agreed_late() -> None:
    """All are told that it lapsed; whoever has agreed before need not do it again."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        tokens = [mailed(on, each) for each in (REGULA, BEAT)]
        by_link(on, tokens[0])
        on.clock.now += 2 * HOUR
        on.services.settling.lapse_due()

        assert sorted(each.subject for each in messages(MISSED)) == sorted([of.expert, beat.staff])
        assert by_link(on, tokens[0]) == (State.LAPSED, {of.expert})
        assert by_link(on, tokens[1]) == (State.CONFIRMED, {of.expert, beat.staff})
        assert busy_owners() == [held.id] * 2


def test_a_late_agreement_holds_no_time() -> None:
    """As long as somebody is missing it stays lapsed."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        on.clock.now += 2 * HOUR
        on.services.settling.lapse_due()

        assert agree(on, beat, held).state is State.LAPSED

        assert (now_of(held).agreed, busy_owners()) == ({beat.staff}, [])


def test_a_link_of_before_links_had_holders_is_the_first_experts() -> None:
    """They are on their way when this is deployed."""
    with duo() as (on, of, beat):
        held = asked(on, of, beat.staff, of.expert)
        old = Link(
            purpose=LinkPurpose.DECIDE,
            tenant=of.tenant,
            subject=held.subject,
            thing=held.id,
            version=0,
            expires=held.starts_at,
        )

        assert by_link(on, on.services.linking.token(old)) == (State.PENDING, {beat.staff})


def test_nobody_agrees_about_restricted_data() -> None:
    """As nobody confirms it."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        token = mailed(on, BEAT)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        with pytest.raises(RestrictedError):
            by_link(on, token)
        assert not now_of(held).agreed


def test_nothing_waits_where_the_service_does_not_ask() -> None:
    """However many take part."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff, confirm_within=None)

        assert (held.state, messages(WANTED)) == (State.CONFIRMED, [])
