"""Two at the same time: each has read before one of them writes; then the one is faster, or nobody knows who."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, RLock, get_ident
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from chalicelib.domain.errors import CallerError, TryAgainError
from chalicelib.records.writing import Transaction
from tests.services.meddling import COMMIT

_PATIENCE = 10
_CALL = BaseClient._make_api_call

Told = CallerError | TryAgainError


class Meeting:
    """Where both wait until both have read; `faster` (0, 1) then does all it has to do before the other writes."""

    def __init__(self, faster: int | None) -> None:
        self._faster = faster
        self._changed = Condition()
        self._number: dict[int, int] = {}
        self._there: set[int] = set()
        self._done: set[int] = set()

    def begin(self, number: int) -> None:
        """This thread is number so-and-so."""
        with self._changed:
            self._number[get_ident()] = number

    def end(self) -> None:
        """It has done what it does."""
        with self._changed:
            me = self._number[get_ident()]
            self._there.add(me)
            self._done.add(me)
            self._changed.notify_all()

    def commit(self, transaction: Transaction) -> None:
        """In place of `Transaction.commit`."""
        with self._changed:
            me = self._number[get_ident()]
            self._there.add(me)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: len(self._there) == 2, _PATIENCE)
            if self._faster == 1 - me:
                assert self._changed.wait_for(lambda: self._faster in self._done, _PATIENCE)
        COMMIT(transaction)


def both_at_once(one: Callable[[], Any], two: Callable[[], Any], *, faster: int | None) -> list[Told | None]:
    """What each was told: None for who succeeded. Anything that is no answer to a caller is raised."""
    meeting = Meeting(faster)

    def run(number: int, act: Callable[[], Any]) -> Told | None:
        meeting.begin(number)
        try:
            act()
        except (CallerError, TryAgainError) as told:
            return told
        finally:
            meeting.end()
        return None

    def commit(transaction: Transaction) -> None:
        meeting.commit(transaction)

    with (
        _one_call_at_a_time(),
        mock.patch.object(Transaction, "commit", commit),
        ThreadPoolExecutor(2) as threads,
    ):
        futures = [threads.submit(run, number, act) for number, act in enumerate((one, two))]
        return [each.result() for each in futures]


@contextmanager
def _one_call_at_a_time() -> Iterator[None]:
    """The fake's tables are not safe to be read while somebody writes; DynamoDB's are."""
    lock = RLock()

    def call(client: BaseClient, *given: Any, **named: Any) -> Any:
        with lock:
            return _CALL(client, *given, **named)

    with mock.patch.object(BaseClient, "_make_api_call", call):
        yield
