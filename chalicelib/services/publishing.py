"""The privacy notice: made from the catalogue, in four languages, for the operator and for each business.

The operator's speaks of staff and their accounts; a business's of its customers, whose data the operator processes on
its behalf. English governs. The version names the declarations: a test holds it to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handling import Handling, Keep, Subject
from chalicelib.domain.versions import NOTICE_VERSION
from chalicelib.messages.notice_words import GOVERNING, words
from chalicelib.records._base import Record
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.processors import Processor, processor
from chalicelib.records.reading import fetch
from chalicelib.records.tenant import Tenant
from chalicelib.services.ports import Vault

Words = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Party:
    """Whom to write to."""

    name: str
    postal: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class StoredKind:
    """One kind of data as the notice states it; all in the notice's language."""

    kind: str
    what: str
    purposes: tuple[str, ...]
    basis: str
    source: str
    kept: tuple[str, ...]
    afterwards: str
    recipients: tuple[str, ...]
    sealed: bool


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A processor as the notice states it."""

    name: str
    company: str
    place: str
    purpose: str
    receives: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """The whole notice in one language."""

    language: str
    version: str
    title: str
    intro: str
    controller: Party
    officer: Party
    kinds: tuple[StoredKind, ...]
    recipients: tuple[Recipient, ...]
    rights: tuple[str, ...]
    ask: str
    authority: str
    automated_decisions: str
    cookies: str
    security: str
    governing: str


@dataclass(frozen=True)
class Publishing:
    """Makes notices. `operator` is who runs the installation, `officer` its data protection officer."""

    vault: Vault
    operator_name: str
    operator: Party
    officer: Party

    def of_operator(self, language: str) -> Notice:
        """The notice for staff and visitors of the installation."""
        said = words(language)
        kinds = [kind for kind in RECORDS if kind.handling.about is not Subject.CUSTOMER]
        return self._notice(language, said["intro_operator"], self.operator, self.officer, kinds)

    def of_tenant(self, tenant_id: str, language: str) -> Notice:
        """The notice for the customers of a business. NotFoundError for an unknown one."""
        tenant = fetch(Tenant.ref(tenant_id))
        if tenant is None:
            raise NotFoundError("There is no such business.")
        postal = f"{tenant.company}, {tenant.street}, {tenant.postal_code} {tenant.city}, {tenant.country}"
        business = Party(name=tenant.company, postal=postal, mail=tenant.contact_mail)
        intro = words(language)["intro_tenant"].format(operator=self.operator_name, controller=tenant.company)
        kinds = [kind for kind in RECORDS if kind.handling.about in {Subject.CUSTOMER, Subject.ANYONE}]
        return self._notice(language, intro, business, self.officer, kinds)

    def _notice(
        self, language: str, intro: str, controller: Party, officer: Party, kinds: list[type[Record]]
    ) -> Notice:
        said = words(language)
        named = dict.fromkeys(name for kind in kinds for name in kind.handling.recipients)
        return Notice(
            language=language,
            version=NOTICE_VERSION,
            title=said["title"],
            intro=intro,
            controller=controller,
            officer=officer,
            kinds=tuple(_stored(kind, said) for kind in kinds),
            recipients=tuple(_recipient(processor(name), said) for name in named),
            rights=tuple(said["rights_text"]),
            ask=said["ask"].format(mail=officer.mail),
            authority=said["authority_text"],
            automated_decisions=said["decisions_text"],
            cookies=said["cookies_text"],
            security=said["security_text"],
            governing="" if language == GOVERNING else said["governing"],
        )


def _stored(kind: type[Record], said: Words) -> StoredKind:
    handling = kind.handling
    return StoredKind(
        kind=kind.kind_name(),
        what=said["kind_names"][kind.kind_name()],
        purposes=tuple(said["purposes"][purpose.name] for purpose in handling.purposes),
        basis=said["bases"][handling.basis.name],
        source=said["sources"][handling.source.name],
        kept=tuple(_kept(handling, said)),
        afterwards=said["then"][handling.then.name],
        recipients=tuple(processor(name).company for name in handling.recipients),
        sealed=bool(kind.sealed_fields()),
    )


def _kept(handling: Handling, said: Words) -> Iterator[str]:
    for keep in handling.keep:
        start = said["starts"][keep.since]
        period = _length(keep, said)
        yield (
            said["words"]["from"].format(period=period, start=start)
            if period
            else said["units"]["at_once"].format(start=start)
        )


def _length(keep: Keep, said: Words) -> str:
    units = said["units"]
    for unit, count in (("months", keep.period.months), ("days", keep.period.days), ("hours", _hours(keep))):
        if count:
            text: str = units[unit][count != 1].format(n=count)
            return text
    return ""


def _hours(keep: Keep) -> int:
    return keep.period.seconds // 3600


def _recipient(held: Processor, said: Words) -> Recipient:
    return Recipient(
        name=held.name,
        company=held.company,
        place=held.place,
        purpose=said["purposes"][held.purpose.name],
        receives=tuple(sorted(said["fields"][each] for each in held.receives)),
    )
