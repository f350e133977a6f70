"""Which appointments an expert can still be offered: working hours, a grid, what is busy, notice and horizon.

Working hours are wall time in the expert's zone; everything else is real minutes. `starts` first lays the working
hours out as pieces of UTC minutes, then walks pieces and busy times together once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, repeat
from operator import add
from zoneinfo import ZoneInfo

from chalicelib.domain.wall_time import DAY, MINUTE, ceil_minute, day_number, instant_of, whole_minute
from chalicelib.domain.working_time import Availability, Piece, WorkingRange, pieces_of_work

__all__ = ["Availability", "Interval", "Offer", "WorkingRange", "blocked", "is_start", "starts"]


@dataclass(frozen=True)
class Offer:
    """What is offered, in real minutes: how long, on which grid, with which room around it, how soon, how far ahead."""

    duration: int
    step: int
    buffer_before: int
    buffer_after: int
    notice: int
    horizon_days: int

    def __post_init__(self) -> None:
        if self.duration < 1 or self.step < 1:
            raise ValueError("duration and step are at least a minute")
        if min(self.buffer_before, self.buffer_after, self.notice, self.horizon_days) < 0:
            raise ValueError("buffers, notice and horizon are not negative")


@dataclass(frozen=True)
class Interval:
    """From `start` to before `end`, in whole UTC minutes since 1970."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("an interval starts before it ends")


def starts(
    offer: Offer, availability: Availability, busy: Sequence[Interval], *, now: datetime, frm: datetime, to: datetime
) -> list[datetime]:
    """Every start from `frm` to before `to` that can be booked, as UTC instants in order. All times are aware."""
    zone = ZoneInfo(availability.zone)
    last_day = day_number(now.astimezone(zone).date()) + offer.horizon_days
    low = max(ceil_minute(frm), ceil_minute(now) + offer.notice)
    high = min(ceil_minute(to), (last_day + 2) * DAY)  # local dates lag behind UTC by a day at most
    if low >= high:
        return []
    step = offer.step * MINUTE
    found: list[datetime] = []
    pieces = list(pieces_of_work(availability, zone, low, high + offer.duration))
    windows = [(piece, min(last + 1, high)) for piece, last in _last_fits(pieces, offer) if piece.day <= last_day]
    for run in _free_runs(windows, _taken(offer, busy), offer.step):
        found.extend(accumulate(repeat(step, len(run) - 1), add, initial=instant_of(run.start)))
    return found


def is_start(
    offer: Offer, availability: Availability, busy: Sequence[Interval], *, now: datetime, start: datetime
) -> bool:
    """Whether exactly `start` can be booked."""
    minute = whole_minute(start)
    if minute is None:
        return False
    return bool(starts(offer, availability, busy, now=now, frm=start, to=instant_of(minute + 1)))


def blocked(offer: Offer, start: datetime) -> Interval:
    """The time that an appointment at `start` (a whole minute) takes from the expert, buffers included."""
    minute = whole_minute(start)
    if minute is None:
        raise ValueError("an appointment starts at a whole minute")
    return Interval(minute - offer.buffer_before, minute + offer.duration + offer.buffer_after)


def _last_fits(pieces: Sequence[Piece], offer: Offer) -> list[tuple[Piece, int]]:
    """Each piece with the last minute in it at which a slot still ends within working time without a break."""
    fits: list[tuple[Piece, int]] = []
    stretch_end = next_start = -1
    for piece in reversed(pieces):
        stretch_end = stretch_end if piece.end == next_start else piece.end
        next_start = piece.start
        fits.append((piece, min(piece.end - 1, stretch_end - offer.duration)))
    fits.reverse()
    return fits


def _taken(offer: Offer, busy: Sequence[Interval]) -> list[tuple[int, int]]:
    """The starts that busy time forbids, as half-open pairs ordered by their beginning."""
    reach = offer.duration + offer.buffer_after - 1
    return sorted((one.start - reach, one.end + offer.buffer_before) for one in busy)


def _free_runs(windows: Sequence[tuple[Piece, int]], taken: list[tuple[int, int]], step: int) -> Iterator[range]:
    """The grid minutes of each window (up to before its stop) that are not taken, as non-empty runs in order."""
    beyond = (1 << 62, 1 << 62)
    waiting = iter([*taken, beyond])
    bar, lift = next(waiting)
    for piece, stop in windows:
        minute = piece.start
        while minute < stop:
            while lift <= minute:
                bar, lift = next(waiting)
            run = range(minute + (piece.grid - minute) % step, min(bar, stop), step)
            if run:
                yield run
            minute = lift
