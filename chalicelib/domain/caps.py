"""Caps: how many appointments of a service, or minutes of them, an expert takes in a day, a week or a month.

An appointment counts in the period of its local start, each seat of a group by itself. What is counted is kept for the
periods that a cap asks for and, where customers may leave the choice of the expert to us, for months: fairness goes by
those (see `fairness`).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.terms import Cap, Each, Terms

_DAYS = {Each.DAY: 1, Each.WEEK: 7, Each.MONTH: 31}


def counted(terms: Terms) -> frozenset[Each]:
    """The periods for which appointments of a service are counted."""
    shared = {Each.MONTH} if len(terms.experts) > 1 and not terms.together else set()
    return frozenset({cap.each for cap in terms.caps} | shared)


def period(each: Each, at: datetime, zone: str) -> str:
    """The name of the period in which an instant lies: 2026-11-22, 2026-W47 or 2026-11."""
    day = at.astimezone(ZoneInfo(zone)).date()
    if each is Each.WEEK:
        return f"{day:%G-W%V}"
    return day.isoformat() if each is Each.DAY else f"{day:%Y-%m}"


def end_of(each: Each, at: datetime, zone: str) -> datetime:
    """When the period is over in which an instant lies."""
    day = at.astimezone(ZoneInfo(zone)).date()
    after = _first(each, day) + timedelta(days=_DAYS[each])
    return datetime.combine(_first(each, after), time(), ZoneInfo(zone)).astimezone(UTC)


def allows(cap: Cap, held: Mapping[str, int], *, owner: str, minutes: int) -> bool:
    """Whether `owner` may have so many minutes beside what the others hold in the period of the cap."""
    others = [each for who, each in held.items() if who != owner]
    return (cap.count is None or len(others) < cap.count) and (
        cap.minutes is None or sum(others) + minutes <= cap.minutes
    )


def _first(each: Each, day: date) -> date:
    if each is Each.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if each is Each.MONTH else day
