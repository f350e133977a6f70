"""Forms that were sent."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref


class UsedForm(TransientTable, discriminator="UsedForm"):
    """That a form was sent, so that the same one is refused the second time. Kept as long as the form is valid."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(0), "valid_until"),),
        then=Then.DELETE,
        because="a form that is out of date is refused anyway",
    )

    valid_until = internal(InstantAttribute(), why="from then on the form is refused as out of date")
    form = internal(UnicodeAttribute(), why="the name of the form")

    @classmethod
    def ref(cls, nonce: str) -> "Ref[UsedForm]":
        """Where the use of the form with this random number lies."""
        return Ref(cls, f"FORM#{nonce}", "USED")
