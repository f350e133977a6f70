"""Looks at what stands in a calendar far ahead, as far as anybody can book: once a day, stretch by stretch.

Where it has got to is noted after each stretch, so a run that has no time left, or is killed, is gone on with by the
next look.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.errors import AccessEndedError, ProviderError, ThrottledError
from chalicelib.domain.own_calendars import STRETCHES
from chalicelib.records.calendar_link import CalendarLink
from chalicelib.records.writing import Transaction

AGAIN, LATER = timedelta(days=1), timedelta(hours=1)


def look_further(
    link: CalendarLink, take_in: Callable[[int], None], now: datetime, *, may_go_on: Callable[[], bool]
) -> None:
    """Takes in one stretch after the other, if they are due.

    A provider that can't tell what is so far ahead is asked again later: what is near is known all the same.
    """
    while may_go_on() and (link.further_at is None or link.further_at <= now):
        if not _told(partial(take_in, int(link.further))):
            link.further_at = now + LATER
        elif int(link.further) + 1 < STRETCHES:
            link.further = int(link.further) + 1
        else:
            link.further, link.further_at = 1, now + AGAIN
        transaction = Transaction()
        transaction.update(link)
        transaction.commit()


def _told(asking: Callable[[], None]) -> bool:
    try:
        asking()
    except (AccessEndedError, ThrottledError):
        raise
    except ProviderError:
        return False
    return True
