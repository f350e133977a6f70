"""The content of a day sheet: an expert's busy time on one UTC day, and no word about whom it is with."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple, Self

from chalicelib.domain.ids import is_id
from chalicelib.domain.slots import Interval
from chalicelib.domain.wall_time import DAY, day_number, day_of

_ENTRY = struct.Struct(">HH16s")


class Entry(NamedTuple):
    """From minute `start` to before minute `end` of the day, held by `owner` (an id)."""

    start: int
    end: int
    owner: str


@dataclass(frozen=True)
class DayBusy:
    """The entries of one UTC day in order of time: none overlap, and an owner holds at most one."""

    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        for start, end, owner in self.entries:
            _check_times(start, end)
            if not is_id(owner):
                raise ValueError("the owner of busy time is an id")
        if any(one.end > two.start for one, two in pairwise(self.entries)):
            raise ValueError("busy times are sorted and do not overlap")
        if len({entry.owner for entry in self.entries}) < len(self.entries):
            raise ValueError("an owner has one entry a day")

    def encode(self) -> bytes:
        """Twenty bytes an entry: start, end (big-endian, two bytes each), the sixteen bytes of the owner's id."""
        return b"".join(_ENTRY.pack(start, end, bytes.fromhex(owner)) for start, end, owner in self.entries)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The opposite of `encode`."""
        if len(data) % _ENTRY.size:
            raise ValueError("a day sheet is cut off")
        return cls(tuple(Entry(start, end, owner.hex()) for start, end, owner in _ENTRY.iter_unpack(data)))

    def free(self, start: int, end: int) -> bool:
        """Whether nobody holds any of it; touching is fine."""
        _check_times(start, end)
        return all(end <= entry.start or entry.end <= start for entry in self.entries)

    def with_entry(self, start: int, end: int, owner: str) -> Self:
        """The day with one entry more; a ValueError if the time, or the owner, is taken."""
        return self.__class__(tuple(sorted((*self.entries, Entry(start, end, owner)))))

    def without(self, owner: str) -> Self:
        """The day without the owner's entry, if there is one."""
        return self.__class__(tuple(entry for entry in self.entries if entry.owner != owner))


def split_by_day(interval: Interval) -> list[tuple[date, int, int]]:
    """The interval cut at UTC midnights: date, start and end minute of each part (1440 is the day's end)."""
    return list(_parts(interval))


def to_intervals(day: date, busy: DayBusy) -> list[Interval]:
    """The busy time of a UTC day on the common time line."""
    midnight = day_number(day) * DAY
    return [Interval(midnight + start, midnight + end) for start, end, _ in busy.entries]


def _parts(interval: Interval) -> Iterator[tuple[date, int, int]]:
    first, last = interval.start // DAY, (interval.end - 1) // DAY
    for number in range(first, last + 1):
        midnight = number * DAY
        yield day_of(number), max(interval.start - midnight, 0), min(interval.end - midnight, DAY)


def _check_times(start: int, end: int) -> None:
    if not 0 <= start < end <= DAY:
        raise ValueError("busy time starts before it ends, between 0 and 1440")
