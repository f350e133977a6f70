"""Attempts to sign in: counted by address and by account, under keyed hashes that nothing leads back from."""

from datetime import datetime, timedelta

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, hours, minutes
from chalicelib.records._fields import InstantAttribute, internal, plain
from chalicelib.records._tables import TransientTable
from chalicelib.records.counting import Limit
from chalicelib.records.reading import Ref
from chalicelib.records.writing import Transaction

WINDOW = timedelta(minutes=5)
_WHY = "counts attempts; the hash it lies under leads back to nobody once the day's key is gone"
_NUMBERS = "a number in the same count"


class AddressKey(TransientTable, discriminator="AddressKey"):
    """The random key of one day under which addresses are hashed; afterwards no hash can be linked to an address."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(2), "at"),),
        then=Then.DELETE,
        because="counts reach over midnight by a few minutes only",
    )

    at = internal(InstantAttribute(), why="the day it is for")
    key = internal(BinaryAttribute(legacy_encoding=False), why="random")

    @classmethod
    def ref(cls, day: str) -> "Ref[AddressKey]":
        """Where the key of a day lies."""
        return Ref(cls, f"ADDRESS-KEY#{day}", "KEY")


class AddressAttempts(TransientTable, discriminator="AddressAttempts"):
    """The last three attempts to sign in from one address (see `counting`)."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(minutes(5), "at"),),
        then=Then.DELETE,
        because="at most three attempts in five minutes: whoever guesses passwords gets nowhere",
    )

    at = plain(InstantAttribute())
    oldest = internal(NumberAttribute(default=0), why=_WHY)
    middle = internal(NumberAttribute(default=0), why=_NUMBERS)
    newest = internal(NumberAttribute(default=0), why=_NUMBERS)

    @classmethod
    def ref(cls, address_hash: str) -> "Ref[AddressAttempts]":
        """Where the attempts of one hashed address lie."""
        return Ref(cls, f"ADDRESS#{address_hash}", "ATTEMPTS")


class AccountAttempts(TransientTable, discriminator="AccountAttempts"):
    """How often a sign-in to one address of mail failed lately, whether or not there is such an account.

    Links that were asked for and not used are counted in the same way.
    """

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(hours(24), "last_at"),),
        then=Then.DELETE,
        because="whoever guesses one account's password from many addresses is slowed down",
    )

    last_at = plain(InstantAttribute())
    failures = internal(NumberAttribute(default=0), why="a count")
    link = internal(UnicodeAttribute(null=True), why="the last mail with a link to sign in: earlier ones open nothing")

    @classmethod
    def ref(cls, account_hash: str) -> "Ref[AccountAttempts]":
        """Where the failures of one hashed address of mail lie."""
        return Ref(cls, f"ACCOUNT#{account_hash}", "FAILURES")

    @classmethod
    def note(
        cls,
        transaction: Transaction,
        ref: "Ref[AccountAttempts]",
        held: "AccountAttempts | None",
        count: int,
        at: datetime,
        *,
        link: str | None = None,
    ) -> None:
        """Writes the new count, on condition that nobody else counted since `held` was read."""
        if held is None:
            transaction.create(cls(ref.pk, ref.sk, last_at=at, failures=count, link=link))
            return
        held.failures, held.last_at, held.link = count, at, link or held.link
        transaction.update(held)


SIGN_INS = Limit(of=AddressAttempts.ref, times=("oldest", "middle", "newest"), window=WINDOW)
