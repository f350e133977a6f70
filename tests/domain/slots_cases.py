"""Ready-made cases of the slot rules, for tests and benchmarks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from chalicelib.domain.slots import Availability, Interval, Offer, WorkingRange

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Case(NamedTuple):
    """One question to the slot rules."""

    offer: Offer
    availability: Availability
    busy: Sequence[Interval]
    now: datetime
    frm: datetime
    to: datetime
    groups: Sequence[datetime] = ()


def utc(text: str) -> datetime:
    """An instant from ISO text without an offset."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def minute(text: str) -> int:
    """The same instant as a UTC epoch minute."""
    return int((utc(text) - EPOCH).total_seconds()) // 60


def interval(start: str, end: str) -> Interval:
    """An interval between two instants."""
    return Interval(minute(start), minute(end))


def hours(text: str) -> tuple[WorkingRange, ...]:
    """Working ranges from `"09:00-12:00 13:30-24:00"`."""
    return tuple(WorkingRange(_wall(part[:5]), _wall(part[6:])) for part in text.split())


def open_daily(text: str, zone: str = "Europe/Zurich", exceptions: dict[date, str] | None = None) -> Availability:
    """The same hours on every day of the week."""
    special = {day: hours(ranges) for day, ranges in (exceptions or {}).items()}
    return Availability(zone, dict.fromkeys(range(7), hours(text)), special)


def open_on(day: date, text: str, zone: str = "Europe/Zurich") -> Availability:
    """Hours on a single date and never else."""
    return Availability(zone, {}, {day: hours(text)})


def an_offer(
    duration: int = 30,
    *,
    step: int = 30,
    before: int = 0,
    after: int = 0,
    notice: int = 0,
    horizon: int = 365,
) -> Offer:
    """Half an hour on a half-hour grid, unless said otherwise."""
    return Offer(duration, step, before, after, notice, horizon)


def month_case() -> Case:
    """A month of a busy practice: a clock change, a closed day, 60 busy intervals, 533 starts left."""
    random = Random(44)  # noqa: S311 - a repeatable layout, nothing secret
    first = utc("2026-10-01T00:00")
    ranges = hours("08:00-12:00 13:00-19:00")
    availability = Availability("Europe/Zurich", dict.fromkeys(range(5), ranges), {date(2026, 10, 14): ()})
    busy = []
    for number in range(60):
        start = minute("2026-10-01T05:30") + (number % 30) * 1440 + random.randrange(0, 660, 5)
        busy.append(Interval(start, start + random.choice((20, 45, 60, 90))))
    offer = an_offer(45, step=15, before=5, after=10, notice=120, horizon=60)
    return Case(offer, availability, busy, first - timedelta(hours=9, seconds=17), first, first + timedelta(days=31))


def _wall(text: str) -> int:
    hour, minutes = text.split(":")
    return int(hour) * 60 + int(minutes)
