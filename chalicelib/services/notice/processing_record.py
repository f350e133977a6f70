"""The record of processing activities (Art. 30 GDPR, Art. 12 FADP): out of the declarations, and out of nothing else.

The page, the JSON, the workbook and the document in docs/ all show the rows that are made here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.domain.handling import Handling, Keep, Key, Subject
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import Period
from chalicelib.messages.processing_words import processing_words
from chalicelib.records._base import Record
from chalicelib.records._fields import Declared
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.ledger_day import LedgerDay
from chalicelib.records.processors import PROCESSORS, Parent, Processor, recipients_of
from chalicelib.services.ledger.telling import FEWEST_TENANTS, SETTLED
from chalicelib.services.notice._wording import spoken

DAYS = 31
Words = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Responsible:
    """Who answers for the processing, and how to write to them."""

    name: str
    postal: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """One field of a kind of data."""

    name: str
    form: str
    access: bool
    export: bool
    erase: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What is done with one kind of data; everything in the language of the record but `kind` and recipients' names."""

    kind: str
    what: str
    responsible: str
    category: str
    purposes: tuple[str, ...]
    gdpr: str
    fadp: str
    why: str
    about: str
    source: str
    recipients: tuple[str, ...]
    kept: tuple[str, ...]
    afterwards: str
    measures: str
    fields: tuple[FieldRow, ...]


@dataclass(frozen=True, kw_only=True)
class ProcessorRow:
    """A processor of the register."""

    name: str
    company: str
    role: str
    purpose: str
    receives: tuple[str, ...]
    place: str
    country: str
    region: str
    hosts: tuple[str, ...]
    contract: str
    contract_at: str
    transfer: str
    parent: str
    safeguards: tuple[str, ...]
    why: str


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """How often a processor was handed something on one day (UTC), all businesses together."""

    processor: str
    day: date
    count: int


@dataclass(frozen=True, kw_only=True)
class ProcessingRecord:
    """The whole record in one language."""

    language: str
    as_of: date
    controller: Responsible
    officer: Responsible
    activities: tuple[Activity, ...]
    processors: tuple[ProcessorRow, ...]
    measures: tuple[str, ...]
    hand_overs: tuple[HandOver, ...]


@dataclass(frozen=True)
class ProcessingRecording:
    """Makes the record. A day's figures do not change once it is settled, so they are looked up once a process."""

    clock: Clock
    controller: Responsible
    officer: Responsible
    _settled: dict[date, Mapping[str, int]] = field(default_factory=dict, repr=False)

    def current(self, language: str) -> ProcessingRecord:
        """The record as of now, with the hand-overs of the last days that are settled."""
        return ProcessingRecord(
            language=language,
            as_of=self._today(),
            controller=self.controller,
            officer=self.officer,
            activities=activities(language),
            processors=processors(language),
            measures=tuple(processing_words(language)["measures_text"]),
            hand_overs=tuple(self._hand_overs()),
        )

    def _today(self) -> date:
        return self.clock().astimezone(UTC).date()

    def _hand_overs(self) -> Iterator[HandOver]:
        last = (self.clock() - SETTLED).astimezone(UTC).date() - timedelta(days=1)
        for day in (last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)):
            if day not in self._settled:
                self._settled[day] = handed_over(day)
            for name, count in sorted(self._settled[day].items()):
                yield HandOver(processor=name, day=day, count=count)


def handed_over(day: date) -> Mapping[str, int]:
    """How often each processor was handed something on a UTC day, all businesses together.

    The record is public, so what fewer than `FEWEST_TENANTS` businesses handed over is left out: the figure would say
    something about one of them.
    """
    figures: dict[str, list[int]] = {}
    for each in LedgerDay.everywhere(day):
        for name, count in each.processors.items() if each.tenant != INSTALLATION else ():
            figures.setdefault(name, []).append(count)
    return {name: sum(counts) for name, counts in figures.items() if len(counts) >= FEWEST_TENANTS}


def activities(language: str, kinds: Iterable[type[Record]] = RECORDS) -> tuple[Activity, ...]:
    """A row for each kind of data."""
    return tuple(_activity(kind, spoken(language), processing_words(language)) for kind in kinds)


