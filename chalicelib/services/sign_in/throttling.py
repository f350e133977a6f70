"""At most so many attempts from one network address in any few minutes, counted under a key that is gone in two days.

The key of a day counts what happens on it and in the minutes after: around midnight an attempt is in two counts.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import TooManyAttemptsError
from chalicelib.domain.visits import Visitor
from chalicelib.records.attempts import SIGN_INS, AddressKey
from chalicelib.records.counting import Limit
from chalicelib.records.reading import fetch
from chalicelib.records.writing import LostRaceError, Transaction

_KEY_BYTES = 32


@dataclass(frozen=True)
class Throttling:
    """The door before what may be done a few times only: by itself, before everything that takes a password."""

    clock: Clock
    limit: Limit = SIGN_INS
    keys: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)  # by day, in this process

    def admit(self, visitor: Visitor) -> None:
        """Counts an attempt, whatever becomes of it. TooManyAttemptsError when the address has to wait."""
        now = self.clock()
        days = sorted({_day(now - self.limit.window), _day(now)})
        for day in self.keys.keys() - days:
            del self.keys[day]
        counted = self.limit.admit([visitor.address.hashed(self._key(day)) for day in days], now)
        if not counted.admitted:
            raise TooManyAttemptsError(retry_after=counted.retry_after)

    def _key(self, day: str) -> bytes:
        if day not in self.keys:
            self.keys[day] = _agreed(day)
        return self.keys[day]


def _agreed(day: str) -> bytes:
    """The key of a day, the same for every process: whoever is first makes it."""
    ref = AddressKey.ref(day)
    found = fetch(ref, consistent=True)
    if found is not None:
        return bytes(found.key)
    fresh = AddressKey(ref.pk, ref.sk, at=datetime.fromisoformat(day).replace(tzinfo=UTC), key=token_bytes(_KEY_BYTES))
    transaction = Transaction()
    transaction.create(fresh)
    try:
        transaction.commit()
    except LostRaceError:
        return _agreed(day)
    return bytes(fresh.key)


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
