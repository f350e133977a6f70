"""Notes about customers: everybody who may see a customer may add one; its author or an admin changes or deletes it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, NotAllowedError, NotFoundError, VersionMismatchError
from chalicelib.domain.ids import new_id
from chalicelib.records.customer_note import CustomerNote
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.entries import entry
from chalicelib.services.customers.files import File, file_of
from chalicelib.services.customers.reach import sees_all
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

MOST = 200


@dataclass(frozen=True)
class Noting:
    """Writes, changes and deletes notes."""

    vault: Vault
    clock: Clock

    def write(
        self, caller: StaffSession, customer: str, text: str, *, network: str, repeat: Repeatable | None
    ) -> CustomerNote:
        """A new note."""
        return persist(lambda: self._write(caller, customer, text, network, repeat))

    def change(
        self, caller: StaffSession, customer: str, note: str, text: str, *, version: int | None, network: str
    ) -> CustomerNote:
        """The note with another text. NotAllowedError for whoever is neither its author nor an admin."""
        return persist(lambda: self._change(caller, customer, note, text, version=version, network=network))

    def delete(self, caller: StaffSession, customer: str, note: str, *, network: str) -> None:
        """Deletes it; under a legal hold it is out of use until that ends. NotAllowedError as above."""
        persist(lambda: self._delete(caller, customer, note, network))

    def _write(
        self, caller: StaffSession, customer: str, text: str, network: str, repeat: Repeatable | None
    ) -> CustomerNote:
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            found = fetch(Ref(CustomerNote, earlier.pk, earlier.sk), consistent=True)
            if found is None:
                raise NotFoundError("The note of this request does not exist any more.")
            return found
        file, now, transaction = file_of(self.vault, caller, customer), self._now(), Transaction()
        if len(file.notes) >= MOST:
            raise ConflictError("Delete what is not needed any more before you write another.")
        person = file.customer
        ref = CustomerNote.ref(caller.tenant, person.subject, new_id(now))
        made = CustomerNote(ref.pk, ref.sk, zone=person.zone, author=caller.staff, written_at=now, changed_at=now)
        made.last_appointment_at, made.text = person.last_appointment_at, text
        transaction.require(person)
        transaction.create(made)
        transaction.create(entry(caller, Action.CUSTOMER_NOTED, person.subject, at=now, network=network, thing=made.id))
        if repeat:
            repeat.remember(transaction, made, at=now)
        transaction.commit()
        return made

    def _change(
        self, caller: StaffSession, customer: str, note: str, text: str, *, version: int | None, network: str
    ) -> CustomerNote:
        file, now, transaction = file_of(self.vault, caller, customer), self._now(), Transaction()
        held = _theirs(caller, file, note)
        if version is not None and version != int(held.version or 0):
            raise VersionMismatchError("Read the note anew, then change it.")
        held.text, held.changed_at = text, now
        transaction.update(held)
        transaction.create(entry(caller, Action.NOTE_CHANGED, held.subject, at=now, network=network, thing=note))
        transaction.commit()
        return held

    def _delete(self, caller: StaffSession, customer: str, note: str, network: str) -> None:
        file, transaction = file_of(self.vault, caller, customer), Transaction()
        held = _theirs(caller, file, note)
        transaction.take_away(held, of=file.customer)
        transaction.create(
            entry(caller, Action.NOTE_DELETED, held.subject, at=self._now(), network=network, thing=note)
        )
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _theirs(caller: StaffSession, file: File, note: str) -> CustomerNote:
    found = next((each for each in file.notes if each.id == note), None)
    if found is None:
        raise NotFoundError("There is no such note.")
    if found.author != caller.staff and not sees_all(caller):
        raise NotAllowedError("Ask an admin, or whoever wrote it.")
    return found
