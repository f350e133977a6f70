"""What notices consist of, once everything is said in one language."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Party:
    """Whom to write to."""

    name: str
    postal: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class Supervisor:
    """The authority in charge; the postal address is empty where the list of all authorities has to be asked."""

    name: str
    postal: str
    web: str


@dataclass(frozen=True, kw_only=True)
class FieldStated:
    """One field, by its name in the program and in words, and in which form it is stored."""

    field: str
    what: str
    form: str


@dataclass(frozen=True, kw_only=True)
class StoredKind:
    """One kind of data as the notice states it; all in the notice's language."""

    kind: str
    what: str
    category: str
    about: str
    purposes: tuple[str, ...]
    basis: str
    interest: str
    source: str
    kept: tuple[str, ...]
    afterwards: str
    recipients: tuple[str, ...]
    sealed: bool
    sealed_with: str
    fields: tuple[FieldStated, ...]


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A processor as the notice states it."""

    name: str
    company: str
    role: str
    place: str
    purpose: str
    receives: tuple[str, ...]
    transfer: str
    behind: str
    contract: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One change between two versions, in words."""

    what: str
    at: str
    text: str
    important: bool


@dataclass(frozen=True, kw_only=True)
class VersionStated:
    """A published version: when it comes or came into force, and whether people had to hear of it."""

    version: str
    effective: str
    text: str
    state: str
    important: bool


@dataclass(frozen=True, kw_only=True)
class Differences:
    """What is new in a version, compared with an older one (empty: there is none)."""

    language: str
    version: str
    since: str
    effective: str
    important: bool
    changes: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """The whole notice in one language."""

    language: str
    version: str
    effective: str
    state: str
    standing: str
    title: str
    intro: str
    relation: str
    controller: Party
    officer: Party
    kinds: tuple[StoredKind, ...]
    disagreements: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    hosting: str
    transfers: str
    rights: tuple[str, ...]
    ask: str
    supervisor: Supervisor
    authority: str
    automated_decisions: str
    cookies: str
    visits: str
    security: str
    governing: str
