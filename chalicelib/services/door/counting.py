"""What counts towards the caps of services and towards fairness, read and written with the sheets (see `door`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.caps import allows, counted, end_of, period
from chalicelib.domain.terms import Each, Terms
from chalicelib.domain.wall_time import EPOCH
from chalicelib.records.cap_count import CapCount
from chalicelib.records.reading import Found, Ref
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction


@dataclass(frozen=True, kw_only=True)
class Counting:
    """Where an appointment of a service counts: with one expert, by the days of the `zone` where they are then."""

    service: Service
    terms: Terms
    expert: str
    zone: str
    at: datetime

    def refs(self) -> dict[Each, Ref[CapCount]]:
        """The counts, by period."""
        tenant, service = self.service.tenant, self.service.id
        return {
            each: CapCount.ref(tenant, self.expert, service, period(each, self.at, self.zone))
            for each in sorted(counted(self.terms), key=lambda each: each.value)
        }


class Counts:
    """Counts as they stand. What is changed here is only written by `write`."""

    def __init__(self) -> None:
        self._held: dict[Ref[CapCount], CapCount | None] = {}
        self._changed: dict[Ref[CapCount], CapCount] = {}
        self._released: set[str] = set()
        self._now = EPOCH

    def missing(self, *where: Counting) -> list[Ref[CapCount]]:
        """What was not taken in yet."""
        return [ref for each in where for ref in each.refs().values() if ref not in self._held]

    def take(self, refs: Iterable[Ref[CapCount]], found: Found, *, now: datetime) -> None:
        """Takes these in, as they stand at `now`; one that does not exist counts nothing."""
        self._now = now
        fresh = {ref: found.get(ref) for ref in refs}
        for each in filter(None, fresh.values()):
            each.drop_lapsed(now)
        self._held |= fresh
        for owner in self._released:
            self._release(owner, fresh)

    def minutes(self, where: Counting) -> dict[Each, dict[str, int]]:
        """The minutes by appointment, by period."""
        return {each: dict(self._minutes(ref)) for each, ref in where.refs().items()}

    def allow(self, where: Counting, *, owner: str, minutes: int) -> bool:
        """Whether no cap stands in the way of an appointment of that length, beside all others and what is kept."""
        held = {each: self._taken(ref) for each, ref in where.refs().items()}
        return all(allows(cap, held[cap.each], owner=owner, minutes=minutes) for cap in where.terms.caps)

    def add(self, where: Counting, *, owner: str, minutes: int) -> None:
        """Counts an appointment."""
        for each, ref in where.refs().items():
            held = self._held[ref] or CapCount(ref.pk, ref.sk, zone=where.service.zone, held=b"")
            if held.minutes.get(owner) == minutes:
                continue
            held.ends_at = end_of(each, where.at, where.zone)
            held.minutes = {**held.minutes, owner: minutes}
            self._held[ref] = self._changed[ref] = held

    def remove(self, where: Counting, *, owner: str) -> None:
        """Counts an appointment no more."""
        for ref in where.refs().values():
            held = self._held[ref]
            if held is not None and owner in held.minutes:
                held.minutes = {who: minutes for who, minutes in held.minutes.items() if who != owner}
                self._changed[ref] = held

    def keep(self, where: Counting, *, owner: str, minutes: int, until: datetime) -> None:
        """Counts towards caps what is kept for somebody, until it lapses; for fairness nobody has it yet."""
        refs = where.refs()
        for cap in where.terms.caps:
            ref = refs[cap.each]
            held = self._held[ref] or CapCount(ref.pk, ref.sk, zone=where.service.zone, held=b"")
            held.ends_at = end_of(cap.each, where.at, where.zone)
            held.keep(owner, minutes, until=until, now=self._now)
            self._held[ref] = self._changed[ref] = held

    def release(self, owner: str) -> None:
        """Counts what was kept no more, wherever it is met."""
        self._released.add(owner)
        self._release(owner, self._held)

    def _release(self, owner: str, held: Mapping[Ref[CapCount], CapCount | None]) -> None:
        met = {ref: each for ref, each in held.items() if each is not None and each.release(owner, now=self._now)}
        self._changed |= met

    def writes(self) -> int:
        """How many counts changed."""
        return len(self._changed)

    def write(self, transaction: Transaction) -> None:
        """Adds what changed to the transaction."""
        for count in self._changed.values():
            (transaction.update if count.version else transaction.create)(count)

    def _taken(self, ref: Ref[CapCount]) -> dict[str, int]:
        held = self._held[ref]
        return held.taken(self._now) if held else {}

    def _minutes(self, ref: Ref[CapCount]) -> dict[str, int]:
        held = self._held[ref]
        return held.minutes if held else {}
