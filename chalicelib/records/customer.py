"""The people who book, and what finds them again."""

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._busy import reading
from chalicelib.records._fields import EnumAttribute, InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import LookupIndex, RecordsTable
from chalicelib.records.reading import Ref

NAME_PLACES = 3


class Customer(RecordsTable, discriminator="Customer"):
    """One person at one tenant. Ends twelve months after their last appointment, or without one after being entered.

    An e-mail address identifies a person; a phone number does not, since families share them.
    """

    handling = Handling(
        category=Category.CONTACT,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.EITHER,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(months(12), "last_appointment_at"),),
        then=Then.DELETE,
    )

    language = plain(UnicodeAttribute())
    created_at = plain(InstantAttribute())
    last_appointment_at = plain(InstantAttribute())  # when it ended; when they were entered, as long as there is none
    source = plain(EnumAttribute(Source, default=lambda: Source.SUBJECT))
    entered_by = pseudonym(UnicodeAttribute(null=True))  # the staff member, where it comes from the business
    email_index = pseudonym(UnicodeAttribute(null=True))
    phone_index = pseudonym(UnicodeAttribute(null=True))
    merged_into = pseudonym(UnicodeAttribute(null=True))  # who they turned out to be
    merged = pseudonym(UnicodeSetAttribute(null=True))  # under whose ids they were known, too
    more_claims = pseudonym(UnicodeSetAttribute(null=True))  # the keyed hashes of those people's addresses
    given_name = Sealed[str]()
    family_name = Sealed[str]()
    email = Sealed[str | None]()
    phone = Sealed[str | None]()

    @classmethod
    def ref(cls, tenant: str, customer: str) -> "Ref[Customer]":
        """Where a customer lies."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", "CUSTOMER")

    @classmethod
    def with_phone(cls, tenant: str, index: str) -> "list[Customer]":
        """Those who gave the number with this blind index; there may be several."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{tenant}#PHONE#{index}")
            return [each for each in found if isinstance(each, cls) and not each.is_absent()]

    @property
    def claims(self) -> frozenset[str]:
        """The blind indexes of all addresses that lead to this person."""
        return frozenset(self.more_claims or ()) | ({self.email_index} if self.email_index else set())

    def came_from(self) -> Source:
        """The person themselves, or the business."""
        return self.source

    def stamp(self) -> None:
        """Expiry and due index, and the place among those with the same number."""
        super().stamp()
        listed = self.phone_index and not self.merged_into
        self.lookup_pk = f"TENANT#{self.tenant}#PHONE#{self.phone_index}" if listed else None
        self.lookup_sk = self.subject if listed else None


_BESIDE = Handling(
    category=Category.TECHNICAL,
    purposes=(Purpose.APPOINTMENT,),
    basis=Basis.CONTRACT,
    source=Source.EITHER,
    about=Subject.CUSTOMER,
    recipients=(),
    keep=(Keep(months(12), "last_appointment_at"),),
    then=Then.DELETE,
    because="it lives exactly as long as the customer it points to",
)


class CustomerAddress(RecordsTable, discriminator="CustomerAddress"):
    """The claim of one e-mail address by one customer of a tenant, keyed by a keyed hash: one person, one entry."""

    handling = _BESIDE

    of_customer = pseudonym(UnicodeAttribute())
    last_appointment_at = plain(InstantAttribute())
    others = internal(UnicodeSetAttribute(null=True), why="which other claims lead to the same person, and end with it")

    @classmethod
    def ref(cls, tenant: str, index: str) -> "Ref[CustomerAddress]":
        """Where the claim of the address with this blind index lies."""
        return Ref(cls, f"TENANT#{tenant}", f"CUSTOMER-ADDRESS#{index}")

    @property
    def index(self) -> str:
        """The blind index of the address."""
        return self.sk.removeprefix("CUSTOMER-ADDRESS#")


class CustomerName(RecordsTable, discriminator="CustomerName"):
    """One place of a customer in the search by name: a bucket that many names share, and what tells them apart, sealed.

    How it works, and what it reveals: decision 20.
    """

    handling = _BESIDE

    bucket = pseudonym(UnicodeAttribute())
    last_appointment_at = plain(InstantAttribute(), export=False)
    given_name = Sealed[str](export=False)  # the customer's own record is what is taken along
    family_name = Sealed[str](export=False)

    @classmethod
    def refs(cls, tenant: str, customer: str) -> "list[Ref[CustomerName]]":
        """Where all places of a customer lie: with everything else about them, whether or not each is taken."""
        pk = f"TENANT#{tenant}#SUBJECT#{customer}"
        return [Ref(cls, pk, f"NAME#{number}") for number in range(1, NAME_PLACES + 1)]

    @classmethod
    def in_bucket(cls, tenant: str, bucket: str) -> "Iterator[CustomerName]":
        """All in one bucket that may be used, page by page."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{tenant}#NAME#{bucket}", LookupIndex.lookup_sk > "0")
            yield from (each for each in found if isinstance(each, cls) and each.is_listed)

    @property
    def is_listed(self) -> bool:
        """Whether it is neither over nor blocked nor restricted."""
        return not self.is_absent() and self.restricted_since is None

    def stamp(self) -> None:
        """Expiry and due index, and the place in the bucket."""
        super().stamp()
        self.lookup_pk = f"TENANT#{self.tenant}#NAME#{self.bucket}"
        self.lookup_sk = f"{self.subject}#{self.sk.removeprefix('NAME#')}"
