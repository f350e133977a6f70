"""The function `sync`: what it logs, and when it stops."""

import json

import pytest

import app
from chalicelib import wiring
from chalicelib.domain.own_calendars import GOOGLE
from tests.services.calendar_builders import desk
from tests.test_events import Context, recorded


def test_sync_looks_while_there_is_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left waits for the next run; what went wrong is counted by provider and code."""
    with desk() as at:
        monkeypatch.setattr(app, "services", lambda: at.on.services)
        monkeypatch.setattr(wiring, "services", lambda: at.on.services)
        at.link(GOOGLE)
        nothing = {"looked": 0, "told": 0, "parted": 0, "waiting": 0}

        assert app.sync(recorded("scheduled"), Context(30_000)) == {**nothing, "waiting": 1}
        assert app.sync(recorded("scheduled"), Context(30_001)) == {**nothing, "looked": 1}
        at.simulator.faults.switch(GOOGLE, {"mode": "status", "status": 429})
        at.on.clock.move(minutes=60)
        assert app.sync(recorded("scheduled"), Context()) == nothing

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [line["counts"] for line in lines if line.get("message") == "calendars not reached"] == [
        {"google-calendar 429": 1}
    ]
