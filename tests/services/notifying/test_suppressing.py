"""The list of those who must not be written to."""

from datetime import timedelta

import pytest

from chalicelib.records.suppression import Suppression
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.notifying.suppressing import lift, renew, suppress
from tests.services.looking import stored, the
from tests.services.meddling import before_commit
from tests.services.prepared import open_business
from tests.stage import Stage

INDEX = "a" * 32


def stop(on: Stage, *, reason: str = "stopped", channel: str = "sms", index: str = INDEX) -> None:
    """Puts an address on the list."""
    transaction = Transaction()
    suppress(transaction, channel, index, reason=reason, at=on.clock.now)
    transaction.commit()


def again(on: Stage, held: Suppression) -> None:
    """It kept a message back."""
    transaction = Transaction()
    renew(transaction, held, at=on.clock.now)
    transaction.commit()


def start(*, channel: str = "sms") -> None:
    """Takes the address off the list."""
    transaction = Transaction()
    lift(transaction, channel, INDEX)
    transaction.commit()


def test_an_address_is_on_the_list_once_a_channel() -> None:
    """Again means renewed, with the latest reason that was given."""
    with open_business() as (on, _):
        stop(on)
        on.clock.move(days=1)
        stop(on, reason="bounced")
        on.clock.move(days=1)
        again(on, the(Suppression))

        held = the(Suppression)
        assert (held.reason, held.last_at, held.version) == ("bounced", on.clock.now, 3)


def test_what_was_lifted_meanwhile_does_not_come_back() -> None:
    """A message that was kept back has it live on, if it still does."""
    with open_business() as (on, _):
        stop(on)
        held = the(Suppression)
        start()

        with pytest.raises(LostRaceError):
            again(on, held)

        assert stored(Suppression) == []


def test_channels_are_apart() -> None:
    """Lifting one leaves the other."""
    with open_business() as (on, _):
        stop(on)
        stop(on, channel="email")

        start()

        assert [each.pk.split("#")[1] for each in stored(Suppression)] == ["email"]


def test_lifting_what_is_not_there_is_fine() -> None:
    """It is what was asked for."""
    with open_business() as (_on, _):
        start()

        assert stored(Suppression) == []


@pytest.mark.parametrize(("seconds", "renewed"), [(-1, True), (0, False), (1, False)])
def test_an_entry_that_has_ended_begins_anew(seconds: int, renewed: bool) -> None:
    """Three years after it last kept something back it is forgotten, reason and all."""
    with open_business() as (on, _):
        stop(on, reason="complained")
        on.clock.now = (the(Suppression).expires_at or on.clock.now) + timedelta(seconds=seconds)

        stop(on)

        held = the(Suppression)
        assert (held.reason, held.version) == ("stopped", 2 if renewed else 1)


def test_of_two_at_once_one_is_told() -> None:
    """Whoever adds it to a larger transaction decides what that means."""
    with open_business() as (on, _), before_commit(lambda: stop(on), least=1), pytest.raises(LostRaceError):
        stop(on)
