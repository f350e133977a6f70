"""Customers brought along from elsewhere, between the upload of a file and the day after."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref

_PREFIX = "IMPORT#"
_HANDLING = Handling(
    category=Category.CONTACT,
    purposes=(Purpose.APPOINTMENT,),
    basis=Basis.LEGITIMATE_INTEREST,
    source=Source.TENANT,
    about=Subject.CUSTOMER,
    recipients=(),
    keep=(Keep(days(1), "uploaded_at"),),
    then=Then.DELETE,
    because="a business that moves here takes its customers along; what was only looked at is forgotten after a day",
)


class CustomerImport(TransientTable, discriminator="CustomerImport"):
    """One file: how it is read, and how far it has come. It ends a day after its upload, whatever became of it.

    It lies in the one table that has no backups, sealed with the business's key: nobody in it is a customer yet.
    """

    handling = _HANDLING

    uploaded_at = plain(InstantAttribute())
    uploaded_by = pseudonym(UnicodeAttribute())
    rows = internal(NumberAttribute(), why="how many rows there are")
    first_row = internal(NumberAttribute(), why="which number the first of them has for people")
    parts = internal(NumberAttribute(), why="in how many records they lie")
    columns = internal(JSONAttribute(), why="which column means what, by its number")
    language = internal(UnicodeAttribute(), why="the language of those without one")
    started_at = internal(InstantAttribute(null=True), why="since when its rows are taken in")
    next_row = internal(NumberAttribute(default=0), why="which row is next")
    added = internal(NumberAttribute(default=0), why="how many became customers")
    finished_at = internal(InstantAttribute(null=True), why="since when that is over")
    headings = Sealed[list[str]]()

    @classmethod
    def ref(cls, tenant: str, upload: str) -> "Ref[CustomerImport]":
        """Where it lies: with the business."""
        return Ref(cls, f"TENANT#{tenant}", f"{_PREFIX}{upload}")

    @property
    def id(self) -> str:
        """The import's id."""
        return self.sk.removeprefix(_PREFIX)


class ImportedRows(TransientTable, discriminator="ImportedRows"):
    """Some rows of a file, as they were written there."""

    handling = _HANDLING

    uploaded_at = plain(InstantAttribute())
    cells = Sealed[list[list[str]]]()

    @classmethod
    def refs(cls, tenant: str, upload: str, parts: int) -> "list[Ref[ImportedRows]]":
        """Where the rows of a file lie, in their order."""
        return [Ref(cls, f"TENANT#{tenant}", f"{_PREFIX}{upload}#{number:04d}") for number in range(parts)]

    @classmethod
    def of(cls, ref: "Ref[ImportedRows]", cells: list[list[str]], *, at: datetime) -> "ImportedRows":
        """Some rows."""
        made = cls(ref.pk, ref.sk, uploaded_at=at)
        made.cells = cells
        return made
