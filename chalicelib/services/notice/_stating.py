"""Says facts in words: a kind of data, a recipient, a period, a difference. The words are those of one language."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.fact_changes import Change, What
from chalicelib.domain.facts import SEALED, Facts, Kept, KindFacts, ProcessorFacts
from chalicelib.domain.periods import Period
from chalicelib.services.notice._stated import Difference, FieldStated, Recipient, StoredKind

Words = Mapping[str, Any]
_CHOICES = {
    What.ABOUT_CHANGED: "about",
    What.CATEGORY_CHANGED: "categories",
    What.PURPOSE_ADDED: "purposes",
    What.PURPOSE_REMOVED: "purposes",
    What.BASIS_CHANGED: "bases",
    What.SOURCE_CHANGED: "sources",
    What.THEN_CHANGED: "then",
    What.KEY_CHANGED: "keys",
    What.FIELD_ADDED: "field_names",
    What.FIELD_REMOVED: "field_names",
    What.FIELD_STORED_OTHERWISE: "field_names",
    What.PROCESSOR_MOVED: "places",
    What.PROCESSOR_PURPOSE_CHANGED: "purposes",
    What.PROCESSOR_GETS_MORE: "fields",
    What.PROCESSOR_GETS_LESS: "fields",
}
"""Which words the two sides of a change are taken from; those of other changes stand for themselves."""


def stored(kind: KindFacts, facts: Facts, said: Words) -> StoredKind:
    """One kind of data."""
    companies = [each.company for each in facts.processors if each.name in kind.recipients or each in facts.hosts()]
    sealed = bool(kind.stored(SEALED))
    weighs = kind.basis == "LEGITIMATE_INTEREST" and kind.personal
    return StoredKind(
        kind=kind.kind,
        what=said["kind_names"][kind.kind],
        category=said["categories"][kind.category],
        about=said["about"][kind.about],
        purposes=tuple(said["purposes"][purpose] for purpose in kind.purposes),
        basis=said["bases"][kind.basis],
        interest=said["interests"][kind.kind] if weighs else "",
        source=said["sources"][kind.source],
        kept=tuple(kept(each, said) for each in kind.periods),
        afterwards="; ".join(_afterwards(kind, said)),
        recipients=tuple(companies),
        sealed=sealed,
        sealed_with=said["keys"][kind.key] if sealed else "",
        fields=tuple(_fields(kind, said)),
    )


def _afterwards(kind: KindFacts, said: Words) -> Iterator[str]:
    yield said["then"][kind.then]
    if kind.blocked is not None:
        yield said["blocked"].format(kept=kept(kind.blocked, said))


def _fields(kind: KindFacts, said: Words) -> Iterator[FieldStated]:
    """Field by field; what is about nobody has none that anybody needs to know."""
    for name, form in kind.fields.items() if kind.personal else ():
        yield FieldStated(field=name, what=said["field_names"][name], form=said["forms"][form])


def kept(each: Kept, said: Words) -> str:
    """How long, and from when on."""
    start = said["counted"][each.counted].format(start=said["starts"][each.since])
    period = length(each.period, said)
    return str(
        said["words"]["from"].format(period=period, start=start)
        if period
        else said["units"]["at_once"].format(start=start)
    )


def length(period: Period, said: Words) -> str:
    """A period as people say it: "12 months", "10 years"; empty for none."""
    return " ".join(said["units"][unit][count != 1].format(n=count) for unit, count in _parts(period) if count)


def _parts(period: Period) -> Iterator[tuple[str, int]]:
    whole_years = period.months >= 36 and period.months % 12 == 0
    yield ("years", period.months // 12) if whole_years else ("months", period.months)
    yield "days", period.days
    hours, seconds = divmod(period.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    yield from (("hours", hours), ("minutes", minutes), ("seconds", seconds))


def disagreements(facts: Facts, said: Words) -> Iterator[str]:
    """Every period that was published otherwise elsewhere; both are named, and that the shorter one holds."""
    for kind in facts.kinds:
        for each in (each for each in kind.periods if each.elsewhere):
            others = (
                said["disagreement_other"].format(
                    period=length(other.period, said), where=said["elsewhere"].get(other.where, other.where)
                )
                for other in each.elsewhere
            )
            what = said["kind_names"][kind.kind]
            yield said["disagreement"].format(what=what, kept=kept(each, said), others=", ".join(others))


def recipient(held: ProcessorFacts, said: Words) -> Recipient:
    """One processor."""
    return Recipient(
        name=held.name,
        company=held.company,
        role=said["roles"][held.role],
        place=said["places"][held.place],
        purpose=said["purposes"][held.purpose],
        receives=tuple(sorted(said["fields"][each] for each in held.receives)),
        transfer=_transfer(held, said),
        behind=_behind(held, said),
        contract=said["recipient_contract"].format(contract=held.contract, where=held.contract_at)
        if held.contract
        else "",
    )


def _transfer(held: ProcessorFacts, said: Words) -> str:
    if not held.transfer:
        return ""
    return str(said["recipient_transfer"].format(transfer=said["transfers"][held.transfer]))


def _behind(held: ProcessorFacts, said: Words) -> str:
    if not held.parent:
        return ""
    safeguards = "; ".join(said["safeguards"][each] for each in held.safeguards)
    country = said["countries"][held.parent_country]
    return str(said["recipient_parent"].format(parent=held.parent, country=country, safeguards=safeguards))


def difference(change: Change, older: Facts, newer: Facts, said: Words) -> Difference:
    """One change. What it speaks of may be in one of the two versions only."""
    before, after = (_side(change.what, side, older, newer, said) for side in (change.before, change.after))
    at = _named(change, said) or _company(change.at, older, newer)
    text = said["change"][change.what.name].format(at=at, before=before, after=after)
    return Difference(what=change.what.value[0], at=change.at, text=text, important=change.important)


def _named(change: Change, said: Words) -> str:
    """The kind that changed; what comes and goes with all that belongs to it."""
    name = str(said["kind_names"].get(change.at, ""))
    whole = change.what in {What.KIND_ADDED, What.KIND_REMOVED}
    return name if whole else name.partition(":")[0].partition(";")[0]


def _side(what: What, side: str | Kept, older: Facts, newer: Facts, said: Words) -> str:
    if isinstance(side, Kept):
        return kept(side, said)
    if side and what in {What.RECIPIENT_ADDED, What.RECIPIENT_REMOVED}:
        return _company(side, older, newer)
    return str(said[_CHOICES[what]][side]) if side and what in _CHOICES else side


def _company(name: str, older: Facts, newer: Facts) -> str:
    found = newer.processor(name) or older.processor(name)
    return found.company if found else name
