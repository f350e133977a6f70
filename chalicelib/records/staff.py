"""The people who work for a tenant."""

from collections.abc import Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import LookupIndex, RecordsTable
from chalicelib.records.reading import Ref, query

_TOLD = "NOTICE"
_CLAIMS = "CLAIMS"
# Who registered before it was noted which version of the notice they were told of accepted the one that there was.
_FIRST_NOTICE = "2026-11-22"


class Staff(RecordsTable, discriminator="Staff"):
    """A staff member: who they are, what they may do, how they are reached. Kept while they work there."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.ACCOUNT, Purpose.SECURITY, Purpose.APPOINTMENT, Purpose.NOTIFICATION),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=("mailgun", "ses"),
        keep=(Keep(days(0), "left_at"), Keep(days(7), "unconfirmed_since")),
        then=Then.DELETE,
    )

    has_files = True

    roles = plain(UnicodeSetAttribute())
    language = plain(UnicodeAttribute())
    joined_at = plain(InstantAttribute())
    unconfirmed_since = plain(InstantAttribute(null=True))
    left_at = plain(InstantAttribute(null=True))
    told_version = plain(UnicodeAttribute(null=True))
    sign_ins = internal(NumberAttribute(default=0), why="counts sign-ins, so that a link works once")
    own_zone = plain(UnicodeAttribute(null=True))  # where they are, if not where the business is
    photo = plain(UnicodeAttribute(null=True))  # the name of the file under the record's prefix
    given_name = Sealed[str]()
    family_name = Sealed[str]()
    email = Sealed[str]()
    phone = Sealed[str | None]()
    description = Sealed[str | None]()

    @classmethod
    def ref(cls, tenant: str, staff: str) -> "Ref[Staff]":
        """Where a member lies."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", "STAFF")

    @classmethod
    def told_before(cls, version: str) -> "Iterator[Staff]":
        """Who was told of no version of the notice from this one on, the oldest first: one Query, page by page."""
        with reading():
            found = cls.lookup_index.query(_TOLD, LookupIndex.lookup_sk < version)
            yield from (each for each in found if isinstance(each, cls) and not each.is_absent())

    @property
    def told(self) -> str:
        """The last version of the notice that they accepted or were told of."""
        return self.told_version or _FIRST_NOTICE

    @property
    def display_name(self) -> str:
        """As customers see it."""
        return f"{self.given_name} {self.family_name}"

    def stamp(self) -> None:
        """Expiry and due index, and the place in the list of those who were told of a version of the notice."""
        super().stamp()
        self.lookup_pk, self.lookup_sk = _TOLD, f"{self.told}#{self.tenant}#{self.subject}"


class StaffAddress(RecordsTable, discriminator="StaffAddress"):
    """The claim of one e-mail address by one staff member, keyed by a keyed hash: an address signs in one person."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"), Keep(days(7), "unconfirmed_since")),
        then=Then.DELETE,
    )

    of_tenant = pseudonym(UnicodeAttribute())
    of_staff = pseudonym(UnicodeAttribute())
    unconfirmed_since = plain(InstantAttribute(null=True))
    left_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, index: str) -> "Ref[StaffAddress]":
        """Where the claim of the address with this blind index lies."""
        return Ref(cls, f"STAFF-ADDRESS#{index}", "CLAIM")

    @classmethod
    def all_of(cls, tenant: str) -> "list[StaffAddress]":
        """The addresses that a business's staff sign in with, by the index, which follows a moment later."""
        with reading():
            found = cls.lookup_index.query(f"TENANT#{tenant}#{_CLAIMS}")
            return [each for each in found if isinstance(each, cls) and not each.is_absent()]

    def stamp(self) -> None:
        """Expiry and due index, and the place among the claims of the business."""
        super().stamp()
        self.lookup_pk, self.lookup_sk = f"TENANT#{self.of_tenant}#{_CLAIMS}", self.of_staff


class Acceptance(RecordsTable, discriminator="Acceptance"):
    """Which version of terms and notice a person accepted, when, in which language: the proof of it."""

    handling = Handling(
        category=Category.CONTRACT,
        purposes=(Purpose.ACCOUNT, Purpose.ACCOUNTABILITY),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"), Keep(days(7), "unconfirmed_since")),
        then=Then.DELETE,
    )

    terms_version = plain(UnicodeAttribute())
    notice_version = plain(UnicodeAttribute())
    language = plain(UnicodeAttribute())
    accepted_at = plain(InstantAttribute())
    unconfirmed_since = plain(InstantAttribute(null=True))
    left_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, staff: str, terms: str, notice: str) -> "Ref[Acceptance]":
        """Where the acceptance of these two versions lies."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", f"ACCEPTANCE#{terms}#{notice}")

    @classmethod
    def all_of(cls, tenant: str, staff: str) -> "list[Acceptance]":
        """What the person accepted, whichever versions were in force then."""
        begins: Condition = cls.sk.startswith("ACCEPTANCE#")
        return query(cls, f"TENANT#{tenant}#SUBJECT#{staff}", begins, consistent=True)
