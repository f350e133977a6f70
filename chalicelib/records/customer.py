"""The people who book."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._fields import InstantAttribute, Sealed, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref


class Customer(RecordsTable, discriminator="Customer"):
    """One person at one tenant, as first given by themselves. Ends twelve months after their last appointment."""

    handling = Handling(
        category=Category.CONTACT,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(months(12), "last_appointment_at"),),
        then=Then.DELETE,
    )

    language = plain(UnicodeAttribute())
    created_at = plain(InstantAttribute())
    last_appointment_at = plain(InstantAttribute())
    email_index = pseudonym(UnicodeAttribute())
    given_name = Sealed[str]()
    family_name = Sealed[str]()
    email = Sealed[str]()
    phone = Sealed[str | None]()

    @classmethod
    def ref(cls, tenant: str, customer: str) -> "Ref[Customer]":
        """Where a customer lies."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", "CUSTOMER")


class CustomerAddress(RecordsTable, discriminator="CustomerAddress"):
    """The claim of one e-mail address by one customer of a tenant, keyed by a keyed hash: one person, one entry."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(months(12), "last_appointment_at"),),
        then=Then.DELETE,
        because="it lives exactly as long as the customer it points to",
    )

    of_customer = pseudonym(UnicodeAttribute())
    last_appointment_at = plain(InstantAttribute())

    @classmethod
    def ref(cls, tenant: str, index: str) -> "Ref[CustomerAddress]":
        """Where the claim of the address with this blind index lies."""
        return Ref(cls, f"TENANT#{tenant}", f"CUSTOMER-ADDRESS#{index}")
