"""At most so many of something from one address in any stretch of time, under keyed hashes of the address.

The last few times are kept as so many numbers; one call shifts them and fails if the oldest is too young. So the count
is exact however many calls race: DynamoDB carries out the writes to an item one after the other.

Each number is the time in milliseconds with six digits of chance behind it, so that no two are the same: when an answer
is lost and the call is made once more, its number stands there already, and nobody is counted twice.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.domain.errors import TryAgainError
from chalicelib.records._busy import BUSY, reading
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref, client, fetch_all, key_of

_EPOCH = datetime.fromtimestamp(0, UTC)
_CHANCE = 10**6


@dataclass(frozen=True)
class Counted:
    """Whether one more was let through; if not, in how many seconds the next one will be."""

    admitted: bool
    retry_after: int = 0


@dataclass(frozen=True, kw_only=True)
class Limit:
    """As many as there are `times` in any `window`: the names of numbers of a record that lies where `of` says.

    The oldest stands first. Beside them the record has only `at`, from which its period counts.
    """

    of: Callable[[str], Ref[Any]]
    times: tuple[str, ...]
    window: timedelta

    def admit(self, address_hashes: Sequence[str], at: datetime) -> Counted:
        """Counts one of an address, unless as many as may be were let through in the window before.

        Around midnight the address has two hashes, and it counts under both or under none. So any two less than a
        window apart are in one count, whatever the clock of each process says.
        """
        refs = [self.of(each) for each in address_hashes]
        mark = _milliseconds(at) * _CHANCE + secrets.randbelow(_CHANCE)
        updates = [self._shift(ref, at, mark) for ref in refs]
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
            return self._seen(refs, at, mark)
        return Counted(admitted=True)

    def _shift(self, ref: Ref[Any], at: datetime, mark: int) -> dict[str, Any]:
        """Moves each of the times along, if the oldest is old enough and this one is not among them.

        Each comes at least a window after the one that it pushes out, by the times that are stored. So each of the
        rows of every third (or fifth) has at most one in any window, in whatever order the clocks bring them.
        """
        frame = _frame(ref.record(ref.pk, ref.sk, at=at), but={*self.times})
        moved = [f"{older} = if_not_exists({newer}, :zero)" for older, newer in pairwise(self.times)]
        frame["UpdateExpression"] = ", ".join((frame["UpdateExpression"], *moved, f"{self.times[-1]} = :now"))
        frame["ExpressionAttributeValues"] |= {
            ":zero": {"N": "0"},
            ":now": {"N": str(mark)},
            ":cutoff": {"N": str((_milliseconds(at) - _milliseconds(self.window) + 1) * _CHANCE)},
        }
        old_enough = f"(attribute_not_exists({self.times[0]}) OR {self.times[0]} < :cutoff)"
        new = (f"(attribute_not_exists({name}) OR {name} <> :now)" for name in self.times)
        condition = " AND ".join((old_enough, *new))
        return {"TableName": ref.table, "Key": key_of(ref.pk, ref.sk), "ConditionExpression": condition, **frame}

    def _seen(self, refs: Sequence[Ref[Any]], at: datetime, mark: int) -> Counted:
        """Whether this one was let through before; else the seconds until all counts let the next one through."""
        found = fetch_all(refs, consistent=True)
        held = [[int(getattr(count, name)) for name in self.times] for count in map(found.get, refs) if count]
        if any(mark in times for times in held):
            return Counted(admitted=True)
        oldest = max((times[0] // _CHANCE for times in held), default=0)
        return Counted(
            admitted=False, retry_after=max(1, -(-(oldest + _milliseconds(self.window) - _milliseconds(at)) // 1000))
        )


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


def _milliseconds(time: datetime | timedelta) -> int:
    return (time - _EPOCH if isinstance(time, datetime) else time) // timedelta(milliseconds=1)
