"""What was asked before: repeated requests and repeated webhooks are recognised here."""

from datetime import datetime
from hashlib import sha256

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, hours
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref

SEEN = "SEEN#"
REPEATED = "a hash by which a repetition is known, and where the first one led"


class Idempotency(TransientTable, discriminator="Idempotency"):
    """An Idempotency-Key that was used: for which request (as a hash), and what came of it (as a key)."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.OPERATION,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(hours(24), "at"),),
        then=Then.DELETE,
    )

    at = internal(InstantAttribute(), why=REPEATED)
    fingerprint = internal(UnicodeAttribute(), why=REPEATED)
    outcome_pk = internal(UnicodeAttribute(), why=REPEATED)
    outcome_sk = internal(UnicodeAttribute(), why=REPEATED)

    @classmethod
    def ref(cls, scope: str, key: str) -> "Ref[Idempotency]":
        """Where the key of one caller for one kind of request lies."""
        return Ref(cls, f"IDEMPOTENCY#{sha256(f'{scope}|{key}'.encode()).hexdigest()}", "KEY")


class SeenEvent(TransientTable, discriminator="SeenEvent"):
    """A webhook event that was taken in: the same one again changes nothing."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.OPERATION, Purpose.SECURITY),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.PROVIDER,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(3), "at"),),
        then=Then.DELETE,
        because="longer than any provider repeats itself, and longer than a signature is accepted",
    )

    at = internal(InstantAttribute(), why=REPEATED)

    @classmethod
    def of(cls, provider: str, event: str, *, at: datetime) -> "SeenEvent":
        """The note that this event was taken in."""
        return cls(f"{SEEN}{sha256(f'{provider}|{event}'.encode()).hexdigest()}", "EVENT", at=at)
