"""The content of a day sheet: the busy time of an expert or a room on one UTC day, and no word about with whom."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple, Self

from chalicelib.domain.ids import is_id
from chalicelib.domain.slots import Interval
from chalicelib.domain.wall_time import DAY, day_number, day_of

_ENTRY = struct.Struct(">HH16sIQ")
_OUTSIDE = struct.Struct(">HH16s")


class Entry(NamedTuple):
    """From minute `start` to before minute `end` of the day, held by `owner` (an id).

    It lapses by itself at `until` (epoch seconds; 0: it stays). Entries of one `group` (0: none) share their time:
    they are the seats of one group appointment.
    """

    start: int
    end: int
    owner: str
    until: int = 0
    group: int = 0


class Outside(NamedTuple):
    """Busy time in an expert's own calendar, by the id of the link to it. It may lie over anything."""

    start: int
    end: int
    link: str


@dataclass(frozen=True)
class DayBusy:
    """The entries of one UTC day in order of time. They overlap only as seats of one group; an owner has one a time."""

    entries: tuple[Entry, ...] = ()
    outside: tuple[Outside, ...] = ()

    def __post_init__(self) -> None:
        for start, end, owner in (*(e[:3] for e in self.entries), *self.outside):
            _check_times(start, end)
            if not is_id(owner):
                raise ValueError("the owner of busy time is an id")
        if not all(one.end <= two.start or _together(one, two) for one, two in pairwise(self.entries)):
            raise ValueError("busy times are sorted and do not overlap")
        if len({(entry.start, entry.owner) for entry in self.entries}) < len(self.entries):
            raise ValueError("an owner has one entry at a time")

    def encode(self) -> bytes:
        """The entries, 32 bytes each: start, end (2 bytes), owner (16), until (4), group (8), all big-endian."""
        return b"".join(_ENTRY.pack(e.start, e.end, bytes.fromhex(e.owner), e.until, e.group) for e in self.entries)

    def encode_outside(self) -> bytes:
        """The outside busy times, 20 bytes each: start, end (2 bytes), link (16)."""
        return b"".join(_OUTSIDE.pack(start, end, bytes.fromhex(link)) for start, end, link in self.outside)

    @classmethod
    def decode(cls, data: bytes, outside: bytes = b"") -> Self:
        """The opposite of both."""
        if len(data) % _ENTRY.size or len(outside) % _OUTSIDE.size:
            raise ValueError("a day sheet is cut off")
        entries = (Entry(start, end, owner.hex(), *rest) for start, end, owner, *rest in _ENTRY.iter_unpack(data))
        links = (Outside(start, end, link.hex()) for start, end, link in _OUTSIDE.iter_unpack(outside))
        return cls(tuple(entries), tuple(links))

    def live(self, now: datetime) -> Self:
        """The day without what has lapsed by now."""
        at = now.timestamp()
        return self.__class__(tuple(e for e in self.entries if not e.until or e.until > at), self.outside)

    def free(self, start: int, end: int, *, group: int = 0, seats: int = 1) -> bool:
        """Whether it can be held: nobody else holds any of it, or it is a group that has a seat left."""
        _check_times(start, end)
        touched = [entry for entry in self.entries if entry.start < end and start < entry.end]
        if any(one.start < end and start < one.end for one in self.outside):
            return False
        mine = [entry for entry in touched if group and entry[:2] == (start, end) and entry.group == group]
        return len(mine) == len(touched) and len(mine) < seats

    def with_entry(self, entry: Entry) -> Self:
        """The day with one entry more; a ValueError if the time, or the owner, is taken."""
        return self.__class__(tuple(sorted((*self.entries, entry))), self.outside)

    def without(self, owner: str) -> Self:
        """The day without what the owner holds, if anything."""
        return self.__class__(tuple(entry for entry in self.entries if entry.owner != owner), self.outside)

    def with_outside(self, link: str, times: tuple[tuple[int, int], ...]) -> Self:
        """The day with these busy times of one link, instead of those that it had."""
        others = (one for one in self.outside if one.link != link)
        fresh = (Outside(start, end, link) for start, end in times)
        return self.__class__(self.entries, tuple(sorted((*others, *fresh))))


def split_by_day(interval: Interval) -> list[tuple[date, int, int]]:
    """The interval cut at UTC midnights: date, start and end minute of each part (1440 is the day's end)."""
    return list(_parts(interval))


def to_intervals(day: date, busy: DayBusy) -> list[Interval]:
    """The busy time of a UTC day on the common time line; the seats of a group are one."""
    midnight = day_number(day) * DAY
    times = {each[:2] for each in busy.entries} | {each[:2] for each in busy.outside}
    return [Interval(midnight + start, midnight + end) for start, end in sorted(times)]


def _together(one: Entry, two: Entry) -> bool:
    return one.group != 0 and one.group == two.group and one[:2] == two[:2]


def _parts(interval: Interval) -> Iterator[tuple[date, int, int]]:
    first, last = interval.start // DAY, (interval.end - 1) // DAY
    for number in range(first, last + 1):
        midnight = number * DAY
        yield day_of(number), max(interval.start - midnight, 0), min(interval.end - midnight, DAY)


def _check_times(start: int, end: int) -> None:
    if not 0 <= start < end <= DAY:
        raise ValueError("busy time starts before it ends, between 0 and 1440")
