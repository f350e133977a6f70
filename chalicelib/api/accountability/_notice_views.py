"""What the notice looks like to programs."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.http.models import LocalDate, Query, View

VERSION = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NoticeLanguage = Literal["en", "de", "fr", "it"]
State = Literal["in-force", "announced", "past"]


class Asked(Query):
    """In which language; English governs."""

    language: Annotated[NoticeLanguage, Field()] = "en"


class ChangesAsked(Asked):
    """Compared with which version; with the one before it unless said otherwise."""

    since: Annotated[str, Field(pattern=VERSION)] | None = None


class PartyView(View):
    """Whom to write to."""

    name: str
    postal: str
    mail: str


class SupervisorView(View):
    """The authority in charge; without a postal address its web page tells it."""

    name: str
    postal: str
    web: str


class NoticeFieldView(View):
    """One field, and in which form it is stored."""

    field: str
    what: str
    form: str


class StoredKindView(View):
    """One kind of data: what, why, on what basis, how long, who gets it, field by field."""

    kind: str
    what: str
    category: str
    about: str
    purposes: list[str]
    basis: str
    interest: str
    source: str
    kept: list[str]
    afterwards: str
    recipients: list[str]
    sealed: bool
    sealed_with: str
    fields: list[NoticeFieldView]


class RecipientView(View):
    """A processor."""

    name: str
    company: str
    role: str
    place: str
    purpose: str
    receives: list[str]
    transfer: str
    behind: str
    contract: str


class NoticeView(View):
    """The whole notice in one language."""

    language: str
    version: str
    effective: LocalDate
    state: State
    standing: str
    title: str
    intro: str
    relation: str
    controller: PartyView
    officer: PartyView
    kinds: list[StoredKindView]
    disagreements: list[str]
    recipients: list[RecipientView]
    hosting: str
    transfers: str
    rights: list[str]
    ask: str
    supervisor: SupervisorView
    authority: str
    automated_decisions: str
    cookies: str
    visits: str
    security: str
    governing: str


class VersionView(View):
    """A published version."""

    version: str
    effective: LocalDate
    text: str
    state: State
    important: bool


class VersionsView(View):
    """All versions, the newest first."""

    versions: list[VersionView]


class ChangeView(View):
    """One change."""

    what: str
    at: str
    text: str
    important: bool


class ChangesView(View):
    """What is new in a version; `since` is empty for the first one."""

    language: str
    version: str
    since: str
    effective: LocalDate
    important: bool
    changes: list[ChangeView]
