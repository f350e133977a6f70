"""Which appointments an expert can still be offered: working hours, a grid, what is busy, notice and horizon.

Working hours are wall time in the expert's zone; everything else is real minutes. `starts` first lays the working
hours out as pieces of UTC minutes, then walks pieces and busy times together once.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, repeat
from operator import add
from zoneinfo import ZoneInfo

from chalicelib.domain.wall_time import DAY, MINUTE, ceil_minute, day_number, day_of, instant_of, whole_minute
from chalicelib.domain.working_time import Availability, Piece, Travel, WorkingRange, pieces_of_work

__all__ = [
    "Availability",
    "Interval",
    "Offer",
    "Timing",
    "Travel",
    "WorkingRange",
    "blocked",
    "bookable",
    "is_start",
    "starts",
    "timing",
    "untouched",
]

_NEVER = 1 << 62


@dataclass(frozen=True)
class Offer:
    """What is offered, in real minutes: how long, on which grid, with which room around it, how soon, how far ahead.

    It rolls with `horizon_days` and ends for good after the local date `last`.
    """

    duration: int
    step: int
    buffer_before: int
    buffer_after: int
    notice: int
    horizon_days: int
    last: date | None = None

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
    offer: Offer,
    availability: Availability,
    busy: Sequence[Interval],
    *,
    now: datetime,
    frm: datetime,
    to: datetime,
    groups: Collection[datetime] = (),
) -> list[datetime]:
    """Every start from `frm` to before `to` that can be booked, as UTC instants in order. All times are aware.

    `groups` are the starts of groups that can still be joined; `busy` does not hold their time, which is busy for any
    other start. They themselves obey every rule but the grid: it may have moved since they began.
    """
    windows = _windows(offer, availability, now=now, frm=frm, to=to)
    step = offer.step * MINUTE
    shared = [blocked(offer, each) for each in groups]
    found: list[datetime] = []
    for run in _free_runs(windows, _taken(offer, [*busy, *shared]), offer.step):
        found.extend(accumulate(repeat(step, len(run) - 1), add, initial=instant_of(run.start)))
    if groups:
        joined = _within(windows, untouched(offer, groups, busy))
        found = sorted({*found, *joined})
    return found


def bookable(
    offer: Offer,
    availability: Availability,
    busy: Sequence[Interval],
    instants: Sequence[datetime],
    *,
    now: datetime,
    groups: Collection[datetime] = (),
) -> list[datetime]:
    """Those of the instants (whole minutes, in order) that obey every rule but the grid."""
    if not instants:
        return []
    windows = _windows(offer, availability, now=now, frm=instants[0], to=instants[-1] + MINUTE)
    shared = [blocked(offer, each) for each in groups]
    fresh = untouched(offer, instants, [*busy, *shared])
    joined = untouched(offer, [each for each in instants if each in groups], busy)
    return sorted(_within(windows, {*fresh, *joined}))


def untouched(offer: Offer, instants: Iterable[datetime], busy: Sequence[Interval]) -> Iterator[datetime]:
    """Those of the starts that no busy time forbids."""
    taken = _taken(offer, busy)
    bars = [bar for bar, _ in taken]
    lifts = [-_NEVER, *accumulate((lift for _, lift in taken), max)]
    return (each for each in instants if lifts[bisect_right(bars, ceil_minute(each))] <= ceil_minute(each))


def is_start(
    offer: Offer,
    availability: Availability,
    busy: Sequence[Interval],
    *,
    now: datetime,
    start: datetime,
    groups: Collection[datetime] = (),
) -> bool:
    """Whether exactly `start` can be booked."""
    minute = whole_minute(start)
    if minute is None:
        return False
    return bool(starts(offer, availability, busy, now=now, frm=start, to=instant_of(minute + 1), groups=groups))


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How a start stands to the rules that need no look at what is busy.

    `day` is the local date it belongs to; whether it lies `on_grid` can't be told outside of working time.
    """

    day: date
    fits: bool
    on_grid: bool | None
    notice_kept: bool
    within_horizon: bool


def timing(offer: Offer, availability: Availability, *, now: datetime, start: datetime) -> Timing:
    """The rules one by one, for whoever asks why; a start for which all are kept is found by `starts` unless busy."""
    zone, minute = ZoneInfo(availability.zone), ceil_minute(start)
    pieces = list(pieces_of_work(availability, zone, minute, minute + offer.duration))
    inside = pieces and pieces[0].start == minute
    day = pieces[0].day if inside else _wall_day(availability, start)
    return Timing(
        day=day_of(day),
        fits=_covers(pieces, minute, minute + offer.duration),
        on_grid=whole_minute(start) is not None and (minute - pieces[0].grid) % offer.step == 0 if inside else None,
        notice_kept=start >= now + offer.notice * MINUTE,
        within_horizon=day <= _last_day(offer, now.astimezone(zone).date()),
    )


def _covers(pieces: Sequence[Piece], start: int, end: int) -> bool:
    """Whether the pieces are one stretch from start to end."""
    ends = [start, *(piece.end for piece in pieces)]
    return ends[-1] == end and all(piece.start == since for piece, since in zip(pieces, ends, strict=False))


def _wall_day(availability: Availability, start: datetime) -> int:
    """The date on the wall where the expert is then."""
    return day_number(start.astimezone(ZoneInfo(availability.zone_at(start))).date())


def blocked(offer: Offer, start: datetime) -> Interval:
    """The time that an appointment at `start` (a whole minute) takes from the expert, buffers included."""
    minute = whole_minute(start)
    if minute is None:
        raise ValueError("an appointment starts at a whole minute")
    return Interval(minute - offer.buffer_before, minute + offer.duration + offer.buffer_after)


def _windows(
    offer: Offer, availability: Availability, *, now: datetime, frm: datetime, to: datetime
) -> list[tuple[Piece, int]]:
    """The pieces of work in which something can start, each with the minute before which it does."""
    zone = ZoneInfo(availability.zone)
    last_day = _last_day(offer, now.astimezone(zone).date())
    low = max(ceil_minute(frm), ceil_minute(now) + offer.notice)
    high = min(ceil_minute(to), (last_day + 2) * DAY)  # local dates lag behind UTC by a day at most
    if low >= high:
        return []
    pieces = list(pieces_of_work(availability, zone, low, high + offer.duration))
    return [(piece, min(last + 1, high)) for piece, last in _last_fits(pieces, offer) if piece.day <= last_day]


def _last_day(offer: Offer, today: date) -> int:
    rolling = day_number(today) + offer.horizon_days
    return rolling if offer.last is None else min(rolling, day_number(offer.last))


def _within(windows: Sequence[tuple[Piece, int]], instants: Iterable[datetime]) -> Iterator[datetime]:
    """Those of the starts that lie in a window."""
    opens = [piece.start for piece, _ in windows]
    for each in instants:
        minute = ceil_minute(each)
        at = bisect_right(opens, minute) - 1
        if at >= 0 and minute < windows[at][1]:
            yield each


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
    beyond = (_NEVER, _NEVER)
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
