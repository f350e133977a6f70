"""Trying again: whoever loses a race reads anew and decides by what is there now."""

import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from chalicelib.domain.errors import TryAgainError
from chalicelib.records.writing import ContendedError, LostRaceError

ATTEMPTS = 6
FIRST_PAUSE_MS = 10
T = TypeVar("T")


def persist(attempt: Callable[[], T]) -> T:
    """The result of the first attempt that no one else got in the way of.

    Those who did are most likely here again in a moment: each pause is random, and about twice as long as the last.
    """
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except (LostRaceError, ContendedError):
            time.sleep(secrets.randbelow(FIRST_PAUSE_MS << number) / 1000)
    raise TryAgainError(retry_after=1)
