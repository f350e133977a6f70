"""What a version of the privacy notice states, apart from words: it can be kept, compared, and said in any language.

Members of enums stand here by their names, because a published version outlives the code that it was made from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.domain.periods import Period

SEALED, PSEUDONYM = "SEALED", "PSEUDONYM"
NOBODY = "NOBODY"
HOST = "HOST"


@dataclass(frozen=True, kw_only=True)
class Disagreeing:
    """A longer period that was published for the same data elsewhere."""

    period: Period
    where: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How long, and counted from what."""

    period: Period
    since: str
    counted: str
    elsewhere: tuple[Disagreeing, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KindFacts:
    """One kind of data. `fields` says of each field that its person is told of how it is stored."""

    kind: str
    category: str
    purposes: tuple[str, ...]
    basis: str
    source: str
    about: str
    recipients: tuple[str, ...]
    periods: tuple[Kept, ...]
    then: str
    blocked: Kept | None
    key: str
    because: str
    fields: Mapping[str, str]

    @property
    def personal(self) -> bool:
        """Whether it says anything about a person."""
        return self.about != NOBODY

    def stored(self, form: str) -> tuple[str, ...]:
        """The fields that are stored in this form."""
        return tuple(name for name, how in self.fields.items() if how == form)


@dataclass(frozen=True, kw_only=True)
class ProcessorFacts:
    """Who else gets data. What was not stated at the time is empty."""

    name: str
    company: str
    role: str
    purpose: str
    receives: tuple[str, ...]
    place: str
    region: str = ""
    contract: str = ""
    contract_at: str = ""
    transfer: str = ""
    parent: str = ""
    parent_country: str = ""
    safeguards: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that a version states."""

    kinds: tuple[KindFacts, ...]
    processors: tuple[ProcessorFacts, ...]

    def concerning(self, subjects: Iterable[str]) -> "Facts":
        """As much of it as is about these: their kinds, and whoever gets them."""
        wanted = frozenset(subjects)
        kinds = tuple(kind for kind in self.kinds if kind.about in wanted)
        named = {name for kind in kinds for name in kind.recipients}
        held = tuple(each for each in self.processors if each.role == HOST or each.name in named)
        return Facts(kinds=kinds, processors=held)

    def hosts(self) -> tuple[ProcessorFacts, ...]:
        """Who gets everything, because it is stored there."""
        return tuple(each for each in self.processors if each.role == HOST)

    def kind(self, name: str) -> KindFacts | None:
        """The kind of this name, where there is one."""
        return next((kind for kind in self.kinds if kind.kind == name), None)

    def processor(self, name: str) -> ProcessorFacts | None:
        """The processor of this name, where there is one."""
        return next((each for each in self.processors if each.name == name), None)

    def written(self) -> dict[str, Any]:
        """As it is kept in a file."""
        return asdict(self)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Facts":
        """The opposite of `written`."""
        return cls(
            kinds=tuple(_kind(each) for each in raw["kinds"]),
            processors=tuple(_processor(each) for each in raw["processors"]),
        )


def _kind(raw: Mapping[str, Any]) -> KindFacts:
    listed = {name: tuple(raw[name]) for name in ("purposes", "recipients")}
    periods = tuple(_kept(each) for each in raw["periods"])
    blocked = _kept(raw["blocked"]) if raw["blocked"] else None
    return KindFacts(**{**raw, **listed, "periods": periods, "blocked": blocked})


def _kept(raw: Mapping[str, Any]) -> Kept:
    elsewhere = tuple(Disagreeing(period=Period(**each["period"]), where=each["where"]) for each in raw["elsewhere"])
    return Kept(period=Period(**raw["period"]), since=raw["since"], counted=raw["counted"], elsewhere=elsewhere)


def _processor(raw: Mapping[str, Any]) -> ProcessorFacts:
    return ProcessorFacts(**{**raw, "receives": tuple(raw["receives"]), "safeguards": tuple(raw["safeguards"])})
