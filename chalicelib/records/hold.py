"""Legal holds: what a claim, a duty or an authority forbids to delete, and until when.

All holds on a person stand in one record in the person's partition, at the sort key HOLDS. Its `held_until` is the end
of the last one that runs. Three things together make sure that nothing of the person is deleted before:

1. The person's records carry `held_until`, too: it is part of the condition of every deletion, and moves TTL and the
   place in the due index. Placing and lifting a hold marks them (see `marking`).
2. The sweep deletes only in a transaction that also checks this record (`Transaction.require_unheld`). That protects
   what was written after the hold was placed, and does not carry the mark yet.
3. What fails on that check is put off by the sweep until the hold ends (`restamp.put_off`): within the day that lies
   between the end of a period and TTL.

The claim of a customer's address is no part of it: it holds a keyed hash that the customer's own record holds as well,
and a person whose record is blocked must be able to book anew.
"""

from pynamodb.attributes import JSONAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import Erase, InstantAttribute, Sealed, internal, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.ending import HOLDS
from chalicelib.records.reading import Ref, query

_HELD = "HELD#"
_LAW = "what the law forbids to delete, and the proof of why"
_HANDLING = Handling(
    category=Category.TECHNICAL,
    purposes=(Purpose.LEGAL_DUTY,),
    basis=Basis.LEGITIMATE_INTEREST,
    source=Source.TENANT,
    about=Subject.ANYONE,
    recipients=(),
    keep=(Keep(days(0), "hold_ends_at"),),
    then=Then.DELETE,
    because="who must prove or defend a claim, or is told to by law or an authority, keeps what that needs, until then",
)


class Holds(RecordsTable, discriminator="Holds"):
    """All legal holds on one person: ground, reason, who, until when. It ends with the last of them."""

    handling = _HANDLING
    outlives_tenant = True

    holds = plain(JSONAttribute(), erase=Erase.KEEP)
    until = plain(InstantAttribute(), erase=Erase.KEEP)
    marked_until = internal(
        InstantAttribute(), why="the latest mark that any of the person's records may carry", erase=Erase.KEEP
    )
    hold_ends_at = internal(InstantAttribute(), why="when both the holds and their marks are over", erase=Erase.KEEP)
    reasons = Sealed[dict[str, str]](export=False, erase=Erase.KEEP, why=_LAW)

    @classmethod
    def ref(cls, tenant: str, subject: str) -> "Ref[Holds]":
        """Where the holds on a person lie: with everything else about them."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{subject}", HOLDS)

    def stamp(self) -> None:
        """While a hold runs, or marks of one remain to be taken back, the record stays."""
        self.held_until = self.until
        self.hold_ends_at = max(self.until, self.marked_until)
        super().stamp()


class HeldPerson(RecordsTable, discriminator="HeldPerson"):
    """That somebody is under a legal hold, and until when: by these the business and its key outlive the longest."""

    handling = _HANDLING
    outlives_tenant = True

    until = plain(InstantAttribute(), erase=Erase.KEEP)
    hold_ends_at = internal(InstantAttribute(), why="the same: its period counts from there", erase=Erase.KEEP)

    @classmethod
    def ref(cls, tenant: str, subject: str) -> "Ref[HeldPerson]":
        """Where it lies: with the business."""
        return Ref(cls, f"TENANT#{tenant}", f"{_HELD}{subject}")

    @classmethod
    def all_of(cls, tenant: str) -> "list[HeldPerson]":
        """Who is under a hold at this business."""
        begins: Condition = cls.sk.startswith(_HELD)
        return query(cls, f"TENANT#{tenant}", begins, consistent=True)

    @property
    def person(self) -> str:
        """Who it is."""
        return self.sk.removeprefix(_HELD)
