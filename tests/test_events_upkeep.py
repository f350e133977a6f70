"""The function that looks after appointments each minute: what it does in a run, and that nothing stops the rest."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

import app
from chalicelib import events
from chalicelib.records.appointment import State
from tests.builders import booked, business
from tests.services.looking import now_of
from tests.services.waiting_builders import offer
from tests.test_events import Context, called, recorded


@dataclass
class Done:
    """What a job says of its run."""

    number: int = 0


def test_upkeep_ends_what_nobody_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a second too early."""
    with called(monkeypatch) as on:
        of = business(on)
        offer(on, of, confirm_within=60)
        held = booked(on, of)
        on.clock.now += timedelta(minutes=60, seconds=-1)
        assert app.upkeep(recorded("scheduled"), Context(50_000))["lapsed"] == {"lapsed": 0, "waiting": 0}
        on.clock.now += timedelta(seconds=1)

        assert app.upkeep(recorded("scheduled"), Context(50_000))["lapsed"] == {"lapsed": 1, "waiting": 0}

        assert now_of(held).state is State.LAPSED


@pytest.mark.parametrize(("milliseconds", "goes_on"), [(29_999, False), (30_000, False), (30_001, True)])
def test_each_job_is_told_whether_there_is_time(milliseconds: int, goes_on: bool) -> None:
    """As in the sweep; the next run goes on."""
    told: list[bool] = []

    def job(*, may_go_on: Any) -> Done:
        told.append(may_go_on())
        return Done()

    events.upkeep(Context(milliseconds), {"one": job, "two": job})

    assert told == [goes_on] * 2


def test_a_job_that_fails_keeps_no_other_from_its_turn() -> None:
    """But the run has failed, so that somebody hears of it."""
    done: list[int] = []

    def bad(**_: Any) -> Done:
        raise ZeroDivisionError

    def good(**_: Any) -> Done:
        done.append(1)
        return Done(1)

    with pytest.raises(ZeroDivisionError):
        events.upkeep(Context(), {"bad": bad, "good": good})

    assert done == [1]
