"""Two entries that turned out to be one person, one entry that turned out to be two; as long as it can be undone."""

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query

_MERGE, _SPLIT = "MERGE#", "SPLIT#"


def _handling(since: str) -> Handling:
    return Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(days(30), since),),
        then=Then.DELETE,
        because="with its end the possibility to undo it ends",
    )


class Merge(RecordsTable, discriminator="Merge"):
    """That another entry was found to be of the same person. It is undone by the word of this record."""

    handling = _handling("merged_at")

    other = pseudonym(UnicodeAttribute())
    merged_at = plain(InstantAttribute())
    merged_by = pseudonym(UnicodeAttribute())
    undone_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, customer: str, merge: str) -> "Ref[Merge]":
        """Where it lies: with the entry that remains."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"{_MERGE}{merge}")

    @classmethod
    def all_of(cls, tenant: str, customer: str) -> "list[Merge]":
        """Those into an entry, the first one first."""
        return query(cls, f"TENANT#{tenant}#SUBJECT#{customer}", cls.sk.startswith(_MERGE), consistent=True)

    @property
    def id(self) -> str:
        """The merge's id."""
        return self.sk.removeprefix(_MERGE)


class Split(RecordsTable, discriminator="Split"):
    """That some appointments were found to be another person's: which ones go over, and whether all have."""

    handling = _handling("split_at")

    other = pseudonym(UnicodeAttribute())
    split_at = plain(InstantAttribute())
    split_by = pseudonym(UnicodeAttribute())
    appointments = internal(UnicodeSetAttribute(), why="which appointments go over")
    done_at = internal(InstantAttribute(null=True), why="when all of them had")
    emails = Sealed[dict[str, str] | None]()  # what was given for each of them, by which it comes back
    back_since = internal(InstantAttribute(null=True), why="since when they are on their way back")
    undone_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, customer: str, split: str) -> "Ref[Split]":
        """Where it lies: with whom the appointments belonged to."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"{_SPLIT}{split}")

    @classmethod
    def all_of(cls, tenant: str, customer: str) -> "list[Split]":
        """Those of an entry, the first one first."""
        return query(cls, f"TENANT#{tenant}#SUBJECT#{customer}", cls.sk.startswith(_SPLIT), consistent=True)

    @property
    def id(self) -> str:
        """The split's id."""
        return self.sk.removeprefix(_SPLIT)
