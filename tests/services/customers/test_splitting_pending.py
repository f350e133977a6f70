"""What still waits for its experts goes over to a new person: it waits on, and everybody gets links that work."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import LinkUsedError, NotFoundError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer_join import Split
from chalicelib.services.customers.splitting import Parting
from tests.builders import NETWORK, Business
from tests.services.booking_builders import book, service
from tests.services.colleagues import BEAT
from tests.services.customers.customer_builders import person
from tests.services.looking import messages, now_of
from tests.services.together_builders import REGULA, WANTED, agree, asked, by_link, duo, mailed
from tests.services.waiting_builders import HOUR
from tests.stage import Stage

LENA = person(given_name="Lena", family_name="Muster", email="lena@kundin.example")


def split(on: Stage, of: Business, held: Appointment) -> Split:
    """Gives it to somebody."""
    parting = Parting(appointments=[held.id], person=LENA)
    return on.services.splitting.split(of.session, held.subject, parting, network=NETWORK, repeat=None)


def test_experts_who_have_not_agreed_get_new_links_and_what_others_agreed_to_counts() -> None:
    """The old links named the person of before; the appointment waits as long as it would have."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        old = mailed(on, REGULA)
        agree(on, beat, held)
        before = len(on.mails())

        split(on, of, held)

        now = now_of(held)
        assert (now.state, now.lapses_at, now.agreed) == (State.PENDING, held.lapses_at, {beat.staff})
        with pytest.raises(NotFoundError):
            by_link(on, old)
        on.pump()
        assert sorted(each.to for each in on.mails()[before:]) == ["lena@kundin.example", REGULA]
        assert by_link(on, mailed(on, REGULA)) == (State.CONFIRMED, {of.expert, beat.staff})


def test_nobody_is_asked_again_about_what_it_was() -> None:
    """At half time each is asked once: what was to be said before is not true any more."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        on.pump()
        split(on, of, held)
        on.pump()
        before = len(on.mails())
        on.clock.now += HOUR

        on.pump()

        assert sorted(each.to for each in on.mails()[before:]) == [BEAT, REGULA]
        gone = [each for each in messages(WANTED) if each.about == f"{held.subject}.{held.id}" and each.reason]
        assert {each.reason for each in gone} == {"gone"}


def test_undone_they_get_new_links_once_more() -> None:
    """Whose it is now is whose it was, and what they were sent first stays used up."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        first = mailed(on, BEAT)
        made = split(on, of, held)
        between = mailed(on, BEAT)

        on.services.splitting.undo(of.session, made.subject, made.id, network=NETWORK)

        for token in (first, between):
            with pytest.raises((NotFoundError, LinkUsedError)):
                by_link(on, token)
        assert by_link(on, mailed(on, BEAT)) == (State.PENDING, {beat.staff})


@pytest.mark.parametrize(
    ("seconds", "told"), [(-1, {"lena@kundin.example", REGULA, BEAT}), (0, set()), (1, set())], ids=[-1, 0, 1]
)
def test_nobody_is_asked_about_what_has_lapsed(seconds: int, told: set[str]) -> None:
    """Whether or not anybody has marked it."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        on.pump()
        before = len(on.mails())
        on.clock.now = (held.lapses_at or on.clock.now) + timedelta(seconds=seconds)

        split(on, of, held)
        on.pump()

        assert {each.to for each in on.mails()[before:]} == told


def test_links_stay_good_when_two_entries_become_one() -> None:
    """Nothing is moved by that."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        other = book(on, of, service(on, of, [beat.staff]), 1, starts_at=held.starts_at + 2 * HOUR)
        token = mailed(on, BEAT)

        on.services.merging.merge(of.session, other.subject, held.subject, network=NETWORK, repeat=None)

        assert by_link(on, token) == (State.PENDING, {beat.staff})
