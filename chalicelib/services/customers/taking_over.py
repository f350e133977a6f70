"""Customers brought along from elsewhere, in two steps: what is in the file, and what is wrong with it; then taking it.

What was uploaded is kept as it came, sealed, for a day. Each look reads it anew by what its columns are said to mean,
and compares it with the customers there are. Taking it goes on in batches: each writes its customers together with how
far it has come, so whoever is interrupted asks again, and whoever asks twice adds nothing. Who is a customer already
stays as they are.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, VersionMismatchError
from chalicelib.domain.handling import Source
from chalicelib.domain.ids import new_id
from chalicelib.domain.importing import Entry, Meaning, Problem, Reading, read
from chalicelib.domain.names import words
from chalicelib.records._base import Standing
from chalicelib.records.customer import Customer
from chalicelib.records.customer_import import CustomerImport, ImportedRows
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.entries import entry
from chalicelib.services.customers.finding import Finding, Person
from chalicelib.services.customers.tables import Workbooks, table_of
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

AT_ONCE = 13  # customers a transaction: seven records each at most
_BATCHES = 40  # a call
_BY_PHONE = 200  # each is a question of its own
_PART_BYTES = 200_000
_MOST_PARTS = 90  # they are discarded in one transaction
_NO_IMPORT = "There is no such import, or it is more than a day ago."


@dataclass(frozen=True)
class Preview:
    """What would become of an import, or became of it."""

    held: CustomerImport
    ready: int
    known: Sequence[int]
    problems: Sequence[Problem]


@dataclass(frozen=True)
class TakingOver:
    """Takes customers over from files."""

    vault: Vault
    clock: Clock
    finding: Finding
    workbooks: Callable[[], Workbooks]

    def upload(self, caller: StaffSession, content: bytes, *, network: str) -> Preview:
        """Keeps a file for a day. InvalidInputError when it can't be read."""
        table, now = table_of(content, self.workbooks), self._now()
        upload, parts = new_id(now), list(_parted(table.rows))
        if len(parts) > _MOST_PARTS:
            raise InvalidInputError(
                "Leave out columns that say nothing of who somebody is, or send less.", field="file"
            )
        for place, cells in zip(ImportedRows.refs(caller.tenant, upload, len(parts)), parts, strict=True):
            part = Transaction()
            part.create(ImportedRows.of(place, cells, at=now))
            part.commit()
        ref = CustomerImport.ref(caller.tenant, upload)
        held = CustomerImport(ref.pk, ref.sk, uploaded_at=now, uploaded_by=caller.staff)
        held.rows, held.first_row = len(table.rows), table.first
        held.parts, held.language = len(parts), self._business(caller.tenant).language
        held.columns = [each.value if each else None for each in table.columns]
        held.headings = list(table.headings)
        transaction = Transaction()
        transaction.create(held)
        transaction.create(_entry(caller, Action.IMPORT_UPLOADED, held, at=now, network=network))
        transaction.commit()
        return self._preview(held)

    def preview(self, caller: StaffSession, upload: str, *, network: str) -> Preview:
        """How an import stands; noted."""
        held, noted = self._held(caller, upload), Transaction()
        noted.create(_entry(caller, Action.IMPORT_READ, held, at=self._now(), network=network))
        noted.commit()
        return self._preview(held)

    def change(
        self,
        caller: StaffSession,
        upload: str,
        columns: Sequence[Meaning | None],
        language: str,
        *,
        version: int | None,
        network: str,
    ) -> Preview:
        """Says what the columns mean. ConflictError once it is being taken."""
        held = self._held(caller, upload)
        if version is not None and version != int(held.version or 0):
            raise VersionMismatchError("Read the import anew, then change it.")
        if held.started_at is not None:
            raise ConflictError("It is being taken already: upload the file again for another reading.")
        if len(columns) != len(held.columns):
            raise InvalidInputError("Say of each column what it means, or null.", field="columns")
        meant = [each for each in columns if each]
        if len(set(meant)) < len(meant):
            raise InvalidInputError("Let no two columns mean the same: say null of all but one.", field="columns")
        held.columns, held.language = [each.value if each else None for each in columns], language
        transaction = Transaction()
        transaction.update(held)
        transaction.create(_entry(caller, Action.IMPORT_CHANGED, held, at=self._now(), network=network))
        transaction.commit()
        return self._preview(held)

    def take(self, caller: StaffSession, upload: str, *, network: str) -> CustomerImport:
        """Makes customers of the rows, as many as a call can; asked again, it goes on and says when it is over."""
        held = persist(lambda: self._started(caller, upload))
        ready = self._read(held)[0]
        for _ in range(_BATCHES):
            if held.finished_at is not None:
                break
            held = persist(lambda: self._batch(caller, upload, ready, network))
        return held

    def discard(self, caller: StaffSession, upload: str, *, network: str) -> None:
        """Deletes what was uploaded. Who became a customer stays one."""
        held, transaction = self._held(caller, upload), Transaction()
        transaction.discard(CustomerImport.ref(caller.tenant, upload))
        for ref in ImportedRows.refs(caller.tenant, upload, int(held.parts)):
            transaction.discard(ref)
        transaction.create(_entry(caller, Action.IMPORT_DISCARDED, held, at=self._now(), network=network))
        transaction.commit()

    def _started(self, caller: StaffSession, upload: str) -> CustomerImport:
        """From now on nobody can say that the columns mean something else."""
        held = self._held(caller, upload)
        if held.started_at is None:
            held.started_at = self._now()
            transaction = Transaction()
            transaction.update(held)
            transaction.commit()
        return held

    def _batch(self, caller: StaffSession, upload: str, ready: Sequence[Entry], network: str) -> CustomerImport:
        held, now, transaction = self._held(caller, upload), self._now(), Transaction()
        if held.finished_at is not None:
            return held
        ahead = [each for each in ready if each.row >= held.next_row]
        batch = ahead[:AT_ONCE]
        known = self._known(caller.tenant, batch)
        new = [each for each in batch if each.row not in known]
        for each in new:
            made = self.finding.make(
                transaction,
                caller.tenant,
                _person(each),
                zone=caller.zone,
                ends=now,
                now=now,
                source=Source.TENANT,
                entered_by=caller.staff,
            )
            transaction.create(
                entry(caller, Action.CUSTOMER_IMPORTED, made.subject, at=now, network=network, thing=upload)
            )
        held.added = int(held.added) + len(new)
        held.next_row = batch[-1].row + 1 if batch else held.next_row
        if len(batch) == len(ahead):
            held.finished_at = now
            transaction.create(_entry(caller, Action.IMPORT_TAKEN, held, at=now, network=network))
        transaction.update(held)
        transaction.commit()
        return held

    def _preview(self, held: CustomerImport) -> Preview:
        ready, problems = self._read(held)
        known = set() if held.started_at else self._known(held.tenant, ready)
        return Preview(held, len(ready) - len(known), sorted(known), problems)

    def _read(self, held: CustomerImport) -> tuple[list[Entry], list[Problem]]:
        refs = ImportedRows.refs(held.tenant, held.id, int(held.parts))
        found = fetch_all(refs, consistent=True)
        rows = [row for ref in refs for row in found.need(ref, what="import").cells]
        columns = [Meaning(each) if each else None for each in held.columns]
        reading = Reading(columns, held.language, self._business(held.tenant).country)
        return read(rows, reading, first=int(held.first_row))

    def _known(self, tenant: str, entries: Sequence[Entry]) -> set[int]:
        """The rows of those who are customers already: by address, or without one by name and number together."""
        claims = {each.row: self.finding.claim(tenant, each.email) for each in entries if each.email}
        found = fetch_all(claims.values(), consistent=True)
        by_phone = [each for each in entries if each.phone and not each.email][:_BY_PHONE]
        return {row for row, ref in claims.items() if found.get(ref)} | {
            each.row for each in by_phone if self._is_there(tenant, each)
        }

    def _is_there(self, tenant: str, each: Entry) -> bool:
        there = Customer.with_phone(tenant, self.finding.phone_index(tenant, each.phone or ""))
        usable = [one for one in there if one.standing() is Standing.LIVE]
        self.vault.preload(tenant, [one.subject for one in usable])
        name = set(words(each.given_name, each.family_name))
        return any(set(words(one.given_name, one.family_name)) == name for one in usable)

    def _held(self, caller: StaffSession, upload: str) -> CustomerImport:
        found = fetch(CustomerImport.ref(caller.tenant, upload), consistent=True)
        if found is None:
            raise NotFoundError(_NO_IMPORT)
        return found

    def _business(self, tenant: str) -> Tenant:
        found = fetch(Tenant.ref(tenant))
        if found is None:
            raise NotFoundError("There is no such business.")
        return found

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _entry(caller: StaffSession, action: Action, held: CustomerImport, *, at: datetime, network: str) -> LedgerEntry:
    counts = {"rows": int(held.rows), "added": int(held.added or 0)}
    return entry(caller, action, None, at=at, network=network, thing=held.id, counts=counts)


def _person(each: Entry) -> Person:
    names = ("given_name", "family_name", "email", "phone", "language")
    return Person(**{name: getattr(each, name) for name in names})


def _parted(rows: Sequence[Sequence[str]]) -> Iterator[list[list[str]]]:
    """The rows in parts, each of which fits into a record."""
    part: list[list[str]] = []
    size = 0
    for row in rows:
        more = len(json.dumps(row, ensure_ascii=False).encode())
        if part and size + more > _PART_BYTES:
            yield part
            part, size = [], 0
        part.append(list(row))
        size += more
    if part:
        yield part
