"""Restriction (Art. 18 GDPR): a person's data stays stored and is not used, until the restriction is lifted.

The customer's own record says whether it is restricted, and is the first to be written: no use can begin from then on,
since whoever begins one reads it and writes on condition that it is unchanged. What else is sealed about the person
carries the same mark (see `marking`); a run that was killed is completed by the next call.

What is kept for a legal duty is left out: Art. 18(2) allows its use for claims, and nothing else ever uses it.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handling import Purpose
from chalicelib.domain.states import RestrictionGround
from chalicelib.records._base import Record
from chalicelib.records.customer import Customer
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.marking import spread, to_mark
from chalicelib.records.one_person import all_entries
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True)
class Restricting:
    """Restrictions of customers' data."""

    clock: Clock

    def restrict(self, caller: StaffSession, customer: str, ground: RestrictionGround, *, network: str) -> datetime:
        """Since when it is restricted: from now, unless it was before. NotFoundError for an unknown customer."""
        person = self._all(caller, customer, Action.RESTRICTED, ground=ground.value, network=network, wanted=True)
        return person.restricted_since or self._now()

    def lift(self, caller: StaffSession, customer: str, *, network: str) -> None:
        """The data may be used again. Lifted twice changes nothing more."""
        self._all(caller, customer, Action.RESTRICTION_LIFTED, ground=None, network=network, wanted=False)

    def _all(
        self, caller: StaffSession, customer: str, action: Action, *, ground: str | None, network: str, wanted: bool
    ) -> Customer:
        """The customer, after it was done to them and to all other entries of theirs that have not ended."""
        do = partial(self._brought_about, caller, action=action, ground=ground, network=network, wanted=wanted)
        person = do(customer)
        for other in all_entries(caller.tenant, customer)[1:]:
            with suppress(NotFoundError):
                do(other)
        return person

    def _brought_about(
        self, caller: StaffSession, customer: str, action: Action, *, ground: str | None, network: str, wanted: bool
    ) -> Customer:
        person = persist(lambda: self._set(caller, customer, action, ground=ground, network=network, wanted=wanted))
        spread(Customer.ref(caller.tenant, customer), _mark)
        return person

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
