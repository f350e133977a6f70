"""How long a key may stay in memory: at most so many seconds and at most so many keys, whichever ends first.

Two clocks measure the age, and either can end it: a frozen worker may wake up with a monotonic clock that stood still,
and the wall clock may be set back. A key that is used often does not live longer for it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Moment(NamedTuple):
    """One instant on both clocks, in seconds."""

    steady: float
    wall: float


class BoundedCache(Generic[K, V]):
    """Values by key, least recently used out first. May be used from several threads."""

    def __init__(self, *, seconds: float, count: int, now: Callable[[], Moment]) -> None:
        self._seconds, self._count, self._now = seconds, count, now
        self._entries: OrderedDict[K, tuple[V, Moment]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, unless it is unknown or too old."""
        with self._lock:
            value, since = self._entries.get(key, (None, None))
            if since is None or self._is_over(since):
                self._entries.pop(key, None)
                return None
            self._entries.move_to_end(key)
            return value

    def put(self, key: K, value: V, *, since: Moment) -> None:
        """Keeps `value`, whose age counts from `since`: the moment before it was asked for at its source."""
        with self._lock:
            self._entries[key] = value, since
            self._entries.move_to_end(key)
            while len(self._entries) > self._count:
                self._entries.popitem(last=False)

    def drop(self, which: Callable[[K], bool]) -> None:
        """Forgets every key for which `which` holds."""
        with self._lock:
            for key in [key for key in self._entries if which(key)]:
                del self._entries[key]

    def _is_over(self, since: Moment) -> bool:
        now = self._now()
        return now.steady - since.steady >= self._seconds or now.wall - since.wall >= self._seconds
