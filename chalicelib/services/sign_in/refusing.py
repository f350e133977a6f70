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
    """Waits before it is told that something was refused."""

    seconds: float = SECONDS
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def evenly(self) -> Iterator[None]:
        """A refusal inside comes out a fixed time after it began."""
        began = self.monotonic()
        try:
            yield
        except (CredentialsRefusedError, TooManyAttemptsError):
            self.sleep(max(0.0, began + self.seconds - self.monotonic()))
            raise
