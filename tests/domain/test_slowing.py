"""An account slows down and never locks anybody out."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.slowing import pause, seconds_to_wait

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (12, 60), (1_000_000, 60)],
)
def test_the_pause_doubles_up_to_a_minute(failures: int, seconds: int) -> None:
    """From the fifth failure on."""
    assert pause(failures) == seconds


@pytest.mark.parametrize(("passed", "wait"), [(0, 60), (59, 1), (59.5, 1), (60, 0), (61, 0)])
def test_waiting_counts_from_the_last_failure(passed: float, wait: int) -> None:
    """In whole seconds, rounded up."""
    assert seconds_to_wait(20, NOON, NOON + timedelta(seconds=passed)) == wait