def processors(language: str) -> tuple[ProcessorRow, ...]:
    """A row for each processor of the register."""
    return tuple(_processor(each, spoken(language), processing_words(language)) for each in PROCESSORS)


def by_month(hand_overs: Sequence[HandOver]) -> dict[tuple[str, str], int]:
    """The hand-overs of each processor and month."""
    found: dict[tuple[str, str], int] = {}
    for each in hand_overs:
        key = (each.processor, f"{each.day:%Y-%m}")
        found[key] = found.get(key, 0) + each.count
    return found


def _activity(kind: type[Record], notice: Words, said: Words) -> Activity:
    handling = kind.handling
    return Activity(
        kind=kind.kind_name(),
        what=notice["kind_names"][kind.kind_name()],
        responsible=said["responsible"]["business" if handling.about is Subject.CUSTOMER else "operator"],
        category=said["categories"][handling.category.name],
        purposes=tuple(notice["purposes"][purpose.name] for purpose in handling.purposes),
        gdpr=handling.basis.gdpr,
        fadp=handling.basis.fadp,
        why=handling.because,
        about=said["abouts"][handling.about.name],
        source=notice["sources"][handling.source.name],
        recipients=tuple(each.name for each in recipients_of(handling)),
        kept=tuple(_kept(handling, notice, said)),
        afterwards=notice["then"][handling.then.name],
        measures=_measures(kind, said),
        fields=tuple(_field(name, declared, said) for name, declared in kind.declarations().items()),
    )


def _field(name: str, declared: Declared, said: Words) -> FieldRow:
    return FieldRow(
        name=name,
        form=said["forms"][declared.form.name],
        access=declared.access,
        export=declared.export,
        erase=said["erasures"][declared.erase.name],
        why=declared.why,
    )


def _kept(handling: Handling, notice: Words, said: Words) -> Iterator[str]:
    for keep in handling.keep:
        yield _period(keep, notice, said)
        yield from (said["elsewhere"].format(where=other.where) for other in keep.elsewhere)
    if handling.blocked is not None:
        yield said["blocked"].format(period=_period(handling.blocked, notice, said))


def _period(keep: Keep, notice: Words, said: Words) -> str:
    start = notice["starts"][keep.since]
    length = _length(keep.period, notice, said)
    if not length:
        return str(notice["units"]["at_once"].format(start=start))
    return str(said["from"].format(period=length, start=start) + said["counted"][keep.counted.name])


def _length(period: Period, notice: Words, said: Words) -> str:
    """The period in words; empty when there is none: until that moment."""
    units = notice["units"]
    hours, minutes = divmod(period.seconds // 60, 60)
    counts = (
        (units["months"], period.months),
        (units["days"], period.days),
        (units["hours"], hours),
        (said["minutes"], minutes),
    )
    return " ".join(unit[count != 1].format(n=count) for unit, count in counts if count)


def _measures(kind: type[Record], said: Words) -> str:
    sealed = kind.sealed_fields()
    if not sealed:
        return str(said["unsealed"])
    key = "sealed_year" if kind.handling.key is Key.OF_THE_YEAR else "sealed_person"
    return str(said[key].format(fields=", ".join(sealed)))


def _processor(held: Processor, notice: Words, said: Words) -> ProcessorRow:
    return ProcessorRow(
        name=held.name,
        company=held.company,
        role=said["roles"][held.role.name],
        purpose=notice["purposes"][held.purpose.name],
        receives=tuple(sorted(notice["fields"][each.value] for each in held.receives)),
        place=held.place,
        country=said["countries"][held.country.name],
        region=held.region,
        hosts=tuple(sorted(held.hosts)),
        contract=held.contract.title,
        contract_at=held.contract.where,
        transfer=said["transfers"][held.transfer.name],
        parent=_parent(held.parent),
        safeguards=tuple(said["safeguards"][each.name] for each in (held.parent.safeguards if held.parent else ())),
        why=held.because,
    )


def _parent(parent: Parent | None) -> str:
    return f"{parent.company}, {parent.country}" if parent is not None else ""
