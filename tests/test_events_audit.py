"""The nightly audit as it is called, and the note that every scheduled function leaves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import events
from chalicelib.observability import FailedError
from chalicelib.records.last_run import LastRun
from chalicelib.services.auditing._checking import Checked, Outcome
from chalicelib.services.running import Running
from tests.stage import Stage, stage


@dataclass
class Audit:
    """Stands for the service."""

    found: tuple[Checked, ...]

    def run(self) -> tuple[Checked, ...]:
        """What it was told to find."""
        return self.found


@dataclass
class Context:
    """What the platform hands to a function besides the event."""

    function_name: str = "zusage-test-sweep"


@dataclass
class Scheduled:
    """An event of the schedule."""

    context: Context = field(default_factory=Context)


@pytest.fixture
def on() -> Iterator[Stage]:
    """A stage."""
    with stage() as built:
        yield built


def test_what_was_found_is_counted_and_does_not_fail_the_function(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metric has its alarm; the log names the checks."""
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    found = (
        Checked(name="logs-end", outcome=Outcome.FINE),
        Checked(name="modern-tls", outcome=Outcome.WRONG, wrong=("TLS",)),
        Checked(name="backups-young", outcome=Outcome.COULD_NOT_LOOK, wrong=("ClientError",)),
    )

    counts = events.audit(Audit(found))  # type: ignore[arg-type]

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert counts == {"fine": 1, "wrong": 1, "could-not-look": 1}
    assert [line["kind"] for line in lines if line.get("message") == "audit found something"] == [
        "modern-tls",
        "backups-young",
    ]
    assert [line["AuditFailed"] for line in lines if "AuditFailed" in line] == [[2.0]]


def test_a_good_run_is_noted_by_the_functions_name(on: Stage) -> None:
    """Without stage and product; the answer passes through."""
    note = events.noted(lambda: Running(on.clock, "test"))

    assert note(Scheduled(), lambda _: {"removed": 3}) == {"removed": 3}
    assert LastRun.of(["sweep", "wake"]) == {"sweep": on.clock.now}

    on.clock.move(minutes=15)
    note(Scheduled(), lambda _: None)
    assert LastRun.of(["sweep"]) == {"sweep": on.clock.now}


def test_a_failed_run_is_not_noted(on: Stage) -> None:
    """It stands still as far as the audit is concerned."""

    def fails(_: Any) -> None:
        raise FailedError("x")

    with pytest.raises(FailedError):
        events.noted(lambda: Running(on.clock, "test"))(Scheduled(), fails)

    assert LastRun.of(["sweep"]) == {}


def test_a_note_that_fails_does_not_undo_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    """The job was done; the audit will say that its note is missing."""

    def no_table() -> Running:
        raise RuntimeError("anna.muster@kundin.example")

    assert events.noted(no_table)(Scheduled(), lambda _: 7) == 7
    told = capsys.readouterr().out
    assert "run not noted" in told
    assert "anna" not in told
