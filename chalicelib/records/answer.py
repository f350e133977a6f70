"""What customers answered to a business's questions."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, months
from chalicelib.records._fields import InstantAttribute, Sealed, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref


class GivenAnswer(RecordsTable, discriminator="GivenAnswer"):
    """One answer for one appointment. Each question says what for and for how long; it may not be longer than ours."""

    handling = Handling(
        category=Category.COMMUNICATION,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(days(0), "kept_until"), Keep(months(12), "appointment_ends_at")),
        then=Then.DELETE,
    )

    appointment = pseudonym(UnicodeAttribute())
    purpose = plain(UnicodeAttribute())
    kept_until = plain(InstantAttribute())
    appointment_ends_at = plain(InstantAttribute())
    question = Sealed[str]()
    answer = Sealed[str]()

    @classmethod
    def ref(cls, tenant: str, customer: str, appointment: str, question: str) -> "Ref[GivenAnswer]":
        """Where the answer to one question lies: with everything else about the customer."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{customer}", f"ANSWER#{appointment}#{question}")
