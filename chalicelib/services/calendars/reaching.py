"""Reaching a calendar: a token that still holds, and when to come back after what failed."""

from datetime import datetime, timedelta

from chalicelib.domain.errors import AccessEndedError, ProviderError, ThrottledError
from chalicelib.domain.own_calendars import Access
from chalicelib.records.calendar_link import CalendarLink, CalendarParting
from chalicelib.records.writing import Transaction
from chalicelib.services.calendars.ports import Calendar

_SPARE = timedelta(minutes=2)
_LONGEST = timedelta(hours=6)


def opened(held: CalendarLink | CalendarParting, calendar: Calendar, *, now: datetime) -> Access:
    """What opens the calendar now; a fresh token is stored before it is used, since the old refresh token may end."""
    access = held.access
    if calendar.oauth is None or (access.until is not None and access.until > now + _SPARE):
        return access
    access = calendar.oauth.refreshed(access)
    held.opens = access.plain()
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()
    return access


def put_off(held: CalendarLink | CalendarParting, error: ProviderError, *, now: datetime) -> None:
    """Notes when to come back: when the provider says, or after twice the time of the last attempt."""
    held.failures, held.trouble = int(held.failures) + 1, error.code
    wait = min(timedelta(minutes=2 ** min(int(held.failures) - 1, 9)), _LONGEST)
    said = error.retry_after if isinstance(error, ThrottledError) else 0
    held.next_at = now + max(wait, timedelta(seconds=said))


def may_be_stale(held: CalendarLink | CalendarParting, error: AccessEndedError, calendar: Calendar) -> bool:
    """Whether a fresh token could help: a token may end before its time, and once another is tried."""
    return calendar.oauth is not None and error.code in {"401", "403"} and held.trouble != error.code
