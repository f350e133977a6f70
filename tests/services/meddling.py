"""Gets in the way at the worst moment: between reading and writing, before and after a write, instead of one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

from chalicelib.records.reading import client
from chalicelib.records.writing import Transaction

COMMIT = Transaction.commit
WRITE = "dynamodb.TransactWriteItems"


class Killed(BaseException):
    """The worker is gone: no `except` of the program may see this."""


@contextmanager
def before_commit(meddle: Callable[[], object], *, times: int = 1, least: int = 2) -> Iterator[list[int]]:
    """Does `meddle` after the program has read and before it writes `least` records or more, the first `times` times.

    The claim of a first tenant key is a single write made under a lock: meddling there would wait for itself.
    """
    done: list[int] = []

    def commit(transaction: Transaction) -> None:
        if len(done) < times and len(transaction) >= least:
            done.append(len(transaction))
            with mock.patch.object(Transaction, "commit", COMMIT):
                meddle()
        COMMIT(transaction)

    with mock.patch.object(Transaction, "commit", commit):
        yield done


@contextmanager
def killed_at(write: int, *, after: bool = False) -> Iterator[None]:
    """Kills the program before (or right `after`) its write number `write`, counted from 1; expects that it comes."""
    seen = 0

    def strike(**_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == write:
            raise Killed

    with _listening(f"{'after' if after else 'before'}-call.{WRITE}", strike):
        try:
            yield
        except Killed:
            return
    raise AssertionError(f"there was no write number {write}, only {seen}")


@contextmanager
def refused_writes(reason: str, *, times: int = 1) -> Iterator[list[str]]:
    """DynamoDB calls the first `times` transactions off for `reason`."""
    refused: list[str] = []

    def refuse(**_: Any) -> None:
        if len(refused) < times:
            refused.append(reason)
            raise ClientError(
                {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": reason}]},  # type: ignore[typeddict-unknown-key]
                "TransactWriteItems",
            )

    with _listening(f"before-call.{WRITE}", refuse):
        yield refused


@contextmanager
def calls() -> Iterator[list[str]]:
    """The names of the calls to DynamoDB, in order."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    with _listening("before-call.dynamodb", note):
        yield made


@contextmanager
def _listening(event: str, listener: Callable[..., None]) -> Iterator[None]:
    events = client().meta.events
    events.register(event, listener)
    try:
        yield
    finally:
        events.unregister(event, listener)
