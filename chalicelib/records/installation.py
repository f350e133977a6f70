"""The installation itself, and what its operator's staff confirm and do."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import days, months
from chalicelib.records._fields import InstantAttribute, Sealed, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, latest


class Installation(RecordsTable, discriminator="Installation"):
    """Since when the first password is replaced: until then the installation does nothing."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(0), "ended_at"),),
        then=Then.DELETE,
        because="it is true as long as the installation runs",
    )

    opened_at = plain(InstantAttribute(null=True))
    ended_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls) -> "Ref[Installation]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{INSTALLATION}", "INSTALLATION")


class Secrecy(RecordsTable, discriminator="Secrecy"):
    """That somebody who works for the operator confirmed data secrecy: which text, in which language, when."""

    handling = Handling(
        category=Category.CONTRACT,
        purposes=(Purpose.ACCOUNTABILITY,),
        basis=Basis.LEGAL_OBLIGATION,
        source=Source.SUBJECT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"),),
        then=Then.DELETE,
    )

    wording = plain(UnicodeAttribute())
    language = plain(UnicodeAttribute())
    confirmed_at = plain(InstantAttribute())
    left_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, staff: str, wording: str) -> "Ref[Secrecy]":
        """Where the confirmation of one text lies."""
        return Ref(cls, f"TENANT#{INSTALLATION}#SUBJECT#{staff}", f"SECRECY#{wording}")


class OperatorAccess(RecordsTable, discriminator="OperatorAccess"):
    """That the operator's staff may look at a tenant's data: who, why, from when until when. The tenant is told."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.ACCOUNTABILITY, Purpose.SECURITY),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(months(12), "until"), Keep(days(0), "ended_at")),
        then=Then.DELETE,
    )

    of_staff = pseudonym(UnicodeAttribute())
    started_at = plain(InstantAttribute())
    until = plain(InstantAttribute())
    ended_at = plain(InstantAttribute(null=True))
    reason = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str, access: str) -> "Ref[OperatorAccess]":
        """Where it lies: with the tenant, whose key seals the reason."""
        return Ref(cls, f"TENANT#{tenant}", f"ACCESS#{access}")

    @classmethod
    def latest(cls, tenant: str, *, before: str, most: int) -> "list[OperatorAccess]":
        """The last ones, or those before one, as `reading.latest`."""
        return latest(cls, f"TENANT#{tenant}", "ACCESS#", before=before, most=most)

    @property
    def id(self) -> str:
        """Its id."""
        return self.sk.removeprefix("ACCESS#")
