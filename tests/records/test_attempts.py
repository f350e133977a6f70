"""Attempts are counted exactly: at most three in any five minutes, whatever order they come in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import TryAgainError
from chalicelib.records.attempts import SIGN_INS, WINDOW, AccountAttempts, AddressAttempts
from chalicelib.records.reading import fetch
from chalicelib.records.writing import LostRaceError, Transaction
from tests.fakes import DrivenClock
from tests.services.looking import stored
from tests.services.meddling import calls
from tests.stage import stage

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ONE, TWO = "1" * 64, "2" * 64


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def let_through(times: Sequence[float], hashes: Sequence[str] = (ONE,)) -> list[bool]:
    """Which of the attempts at these seconds are let through."""
    return [SIGN_INS.admit(hashes, at(seconds)).admitted for seconds in times]


def test_three_are_let_through_and_the_fourth_waits() -> None:
    """Then the next one may come when the first is five minutes old, and so on."""
    with stage():
        assert let_through([0, 10, 20, 21, 299.999, 300, 300.001, 310, 320, 321]) == [
            *(True, True, True, False, False),
            *(True, False, True, True, False),
        ]


@pytest.mark.parametrize(
    ("passed", "retry_after"), [(0, 300), (1, 299), (0.001, 300), (298.5, 2), (299, 1), (299.999, 1)]
)
def test_a_refusal_says_how_long(passed: float, retry_after: int) -> None:
    """Whole seconds, rounded up, so that whoever waits them is let through."""
    with stage():
        let_through([0, 0, 0])

        counted = SIGN_INS.admit([ONE], at(passed))

        assert (counted.admitted, counted.retry_after) == (False, retry_after)
        assert SIGN_INS.admit([ONE], at(passed + retry_after)).admitted


def test_a_refused_attempt_does_not_prolong_the_wait() -> None:
    """It is not counted."""
    with stage():
        let_through([0, 0, 0, 100, 200, 299])

        assert let_through([300]) == [True]


def test_addresses_are_counted_each_by_itself() -> None:
    """Nobody waits for somebody else."""
    with stage():
        let_through([0, 0, 0])

        assert let_through([0], [TWO]) == [True]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 200), st.floats(-3, 3)), max_size=30))
def test_no_five_minutes_hold_four_whatever_the_clocks_say(steps: list[tuple[float, float]]) -> None:
    """Processes' clocks differ: times come out of order, and the count holds for what they say."""
    with stage():
        now, admitted = 0.0, []
        for step, skew in steps:
            now += step
            if SIGN_INS.admit([ONE], at(now + skew)).admitted:
                admitted.append(at(now + skew).replace(microsecond=at(now + skew).microsecond // 1000 * 1000))

    by_time = sorted(admitted)
    assert all(fourth - first >= WINDOW for first, fourth in zip(by_time, by_time[3:], strict=False))


def test_around_midnight_an_attempt_counts_under_both_hashes_or_none() -> None:
    """So that the hash of the new day knows all that the old one did, whoever asks by which."""
    with stage():
        assert let_through([0, 1], [ONE, TWO]) == [True, True]
        assert let_through([2], [TWO]) == [True]

        assert let_through([3], [ONE, TWO]) == [False]
        assert let_through([4], [ONE]) == [True]
        assert let_through([5, 6], [ONE, TWO]) == [False, False]
        assert let_through([300], [TWO]) == [True]


def test_the_wait_around_midnight_is_that_of_the_stricter_count() -> None:
    """Both have to let it through."""
    with stage():
        let_through([0, 0, 0], [ONE])
        let_through([100, 100, 100], [TWO])

        assert SIGN_INS.admit([ONE, TWO], at(150)).retry_after == 250


def test_one_call_an_attempt() -> None:
    """A write when it is let through; what tells the seconds to wait is read only when it is not."""
    with stage(), calls() as made:
        let_through([0, 0, 0])
        assert made == ["UpdateItem"] * 3

        let_through([0])
        assert made[3:] == ["UpdateItem", "BatchGetItem"]


def test_what_is_stored_is_a_hash_and_numbers() -> None:
    """Gone after five minutes, but for the time that DynamoDB takes to delete."""
    clock = DrivenClock(NOON)
    with stage(clock):
        let_through([0, 1, 2])

        (held,) = stored(AddressAttempts)
        assert held.expires_at == NOON + timedelta(seconds=2) + WINDOW
        assert [int(time) // 10**6 for time in (held.oldest, held.middle, held.newest)] == sorted(
            int(at(seconds).timestamp() * 1000) for seconds in (0, 1, 2)
        )
        clock.now = at(2) + WINDOW
        assert fetch(AddressAttempts.ref(ONE)) is None


@pytest.mark.parametrize("hashes", [[ONE], [ONE, TWO]], ids=["day", "midnight"])
@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_call_whose_answer_was_lost_counts_once(
    hashes: list[str], before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library makes it again by itself: it is let through, and takes nobody else's place."""
    with stage():
        let_through([0] * before, hashes)
        _twice(monkeypatch)

        assert let_through([1] * (3 - before), hashes) == [True] * (3 - before)
        assert let_through([2], hashes) == [False]


def _twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has every write come a second time; what counts is the answer to that one."""
    from botocore.client import BaseClient

    once = BaseClient._make_api_call  # type: ignore[attr-defined]

    def again(client: object, operation: str, parameters: object) -> object:
        if operation in {"UpdateItem", "TransactWriteItems"}:
            once(client, operation, parameters)
        return once(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", again)


@pytest.mark.parametrize("hashes", [[ONE], [ONE, TWO]], ids=["day", "midnight"])
def test_a_busy_store_decides_nothing(hashes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt is not made: it may come again."""
    with stage():
        busy = {"UpdateItem": "TransactionConflictException", "TransactWriteItems": "TransactionCanceledException"}
        _refuse(monkeypatch, busy)

        with pytest.raises(TryAgainError):
            SIGN_INS.admit(hashes, NOON)


def _refuse(monkeypatch: pytest.MonkeyPatch, codes: dict[str, str]) -> None:
    """Has DynamoDB refuse what it is asked to write."""
    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

    def refuse(_: object, operation: str, __: object) -> None:
        reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
        raise ClientError({"Error": {"Code": codes[operation]}, "CancellationReasons": reasons}, operation)  # type: ignore[typeddict-unknown-key]

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)


def test_the_count_of_an_account_is_written_only_on_what_was_read() -> None:
    """Of two that count at once, one has to look again."""
    with stage():
        _note(None, 1)
        with pytest.raises(LostRaceError):
            _note(None, 1)
        first, second = (fetch(AccountAttempts.ref(ONE)) for _ in range(2))
        _note(first, 2)
        with pytest.raises(LostRaceError):
            _note(second, 2)

        (count,) = stored(AccountAttempts)
        assert (int(count.failures), count.last_at) == (2, NOON)


def _note(held: AccountAttempts | None, count: int) -> None:
    transaction = Transaction()
    AccountAttempts.note(transaction, AccountAttempts.ref(ONE), held, count, NOON)
    transaction.commit()


def test_the_three_numbers_shift() -> None:
    """Oldest, middle, newest."""
    with stage():
        seen = []
        for seconds in (0, 1, 2, 300, 301):
            assert let_through([seconds]) == [True]
            (held,) = stored(AddressAttempts)
            seen.append((int(held.oldest), int(held.middle), int(held.newest)))

    assert all((one[1], one[2]) == (other[0], other[1]) for one, other in pairwise(seen))
