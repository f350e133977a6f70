"""Two or more round trips at the same time, where none needs the other's answer."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
_AT_ONCE = 16  # fewer than the connections that are kept open


def side_by_side(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Both results. When one fails its error is raised, after the other has ended too."""
    with ThreadPoolExecutor(max_workers=1) as other:
        running = other.submit(second)
        return first(), running.result()


def all_at_once(calls: Iterable[Callable[[], A]]) -> list[A]:
    """All results in order, a bounded number of calls at a time. When one fails its error is raised after the rest."""
    waiting = list(calls)
    if len(waiting) == 1:
        return [waiting[0]()]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(call) for call in waiting]]
