"""A day, a week, a month of the calendar as instants, in somebody's time zone. A week begins on Monday.

A local day begins when its date does. Where clocks skip midnight, that is the moment of the change; where they show it
twice, the first time.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEK_PATTERN = r"^[0-9]{4}-W[0-9]{2}$"
MONTH_PATTERN = r"^[0-9]{4}-[0-9]{2}$"


class Range(NamedTuple):
    """From an instant to before another one, both in UTC."""

    frm: datetime
    to: datetime


def day_range(day: date, zone: str) -> Range:
    """The local day. A ValueError at the ends of the calendar."""
    return _range(day, 1, zone)


def week_range(week: str, zone: str) -> Range:
    """The week of ISO 8601, such as 2026-W47. A ValueError for a week that the year does not have."""
    year, number = _numbers(week, WEEK_PATTERN)
    return _range(date.fromisocalendar(year, number, 1), 7, zone)


def month_range(month: str, zone: str) -> Range:
    """The month, such as 2026-11. A ValueError for one that does not exist."""
    first = date(*_numbers(month, MONTH_PATTERN), 1)
    return _range(first, monthrange(first.year, first.month)[1], zone)


def _numbers(text: str, pattern: str) -> tuple[int, int]:
    if re.fullmatch(pattern, text) is None:
        raise ValueError("this is not a week or month")
    year, _, number = text.partition("-")
    return int(year), int(number.removeprefix("W"))


def _range(first: date, days: int, zone: str) -> Range:
    try:
        return Range(_begins(first, zone), _begins(first + timedelta(days=days), zone))
    except OverflowError:
        raise ValueError("this lies at an end of the calendar") from None


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
