"""What several experts agreed to when their appointment is moved, handed over, or one of them leaves."""

import pytest

from chalicelib.domain.errors import LinkUsedError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.service import Service
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK
from tests.services.attending_builders import move
from tests.services.booking_builders import write
from tests.services.colleagues import BEAT, working
from tests.services.looking import messages, now_of, stored
from tests.services.staff.test_deleting_staff import delete, left_of
from tests.services.together_builders import CARO, REGULA, WANTED, agree, asked, by_link, duo, mailed
from tests.services.waiting_builders import HOUR


def admit(held: Appointment, who: StaffSession) -> None:
    """Lets somebody do the service of an appointment."""
    what = next(each for each in stored(Service) if each.id == held.service)
    what.experts = {*what.experts, who.staff}
    write(what)


def test_another_time_is_another_question() -> None:
    """Once the customer has moved it, everybody is asked anew, who agreed as well."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        token = mailed(on, BEAT)
        agree(on, beat, held)
        link = on.services.linking.self_service(held)["reschedule"]
        on.services.changing.move(link, MONDAY_10 + 2 * HOUR, network=NETWORK)

        assert now_of(held).agreed is None
        with pytest.raises(LinkUsedError):
            by_link(on, token)
        assert by_link(on, mailed(on, BEAT)) == (State.PENDING, {beat.staff})


@pytest.mark.parametrize("leaving", ["first", "other"])
def test_who_takes_somebodys_place_is_asked_and_what_they_agreed_to_does_not_count(leaving: str) -> None:
    """What the others agreed to does, as long as it takes place at the same time; a link of who left opens nothing."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        pair = (beat.staff, of.expert) if leaving == "first" else (of.expert, beat.staff)
        held = asked(on, of, *pair)
        token = mailed(on, BEAT)
        by_link(on, token)
        admit(held, caro)

        on.services.deleting_staff.reassigning.hand_over(of.session, held, beat.staff, caro.staff, network="")

        moved = now_of(held)
        assert (moved.state, moved.lapses_at) == (State.PENDING, held.lapses_at)
        assert not moved.agreed
        assert len([each for each in messages(WANTED) if each.subject == caro.staff]) == 2
        with pytest.raises(LinkUsedError):
            by_link(on, token)
        assert by_link(on, mailed(on, REGULA)) == (State.PENDING, {of.expert})
        assert by_link(on, mailed(on, CARO)) == (State.CONFIRMED, {of.expert, caro.staff})


@pytest.mark.parametrize(("hours", "quiet"), [(0, False), (0, True), (2, False)], ids=["same", "quiet", "later"])
def test_a_colleague_to_whom_it_is_handed_over_is_asked(hours: int, *, quiet: bool) -> None:
    """Who has agreed to that time need not do it again; to another time nobody has."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = asked(on, of, of.expert, beat.staff)
        admit(held, caro)
        agree(on, beat, held)

        move(on, of, held, expert=caro.staff, starts_at=MONDAY_10 + hours * HOUR, quiet=quiet)

        now = now_of(held)
        stays = set() if hours else {beat.staff}
        assert (now.state, now.expert, set(now.agreed or ())) == (State.PENDING, caro.staff, stays)
        anew = [each.subject for each in messages(WANTED) if each.about_version == now.sequence]
        assert {*anew} == {caro.staff, beat.staff} - stays


def test_of_who_leaves_no_agreement_stays_behind() -> None:
    """In what is over, either."""
    with duo() as (on, of, beat):
        held = asked(on, of, of.expert, beat.staff)
        agree(on, beat, held)
        agree(on, of.session, held)
        on.clock.now = MONDAY_10 + HOUR

        delete(on, of.session, beat.staff)

        assert now_of(held).agreed == {of.expert}
        assert left_of(beat.staff) == []
