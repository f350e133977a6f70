"""What staff note about customers."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._fields import InstantAttribute, Sealed, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, latest

_PREFIX = "NOTE#"


class CustomerNote(RecordsTable, discriminator="CustomerNote"):
    """One note about a customer, which they are told of when they ask what is stored about them.

    It never outlives the customer: it counts from their last appointment as it was when somebody last read or wrote.
    """

    handling = Handling(
        category=Category.COMMUNICATION,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(months(12), "last_appointment_at"),),
        then=Then.DELETE,
    )

    author = pseudonym(UnicodeAttribute())
    written_at = plain(InstantAttribute())
    changed_at = plain(InstantAttribute())
    last_appointment_at = plain(InstantAttribute())
    text = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str, customer: str, note: str) -> "Ref[CustomerNote]":
        """Where it lies: with everything else about the customer."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"{_PREFIX}{note}")

    @classmethod
    def latest(cls, tenant: str, customer: str, *, before: str, most: int) -> "list[CustomerNote]":
        """The last ones about a customer, or those that were written before one, as `reading.latest`."""
        return latest(cls, f"TENANT#{tenant}#SUBJECT#{customer}", _PREFIX, before=before, most=most)

    @property
    def id(self) -> str:
        """The note's id."""
        return self.sk.removeprefix(_PREFIX)
