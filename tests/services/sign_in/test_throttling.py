"""Three attempts from an address in five minutes, midnight or not, and nothing that leads back to the address."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import TooManyAttemptsError
from chalicelib.domain.visits import Visitor
from chalicelib.records.attempts import AddressAttempts, AddressKey
from chalicelib.services.sign_in.throttling import Throttling
from tests.fakes import DrivenClock
from tests.services.looking import stored
from tests.services.meddling import before_commit, calls
from tests.stage import Stage, stage

MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)
SOMEBODY, NEIGHBOUR = (Visitor.of(address, "") for address in ("203.0.113.7", "203.0.113.8"))


def admitted(on: Stage, seconds: float, *, who: Visitor = SOMEBODY, throttling: Throttling | None = None) -> bool:
    """Whether an attempt so many seconds after midnight is let through."""
    on.clock.now = MIDNIGHT + timedelta(seconds=seconds)
    try:
        (throttling or on.services.throttling).admit(who)
    except TooManyAttemptsError:
        return False
    return True


def test_three_are_let_through() -> None:
    """The fourth hears how long to wait; somebody next door does not wait."""
    with stage() as on:
        assert [admitted(on, 40_000 + number) for number in range(3)] == [True] * 3

        with pytest.raises(TooManyAttemptsError) as refused:
            on.services.throttling.admit(SOMEBODY)
        assert refused.value.retry_after == 298
        assert on.services.throttling.admit(NEIGHBOUR) is None


@pytest.mark.parametrize("first", [-1, -150, -299, -300, -301, 0, 1, 299, 300])
def test_midnight_forgets_nothing(first: float) -> None:
    """Three attempts before it, after it, or around it: the fourth waits for five minutes after the first."""
    with stage() as on:
        assert [admitted(on, first + late) for late in (0, 0.2, 0.4)] == [True] * 3

        assert [admitted(on, first + late) for late in (1, 150, 299.9, 300)] == [False, False, False, True]


@pytest.mark.parametrize("turn", [0, 300], ids=["midnight", "five-minutes-after"])
def test_processes_whose_clocks_differ_share_one_count(turn: float) -> None:
    """One thinks that it is tomorrow already, one that it is still today: between them three are let through."""
    with stage() as on:
        early, late = Throttling(on.clock), Throttling(on.clock)

        done = [
            admitted(on, turn + skew, throttling=each)
            for each, skew in ((late, -0.2), (early, 0.2), (late, -0.1), (early, 0.3), (late, -0.05), (early, 0.4))
        ]

        assert done.count(True) == 3


def test_a_key_is_random_and_its_day_s_alone() -> None:
    """The same address, counted under another hash on each day."""
    with stage() as on:
        for day in range(3):
            admitted(on, 40_000 + day * 86_400)

        keys = stored(AddressKey)
        assert len({bytes(key.key) for key in keys}) == 3
        assert {len(bytes(key.key)) for key in keys} == {32}
        assert len({count.pk for count in stored(AddressAttempts)}) == 3


def test_a_key_is_gone_in_two_days() -> None:
    """Then nobody can compute whose address a hash was."""
    with stage() as on:
        admitted(on, 40_000)

        (key,) = stored(AddressKey)
        assert key.expires_at == MIDNIGHT + timedelta(days=2)
        admitted(on, 40_000 + 86_400)
        assert list(on.services.throttling.keys) == ["2026-11-04"]


def test_all_processes_have_one_key() -> None:
    """Whoever is second to make it takes what the first one made."""
    with stage(DrivenClock(MIDNIGHT + timedelta(hours=9))) as on:
        one, other = Throttling(on.clock), Throttling(on.clock)

        with before_commit(lambda: one.admit(SOMEBODY), least=1):
            other.admit(SOMEBODY)

        assert one.keys == other.keys
        (count,) = stored(AddressAttempts)
        assert int(count.middle) > 0


def test_a_warm_process_asks_for_no_key() -> None:
    """One write an attempt."""
    with stage() as on:
        admitted(on, 40_000)

        with calls() as made:
            admitted(on, 40_001)

        assert made == ["UpdateItem"]


def test_nothing_stored_names_an_address() -> None:
    """Neither in full nor shortened."""
    with stage() as on:
        admitted(on, 40_000)

        held = repr([each.serialize() for kind in (AddressAttempts, AddressKey) for each in stored(kind)])
        assert "203.0.113" not in held
