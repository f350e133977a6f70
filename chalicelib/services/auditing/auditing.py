"""The nightly audit: compares the running installation with what was promised, and notes what it found.

It looks at samples of what is stored and at the resources as AWS describes them (see `checks`), never at a value in
the clear. A check that fails to look counts as one that found something, and never ends the audit: what is not shown
to hold is not said to. Reading what an audit found is `trusting`.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.audit import AuditResult
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.sampling import Sample, sample
from chalicelib.records.writing import Transaction
from chalicelib.services.auditing._checking import Check, Checked, Outcome, Sight
from chalicelib.services.auditing.checks import CHECKS
from chalicelib.services.auditing.data import GRACE
from chalicelib.services.auditing.declared import Place, declared_for
from chalicelib.services.ports import Stack

__all__ = ["CHECKS", "Auditing", "Check", "Checked", "Outcome"]

_FAR = timedelta(days=730)  # nothing that people entered is due later
_EACH = 25
_PARTITIONS = 50


@dataclass(frozen=True, kw_only=True)
class Auditing:
    """The nightly audit."""

    clock: Clock
    look: Callable[[], Stack]  # afresh in each audit: it remembers what it saw
    stage: str
    tenant_key: str
    data_key: str
    copy_vault: str
    checks: tuple[Check, ...] = CHECKS

    def run(self) -> tuple[Checked, ...]:
        """Makes every check and notes what came of them in one transaction with the ledger."""
        sight = self._sight(self.clock())
        found = tuple(_made(check, sight) for check in self.checks)
        self._note(found)
        return found

    def _sight(self, now: datetime) -> Sight:
        place = Place.of(self.stage, self.tenant_key)
        return Sight(
            now=now,
            place=place,
            declared=declared_for(place),
            stack=self.look(),
            data_key=self.data_key,
            copy_vault=self.copy_vault,
            take_sample=lambda: _sampled(now),
        )

    def _note(self, found: tuple[Checked, ...]) -> None:
        at = self.clock()
        counts = Counter(each.outcome.value for each in found)
        writing = Transaction()
        writing.create(AuditResult.of(at=at, outcomes=[each.stored() for each in found]))
        writing.create(LedgerEntry.of(INSTALLATION, Action.AUDITED, at=at, counts=dict(counts)))
        writing.commit()


def _made(check: Check, sight: Sight) -> Checked:
    try:
        finding = check.look(sight)
    except Exception as error:  # noqa: BLE001 - whatever keeps a check from looking is what it found
        return Checked(name=check.name, outcome=Outcome.COULD_NOT_LOOK, wrong=_reason(error))
    outcome = Outcome.WRONG if finding.wrong else Outcome.FINE
    return Checked(name=check.name, outcome=outcome, wrong=finding.wrong, counts=finding.counts)


def _reason(error: Exception) -> tuple[str, ...]:
    """The class of an error and, of a refusal by AWS, its code: words of the libraries, never the text."""
    answer = getattr(error, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return (type(error).__name__, str(code)) if code else (type(error).__name__,)


def _sampled(now: datetime) -> Sample:
    dice = random.random()  # noqa: S311 - where a sample begins is no secret
    return sample(now=now, far=_FAR, dice=dice, each=_EACH, partitions=_PARTITIONS, grace=GRACE)
