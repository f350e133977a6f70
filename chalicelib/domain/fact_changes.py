"""What differs between two versions of the privacy notice, and which differences people must hear of.

A change is important when a purpose or a recipient is added or changed, when data can be kept longer, when the basis
changes, or when data about people is stored that was not stored before.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import TypeVar

from chalicelib.domain.facts import Facts, Kept, KindFacts, ProcessorFacts

CONSENT = "CONSENT"
T = TypeVar("T")
_LATER = {"FROM_THEN": 0.0, "FROM_END_OF_DAY": 1.0, "FROM_END_OF_FINANCIAL_YEAR": 366.0}


class What(Enum):
    """Everything that can differ; the second value says whether it is important by itself."""

    KIND_ADDED = "kind-added", False  # important when it is about people
    KIND_REMOVED = "kind-removed", False
    ABOUT_CHANGED = "about-changed", False  # important when it was about nobody
    CATEGORY_CHANGED = "category-changed", False
    PURPOSE_ADDED = "purpose-added", True
    PURPOSE_REMOVED = "purpose-removed", False
    BASIS_CHANGED = "basis-changed", True
    SOURCE_CHANGED = "source-changed", False
    RECIPIENT_ADDED = "recipient-added", True
    RECIPIENT_REMOVED = "recipient-removed", False
    PERIOD_ADDED = "period-added", False  # of several the first that ends holds: one more never keeps longer
    PERIOD_REMOVED = "period-removed", True
    PERIOD_LONGER = "period-longer", True
    PERIOD_SHORTER = "period-shorter", False
    ELSEWHERE_CHANGED = "elsewhere-changed", False
    DUTY_ADDED = "duty-added", True
    DUTY_REMOVED = "duty-removed", False
    DUTY_LONGER = "duty-longer", True
    DUTY_SHORTER = "duty-shorter", False
    THEN_CHANGED = "then-changed", False
    KEY_CHANGED = "key-changed", False
    FIELD_ADDED = "field-added", False
    FIELD_REMOVED = "field-removed", False
    FIELD_STORED_OTHERWISE = "field-stored-otherwise", False
    INTEREST_CHANGED = "interest-changed", False
    PROCESSOR_ADDED = "processor-added", True
    PROCESSOR_REMOVED = "processor-removed", False
    PROCESSOR_MOVED = "processor-moved", True
    PROCESSOR_RENAMED = "processor-renamed", True
    PROCESSOR_PURPOSE_CHANGED = "processor-purpose-changed", True
    PROCESSOR_GETS_MORE = "processor-gets-more", True
    PROCESSOR_GETS_LESS = "processor-gets-less", False
    PROCESSOR_TERMS_CHANGED = "processor-terms-changed", True

    @property
    def alone_important(self) -> bool:
        """Whether it is important whatever else is."""
        return bool(self.value[1])


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference: at which kind or processor, and what it was and is (names of members, fields or processors)."""

    what: What
    at: str
    before: "str | Kept" = ""
    after: "str | Kept" = ""
    important: bool = False


def changes(before: Facts, after: Facts) -> tuple[Change, ...]:
    """Everything that differs, kinds first."""
    kinds = _paired(before.kinds, after.kinds, attrgetter("kind"))
    processors = _paired(before.processors, after.processors, attrgetter("name"))
    found = [change for old, new in kinds for change in _of_kind(old, new)]
    return (*found, *(change for old, new in processors for change in _of_processor(old, new)))


def is_important(found: Iterable[Change]) -> bool:
    """Whether people must hear of it."""
    return any(change.important for change in found)


def consents_asked(before: Facts, after: Facts) -> tuple[str, ...]:
    """The kinds for which a consent given before does not do any more: for another purpose, or to somebody else."""
    ours = {What.PURPOSE_ADDED, What.RECIPIENT_ADDED}
    changed = {change.at for change in changes(before, after) if change.what in ours}
    others = {each.at for each in changes(before, after) if each.important and each.what.name.startswith("PROCESSOR_")}
    return tuple(
        kind.kind
        for kind in after.kinds
        if kind.basis == CONSENT
        and before.kind(kind.kind) is not None
        and (kind.kind in changed or others.intersection(kind.recipients))
    )


def _paired(before: Iterable[T], after: Iterable[T], name: Callable[[T], str]) -> list[tuple[T | None, T | None]]:
    old, new = ({name(each): each for each in side} for side in (before, after))
    return [(old.get(each), new.get(each)) for each in dict.fromkeys((*old, *new))]


