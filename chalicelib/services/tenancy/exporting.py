"""Everything of a business to take along, as its kinds declare it: record by record, page by page, in a steady order.

First what belongs to the business itself, then what is about each of its people, with the files of a record in it. A
page ends where it is full or has looked at enough people; the place at which the next one begins says nothing to
anybody else. What may not be used is named with the reason and without what it says. Every page leaves an entry in the
ledger before it is handed out.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, NotAllowedError
from chalicelib.records._base import Record, Standing
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.staff import Staff
from chalicelib.records.telling import as_json
from chalicelib.records.walking import of_person, own, part_of, people
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.staff.profiles import PHOTO_FILE, PHOTO_TYPE, Profiles

PAGE = 200
PLACE = r"(?:[0-9a-f]{32})?\|[\x21-\x7e]{0,110}"
# An answer of a function has at most 6 MB. This one's JSON is written into JSON once more, which at most doubles it.
MOST_BYTES = 3_000_000
_PEOPLE_AT_ONCE = 50
_ALL = "~"  # behind every sort key


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A file of a record, whole."""

    name: str
    content_type: str
    content: str  # in base64


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One record: what kind it is of, whom it is about, what it says, its files; or why it is left out."""

    kind: str
    id: str
    person: str | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[ExportedFile] = ()
    left_out: str | None = None

    @property
    def weight(self) -> int:
        """Of how many bytes its JSON is, about."""
        return len(json.dumps(self.fields)) + sum(len(each.content) for each in self.files)


@dataclass(frozen=True)
class Exporting:
    """Exports."""

    vault: Vault
    clock: Clock
    profiles: Callable[[], Profiles]

    def page(self, caller: StaffSession, place: str, *, network: str) -> tuple[Sequence[Exported], str]:
        """The records from a place on (empty: the first), and the place of the next page (empty: that was all)."""
        if caller.access:
            raise NotAllowedError("The operator's staff may look; only the business itself takes its data along.")
        found, rest = _found(caller.tenant, place)
        shown = [each for each in found if _is_shown(each)]
        self.vault.preload(caller.tenant, {each.subject for each in shown})
        exported, rest = self._fitting(shown, rest)
        noted = Transaction()
        noted.create(
            LedgerEntry.of(
                caller.tenant,
                Action.TENANT_EXPORTED,
                at=self.clock().replace(microsecond=0),
                actor=caller.staff,
                thing=caller.tenant,
                network=network,
                counts=dict(Counter(each.kind for each in exported if each.left_out is None)),
            )
        )
        noted.commit()
        return exported, rest

    def _fitting(self, shown: Sequence[Record], rest: str) -> tuple[list[Exported], str]:
        """As much as an answer can carry, one record at least, and where the rest begins then."""
        exported: list[Exported] = []
        weight = 0
        for number, record in enumerate(shown):
            each = self._exported(record)
            weight += each.weight
            if exported and weight > MOST_BYTES:
                return exported, _place(shown[number - 1])
            exported.append(each)
        return exported, rest

    def _exported(self, record: Record) -> Exported:
        person = record.subject if record.subject != record.tenant else None
        named = Exported(kind=record.kind_name(), id=record.sk, person=person)
        if record.standing() is not Standing.LIVE:
            return replace(named, left_out=record.standing().value)
        told = [name for name, said in record.declarations().items() if said.export]
        try:
            fields = {name: as_json(getattr(record, name)) for name in told}
        except KeyDestroyedError:
            return replace(named, left_out="unreadable")
        return replace(named, fields=fields, files=self._files(record))

    def _files(self, record: Record) -> Sequence[ExportedFile]:
        photo = self.profiles().photo_of(record) if isinstance(record, Staff) else None
        if photo is None:
            return ()
        content = base64.b64encode(photo).decode("ascii")
        return (ExportedFile(name=PHOTO_FILE, content_type=PHOTO_TYPE, content=content),)


def _found(tenant: str, place: str) -> tuple[list[Record], str]:
    """At most a page of what lies there, and where the rest begins."""
    person, _, after = place.partition("|")
    ahead = people(tenant, after=person, most=_PEOPLE_AT_ONCE)
    found: list[Record] = []
    for each in (person, *ahead):
        pk = of_person(tenant, each) if each else own(tenant)
        found += part_of(pk, after=after if each == person else "", most=PAGE - len(found))
        if len(found) == PAGE:
            return found, _place(found[-1])
    return found, f"{ahead[-1]}|{_ALL}" if len(ahead) == _PEOPLE_AT_ONCE else ""


def _place(record: Record) -> str:
    """Behind this record."""
    return f"{record.pk.partition('#SUBJECT#')[2]}|{record.sk}"


def _is_shown(record: Record) -> bool:
    """Whether it is there, and says anything that is to be taken along."""
    return record.standing() is not Standing.EXPIRED and any(said.export for said in record.declarations().values())
