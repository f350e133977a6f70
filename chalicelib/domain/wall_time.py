"""Instants as whole UTC minutes since 1970, and what the clocks on a zone's walls show meanwhile.

Integers keep the slot rules fast, and they keep wall time honest: between two clock changes the wall is the UTC minute
plus a constant, so a span of constant offset needs no special case for skipped or repeated hours.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 1440  # minutes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_EPOCH_ORDINAL = EPOCH.toordinal()


class Span(NamedTuple):
    """The UTC minutes from `start` to before `end`, in which a zone's wall clock is `offset` minutes ahead of UTC."""

    start: int
    end: int
    offset: int


def ceil_minute(instant: datetime) -> int:
    """The first whole minute that is not before `instant` (aware)."""
    return -((EPOCH - instant) // MINUTE)


def whole_minute(instant: datetime) -> int | None:
    """`instant` (aware) in minutes, or nothing if it carries seconds."""
    minutes, rest = divmod(instant - EPOCH, MINUTE)
    return None if rest else minutes


def instant_of(minute: int) -> datetime:
    """The aware UTC instant of a minute."""
    return datetime.fromtimestamp(60 * minute, UTC)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def day_of(number: int) -> date:
    """The date that many days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH_ORDINAL)


def spans(zone: ZoneInfo, start: int, end: int) -> Iterator[Span]:
    """Cut `start` to `end` at the zone's clock changes; the last span is empty if they change just at `end`.

    Asks for the offset once a day: no zone changes its clocks twice in one.
    """
    since, offset = start, _offset(zone, start)
    for minute in (*range(start + DAY, end, DAY), end):
        after = _offset(zone, minute)
        if after != offset:
            change = _change(zone, since, minute, after)
            yield Span(since, change, offset)
            since, offset = change, after
    yield Span(since, end, offset)


def _change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """The minute in (before, after] from which on the zone's offset is `offset`."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            after = middle
        else:
            before = middle
    return after


def _offset(zone: ZoneInfo, minute: int) -> int:
    """How many minutes the zone's wall clock is ahead of UTC."""
    offset = datetime.fromtimestamp(60 * minute, zone).utcoffset() or timedelta()
    return offset // MINUTE