def _change(what: What, at: str, before: str | Kept = "", after: str | Kept = "", *, important: bool = False) -> Change:
    return Change(what=what, at=at, before=before, after=after, important=important or what.alone_important)


def _of_kind(before: KindFacts | None, after: KindFacts | None) -> Iterator[Change]:
    if before is None or after is None:
        if after is not None:
            yield _change(What.KIND_ADDED, after.kind, important=after.personal)
        elif before is not None:
            yield _change(What.KIND_REMOVED, before.kind)
        return
    at = after.kind
    yield from _other(What.CATEGORY_CHANGED, at, before.category, after.category)
    yield from _listed(What.PURPOSE_ADDED, What.PURPOSE_REMOVED, at, before.purposes, after.purposes)
    yield from _other(What.BASIS_CHANGED, at, before.basis, after.basis)
    yield from _other(What.SOURCE_CHANGED, at, before.source, after.source)
    if before.about != after.about:
        yield _change(What.ABOUT_CHANGED, at, before.about, after.about, important=not before.personal)
    yield from _listed(What.RECIPIENT_ADDED, What.RECIPIENT_REMOVED, at, before.recipients, after.recipients)
    yield from _periods(before, after)
    yield from _other(What.THEN_CHANGED, at, before.then, after.then)
    yield from _other(What.KEY_CHANGED, at, before.key, after.key)
    yield from _listed(What.FIELD_ADDED, What.FIELD_REMOVED, at, tuple(before.fields), tuple(after.fields))
    for field in (name for name in before.fields if after.fields.get(name, before.fields[name]) != before.fields[name]):
        yield _change(What.FIELD_STORED_OTHERWISE, at, field, field)
    if before.because != after.because:
        yield _change(What.INTEREST_CHANGED, at)


def _periods(before: KindFacts, after: KindFacts) -> Iterator[Change]:
    for old, new in _paired(before.periods, after.periods, attrgetter("since")):
        yield from _length(
            (What.PERIOD_ADDED, What.PERIOD_REMOVED, What.PERIOD_LONGER, What.PERIOD_SHORTER), after.kind, old, new
        )
    duty = (What.DUTY_ADDED, What.DUTY_REMOVED, What.DUTY_LONGER, What.DUTY_SHORTER)
    yield from _length(duty, after.kind, before.blocked, after.blocked)


def _length(whats: tuple[What, What, What, What], at: str, old: Kept | None, new: Kept | None) -> Iterator[Change]:
    added, removed, longer, shorter = whats
    if old is None or new is None:
        if new is not None:
            yield _change(added, at, after=new)
        elif old is not None:
            yield _change(removed, at, before=old)
    elif _most(new) != _most(old):
        yield _change(longer if _most(new) > _most(old) else shorter, at, old, new)
    elif old.since != new.since:  # a duty that counts from elsewhere: nobody can tell which comes first
        yield _change(longer, at, old, new)
    elif old.elsewhere != new.elsewhere:
        yield _change(What.ELSEWHERE_CHANGED, at, old, new)


def _most(kept: Kept) -> float:
    """How long it can take at most, about, in days."""
    return kept.period.length() + _LATER[kept.counted]


def _of_processor(before: ProcessorFacts | None, after: ProcessorFacts | None) -> Iterator[Change]:
    if before is None or after is None:
        if after is not None:
            yield _change(What.PROCESSOR_ADDED, after.name)
        elif before is not None:
            yield _change(What.PROCESSOR_REMOVED, before.name)
        return
    at = after.name
    yield from _other(What.PROCESSOR_RENAMED, at, before.company, after.company)
    yield from _other(What.PROCESSOR_MOVED, at, before.place, after.place)
    yield from _other(What.PROCESSOR_PURPOSE_CHANGED, at, before.purpose, after.purpose)
    yield from _listed(What.PROCESSOR_GETS_MORE, What.PROCESSOR_GETS_LESS, at, before.receives, after.receives)
    # What was not stated before is no change: it only had not been said.
    if before.transfer and (before.transfer, before.parent_country, before.safeguards) != (
        after.transfer,
        after.parent_country,
        after.safeguards,
    ):
        yield _change(What.PROCESSOR_TERMS_CHANGED, at, before.transfer, after.transfer)


def _other(what: What, at: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield _change(what, at, before, after)


def _listed(added: What, removed: What, at: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Change]:
    for each in after:
        if each not in before:
            yield _change(added, at, after=each)
    for each in before:
        if each not in after:
            yield _change(removed, at, before=each)
