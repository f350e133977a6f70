"""Working hours: wall-clock ranges of local days, and the UTC minutes they come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.wall_time import DAY, day_of, spans


@dataclass(frozen=True)
class WorkingRange:
    """Working time of a local day, in wall minutes from its 00:00; 1440 is 24:00."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY:
            raise ValueError("a working range starts before it ends, between 0 and 1440")


@dataclass(frozen=True)
class Availability:
    """When an expert works: by weekday (0 = Monday), unless a date has an exception of its own (empty = closed)."""

    zone: str
    weekly: Mapping[int, tuple[WorkingRange, ...]]
    exceptions: Mapping[date, tuple[WorkingRange, ...]]

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError) as error:
            raise ValueError("unknown time zone") from error
        if not set(self.weekly) <= set(range(7)):
            raise ValueError("weekdays are 0 (Monday) to 6")
        for ranges in (*self.weekly.values(), *self.exceptions.values()):
            if any(one.end > two.start for one, two in pairwise(ranges)):
                raise ValueError("the ranges of a day are sorted and do not overlap")

    def on(self, day: date) -> tuple[WorkingRange, ...]:
        """The working ranges of a local date."""
        exception = self.exceptions.get(day)
        return self.weekly.get(day.weekday(), ()) if exception is None else exception


class Piece(NamedTuple):
    """An unbroken part of one working range in UTC minutes; `grid` is a minute of its grid, maybe outside of it."""

    start: int
    end: int
    grid: int
    day: int


def pieces_of_work(availability: Availability, zone: ZoneInfo, start: int, end: int) -> Iterator[Piece]:
    """Working time from `start` to `end`, in order. A range cut by a clock change, or run twice, gives several."""
    for span in spans(zone, start, end):
        for day in range((span.start + span.offset) // DAY, (span.end - 1 + span.offset) // DAY + 1):
            midnight = day * DAY - span.offset
            for working in availability.on(day_of(day)):
                opens = midnight + working.start
                since, until = max(opens, span.start), min(midnight + working.end, span.end)
                if since < until:
                    yield Piece(since, until, opens, day)
