"""Who did what, when: append-only."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.actions import Action
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject
from chalicelib.domain.ids import new_id
from chalicelib.domain.periods import months
from chalicelib.records._fields import EnumAttribute, InstantAttribute
from chalicelib.records._tables import LedgerTable

INSTALLATION = "0" * 32


class LedgerEntry(LedgerTable, discriminator="LedgerEntry"):
    """One action: ids and counts, never values. The IP address is shortened before it comes here."""

    handling = Handling(
        category=Category.USAGE,
        purposes=(Purpose.ACCOUNTABILITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        keep=(Keep(months(24), "at"),),
        because="proof of deletion must outlive what was deleted",
    )

    at = InstantAttribute()
    action = EnumAttribute(Action)
    actor = UnicodeAttribute(null=True)
    about = UnicodeAttribute(null=True)
    thing = UnicodeAttribute(null=True)
    network = UnicodeAttribute(null=True)
    counts = JSONAttribute(null=True)

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
        counts: dict[str, int] | None = None,
    ) -> "LedgerEntry":
        """An entry of the day; `actor` and `about` are ids of people, `thing` that of a record."""
        return cls(
            f"TENANT#{tenant}#{at.date().isoformat()}",
            f"{at:%H%M%S}#{new_id(at)}",
            at=at,
            action=action,
            actor=actor,
            about=about,
            thing=thing,
            network=network,
            counts=counts,
        )
