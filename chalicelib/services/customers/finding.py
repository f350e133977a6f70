"""Who somebody is: the customer whose e-mail address it is, or a new one.

Only an address identifies a person. Two people with one phone number are two customers, who may be merged by hand.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.handling import Source
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.names import openings
from chalicelib.records._base import Record
from chalicelib.records.customer import NAME_PLACES, Customer, CustomerAddress, CustomerName
from chalicelib.records.keys import SubjectKey
from chalicelib.records.reading import Found, Ref, fetch_all
from chalicelib.records.writing import Transaction
from chalicelib.services.people import new_person
from chalicelib.services.ports import Vault

CUSTOMER_ADDRESS = "customer-address"
CUSTOMER_PHONE = "customer-phone"
CUSTOMER_NAME = "customer-name"
BUCKETS = 64


@dataclass(frozen=True, kw_only=True)
class Person:
    """What is known of somebody, normalised already."""

    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    language: str


@dataclass(frozen=True)
class Known:
    """A customer who is there, with all that ends when they do."""

    customer: Customer
    beside: tuple[CustomerAddress | CustomerName, ...]

    @property
    def addresses(self) -> frozenset[str]:
        """The keyed hashes of the addresses by which they are found."""
        return frozenset(each.index for each in self.beside if isinstance(each, CustomerAddress))

    def stay_until(self, transaction: Transaction, ends: datetime) -> None:
        """Has their period count from `ends` if that is later. RestrictedError when their data may not be used."""
        if ends <= self.customer.last_appointment_at:
            transaction.require(self.customer)
            return
        self.customer.last_appointment_at = ends
        transaction.update(self.customer)
        for record in self.beside:  # nothing of it is opened: whether the person may be used, their own record says
            record.last_appointment_at = ends
            transaction.mark(record)


@dataclass(frozen=True)
class Finding:
    """Finds and makes customers."""

    vault: Vault

    def claim(self, tenant: str, email: str) -> Ref[CustomerAddress]:
        """Where it stands whose address this is. KeyDestroyedError when there is no such business."""
        return CustomerAddress.ref(tenant, self.vault.index(tenant, CUSTOMER_ADDRESS, email.casefold()))

    def refs(self, address: CustomerAddress | None) -> list[Ref[Any]]:
        """What has to be read to know the customer whose address it is; nothing for an unknown address."""
        if address is None:
            return []
        claims = [CustomerAddress.ref(address.tenant, each) for each in address.others or ()]
        return [SubjectKey.ref(address.tenant, address.of_customer), *_of(address.tenant, address.of_customer), *claims]

    def refs_evenly(self, address: CustomerAddress | None) -> list[Ref[Any]]:
        """The same, and as many for an unknown address: or the time would tell strangers whose customers people are."""
        nobody = secrets.token_hex(16)
        return self.refs(address) or [SubjectKey.ref(INSTALLATION, nobody), *_of(INSTALLATION, nobody)]

    def known(self, address: CustomerAddress | None, found: Found) -> Known | None:
        """The customer whose address it is, out of what was read at `refs`."""
        if address is None:
            return None
        tenant, customer = address.tenant, address.of_customer
        key, person = found.get(SubjectKey.ref(tenant, customer)), found.get(Customer.ref(tenant, customer))
        if key is None or person is None:
            return None
        self.vault.adopt(tenant, customer, key.wrapped)
        claims = [found.get(CustomerAddress.ref(tenant, each)) for each in address.others or ()]
        names = [found.get(ref) for ref in CustomerName.refs(tenant, customer)]
        return Known(person, (address, *(each for each in (*claims, *names) if each is not None)))

    def of(self, customer: Customer) -> Known:
        """The customer with all that ends with them, read in one round trip."""
        tenant = customer.tenant
        refs = [CustomerAddress.ref(tenant, each) for each in sorted(customer.claims)]
        found = fetch_all([*refs, *CustomerName.refs(tenant, customer.subject)], consistent=True)
        claims = [each for ref in refs if (each := found.get(ref)) and each.of_customer == customer.subject]
        names = [name for ref in CustomerName.refs(tenant, customer.subject) if (name := found.get(ref))]
        return Known(customer, (*claims, *names))

    def make(
        self,
        transaction: Transaction,
        tenant: str,
        person: Person,
        *,
        zone: str,
        ends: datetime,
        now: datetime,
        source: Source = Source.SUBJECT,
        entered_by: str | None = None,
    ) -> Customer:
        """A new customer, whose period counts from `ends` in the tenant's zone, as that of their appointments."""
        customer = new_person(self.vault, transaction, tenant=tenant, now=now)
        ref = Customer.ref(tenant, customer)
        made = Customer(
            ref.pk,
            ref.sk,
            zone=zone,
            created_at=now,
            last_appointment_at=ends,
            source=source,
            entered_by=entered_by,
        )
        for record in self.describe(made, person):
            transaction.create(record)
        return made

    def describe(self, customer: Customer, person: Person) -> Sequence[Record]:
        """Puts down who the customer is, and gives all records that say so: the customer, claim and places by name."""
        tenant = customer.tenant
        customer.given_name, customer.family_name = person.given_name, person.family_name
        customer.email, customer.phone, customer.language = person.email, person.phone, person.language
        customer.phone_index = self.phone_index(tenant, person.phone) if person.phone else None
        claim = self.claim(tenant, person.email) if person.email else None
        customer.email_index = claim.sk.removeprefix("CUSTOMER-ADDRESS#") if claim else None
        common = {"zone": customer.zone, "last_appointment_at": customer.last_appointment_at}
        claims = [CustomerAddress(claim.pk, claim.sk, of_customer=customer.subject, **common)] if claim else []
        return [customer, *claims, *self._names(customer, common)]

    def phone_index(self, tenant: str, phone: str) -> str:
        """The keyed hash of a number, by which likely duplicates are found."""
        return self.vault.index(tenant, CUSTOMER_PHONE, phone)

    def bucket(self, tenant: str, opening: str) -> str:
        """The bucket of names that begin so: one of 64, each shared by several beginnings."""
        return f"{int(self.vault.index(tenant, CUSTOMER_NAME, opening), 16) % BUCKETS:02x}"

    def _names(self, customer: Customer, common: dict[str, Any]) -> list[CustomerName]:
        tenant, given, family = customer.tenant, customer.given_name, customer.family_name
        begun = openings(given, family, most=NAME_PLACES)
        buckets = dict.fromkeys(self.bucket(tenant, each) for each in begun)
        places = zip(CustomerName.refs(tenant, customer.subject), buckets, strict=False)
        held = [CustomerName(ref.pk, ref.sk, bucket=bucket, **common) for ref, bucket in places]
        for each in held:
            each.given_name, each.family_name = given, family
        return held


def _of(tenant: str, customer: str) -> list[Ref[Any]]:
    return [Customer.ref(tenant, customer), *CustomerName.refs(tenant, customer)]
