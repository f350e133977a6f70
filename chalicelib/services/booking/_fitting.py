"""How many appointments can be booked at once: those whose writes one transaction holds.

What each of them writes is up to its service and to those who take part: sheets of experts and rooms, counts, reminders
by mail and by text message, answers, calendars that are linked. So it is measured and not laid down.
"""

from chalicelib.domain.errors import InvalidInputError
from chalicelib.records.writing import LIMIT, Transaction
from chalicelib.services.booking.wishing import Wish
from chalicelib.services.door.door import Door

MOST = LIMIT // 3  # appointment, day sheet and entry: more of them never fit


class Fitting:
    """Measures a transaction while appointments are entered into it."""

    def __init__(self) -> None:
        self._sizes: list[int] = []

    def measure(self, transaction: Transaction, door: Door) -> None:
        """Notes what there is to write after one appointment more."""
        self._sizes.append(len(transaction) + door.writes())

    def check(self, transaction: Transaction, wish: Wish) -> None:
        """InvalidInputError for a transaction that is complete and too large; it says how many times would fit."""
        if len(transaction) <= LIMIT:
            return
        once = len(transaction) - self._sizes[-1]
        times = sum(size + once <= LIMIT for size in self._sizes) // len(wish.items)
        if wish.repeat is None or not times:
            raise InvalidInputError("Book fewer services at once.", field="items")
        raise InvalidInputError(f"Repeat it {times} times at most.", field="repeat.times")
