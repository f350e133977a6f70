"""Working hours: wall-clock ranges of local days, and the UTC minutes they come to.

The wall clock is that of the expert's zone; on the dates of a travel, that of another.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.wall_time import DAY, day_number, day_of, spans


@dataclass(frozen=True)
class WorkingRange:
    """Working time of a local day, in wall minutes from its 00:00 (1440 is 24:00), at a site or at none."""

    start: int
    end: int
    site: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY:
            raise ValueError("a working range starts before it ends, between 0 and 1440")


@dataclass(frozen=True)
class Travel:
    """From the first to the last of these dates, wall times are those of another zone."""

    first: date
    last: date
    zone: str

    def __post_init__(self) -> None:
        _check_zone(self.zone)
        if self.first > self.last:
            raise ValueError("a travel begins before it ends")


@dataclass(frozen=True)
class Availability:
    """When an expert works: by weekday (0 = Monday), unless a date has an exception of its own (empty = closed).

    `travels` are in order. On the `holidays` of a site (None: of no site) its weekly ranges do not count.
    """

    zone: str
    weekly: Mapping[int, tuple[WorkingRange, ...]]
    exceptions: Mapping[date, tuple[WorkingRange, ...]]
    travels: tuple[Travel, ...] = ()
    holidays: Mapping[str | None, Collection[date]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_zone(self.zone)
        if not set(self.weekly) <= set(range(7)):
            raise ValueError("weekdays are 0 (Monday) to 6")
        for ranges in (*self.weekly.values(), *self.exceptions.values()):
            if any(one.end > two.start for one, two in pairwise(ranges)):
                raise ValueError("the ranges of a day are sorted and do not overlap")
        if any(one.last >= two.first for one, two in pairwise(self.travels)):
            raise ValueError("travels are sorted and do not overlap")

    def on(self, day: date) -> tuple[WorkingRange, ...]:
        """The working ranges of a local date."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception
        ranges = self.weekly.get(day.weekday(), ())
        if not self.holidays:
            return ranges
        return tuple(each for each in ranges if day not in self.holidays.get(each.site, ()))

    def zone_on(self, day: date) -> str:
        """The zone of the wall times of a local date."""
        return next((each.zone for each in self.travels if each.first <= day <= each.last), self.zone)

    def zone_at(self, at: datetime) -> str:
        """The zone of the wall where the expert is at an instant; of two dates that could be there, the earlier one's.

        On the way from one to the other there may be none: then that of the date at home.
        """
        if not self.travels:
            return self.zone
        walls = (
            name
            for name, first, last in _stays(self)
            if first <= day_number(at.astimezone(ZoneInfo(name)).date()) <= last
        )
        return next(walls, None) or self.zone_on(at.astimezone(ZoneInfo(self.zone)).date())


class Piece(NamedTuple):
    """An unbroken part of one working range in UTC minutes; `grid` is a minute of its grid, maybe outside of it."""

    start: int
    end: int
    grid: int
    day: int


def pieces_of_work(availability: Availability, zone: ZoneInfo, start: int, end: int) -> Iterator[Piece]:
    """Working time from `start` to `end`, in order. A range cut by a clock change, or run twice, gives several.

    Where zones of two dates make their working times overlap, the time belongs to the earlier date.
    """
    if not availability.travels:
        return _pieces(availability, zone, start, end)
    earlier: list[Piece] = []
    for name, first, last in _stays(availability):
        for piece in _pieces(availability, ZoneInfo(name), start, end):
            if first <= piece.day <= last:
                earlier += _without(piece, earlier)
    return iter(sorted(earlier))


def _pieces(availability: Availability, zone: ZoneInfo, start: int, end: int) -> Iterator[Piece]:
    """The same for one zone."""
    for span in spans(zone, start, end):
        for day in range((span.start + span.offset) // DAY, (span.end - 1 + span.offset) // DAY + 1):
            midnight = day * DAY - span.offset
            for working in availability.on(day_of(day)):
                opens = midnight + working.start
                since, until = max(opens, span.start), min(midnight + working.end, span.end)
                if since < until:
                    yield Piece(since, until, opens, day)


def _stays(availability: Availability) -> Iterator[tuple[str, int, int]]:
    """The zones in order of dates, with the first and the last day of each."""
    since = day_number(date.min)
    for travel in availability.travels:
        first, last = day_number(travel.first), day_number(travel.last)
        yield availability.zone, since, first - 1
        yield travel.zone, first, last
        since = last + 1
    yield availability.zone, since, day_number(date.max)


def _without(piece: Piece, earlier: Sequence[Piece]) -> list[Piece]:
    """What of a piece is left beside those of earlier dates; those of its own date never overlap it."""
    left = [piece]
    for one in earlier:
        if one.start < piece.end and piece.start < one.end:
            left = [part for each in left for part in _cut(each, one)]
    return left


def _cut(piece: Piece, out: Piece) -> Iterator[Piece]:
    """The parts of a piece before and after another."""
    if piece.start < min(out.start, piece.end):
        yield piece._replace(end=min(out.start, piece.end))
    if max(out.end, piece.start) < piece.end:
        yield piece._replace(start=max(out.end, piece.start))


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, OSError) as error:
        raise ValueError("unknown time zone") from error
