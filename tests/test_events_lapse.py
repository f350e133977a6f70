"""The function that time works by: what it does in a run, and that it stops in time."""

from datetime import timedelta

import pytest

import app
from tests.builders import registered
from tests.services.looking import messages
from tests.test_events import Context, called, recorded


def test_lapse_tells_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of both; nothing where nothing is due."""
    with called(monkeypatch) as on:
        registered(on)
        assert app.lapse(recorded("scheduled"), Context()) == {"told": 0, "ended": 0, "waiting": 0}
        on.clock.now += timedelta(days=23)
        assert app.lapse(recorded("scheduled"), Context()) == {"told": 1, "ended": 0, "waiting": 0}
        assert len(messages("trial-ending")) == 1
        on.clock.now += timedelta(days=37)
        assert app.lapse(recorded("scheduled"), Context()) == {"told": 0, "ended": 1, "waiting": 0}


@pytest.mark.parametrize(("milliseconds", "ended"), [(29_999, 0), (30_000, 0), (30_001, 1)])
def test_lapse_stops_while_there_is_time(milliseconds: int, ended: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the sweep does; the next run goes on."""
    with called(monkeypatch) as on:
        registered(on)
        on.clock.now += timedelta(days=60)

        told = app.lapse(recorded("scheduled"), Context(milliseconds))

        assert (told["ended"], told["waiting"]) == (ended, 1 - ended)
