"""Everything that is held about a customer, for whoever has a legal ground to see all of it.

Generic over kinds: what a record tells is what its declarations say. Blocked and restricted data is among it where the
ground reaches it. Every look leaves an entry before anything is shown, and one more for what was blocked or restricted.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError, NotFoundError
from chalicelib.domain.handling import Subject
from chalicelib.records import catalogue as _kinds  # noqa: F401 (kinds are found by the name they are stored under)
from chalicelib.records._base import Record
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.exceptions import everything_about
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.one_person import all_entries
from chalicelib.records.reading import fetch
from chalicelib.records.telling import Told, told
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import Vault


@dataclass(frozen=True)
class Viewing:
    """Views of a person's data, whatever its state."""

    vault: Vault
    clock: Clock

    def of_customer(self, tenant: str, customer: str, asked: Asked) -> Sequence[Told]:
        """What is held about a customer, record by record. NotFoundError when there is nothing."""
        ids = all_entries(tenant, customer)
        held = [record for each in ids for record in everything_about(tenant, each, asked)]
        held += [address for person in held if (address := _address_of(person, ids)) is not None]
        if not held or any(each.handling.about is Subject.STAFF for each in held):
            raise NotFoundError("There is no such customer.")
        for each in ids:
            self._note(tenant, each, [record for record in held if record.subject in {each, tenant}], asked)
        with suppress(KeyDestroyedError):  # then what is sealed with it is shown as unreadable
            self.vault.preload(tenant, ids)
        return [told(each) for each in held]

    def _note(self, tenant: str, customer: str, held: Sequence[Record], asked: Asked) -> None:
        noted = Transaction()
        noted.create(
            LedgerEntry.of(
                tenant,
                Action.PERSON_VIEWED,
                at=self.clock().astimezone(UTC).replace(microsecond=0),
                actor=asked.actor,
                about=customer,
                network=asked.network,
                ground=asked.ground.value,
                counts=dict(Counter(each.kind_name() for each in held)),
            )
        )
        noted.commit()


def _address_of(record: Record, ids: Sequence[str]) -> CustomerAddress | None:
    """The claim of a customer's address lies elsewhere, under its keyed hash; after a new start it is another's."""
    if not isinstance(record, Customer) or record.email_index is None:
        return None
    claim = fetch(CustomerAddress.ref(record.tenant, record.email_index), consistent=True)
    return claim if claim is not None and claim.of_customer in ids else None
