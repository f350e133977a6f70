"""Who must not be written to any more."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._fields import InstantAttribute, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref


class Suppression(RecordsTable, discriminator="Suppression"):
    """An address that is dead or whose owner said stop, as a keyed hash; one list for the installation's senders."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SUPPRESSION,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.PROVIDER,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(months(36), "last_at"),),
        then=Then.DELETE,
        because="a stop is renewed each time it keeps a message back, so it ends only when nobody tries any more",
    )

    reason = plain(UnicodeAttribute())
    last_at = plain(InstantAttribute())

    @classmethod
    def ref(cls, channel: str, index: str) -> "Ref[Suppression]":
        """Where the entry of the address with this blind index lies."""
        return Ref(cls, f"SUPPRESSION#{channel}#{index}", "SUPPRESSION")
