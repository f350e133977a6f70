"""Who did what, when: append-only."""

from datetime import date, datetime

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.actions import Action
from chalicelib.domain.handling import (
    Basis,
    Category,
    Counted,
    Handling,
    Keep,
    Purpose,
    Source,
    Subject,
    Then,
)
from chalicelib.domain.ids import new_id
from chalicelib.domain.periods import months
from chalicelib.records._fields import EnumAttribute, InstantAttribute, plain, pseudonym
from chalicelib.records._tables import LedgerTable


class LedgerEntry(LedgerTable, discriminator="LedgerEntry"):
    """One action: ids and counts, never values. The IP address is shortened before it comes here."""

    handling = Handling(
        category=Category.USAGE,
        purposes=(Purpose.ACCOUNTABILITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(months(24), "at", Counted.FROM_END_OF_DAY),),
        then=Then.DELETE,
        because="proof of deletion must outlive what was deleted; the entries of a day are proven, and end, together",
    )

    at = plain(InstantAttribute())
    action = plain(EnumAttribute(Action))
    actor = pseudonym(UnicodeAttribute(null=True))
    about = pseudonym(UnicodeAttribute(null=True))
    thing = pseudonym(UnicodeAttribute(null=True))
    network = plain(UnicodeAttribute(null=True))
    ground = plain(UnicodeAttribute(null=True))
    processor = plain(UnicodeAttribute(null=True))
    counts = plain(JSONAttribute(null=True))

    @classmethod
    def of(
        cls,
        tenant: str,
        action: Action,
        *,
        at: datetime,
        actor: str | None = None,
        about: str | None = None,
        thing: str | None = None,
        network: str | None = None,
        ground: str | None = None,
        processor: str | None = None,
        counts: dict[str, int] | None = None,
    ) -> "LedgerEntry":
        """An entry of the UTC day.

        `actor` and `about` are ids of people, `thing` that of a record; `ground` says why an exception was made,
        `processor` who else got data.
        """
        return cls(
            cls.partition(tenant, at.date()),
            f"{at:%H%M%S}#{new_id(at)}",
            at=at,
            action=action,
            actor=actor,
            about=about,
            thing=thing,
            network=network,
            ground=ground,
            processor=processor,
            counts=counts,
        )

    @staticmethod
    def partition(tenant: str, day: date) -> str:
        """The partition key of a tenant's entries of one UTC day."""
        return f"TENANT#{tenant}#{day.isoformat()}"

    def stamp(self) -> None:
        """Its end, and its place among the entries about a person."""
        super().stamp()
        person = self.about or self.actor
        if person is not None:
            self.people_pk = f"TENANT#{self.tenant}#SUBJECT#{person}"
            self.people_sk = f"{int(self.at.timestamp()):012d}#{self.sk.partition('#')[2]}"
