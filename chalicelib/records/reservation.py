"""Times that are kept for somebody for a few minutes, and how many of them from one address."""

from datetime import timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, minutes
from chalicelib.records._fields import InstantAttribute, internal, plain, pseudonym
from chalicelib.records._tables import TransientTable
from chalicelib.records.counting import Limit
from chalicelib.records.reading import Ref

_WHY = "what is kept free for whoever knows the id"
_NUMBERS = "a number in one count; the hash it lies under leads back to nobody once the day's key is gone"


class Reservation(TransientTable, discriminator="Reservation"):
    """A time that is kept while somebody fills in the form; it stands in the day sheets under its id and says no name.

    When `until` has come it is over, in the sheets as well as here.
    """

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SUBJECT,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(0), "until"),),
        then=Then.DELETE,
    )

    service = internal(UnicodeAttribute(), why=_WHY)
    expert = pseudonym(UnicodeAttribute())
    others = pseudonym(UnicodeSetAttribute(null=True))
    resources = internal(UnicodeSetAttribute(null=True), why=_WHY)
    starts_at = internal(InstantAttribute(), why=_WHY)
    duration = internal(NumberAttribute(), why=_WHY)
    blocked_from = internal(InstantAttribute(), why=_WHY)
    blocked_until = internal(InstantAttribute(), why=_WHY)
    group = internal(NumberAttribute(default=0), why=_WHY)
    until = internal(InstantAttribute(), why=_WHY)

    @classmethod
    def ref(cls, tenant: str, reservation: str) -> "Ref[Reservation]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}#RESERVATION#{reservation}", "RESERVATION")

    @property
    def id(self) -> str:
        """The reservation's id, which is the right to use it."""
        return self.pk.rpartition("#")[2]

    @property
    def calendars(self) -> tuple[str, ...]:
        """Whose day sheets it stands in."""
        return (self.expert, *sorted(self.others or ()), *sorted(self.resources or ()))


class AddressReservations(TransientTable, discriminator="AddressReservations"):
    """The last five times that were reserved from one address, in milliseconds."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(minutes(10), "at"),),
        then=Then.DELETE,
        because="who reserves in order to keep others from booking gets nowhere",
    )

    at = plain(InstantAttribute())
    oldest = internal(NumberAttribute(default=0), why=_NUMBERS)
    older = internal(NumberAttribute(default=0), why=_NUMBERS)
    middle = internal(NumberAttribute(default=0), why=_NUMBERS)
    newer = internal(NumberAttribute(default=0), why=_NUMBERS)
    newest = internal(NumberAttribute(default=0), why=_NUMBERS)

    @classmethod
    def ref(cls, address_hash: str) -> "Ref[AddressReservations]":
        """Where the times of one hashed address lie."""
        return Ref(cls, f"ADDRESS#{address_hash}", "RESERVATIONS")


RESERVATIONS = Limit(
    of=AddressReservations.ref, times=("oldest", "older", "middle", "newer", "newest"), window=timedelta(minutes=10)
)
