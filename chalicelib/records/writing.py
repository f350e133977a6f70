"""Writing records: one transaction a use case, all or nothing, each write conditional on what was read.

DynamoDB's ClientRequestToken makes the repetition of a transaction harmless that was carried out but whose answer got
lost on the way.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import ChangedMeanwhileError, TryAgainError
from chalicelib.records._base import Record
from chalicelib.records._binding import binding
from chalicelib.records._busy import BUSY
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, client, key_of

LIMIT = 100
_NOT_HELD = "(attribute_not_exists(held_until) OR held_until <= :guard)"


class LostRaceError(ChangedMeanwhileError):
    """Raised when a condition did not hold any more; `keys` are the (pk, sk) of the records that had changed."""

    def __init__(self, keys: frozenset[tuple[str, str]]) -> None:
        super().__init__()
        self.keys = keys

    def hit(self, record: Record) -> bool:
        """Whether `record` is among those that had changed."""
        return (record.pk, record.sk) in self.keys


class ContendedError(TryAgainError):
    """Raised when another transaction was at the same records this very moment: reading again settles it."""


@dataclass(frozen=True)
class _Step:
    request: dict[str, Any]
    key: tuple[str, str]
    kept: Callable[[], None]


class Transaction:
    """Collects writes; `commit` carries them out together or raises and changes nothing."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []

    def __len__(self) -> int:
        return len(self._steps)

    def create(self, record: Record) -> None:
        """A record that must not exist yet; one that has expired, but is not swept yet, does not count."""
        self._put(record, 1, f"attribute_not_exists(pk) OR (expires_at <= :guard AND {_NOT_HELD})", _now())

    def update(self, record: Record) -> None:
        """A record that must still be as it was read. RestrictedError when it may not be changed."""
        self._check_usable(record)
        self.mark(record)

    def mark(self, record: Record) -> None:
        """Like `update`, for a change of what stands in the way of its use: a restriction, a hold."""
        held = int(record.version or 0)
        self._put(record, held + 1, "version = :guard", str(held))

    def delete(self, record: Record) -> None:
        """A record that must still be as it was read. RestrictedError when it may not be changed."""
        self._check_usable(record)
        self._delete(Ref(type(record), record.pk, record.sk), "version = :guard", str(int(record.version or 0)))

    def take_away(self, record: Record, *, of: Record) -> None:
        """Like `delete`, unless the person whose own record is `of` is under a legal hold: then it is blocked."""
        self.require(of)
        now = binding.now()
        if of.held_until is None or of.held_until <= now:
            self.delete(record)
            return
        self._check_usable(record)
        record.held_until = of.held_until
        record.end(now)
        self.mark(record)

    def delete_expired(self, ref: Ref[Any]) -> None:
        """A record that must still be there and past its period: who counts it is the one who removes it."""
        self._delete(ref, f"expires_at <= :guard AND {_NOT_HELD}", _now())

    def discard(self, ref: Ref[Any]) -> None:
        """A record of whatever version; nothing happens when there is none."""
        self._delete(ref, None, None)

    def rewrite(self, ref: Ref[Any], item: dict[str, Any]) -> None:
        """An item as it was read, with other stamps: it must still be as it was read."""
        held = int(item["version"]["N"])
        self._put_item(ref, item | {"version": {"N": str(held + 1)}}, "version = :guard", str(held))

    def place(self, ref: Ref[Any], item: dict[str, Any]) -> None:
        """An item where there is none."""
        self._put_item(ref, item, "attribute_not_exists(pk)", None)

    def require_unheld(self, ref: Ref[Any]) -> None:
        """The record of a person's legal holds at `ref` must not be there, or its last hold must be over."""
        self._check(ref, "attribute_not_exists(pk) OR held_until <= :guard", _now())

    def require_held(self, ref: Ref[Any], until: str) -> None:
        """The record of a person's legal holds at `ref` must still say that the last one ends then."""
        self._check(ref, "held_until = :guard", until)

    def require_ended(self, ref: Ref[Any]) -> None:
        """Nothing may be at `ref` that is not past its period."""
        self._check(ref, f"attribute_not_exists(pk) OR (expires_at <= :guard AND {_NOT_HELD})", _now())

    def require(self, record: Record) -> None:
        """A record that is not written but must still be as it was read, and may be used."""
        record.check_usable()
        self.unchanged(record)

    def unchanged(self, record: Record) -> None:
        """Like `require`, whatever stands in the way of its use: for marks that follow from those of `record`."""
        self._check(Ref(type(record), record.pk, record.sk), "version = :guard", str(int(record.version or 0)))

    def _check_usable(self, record: Record) -> None:
        """Lets through what may be changed; an exception to that is noted in this transaction."""
        record.check_usable()
        if record.asked is not None:
            self.create(_exception(record, record.asked))

    def commit(self) -> None:
        """Carries it out. LostRaceError names what had changed; ContendedError, TryAgainError: nothing was decided."""
        if len(self._steps) > LIMIT:
            raise ValueError(f"a transaction holds at most {LIMIT} writes")
        items = [step.request for step in self._steps]
        try:
            client().transact_write_items(TransactItems=items, ClientRequestToken=secrets.token_hex(16))
        except ClientError as error:
            raise self._explained(error) from None
        for step in self._steps:
            step.kept()

    def _explained(self, error: ClientError) -> Exception:
        code = error.response["Error"]["Code"]
        reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", ())]
        failed = frozenset(s.key for s, r in zip(self._steps, reasons, strict=False) if r == "ConditionalCheckFailed")
        if failed:
            return LostRaceError(failed)
        if "TransactionConflict" in reasons:
            return ContendedError()
        return TryAgainError() if BUSY.intersection((code, *reasons)) else error

    def _put(self, record: Record, version: int, condition: str, guard: str) -> None:
        item = record.serialize()
        item["version"] = {"N": str(version)}

        def kept() -> None:
            record.version = version

        self._put_item(Ref(type(record), record.pk, record.sk), item, condition, guard, kept)

    def _put_item(
        self,
        ref: Ref[Any],
        item: dict[str, Any],
        condition: str,
        guard: str | None,
        kept: Callable[[], None] | None = None,
    ) -> None:
        request = {"Item": item, "TableName": ref.table, **_condition(condition, guard)}
        self._steps.append(_Step({"Put": request}, (ref.pk, ref.sk), kept or _nothing))

    def _check(self, ref: Ref[Any], condition: str, guard: str) -> None:
        request = _guarded(ref, condition, guard)
        self._steps.append(_Step({"ConditionCheck": request}, (ref.pk, ref.sk), _nothing))

    def _delete(self, ref: Ref[Any], condition: str | None, guard: str | None) -> None:
        self._steps.append(_Step({"Delete": _guarded(ref, condition, guard)}, (ref.pk, ref.sk), _nothing))


def _exception(record: Record, asked: Asked) -> LedgerEntry:
    own = asked.ground is Ground.SUBJECT_CONSENT
    return LedgerEntry.of(
        record.tenant,
        Action.CUSTOMER_EXCEPTION_WRITTEN if own else Action.STAFF_EXCEPTION_WRITTEN,
        at=binding.now(),
        actor=asked.actor,
        about=record.subject,
        network=asked.network,
        ground=asked.ground.value,
        counts={record.kind_name(): 1},
    )


def _guarded(ref: Ref[Any], condition: str | None, guard: str | None) -> dict[str, Any]:
    return {"TableName": ref.table, "Key": key_of(ref.pk, ref.sk), **_condition(condition, guard)}


def _condition(condition: str | None, guard: str | None) -> dict[str, Any]:
    if condition is None:
        return {}
    if guard is None:
        return {"ConditionExpression": condition}
    return {"ConditionExpression": condition, "ExpressionAttributeValues": {":guard": {"N": guard}}}


def _now() -> str:
    return str(int(binding.now().timestamp()))


def _nothing() -> None:
    """Deleted and checked records have no version to remember."""
