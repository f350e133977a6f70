"""Signed-in staff, and who is about to be."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, hours, minutes
from chalicelib.domain.tokens import Token
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref, query

_PREFIX = "SESSION#"
_ID_DIGITS = 32


class Session(TransientTable, discriminator="Session"):
    """A staff session. Of its token only a hash is stored; deleting the record ends the session.

    All sessions of a person lie together, so that they can be listed and ended together.
    """

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

    portal = plain(UnicodeAttribute())  # "admin", "expert" or "operator"
    means = plain(UnicodeAttribute())  # how the person proved themselves: "link", "password", "password+totp", ...
    browser = plain(UnicodeAttribute(default="other"))
    system = plain(UnicodeAttribute(default="other"))
    network = plain(UnicodeAttribute(default="unknown"))
    started_at = plain(InstantAttribute())
    seen_at = plain(InstantAttribute())
    second_factor_at = plain(InstantAttribute(null=True))  # when one was last proven in it

    @classmethod
    def ref(cls, token: Token) -> "Ref[Session]":
        """Where the session of a token lies."""
        return Ref(cls, _of(token.tenant, token.owner), f"{_PREFIX}{token.digest}")

    @classmethod
    def all_of(cls, tenant: str, staff: str) -> "list[Session]":
        """The sessions of a person that are open."""
        begins: Condition = cls.sk.startswith(_PREFIX)
        return query(cls, _of(tenant, staff), begins, consistent=True)

    @property
    def id(self) -> str:
        """What a session is called where it is listed: the beginning of the hash, from which nothing can be found."""
        return self.sk.removeprefix(_PREFIX)[:_ID_DIGITS]

    def seen(self, at: datetime) -> bool:
        """Notes that the session is in use; True when that is worth a write (every five minutes)."""
        stale = (at - self.seen_at).total_seconds() >= 300
        self.seen_at = at if stale else self.seen_at
        return stale


class PendingSignIn(TransientTable, discriminator="PendingSignIn"):
    """A sign-in whose first factor was right and whose second one is awaited. Of its token only a hash is stored."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(minutes(5), "started_at"),),
        then=Then.DELETE,
        because="five minutes are enough to reach for a phone or a key",
    )

    portal = plain(UnicodeAttribute())
    means = plain(UnicodeAttribute())
    started_at = plain(InstantAttribute())
    tries = internal(NumberAttribute(default=0), why="after five wrong codes the sign-in begins anew")
    challenge = internal(JSONAttribute(null=True), why="a random number that a passkey signs once")

    @classmethod
    def ref(cls, token: Token) -> "Ref[PendingSignIn]":
        """Where it lies."""
        return Ref(cls, _of(token.tenant, token.owner), f"PENDING#{token.digest}")

    @classmethod
    def all_of(cls, tenant: str, staff: str) -> "list[PendingSignIn]":
        """What a person began and has not finished."""
        begins: Condition = cls.sk.startswith("PENDING#")
        return query(cls, _of(tenant, staff), begins, consistent=True)


class Challenge(TransientTable, discriminator="Challenge"):
    """A random number that a new second factor has to answer before it is taken on, and what belongs to it."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(minutes(10), "started_at"),),
        then=Then.DELETE,
        because="ten minutes are enough to set up a phone or a key",
    )

    started_at = plain(InstantAttribute())
    content = Sealed[dict[str, str]](access=False, export=False, why="whoever read it could take the factor's place")

    @classmethod
    def ref(cls, tenant: str, staff: str, what: str) -> "Ref[Challenge]":
        """Where the latest one of a person for one kind of factor lies."""
        return Ref(cls, _of(tenant, staff), f"CHALLENGE#{what}")


def _of(tenant: str, staff: str) -> str:
    return f"TENANT#{tenant}#SUBJECT#{staff}"
