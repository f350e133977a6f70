"""Refusals take the same time, whatever they are for: keys that had to be fetched tell that there is an account."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.domain.errors import CredentialsRefusedError, TooManyAttemptsError

SECONDS = 0.5
"""Well above what the slowest way to a refusal takes."""


@dataclass(frozen=True)
class Refusing:
    """Waits before it is told that something was refused, or was taken without a word about what came of it."""

    seconds: float = SECONDS
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def evenly(self, *, always: bool = False) -> Iterator[None]:
        """A refusal inside comes out a fixed time after it began; with `always` so does anything else."""
        began, wait = self.monotonic(), always
        try:
            yield
        except (CredentialsRefusedError, TooManyAttemptsError):
            wait = True
            raise
        finally:
            if wait:
                self.sleep(max(0.0, began + self.seconds - self.monotonic()))
