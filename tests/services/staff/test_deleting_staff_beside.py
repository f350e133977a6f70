"""What becomes of appointments when somebody leaves who takes part beside another, or that wait, or have rooms."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.domain.errors import NotHandedOverError
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.appointment import State
from chalicelib.records.cap_count import CapCount
from chalicelib.records.participation import Participation
from chalicelib.records.service import Service
from chalicelib.services.appointments import reassigning
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business, later
from tests.fakes import MemoryFiles
from tests.services.booking_builders import book, experts, rooms, service, write
from tests.services.colleagues import working
from tests.services.looking import busy_owners, messages, now_of, stored
from tests.services.prepared import open_business
from tests.services.staff.test_deleting_staff import delete, left_of
from tests.services.waiting_builders import reserved
from tests.stage import Stage


@contextmanager
def two() -> Iterator[tuple[Stage, Business, StaffSession]]:
    """A business with two experts, and a bucket."""
    with open_business() as (on, of):
        vars(on.services)["files"] = MemoryFiles()
        yield on, of, working(on, of)


def test_somebody_else_takes_part_in_their_place() -> None:
    """With a list and a count of their own; the customer, who was told of the first expert only, hears nothing."""
    with two() as (on, of, beat):
        (third,) = experts(on, of, 1)
        both = service(
            on,
            of,
            [of.expert, beat.staff],
            together=True,
            resources=(rooms(on, 1),),
            caps=(Cap(each=Each.DAY, count=5),),
        )
        held = book(on, of, both, expert=of.expert)
        both.experts = {*both.experts, third}
        write(both)

        stay = on.services.deleting_staff.reassigning
        stay.hand_over(of.session, held, beat.staff, third, network="")

        moved = now_of(held)
        assert (moved.expert, moved.others, moved.resources) == (of.expert, {third}, held.resources)
        assert [each.expert for each in stored(Participation)] == [third]
        assert busy_owners() == [held.id] * 3
        assert sorted(each.pk.rpartition("#")[2] for each in stored(CapCount) if each.minutes) == sorted(
            [of.expert, third]
        )
        assert messages("appointment-handed-over") == []


def test_what_nobody_can_take_part_in_is_cancelled_by_choice() -> None:
    """And nothing names who left, in the past either."""
    with two() as (on, of, beat):
        both = service(on, of, [of.expert, beat.staff], together=True)
        past = book(on, of, both, expert=of.expert)
        ahead = book(on, of, both, 1, expert=of.expert, starts_at=later(MONDAY_10, days=3))
        on.clock.now = later(MONDAY_10, days=1)

        delete(on, of.session, beat.staff)

        assert [now_of(each).state for each in (past, ahead)] == [State.CONFIRMED, State.CANCELLED]
        assert not now_of(past).others
        assert not now_of(ahead).others
        assert left_of(beat.staff) == []


def test_who_stands_beside_them_already_can_not_take_their_place() -> None:
    """One person is not two."""
    with two() as (on, of, beat):
        both = service(on, of, [of.expert, beat.staff], together=True)
        held = book(on, of, both, expert=of.expert)

        with pytest.raises(NotHandedOverError) as refused:
            delete(on, of.session, beat.staff, to=of.expert)

        assert refused.value.appointments == (held.id,)


def test_who_has_enough_of_them_that_day_can_not_take_more() -> None:
    """Said before anything is done."""
    with two() as (on, of, beat):
        what = service(on, of, [of.expert, beat.staff], caps=(Cap(each=Each.DAY, count=1),))
        held = book(on, of, what, expert=beat.staff)
        other = book(on, of, what, 1, expert=of.expert, starts_at=later(MONDAY_10, hours=2))

        with pytest.raises(NotHandedOverError) as refused:
            delete(on, of.session, beat.staff, to=of.expert)
        on.services.changing.cancel(on.services.linking.self_service(other)["cancel"], network=NETWORK)
        delete(on, of.session, beat.staff, to=of.expert)

        assert refused.value.appointments == (held.id,)
        assert now_of(held).expert == of.expert


def test_what_waits_is_handed_over_too_and_the_new_expert_is_asked() -> None:
    """It still waits, as long as before."""
    with two() as (on, of, beat):
        what = service(on, of, [of.expert, beat.staff], confirm_within=600)
        held = book(on, of, what, expert=beat.staff)

        delete(on, of.session, beat.staff, to=of.expert)

        moved = now_of(held)
        assert (moved.expert, moved.state, moved.lapses_at) == (of.expert, State.PENDING, held.lapses_at)
        asked = [each for each in messages("confirmation-wanted") if each.subject == of.expert]
        assert len(asked) == 2


def test_a_reservation_does_not_keep_anybody_from_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands on the sheets and in no list; it ends by itself."""
    monkeypatch.setattr(reassigning, "_PAUSE", 0)
    with two() as (on, of, beat):
        reserved(on, of, expert=beat.staff)

        delete(on, of.session, beat.staff)

        assert left_of(beat.staff) == [] or all("RESERVATION" in each for each in left_of(beat.staff))
        assert all(beat.staff not in each.joined for each in stored(Service))
