"""Accounts slow down for whoever guesses, and for nobody else."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import TooManyAttemptsError
from chalicelib.records.attempts import AccountAttempts
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.slowing import LinkCount
from tests.services.looking import stored
from tests.services.meddling import before_commit, refused_writes
from tests.stage import Stage, stage

STAFF = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"


def claim(on: Stage, *, known: bool = False) -> int:
    """Makes an attempt now; the seconds to wait instead, if there are any."""
    slowing = on.services.slowing
    on.vault.tenant_ready("0" * 32)
    try:
        slowing.claim(slowing.account("Regula@praxis.example"), known=known, now=on.clock.now)
    except TooManyAttemptsError as error:
        return error.retry_after
    return 0


def test_the_sixth_attempt_waits_and_each_one_longer() -> None:
    """A second, two, four, up to a minute."""
    with stage() as on:
        assert [claim(on) for _ in range(6)] == [0, 0, 0, 0, 0, 1]

        waits = []
        for _ in range(9):
            waits.append(claim(on))
            on.clock.move(seconds=waits[-1])
            assert claim(on) == 0
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("seconds", "waits"), [(59, 1), (60, 0), (61, 0)])
def test_nobody_waits_longer_than_a_minute(seconds: int, waits: int) -> None:
    """However often somebody else has guessed."""
    with stage() as on:
        for _ in range(30):
            claim(on, known=True)

        on.clock.move(seconds=seconds)

        assert claim(on) == waits


def test_a_known_network_does_not_wait() -> None:
    """But what fails from there counts."""
    with stage() as on:
        assert [claim(on, known=True) for _ in range(20)] == [0] * 20

        assert claim(on) == 60


def test_an_address_is_one_account_however_it_is_typed() -> None:
    """Upper case does not start a new count."""
    with stage() as on:
        on.vault.tenant_ready("0" * 32)
        account = on.services.slowing.account

        assert account("REGULA@praxis.example") == account("regula@praxis.example")
        assert account("regula@praxis.example") != account("regula@praxis2.example")


@pytest.mark.parametrize(("seconds", "waits"), [(-1, 0), (0, 0)])
def test_failures_are_forgotten_after_a_day(seconds: int, waits: int) -> None:
    """Counted from the last one."""
    with stage() as on:
        for _ in range(10):
            claim(on, known=True)
        on.clock.now += timedelta(hours=24, seconds=seconds)

        assert claim(on) == waits
        (count,) = stored(AccountAttempts)
        assert int(count.failures) == (11 if seconds < 0 else 1)


def test_of_attempts_at_once_each_is_counted() -> None:
    """A race does not get around the pause: who comes second reads again."""
    with stage() as on:
        for _ in range(4):
            claim(on)

        with before_commit(lambda: claim(on), least=1):
            assert claim(on) == 1

        (count,) = stored(AccountAttempts)
        assert int(count.failures) == 5


def test_a_contended_count_is_tried_again() -> None:
    """DynamoDB may call off a transaction for another one."""
    with stage() as on:
        on.vault.tenant_ready("0" * 32)

        with refused_writes("TransactionConflict") as refused:
            assert claim(on) == 0

        assert len(refused) == 1


def test_a_success_clears_the_count() -> None:
    """From then on it is as if nothing had failed."""
    with stage() as on:
        for _ in range(10):
            claim(on, known=True)
        transaction = Transaction()
        on.services.slowing.clear(transaction, on.services.slowing.account("regula@praxis.example"))
        transaction.commit()

        assert claim(on) == 0


def links(on: Stage, times: int) -> list[bool]:
    """Whether each of so many links may be sent now."""
    sent = []
    for _ in range(times):
        transaction = Transaction()
        ref = on.services.slowing.asked_for(STAFF)
        count = LinkCount(ref, fetch(ref, consistent=True))
        sent.append(on.services.slowing.may_send_link(transaction, count, now=on.clock.now))
        if len(transaction):
            transaction.commit()
    return sent


@pytest.mark.parametrize(("seconds", "may"), [(-1, False), (0, True), (1, True)])
def test_three_unused_links_and_then_one_when_the_last_is_over(seconds: int, may: bool) -> None:
    """Nobody's mailbox is flooded, and asking in somebody's name never leaves them without a link that opens."""
    with stage() as on:
        assert links(on, 4) == [True, True, True, False]

        on.clock.now += timedelta(minutes=10, seconds=seconds)

        assert links(on, 2) == [may, False]


@pytest.mark.parametrize(("seconds", "may"), [(-1, [True, False]), (0, [True] * 2), (1, [True] * 2)])
def test_after_an_hour_it_is_as_if_nobody_had_asked(seconds: int, may: list[bool]) -> None:
    """Three at once again."""
    with stage() as on:
        links(on, 3)

        on.clock.now += timedelta(hours=1, seconds=seconds)

        assert links(on, 2) == may


def test_whoever_uses_a_link_may_ask_again() -> None:
    """They get the mails."""
    with stage() as on:
        links(on, 3)
        transaction = Transaction()
        on.services.slowing.link_used(transaction, STAFF)
        transaction.commit()

        assert links(on, 4) == [True, True, True, False]
