"""Compares the ledger with its proofs, and names what somebody meddled with.

For each day: the object under lock against itself (its list of entries makes its root, its root its link of the
chain), the root beside the entries against the object, the entries against the list, and the link against that of the
day before. Whoever changes an entry is named by the list; whoever changes the list, too, by the chain; whoever changes
the whole chain, too, would have to change objects that are locked.

Entries end after 24 months, all those of a day together; their proofs a month later. Days whose entries are gone are
verified by the chain alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from chalicelib.domain.clock import Clock
from chalicelib.domain.day_proof import DayProof, UnreadableProofError
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_day import CLOSING_DELAY, LOOK_BACK, end_of
from chalicelib.records.ledger_proof import stored_on
from chalicelib.records.ledger_root import LedgerRoot, Rooted, newest_root, root_before, roots_between
from chalicelib.services.ports import RootStore

_CLOSED_BY = CLOSING_DELAY + timedelta(hours=2)  # the closing runs every hour, and may fail once


class Problem(Enum):
    """What can be wrong."""

    ALTERED = "altered"  # an entry
    REMOVED = "removed"  # an entry
    INSERTED = "inserted"  # an entry
    PROOF_MISSING = "proof-missing"  # the object under lock
    PROOF_BROKEN = "proof-broken"  # it is not the proof of this day
    PROOF_REPLACED = "proof-replaced"  # it was written, or deleted, a second time
    ROOT_MISSING = "root-missing"  # the root beside the entries
    ROOT_ALTERED = "root-altered"  # it is not what the proof says
    CHAIN_BROKEN = "chain-broken"  # it does not follow from the day before
    NOT_CLOSED = "not-closed"  # the day has been over for long


class State(Enum):
    """How far a day could be verified."""

    EMPTY = "empty"
    OPEN = "open"
    ENTRIES = "entries-and-chain"
    CHAIN = "chain-only"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `pk` and `sk` are the entry's, where it is one."""

    problem: Problem
    day: date
    pk: str = ""
    sk: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of verifying one day."""

    day: date
    state: State
    entries: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(frozen=True)
class Verifying:
    """Verifies days."""

    clock: Clock
    roots: RootStore

    def day(self, tenant: str, day: date) -> Verdict:
        """One day, and whether it follows from the day before."""
        held, before, newest = roots_between(tenant, day, day), root_before(tenant, day), newest_root(tenant)
        previous = self._link(tenant, before.day, before) if before else None
        return self._verdict(tenant, day, held[0] if held else None, previous, newest.day if newest else None)

    def whole(self, tenant: str) -> list[Verdict]:
        """Every day of a tenant that has entries or a proof, or had one; needs the right to list the objects."""
        now = self.clock()
        written = self.roots.days(tenant)
        held = {each.day: each for each in roots_between(tenant, date.min, date.max)}
        days = {each for each in {*written, *held} if _end_of_proof(each) > now}
        verdicts, previous = list[Verdict](), None
        for day in _each_day(min(days, default=now.date()) - LOOK_BACK, max({now.date(), *days})):
            verdict = self._verdict(tenant, day, held.get(day), previous, max(days, default=None))
            if day in days and written.get(day, 0) > 1:
                verdict = replace(verdict, findings=(*verdict.findings, Finding(Problem.PROOF_REPLACED, day)))
            if verdict.state is not State.EMPTY or not verdict.ok:
                verdicts.append(verdict)
            if day in held or day in written:  # of what is past its period, the mark of its deletion may be left
                previous = self._link(tenant, day, held.get(day)) or ("" if day in days else None)
        return verdicts

    def _verdict(self, tenant: str, day: date, held: Rooted | None, previous: str | None, last: date | None) -> Verdict:
        """`previous` is the chain of the day before; None where that is past its own period, or never was."""
        try:
            proof = self._proof(tenant, day)
        except UnreadableProofError:
            return Verdict(day, State.CHAIN, 0, (Finding(Problem.PROOF_BROKEN, day),))
        if proof is None and held is None:
            return self._unclosed(tenant, day, last)
        findings = [Finding(problem, day) for problem in _of_proof(proof, held, previous, tenant, day)]
        if proof is None or _end_of_entries(day) <= self.clock():
            return Verdict(day, State.CHAIN, proof.count if proof else 0, tuple(findings))
        findings += _differences(proof, tenant, day)
        return Verdict(day, State.ENTRIES, proof.count, tuple(findings))

    def _unclosed(self, tenant: str, day: date, last: date | None) -> Verdict:
        """A day without root and proof: empty, still running, or one that the chain passed without its entries."""
        entries = stored_on(tenant, day) if _end_of_entries(day) > self.clock() else []
        if not entries:
            return Verdict(day, State.EMPTY, 0, ())
        found: list[Finding] = []
        if last is not None and day < last:
            found = [_finding(Problem.INSERTED, tenant, day, each.sk) for each in entries]
        elif end_of(day) + _CLOSED_BY <= self.clock():
            found = [Finding(Problem.NOT_CLOSED, day)]
        return Verdict(day, State.OPEN, len(entries), tuple(found))

    def _proof(self, tenant: str, day: date) -> DayProof | None:
        content = self.roots.get(tenant, day)
        return None if content is None else DayProof.decode(content)

    def _link(self, tenant: str, day: date, held: Rooted | None) -> str:
        """The chain up to a day: that of its proof, or else that of its root."""
        try:
            proof = self._proof(tenant, day)
        except UnreadableProofError:
            proof = None
        return proof.chain if proof else held.chain if held else ""


def _of_proof(
    proof: DayProof | None, held: Rooted | None, previous: str | None, tenant: str, day: date
) -> Iterator[Problem]:
    """What is wrong with proof and root of a day, without a look at its entries."""
    if proof is None:
        yield Problem.PROOF_MISSING
        return
    if not proof.holds or (proof.tenant, proof.day) != (tenant, day):
        yield Problem.PROOF_BROKEN
    if previous is not None and proof.previous != previous:
        yield Problem.CHAIN_BROKEN
    if held is None:
        yield Problem.ROOT_MISSING
    elif (held.entries, held.root, held.previous, held.chain) != (
        str(proof.count),
        proof.root,
        proof.previous,
        proof.chain,
    ):
        yield Problem.ROOT_ALTERED


def _differences(proof: DayProof, tenant: str, day: date) -> list[Finding]:
    """The entries that are not as they were proven, by name."""
    proven, stored = dict(proof.entries), {each.sk: each for each in stored_on(tenant, day)}
    found = [(Problem.REMOVED, sk) for sk in proven.keys() - stored.keys()]
    found += [(Problem.INSERTED, sk) for sk in stored.keys() - proven.keys()]
    both = proven.keys() & stored.keys()
    found += [(Problem.ALTERED, sk) for sk in both if stored[sk].is_hidden or proven[sk] != stored[sk].leaf]
    return [_finding(problem, tenant, day, sk) for problem, sk in sorted(found, key=lambda each: each[1])]


def _finding(problem: Problem, tenant: str, day: date, sk: str) -> Finding:
    return Finding(problem, day, LedgerEntry.partition(tenant, day), sk)


def _each_day(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _end_of_entries(day: date) -> datetime:
    """When the entries of a day are past their period; they end together."""
    (keep,) = LedgerEntry.handling.keep
    return keep.period.after(end_of(day), ZoneInfo("UTC"))


def _end_of_proof(day: date) -> datetime:
    (keep,) = LedgerRoot.handling.keep
    return keep.period.after(end_of(day), ZoneInfo("UTC"))
