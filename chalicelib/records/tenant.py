"""The business that uses the product."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, months
from chalicelib.records._fields import InstantAttribute, Sealed, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref


class Tenant(RecordsTable, discriminator="Tenant"):
    """A business with its postal address, as given at registration. Kept while the contract runs."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.ACCOUNT, Purpose.APPOINTMENT, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=("mailgun", "ses", "twilio", "smsapi"),
        keep=(Keep(months(12), "ended_at"), Keep(days(7), "unconfirmed_since")),
        then=Then.DELETE,
        because="an account whose address was never confirmed is dropped after a week; messages to customers name the"
        " business and how to reach it",
    )

    language = plain(UnicodeAttribute())
    country = plain(UnicodeAttribute())
    registered_at = plain(InstantAttribute())
    unconfirmed_since = plain(InstantAttribute(null=True))
    ended_at = plain(InstantAttribute(null=True))
    company = Sealed[str]()
    street = Sealed[str]()
    postal_code = Sealed[str]()
    city = Sealed[str]()
    contact_mail = Sealed[str]()
    contact_phone = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str) -> "Ref[Tenant]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", "TENANT")
