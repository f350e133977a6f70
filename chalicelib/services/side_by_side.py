"""Two or more round trips at the same time, where none needs the other's answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def side_by_side(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Both results. When one fails its error is raised, after the other has ended too."""
    with ThreadPoolExecutor(max_workers=1) as other:
        running = other.submit(second)
        return first(), running.result()
