"""Calendar periods: how long is "twelve months", to the second, in somebody's time zone.

A period is added to the wall clock of the zone, as people and laws count (Art. 77 CO: a month ends on the day of the
same number, or on the last day of a shorter month), then turned back into an instant.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
