"""Calendar periods: how long is "twelve months", to the second, in somebody's time zone.

A period is added to the wall clock of the zone, as people and laws count (Art. 77 CO: a month ends on the day of the
same number, or on the last day of a shorter month), then turned back into an instant.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Period:
    """Whole calendar months, then whole days, then seconds."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The instant (UTC) at which the period that begins at `start` (aware) is over in `zone`.

        A wall time that the zone's clocks show twice ends it the first time; one that they skip, as long after the
        change as it would have been before.
        """
        if not self.months and not self.days:  # the wall has no say: it would send 02:30 the second time back an hour
            return start.astimezone(UTC) + timedelta(seconds=self.seconds)
        local = start.astimezone(zone)
        year, month0 = divmod(local.year * 12 + local.month - 1 + self.months, 12)
        day = min(local.day, calendar.monthrange(year, month0 + 1)[1])
        moved = local.replace(year=year, month=month0 + 1, day=day) + timedelta(days=self.days)
        return moved.astimezone(UTC) + timedelta(seconds=self.seconds)

    def length(self) -> float:
        """About how long it is, to compare periods: a month counts as a twelfth of 365.2425 days. In days."""
        return self.months * 365.2425 / 12 + self.days + self.seconds / 86_400


def months(count: int) -> Period:
    """`count` calendar months."""
    return Period(months=count)


def years(count: int) -> Period:
    """`count` calendar years."""
    return Period(months=12 * count)


def days(count: int) -> Period:
    """`count` calendar days."""
    return Period(days=count)


def hours(count: int) -> Period:
    """`count` times 3,600 seconds, whatever the clocks do."""
    return Period(seconds=3600 * count)


def minutes(count: int) -> Period:
    """`count` times 60 seconds."""
    return Period(seconds=60 * count)


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the local day of `at` is over: the next midnight, or what the clocks show instead."""
    return _midnight(at.astimezone(zone).date() + timedelta(days=1), zone)


def financial_year(at: datetime, zone: ZoneInfo, *, ends: tuple[int, int]) -> int:
    """The financial year that `at` falls into, named by the calendar year it ends in; `ends` is its last day."""
    local = at.astimezone(zone).date()
    return local.year + (local > _last_day(local.year, ends))


def end_of_financial_year(year: int, zone: ZoneInfo, *, ends: tuple[int, int]) -> datetime:
    """The instant (UTC) at which that financial year is over in `zone`."""
    return _midnight(_last_day(year, ends) + timedelta(days=1), zone)


def _last_day(year: int, ends: tuple[int, int]) -> date:
    # A year that ends with February does so on its 29th in a leap year.
    month, day = ends
    last = calendar.monthrange(year, month)[1]
    return date(year, month, last if month == 2 and day >= 28 else day)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
