"""Many at the same time: all have read before the first one writes, and what follows is up to the threads."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, RLock
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from chalicelib.domain.errors import CallerError, TryAgainError
from chalicelib.records.writing import Transaction
from tests.services.meddling import COMMIT

_CALL = BaseClient._make_api_call  # type: ignore[attr-defined]


def at_once(attempts: Sequence[Callable[[], Any]]) -> Counter[str]:
    """What all of them were told, counted: `done`, or the name of the error; what is no answer is raised."""
    ready, calls, waited = Barrier(len(attempts), timeout=20), RLock(), set[int]()

    def commit(transaction: Transaction) -> None:
        if len(waited) < len(attempts):
            waited.add(id(transaction))
            ready.wait()
        COMMIT(transaction)

    def call(client: BaseClient, *given: Any, **named: Any) -> Any:
        with calls:  # the fake's tables are not safe to be read while somebody writes; DynamoDB's are
            return _CALL(client, *given, **named)

    def run(attempt: Callable[[], Any]) -> str:
        try:
            attempt()
        except (CallerError, TryAgainError) as told:
            return type(told).__name__
        return "done"

    with (
        mock.patch.object(BaseClient, "_make_api_call", call),
        mock.patch.object(Transaction, "commit", commit),
        ThreadPoolExecutor(len(attempts)) as threads,
    ):
        return Counter(threads.map(run, attempts))
