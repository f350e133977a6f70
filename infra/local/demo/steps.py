"""How the story is told: numbered steps, and a line for everything that was checked."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class StepFailedError(Exception):
    """Raised when something is not as the story says."""


def expect(wanted: object, seen: object, what: str) -> None:
    """Holds the story to its word."""
    if wanted != seen:
        raise StepFailedError(f"{what}: expected {wanted!r}, saw {seen!r}")
    print(f"     ✓ {what}: {seen if not isinstance(seen, bool) else 'yes' if seen else 'no'}")


def only(found: Sequence[T], what: str) -> T:
    """The one that there has to be."""
    if len(found) != 1:
        raise StepFailedError(f"{what}: expected one, saw {len(found)}")
    return found[0]


def eventually(check: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
    """Waits, with a bound, until something holds."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise StepFailedError(f"{what}: did not happen within {seconds:.0f} seconds")
        time.sleep(0.1)
    print(f"     ✓ {what}")


def remark(text: str) -> None:
    """What has to be known to understand what is seen."""
    print(f"     · {text}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """One step of the story."""
    step.number = getattr(step, "number", 0) + 1  # type: ignore[attr-defined]
    print(f"\n{step.number:>2}. {title}", flush=True)  # type: ignore[attr-defined]
    yield
