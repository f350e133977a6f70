"""Where each promise stands in this installation: what was checked before the release, and what the last audit saw.

*Kept* is said of a promise only when the audit looked at it here, found nothing, and did so within the last 48 hours.
One that the release was checked for and that no audit can look at from within is said to be *checked at release*;
one whose audit is missing or too old falls back to that. *Broken*: an audit found something, or could not look.
Everything else is *open*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from chalicelib.domain.clock import Clock
from chalicelib.messages.promises import Promise, promises
from chalicelib.records.audit import AuditResult
from chalicelib.services.auditing._checking import Check, Checked, Outcome
from chalicelib.services.auditing.checks import CHECKS

RECENT = timedelta(hours=48)


class Standing(Enum):
    """Where a promise stands."""

    KEPT = "kept"
    CHECKED_AT_RELEASE = "checked-at-release"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One check that bears on a promise, and what came of it in the last audit; no outcome: it was not made."""

    name: str
    looks_at: str
    outcome: Outcome | None
    wrong: tuple[str, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Stands:
    """One promise with its standing and what that rests on."""

    promise: Promise
    standing: Standing
    audited_at: datetime | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Trust:
    """All promises, and when the installation was last audited."""

    audited_at: datetime | None
    is_recent: bool
    promises: tuple[Stands, ...]


class Trusting:
    """Reads the register and the last audit."""

    def __init__(self, clock: Clock, checks: tuple[Check, ...] = CHECKS) -> None:
        self._clock, self._checks = clock, checks

    def show(self) -> Trust:
        """Where everything stands now."""
        last = AuditResult.latest()
        made = {one.name: one for one in map(Checked.read, last.outcomes)} if last else {}
        at = last.at if last else None
        recent = at is not None and self._clock() - at <= RECENT
        stands = tuple(self._stands(promise, made, at, recent=recent) for promise in promises())
        return Trust(audited_at=at, is_recent=recent, promises=stands)

    def _stands(self, promise: Promise, made: Mapping[str, Checked], at: datetime | None, *, recent: bool) -> Stands:
        checks = [check for check in self._checks if promise.id in check.promises]
        found = [made[check.name] for check in checks if check.name in made]
        return Stands(
            promise=promise,
            standing=_standing(promise, checks, found, recent=recent),
            audited_at=at if found else None,
            evidence=tuple(_evidence(check, made.get(check.name)) for check in checks),
        )


def _standing(promise: Promise, checks: list[Check], found: list[Checked], *, recent: bool) -> Standing:
    if any(not one.is_fine for one in found):
        return Standing.BROKEN
    if not promise.checked:
        return Standing.OPEN
    audited = bool(checks) and len(found) == len(checks) and recent
    return Standing.KEPT if audited else Standing.CHECKED_AT_RELEASE


def _evidence(check: Check, made: Checked | None) -> Evidence:
    return Evidence(
        name=check.name,
        looks_at=check.looks_at,
        outcome=made.outcome if made else None,
        wrong=made.wrong if made else (),
        counts=made.counts if made else {},
    )
