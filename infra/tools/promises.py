"""Where each promise stands: `python -m infra.tools.promises`, or `make promises`.

Runs tests/promises on the deployed stack and compares with the register. A promise is *kept* when checks carry
its id, all of them ran, and all of them passed; *broken* when one did not, or when it is said to be kept and no check
carries its id; *open* otherwise. Writes build/promises.json and a table; exits with 1 when a promise is broken.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pytest

from chalicelib.messages.promises import Promise, promises
from infra.local.paths import BUILD, ROOT

REPORT = BUILD / "promises.json"
CHECKS = ROOT / "tests" / "promises"
Status = Literal["kept", "broken", "open"]


@dataclass(frozen=True)
class Standing:
    """Where a promise stands, and what shows it: one line a check."""

    id: str
    status: Status
    evidence: tuple[str, ...]


@dataclass
class Seen:
    """A plugin that notes what came of each check, by the promises it belongs to."""

    passed: dict[str, list[str]] = field(default_factory=dict)
    not_passed: dict[str, list[str]] = field(default_factory=dict)
    _promises: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _says: dict[str, str] = field(default_factory=dict)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Remembers whose check it is, and its sentence."""
        self._promises[item.nodeid] = tuple(str(mark.args[0]) for mark in item.iter_markers("promise"))
        self._says[item.nodeid] = (getattr(item, "function", Seen).__doc__ or "").strip().partition("\n")[0]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one check: a call that passed counts for it, whatever failed or was left out against it."""
        if report.when == "call" and report.passed:
            self._note(self.passed, report.nodeid, "passed")
        elif not report.passed:
            self._note(self.not_passed, report.nodeid, f"{report.outcome} at {report.when}")

    def _note(self, where: dict[str, list[str]], check: str, outcome: str) -> None:
        for promise in self._promises.get(check, ()):
            where.setdefault(promise, []).append(f"{outcome}: {check}: {self._says[check]}")


def judge(promise: Promise, seen: Seen) -> Standing:
    """Where the promise stands after the checks."""
    passed, against = seen.passed.get(promise.id, []), seen.not_passed.get(promise.id, [])
    if against:
        return Standing(promise.id, "broken", (*against, *passed))
    if not promise.checked:
        return Standing(promise.id, "open", tuple(passed))
    return Standing(promise.id, "kept" if passed else "broken", tuple(passed) or ("no check carries this id",))


def table(register: Iterable[Promise], standings: Iterable[Standing]) -> str:
    """One line a promise, and what was counted."""
    rows = list(zip(register, standings, strict=True))
    lines = [f"{s.status:<7} {p.area:<15} {p.id:<26} {len(s.evidence) or '':>4} {p.en}" for p, s in rows]
    counts = Counter(standing.status for _, standing in rows)
    total = ", ".join(f"{counts[status]} {status}" for status in ("kept", "broken", "open"))
    details = [f"  {line}" for _, s in rows if s.status == "broken" for line in s.evidence if line[:6] != "passed"]
    return "\n".join([*lines, "", *details, f"{len(rows)} promises: {total}"])


def main() -> int:
    """Runs the checks; 1 when a promise is broken or the checks could not be run."""
    seen = Seen()
    outcome = pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", str(CHECKS)], plugins=[seen])
    standings = [judge(promise, seen) for promise in promises()]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([vars(one) for one in standings], indent=2, ensure_ascii=False) + "\n")
    print(f"\n{table(promises(), standings)}\n{REPORT.relative_to(ROOT)}")
    return 1 if outcome or any(one.status == "broken" for one in standings) else 0


if __name__ == "__main__":
    sys.exit(main())
