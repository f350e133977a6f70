"""Signed-in staff."""

from datetime import datetime
from hashlib import sha256

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, hours
from chalicelib.records._fields import InstantAttribute, internal, plain, pseudonym
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref


class Session(TransientTable, discriminator="Session"):
    """A staff session. The token itself is never stored, only its hash; deleting the record ends the session."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(hours(8), "seen_at"), Keep(days(7), "started_at")),
        then=Then.DELETE,
        because="eight hours without use or a week in all, whichever comes first",
    )

    of_tenant = pseudonym(UnicodeAttribute())
    of_staff = pseudonym(UnicodeAttribute())
    roles = plain(UnicodeSetAttribute())
    tenant_zone = internal(UnicodeAttribute(), why="the business's, carried along to save a read")
    started_at = plain(InstantAttribute())
    seen_at = plain(InstantAttribute())

    @classmethod
    def ref(cls, token: str) -> "Ref[Session]":
        """Where the session of a token lies."""
        return Ref(cls, f"SESSION#{sha256(token.encode()).hexdigest()}", "SESSION")

    def seen(self, at: datetime) -> bool:
        """Notes that the session is in use; True when that is worth a write (every five minutes)."""
        stale = (at - self.seen_at).total_seconds() >= 300
        self.seen_at = at if stale else self.seen_at
        return stale
