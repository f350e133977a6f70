"""Where a tenant stands, at the second before, at and after each instant that decides."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.tenancy import READ_ONLY, TRIAL, Standing, Tenancy

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
ENDS = START + TRIAL
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def tenancy(**changes: Any) -> Tenancy:
    """A trial that began at START."""
    return Tenancy(**{"trial_ends_at": ENDS, "cancelled_at": None, "plan": None, **changes})


@pytest.mark.parametrize(
    ("after", "standing", "is_open"),
    [
        (-SECOND, Standing.TRIAL, True),
        (0 * SECOND, Standing.READ_ONLY, False),
        (SECOND, Standing.READ_ONLY, False),
        (READ_ONLY - SECOND, Standing.READ_ONLY, False),
        (READ_ONLY, Standing.ENDED, False),
        (READ_ONLY + SECOND, Standing.ENDED, False),
    ],
    ids=str,
)
def test_a_trial_runs_then_is_read_only_then_over(after: timedelta, standing: Standing, is_open: bool) -> None:
    """Thirty days, and thirty days; each instant belongs to what follows."""
    assert (tenancy().standing(ENDS + after), tenancy().is_open(ENDS + after)) == (standing, is_open)


def test_thirty_days_are_thirty_days() -> None:
    """As they are promised."""
    assert (timedelta(days=30), timedelta(days=30)) == (TRIAL, READ_ONLY)
    assert tenancy().closes_at == START + timedelta(days=60)


@pytest.mark.parametrize("years", [0, 1, 20])
def test_a_plan_never_ends_by_itself(years: int) -> None:
    """Whatever became of the trial."""
    held = tenancy(plan="standard")

    assert held.standing(START + years * 365 * DAY) is Standing.ON_PLAN
    assert (held.read_only_from, held.closes_at, held.notices) == (None, None, ())


@pytest.mark.parametrize("plan", [None, "standard"])
@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_who_cancels_is_read_only_at_once(plan: str | None, seconds: int, is_open: bool) -> None:
    """On trial or on a plan; and over thirty days later."""
    at = START + 5 * DAY
    held = tenancy(plan=plan, cancelled_at=at)

    assert held.is_open(at + seconds * SECOND) is is_open
    assert (held.closes_at, held.notices) == (at + READ_ONLY, ())


def test_cancelling_after_the_trial_moves_no_end() -> None:
    """It is no way to stay longer."""
    assert tenancy(cancelled_at=ENDS + 20 * DAY).closes_at == ENDS + READ_ONLY


def test_admins_hear_a_week_and_a_day_before_and_at_the_end() -> None:
    """Three notices."""
    assert tenancy().notices == (ENDS - 7 * DAY, ENDS - DAY, ENDS)


@pytest.mark.parametrize(
    ("now", "told", "notice"),
    [
        (ENDS - 7 * DAY - SECOND, None, None),
        (ENDS - 7 * DAY, None, ENDS - 7 * DAY),
        (ENDS - 7 * DAY + SECOND, ENDS - 7 * DAY, None),
        (ENDS - DAY, ENDS - 7 * DAY, ENDS - DAY),
        (ENDS, ENDS - DAY, ENDS),
        (ENDS + DAY, None, ENDS),
        (ENDS + DAY, ENDS, None),
    ],
    ids=["before", "week", "told", "day", "end", "missed-all", "told-all"],
)
def test_each_notice_is_due_once_and_the_latest_says_it_all(
    now: datetime, told: datetime | None, notice: datetime | None
) -> None:
    """Who was not reached in time hears how it stands now."""
    assert tenancy().notice_at(now, told=told) == notice


@pytest.mark.parametrize(
    ("told", "next_step"),
    [(None, ENDS - 7 * DAY), (ENDS - 7 * DAY, ENDS - DAY), (ENDS - DAY, ENDS), (ENDS, ENDS + READ_ONLY)],
    ids=["first", "second", "third", "end"],
)
def test_after_the_last_notice_comes_the_end(told: datetime | None, next_step: datetime) -> None:
    """One after the other."""
    assert tenancy().next_step(told=told) == next_step


def test_an_extended_trial_is_told_of_anew() -> None:
    """What was told of the old end does not stand for the new one."""
    later = ENDS + 3 * DAY

    assert tenancy(trial_ends_at=later).next_step(told=ENDS - DAY) == later - DAY
    assert tenancy(trial_ends_at=ENDS + 20 * DAY).next_step(told=ENDS) == ENDS + 13 * DAY


def test_nothing_is_due_on_a_plan() -> None:
    """Nor where there was never a trial."""
    assert tenancy(plan="standard").next_step(told=None) is None
    assert tenancy(trial_ends_at=None).next_step(told=None) is None
    assert tenancy(trial_ends_at=None).standing(START) is Standing.TRIAL


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, ["use", "export", "choose-plan", "cancel"]),
        ({"plan": "standard"}, ["use", "export", "cancel"]),
        ({"trial_ends_at": START}, ["export", "choose-plan", "cancel"]),
        ({"plan": "standard", "cancelled_at": START}, ["export", "choose-plan", "resume"]),
    ],
    ids=["trial", "plan", "over", "cancelled"],
)
def test_what_can_be_done(changes: dict[str, Any], may: list[str]) -> None:
    """Exporting always; each other thing where it makes a difference."""
    assert list(tenancy(**changes).may(START)) == may
