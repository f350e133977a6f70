"""One customer at a time, as staff do it: entering, changing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, VersionMismatchError
from chalicelib.domain.handling import Source
from chalicelib.records._base import part
from chalicelib.records.customer import Customer
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.claims import exchange
from chalicelib.services.customers.entries import entry
from chalicelib.services.customers.files import File, file_of, live
from chalicelib.services.customers.finding import Finding, Person
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.sessions import StaffSession

TAKEN = "A customer has this address already: look for it, and go on with that entry."
_AT_ONCE = 40


@dataclass(frozen=True)
class Keeping:
    """Customers, one at a time."""

    vault: Vault
    clock: Clock
    finding: Finding

    def enter(self, caller: StaffSession, person: Person, *, network: str, repeat: Repeatable | None) -> Customer:
        """A customer whom the business enters. ConflictError when somebody has the address already."""
        return persist(lambda: self._enter(caller, person, network, repeat))

    def change(
        self, caller: StaffSession, customer: str, person: Person, *, version: int | None, network: str
    ) -> Customer:
        """The customer as they are now. A changed address moves claim and upcoming appointments along."""
        return persist(lambda: self._change(caller, customer, person, version, network))

    def _enter(self, caller: StaffSession, person: Person, network: str, repeat: Repeatable | None) -> Customer:
        earlier = repeat.earlier() if repeat else None
        if earlier is not None:
            made = live(caller.tenant, part(earlier.pk, "SUBJECT"))
            self.vault.preload(caller.tenant, [made.subject])
            return made
        now, transaction = self._now(), Transaction()
        self._check_free(caller.tenant, person.email)
        made = self.finding.make(
            transaction,
            caller.tenant,
            person,
            zone=caller.zone,
            ends=now,
            now=now,
            source=Source.TENANT,
            entered_by=caller.staff,
        )
        transaction.create(entry(caller, Action.CUSTOMER_ENTERED, made.subject, at=now, network=network))
        if repeat:
            repeat.remember(transaction, made, at=now)
        transaction.commit()
        return made

    def _change(
        self, caller: StaffSession, customer: str, person: Person, version: int | None, network: str
    ) -> Customer:
        file = file_of(self.vault, caller, customer)
        held, now, transaction = file.customer, self._now(), Transaction()
        if version is not None and version != int(held.version or 0):
            raise VersionMismatchError("Read the customer anew, then change them.")
        known, old_email, old_claim = self.finding.of(held), held.email, held.email_index
        described = self.finding.describe(held, person)
        if held.email_index not in {old_claim, *known.addresses}:
            self._check_free(caller.tenant, person.email)
        joined = _addresses(caller.tenant, held.merged or ())
        exchange(transaction, known, described, old_claim=old_claim, joined=joined)
        transaction.update(held)
        if person.email and old_email and person.email != old_email:
            _send_to(transaction, file, person.email, was=old_email, now=now)
        transaction.create(entry(caller, Action.CUSTOMER_CHANGED, held.subject, at=now, network=network))
        transaction.commit()
        return held

    def _check_free(self, tenant: str, email: str | None) -> None:
        if email and fetch(self.finding.claim(tenant, email), consistent=True) is not None:
            raise ConflictError(TAKEN, field="email")

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _addresses(tenant: str, merged: Iterable[str]) -> frozenset[str]:
    """The keyed hashes of the addresses of entries that were merged into somebody's: they get them back if undone."""
    refs = [Customer.ref(tenant, each) for each in sorted(merged)]
    found = fetch_all(refs, consistent=True)
    return frozenset(index for ref in refs if (each := found.get(ref)) and (index := each.email_index))


def _send_to(transaction: Transaction, file: File, email: str, *, was: str, now: datetime) -> None:
    """What is still to be said about upcoming appointments goes to the new address where it would to the old one."""
    ahead = (each for each in file.appointments if each.state.holds_time and each.ends_at > now)
    for each in [each for each in ahead if each.email == was][:_AT_ONCE]:
        each.email = email
        transaction.update(each)
