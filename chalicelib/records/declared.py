"""The present declarations as facts: what the next version of the privacy notice will state."""

from collections.abc import Iterable

from chalicelib.domain.facts import Disagreeing, Facts, Kept, KindFacts, ProcessorFacts
from chalicelib.domain.handling import Keep
from chalicelib.records._base import Record
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.processors import PROCESSORS, Processor


def facts(kinds: Iterable[type[Record]] = RECORDS, processors: Iterable[Processor] = PROCESSORS) -> Facts:
    """What is declared of these kinds and processors."""
    return Facts(kinds=tuple(_kind(each) for each in kinds), processors=tuple(_processor(each) for each in processors))


def _kind(kind: type[Record]) -> KindFacts:
    handling = kind.handling
    told = {name: said.form.name for name, said in kind.declarations().items() if said.access}
    return KindFacts(
        kind=kind.kind_name(),
        category=handling.category.name,
        purposes=tuple(purpose.name for purpose in handling.purposes),
        basis=handling.basis.name,
        source=handling.source.name,
        about=handling.about.name,
        recipients=handling.recipients,
        periods=tuple(_kept(keep) for keep in handling.keep),
        then=handling.then.name,
        blocked=_kept(handling.blocked) if handling.blocked else None,
        key=handling.key.name,
        because=handling.because,
        fields=told,
    )


def _kept(keep: Keep) -> Kept:
    elsewhere = tuple(Disagreeing(period=other.period, where=other.where) for other in keep.elsewhere)
    return Kept(period=keep.period, since=keep.since, counted=keep.counted.name, elsewhere=elsewhere)


def _processor(held: Processor) -> ProcessorFacts:
    parent = held.parent
    return ProcessorFacts(
        name=held.name,
        company=held.company,
        role=held.role.name,
        purpose=held.purpose.name,
        receives=tuple(sorted(held.receives)),
        place=held.place,
        region=held.region,
        contract=held.contract.title,
        contract_at=held.contract.where,
        transfer=held.transfer.name,
        parent=parent.company if parent else "",
        parent_country=parent.country if parent else "",
        safeguards=tuple(each.name for each in parent.safeguards) if parent else (),
    )
