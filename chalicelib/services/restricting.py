"""Restriction (Art. 18 GDPR): a person's data stays stored and is not used, until the restriction is lifted.

The customer's own record says whether it is restricted, and is the first to be written: no use can begin from then on,
since whoever begins one reads it and writes on condition that it is unchanged. What else is sealed about the person
carries the same mark (see `marking`); a run that was killed is completed by the next call.

What is kept for a legal duty is left out: Art. 18(2) allows its use for claims, and nothing else ever uses it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handling import Purpose
from chalicelib.domain.states import RestrictionGround
from chalicelib.records._base import Record
from chalicelib.records.customer import Customer
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.marking import spread, to_mark
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.sessions import StaffSession


@dataclass(frozen=True)
class Restricting:
    """Restrictions of customers' data."""

    clock: Clock

    def restrict(self, caller: StaffSession, customer: str, ground: RestrictionGround, *, network: str) -> datetime:
        """Since when it is restricted: from now, unless it was before. NotFoundError for an unknown customer."""
        person = persist(
            lambda: self._set(caller, customer, Action.RESTRICTED, ground=ground.value, network=network, wanted=True)
        )
        spread(Customer.ref(caller.tenant, customer), _mark)
        return person.restricted_since or self._now()

    def lift(self, caller: StaffSession, customer: str, *, network: str) -> None:
        """The data may be used again. Lifted twice changes nothing more."""
        persist(
            lambda: self._set(caller, customer, Action.RESTRICTION_LIFTED, ground=None, network=network, wanted=False)
        )
        spread(Customer.ref(caller.tenant, customer), _mark)

    def _set(
        self, caller: StaffSession, customer: str, action: Action, *, ground: str | None, network: str, wanted: bool
    ) -> Customer:
        person = to_mark(Customer.ref(caller.tenant, customer))
        if person is None or person.is_absent():
            raise NotFoundError("There is no such customer.")
        if (person.restricted_since is not None) is wanted:
            return person
        now = self._now()
        person.restricted_since = now if wanted else None
        transaction = Transaction()
        transaction.mark(person)
        transaction.create(
            LedgerEntry.of(
                caller.tenant, action, at=now, actor=caller.staff, about=customer, network=network, ground=ground
            )
        )
        transaction.commit()
        return person

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _mark(person: Customer, record: Record) -> bool:
    """Gives a record the mark of the person, if it is one that is to carry it and carries another."""
    if not record.sealed_fields() or Purpose.LEGAL_DUTY in record.handling.purposes:
        return False
    if record.restricted_since == person.restricted_since:
        return False
    record.restricted_since = person.restricted_since
    return True
