"""What follows from how early somebody cancels or moves: until when it is possible, and what is paid back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chalicelib.domain.terms import Refund


def latest(starts_at: datetime, minutes: int) -> datetime:
    """The last instant, itself included, that lies at least so many minutes before the start."""
    return starts_at - timedelta(minutes=minutes)


def refund(paid: int, refunds: Iterable[Refund], *, starts_at: datetime, at: datetime) -> int:
    """How much of what was paid goes back to who cancels then: by the most generous rule that is still kept.

    Fractions of the smallest unit go to the customer. Without a rule that is kept nothing goes back.
    """
    kept = (each.percent for each in refunds if at <= latest(starts_at, each.minutes))
    return -(-paid * max(kept, default=0) // 100)
