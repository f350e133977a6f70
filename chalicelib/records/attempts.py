"""Attempts to sign in: counted by address and by account, under keyed hashes that nothing leads back from.

Three attempts of an address are kept as three numbers; one call shifts them and fails if the oldest is too young. So
the count is exact however many calls race: DynamoDB carries out the writes to an item one after the other.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.attributes import BinaryAttribute, NumberAttribute

from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days, hours, minutes
from chalicelib.records._busy import BUSY, reading
from chalicelib.records._fields import InstantAttribute, internal, plain
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref, client, fetch_all, key_of
from chalicelib.records.writing import Transaction

WINDOW = timedelta(minutes=5)
_EPOCH = datetime.fromtimestamp(0, UTC)
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
    """The last three attempts to sign in from one address, in milliseconds."""

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

    Links that were asked for and not used are counted in the same way, for accounts that there are.
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

    @classmethod
    def ref(cls, account_hash: str) -> "Ref[AccountAttempts]":
        """Where the failures of one hashed address of mail lie."""
        return Ref(cls, f"ACCOUNT#{account_hash}", "FAILURES")

    @classmethod
    def note(
        cls, transaction: Transaction, account_hash: str, held: "AccountAttempts | None", count: int, at: datetime
    ) -> None:
        """Writes the new count, on condition that nobody else counted since `held` was read."""
        if held is None:
            ref = cls.ref(account_hash)
            transaction.create(cls(ref.pk, ref.sk, last_at=at, failures=count))
            return
        held.failures, held.last_at = count, at
        transaction.update(held)


@dataclass(frozen=True)
class Counted:
    """Whether an attempt was let through; if not, in how many seconds the next one will be."""

    admitted: bool
    retry_after: int = 0


def admit(address_hashes: Sequence[str], at: datetime) -> Counted:
    """Counts an attempt of an address, unless three were let through in the five minutes before.

    Around midnight the address has two hashes, and the attempt counts under both or under none. So any two attempts
    less than five minutes apart are in one count, whatever the clock of each process says.
    """
    refs = [AddressAttempts.ref(each) for each in address_hashes]
    updates = [_shift(ref, at) for ref in refs]
    try:
        with reading():
            if len(updates) == 1:
                client().update_item(**updates[0])
            else:
                together = [{"Update": each} for each in updates]
                client().transact_write_items(TransactItems=together, ClientRequestToken=secrets.token_hex(16))
    except ClientError as error:
        if not _refused(error):
            raise
        return Counted(admitted=False, retry_after=_wait(refs, at))
    return Counted(admitted=True)


def _shift(ref: Ref[AddressAttempts], at: datetime) -> dict[str, Any]:
    """Moves each of the three along, if the oldest is old enough.

    Each attempt comes at least five minutes after the third before it, by the times that are stored. So each of the
    three rows of every third attempt has at most one in any five minutes, in whatever order the clocks bring them.
    """
    frame, now = _frame(AddressAttempts(ref.pk, ref.sk, at=at), but={"oldest", "middle", "newest"}), _milliseconds(at)
    frame["UpdateExpression"] += (
        ", oldest = if_not_exists(middle, :zero), middle = if_not_exists(newest, :zero), newest = :now"
    )
    frame["ExpressionAttributeValues"] |= {
        ":zero": {"N": "0"},
        ":now": {"N": str(now)},
        ":cutoff": {"N": str(now - _milliseconds(WINDOW))},
    }
    condition = "attribute_not_exists(oldest) OR oldest <= :cutoff"
    return {"TableName": ref.table, "Key": key_of(ref.pk, ref.sk), "ConditionExpression": condition, **frame}


def _refused(error: ClientError) -> bool:
    """Whether the condition did not hold. TryAgainError when others were writing this very moment."""
    reasons: Any = error.response.get("CancellationReasons", ())
    codes = {error.response["Error"]["Code"], *(reason.get("Code") for reason in reasons)}
    if codes & {"ConditionalCheckFailedException", "ConditionalCheckFailed"}:
        return True
    if codes & (BUSY | {"TransactionConflict", "TransactionConflictException"}):
        raise TryAgainError from None
    return False


def _frame(record: TransientTable, *, but: set[str]) -> dict[str, Any]:
    """What every record carries, as an update: kind, version, zone, expiry, TTL and the instants of its period."""
    item = {name: value for name, value in record.serialize().items() if name not in {"pk", "sk", *but}}
    item["version"] = {"N": "1"}
    names = {f"#f{number}": name for number, name in enumerate(item)}
    values = {f":f{number}": value for number, value in enumerate(item.values())}
    sets = ", ".join(f"#f{number} = :f{number}" for number in range(len(item)))
    return {
        "UpdateExpression": f"SET {sets}",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _wait(refs: Sequence[Ref[AddressAttempts]], at: datetime) -> int:
    """The seconds until all counts let the next one through."""
    found = fetch_all(refs, consistent=True)
    held = [count for count in map(found.get, refs) if count is not None]
    oldest = max((int(count.oldest) for count in held), default=0)
    return max(1, -(-(oldest + _milliseconds(WINDOW) - _milliseconds(at)) // 1000))


def _milliseconds(time: datetime | timedelta) -> int:
    return (time - _EPOCH if isinstance(time, datetime) else time) // timedelta(milliseconds=1)
