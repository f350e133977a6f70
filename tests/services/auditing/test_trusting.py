"""Where each promise stands: kept is only what this installation's audit found in order, lately."""

from collections.abc import Iterator

import pytest

from chalicelib.messages.promises import promises
from chalicelib.records.audit import AuditResult
from chalicelib.records.writing import Transaction
from chalicelib.services.auditing._checking import Checked, Outcome
from chalicelib.services.auditing.checks import CHECKS
from chalicelib.services.auditing.trusting import Standing, Stands, Trusting
from tests.stage import Stage, stage

HTTPS, SEALED, AVAILABILITY, FORGET = "https-only", "sealed-at-rest", "availability", "backups-forget"
HOUR = 3600


@pytest.fixture
def on() -> Iterator[Stage]:
    """A stage."""
    with stage() as built:
        yield built


def audited(on: Stage, *, leaving_out: str = "", **outcomes: Outcome) -> None:
    """An audit with these outcomes, `modern_tls` for modern-tls; everything else was fine."""
    found = [
        Checked(name=check.name, outcome=outcomes.get(check.name.replace("-", "_"), Outcome.FINE)).stored()
        for check in CHECKS
        if check.name != leaving_out
    ]
    writing = Transaction()
    writing.create(AuditResult.of(at=on.clock.now, outcomes=found))
    writing.commit()


def stands(on: Stage, promise: str) -> Stands:
    """Where one promise stands."""
    return next(one for one in Trusting(on.clock).show().promises if one.promise.id == promise)


def test_the_promises_these_tests_speak_of() -> None:
    """Three that a release is checked for, of which an audit can look at two, and an open one."""
    checked = {one.id for one in promises() if one.checked}
    audited = {promise for check in CHECKS for promise in check.promises}

    assert {HTTPS, SEALED, AVAILABILITY} <= checked
    assert {HTTPS, SEALED, FORGET} <= audited
    assert AVAILABILITY not in audited
    assert FORGET not in checked


def test_before_the_first_audit(on: Stage) -> None:
    """Nothing is kept yet; what the release was checked for says so."""
    shown = Trusting(on.clock).show()

    assert shown.audited_at is None
    assert {one.standing for one in shown.promises} == {Standing.CHECKED_AT_RELEASE, Standing.OPEN}
    assert stands(on, HTTPS).evidence[0].outcome is None


def test_after_a_sound_audit(on: Stage) -> None:
    """Kept, if the release was checked for it and the audit looked; the audit alone keeps nothing."""
    audited(on)

    assert stands(on, HTTPS).standing is Standing.KEPT
    assert stands(on, HTTPS).audited_at == on.clock.now
    assert stands(on, AVAILABILITY).standing is Standing.CHECKED_AT_RELEASE
    assert stands(on, AVAILABILITY).audited_at is None
    assert stands(on, FORGET).standing is Standing.OPEN


@pytest.mark.parametrize("outcome", [Outcome.WRONG, Outcome.COULD_NOT_LOOK])
def test_a_failed_check_breaks_each_promise_it_bears_on(on: Stage, outcome: Outcome) -> None:
    """One of several is enough, and not being able to look is as bad."""
    audited(on, tables_encrypted=outcome, backups_end=outcome)

    assert stands(on, SEALED).standing is Standing.BROKEN
    assert stands(on, FORGET).standing is Standing.BROKEN
    assert stands(on, HTTPS).standing is Standing.KEPT


@pytest.mark.parametrize(
    ("age", "standing"),
    [
        (48 * HOUR - 1, Standing.KEPT),
        (48 * HOUR, Standing.KEPT),
        (48 * HOUR + 1, Standing.CHECKED_AT_RELEASE),
    ],
)
def test_an_old_audit_keeps_nothing(on: Stage, age: int, standing: Standing) -> None:
    """After 48 hours it is no longer said of any promise."""
    audited(on)
    on.clock.move(seconds=age)

    assert stands(on, HTTPS).standing is standing
    assert Trusting(on.clock).show().is_recent is (standing is Standing.KEPT)


def test_a_failure_stays_until_an_audit_finds_it_mended(on: Stage) -> None:
    """Waiting mends nothing."""
    audited(on, modern_tls=Outcome.WRONG)
    on.clock.move(days=30)
    assert stands(on, HTTPS).standing is Standing.BROKEN

    audited(on)

    assert stands(on, HTTPS).standing is Standing.KEPT


def test_a_check_that_was_not_made_keeps_nothing(on: Stage) -> None:
    """Such as one that is newer than the last audit."""
    audited(on, leaving_out="modern-tls")

    assert stands(on, HTTPS).standing is Standing.CHECKED_AT_RELEASE
