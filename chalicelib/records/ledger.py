"""Who did what, when: append-only."""

from datetime import date, datetime
from itertools import islice
from typing import Self

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
from chalicelib.records._busy import reading
from chalicelib.records._fields import EnumAttribute, InstantAttribute, plain, pseudonym
from chalicelib.records._tables import LedgerTable, PeopleIndex
from chalicelib.records.reading import query


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

    @classmethod
    def of_day(cls, tenant: str, day: date, *, after: str, most: int) -> "list[LedgerEntry]":
        """The first `most` entries of a day behind a sort key, in their order."""
        return query(cls, cls.partition(tenant, day), cls.sk > (after or "0"), limit=most)

    @classmethod
    def on_person(cls, tenant: str, person: str, *, since: str = "0", before: str = "", most: int) -> list[Self]:
        """The newest `most` entries about a person between two places of the index, the newest first."""
        asked = PeopleIndex.people_sk.between(since, before or "9")
        with reading():
            found = cls.people_index.query(
                f"TENANT#{tenant}#SUBJECT#{person}", asked, scan_index_forward=False, page_size=most
            )
            others = (each for each in found if each.people_sk != before and not each.is_absent())
            return list(islice(others, most))

    @staticmethod
    def place(at: datetime) -> str:
        """Where the entries about a person of one second begin in the index."""
        return f"{int(at.timestamp()):012d}"

    @staticmethod
    def partition(tenant: str, day: date) -> str:
        """The partition key of a tenant's entries of one UTC day."""
        return f"TENANT#{tenant}#{day.isoformat()}"

    def stamp(self) -> None:
        """Its end, and its place among the entries about a person."""
        super().stamp()
        person = self.about or self.actor
        if person is not None:
            self.people_pk, self.people_sk = self.listed(self.tenant, person, self.at, self.sk)

    @classmethod
    def listed(cls, tenant: str, person: str, at: datetime, sk: str) -> tuple[str, str]:
        """Where the entry with this sort key stands among those about a person."""
        return f"TENANT#{tenant}#SUBJECT#{person}", f"{cls.place(at)}#{sk.partition('#')[2]}"
