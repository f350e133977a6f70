"""What a tenant offers for booking."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._fields import InstantAttribute, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query


class Service(RecordsTable, discriminator="Service"):
    """A bookable service: how long it takes, what lies around it, how early and late it can be booked, who does it."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(12), "ended_at"),),
        then=Then.DELETE,
    )

    name = plain(UnicodeAttribute())
    duration = plain(NumberAttribute())
    step = plain(NumberAttribute())
    buffer_before = plain(NumberAttribute(default=0))
    buffer_after = plain(NumberAttribute(default=0))
    notice = plain(NumberAttribute(default=0))
    horizon_days = plain(NumberAttribute())
    reminder_minutes = plain(NumberAttribute())
    experts = pseudonym(UnicodeSetAttribute(null=True, default=set))  # the last one may have left
    created_at = plain(InstantAttribute())
    ended_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, service: str) -> "Ref[Service]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"SERVICE#{service}")

    @classmethod
    def all_of(cls, tenant: str) -> "list[Service]":
        """What the tenant offers, the oldest first."""
        begins: Condition = cls.sk.startswith("SERVICE#")
        return query(cls, f"TENANT#{tenant}", begins)

    @property
    def id(self) -> str:
        """The service's id."""
        return self.sk.removeprefix("SERVICE#")
