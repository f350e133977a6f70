"""Two experts decide about one appointment at the same time: one outcome, told once, by whoever is faster."""

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError
from chalicelib.records.appointment import State
from tests.race.invariants import check_invariants
from tests.race.meeting import both_at_once
from tests.services.colleagues import working
from tests.services.looking import ledger, messages, now_of
from tests.services.together_builders import CARO, agree, asked, duo, refuse

either = pytest.mark.parametrize("faster", [0, 1, None])


@either
def test_two_agree(faster: int | None) -> None:
    """It is confirmed, in both orders and in none."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = asked(on, of, beat.staff, caro.staff)

        told = both_at_once(lambda: agree(on, beat, held), lambda: agree(on, caro, held), faster=faster)

        assert told == [None, None]
        assert (now_of(held).state, now_of(held).agreed) == (State.CONFIRMED, {beat.staff, caro.staff})
        assert [len(ledger(each)) for each in (Action.APPOINTMENT_AGREED, Action.APPOINTMENT_CONFIRMED)] == [1, 1]
        assert len(messages("appointment-confirmed")) == 1
        check_invariants(of.tenant, now=on.clock.now)


@either
@pytest.mark.parametrize("last", [False, True], ids=["first", "last"])
def test_one_agrees_and_one_declines(faster: int | None, *, last: bool) -> None:
    """It is declined, unless that was the last agreement and came first."""
    with duo() as (on, of, beat):
        caro = working(on, of, CARO)
        held = asked(on, of, beat.staff, caro.staff)
        if last:
            agree(on, caro, held)

        agreed, declined = both_at_once(lambda: agree(on, beat, held), lambda: refuse(on, caro, held), faster=faster)

        now = now_of(held)
        assert now.state in {State.DECLINED, State.CONFIRMED}
        assert (now.state is State.CONFIRMED) == isinstance(declined, ConflictError)
        assert now.state is State.DECLINED or (last and agreed is None)
        if faster == 0 and last:
            assert now.state is State.CONFIRMED
        if faster == 1:
            assert isinstance(agreed, ConflictError)
        assert len(messages("appointment-confirmed")) + len(messages("appointment-declined")) == 1
        check_invariants(of.tenant, now=on.clock.now)
