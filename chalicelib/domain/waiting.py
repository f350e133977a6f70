"""What somebody on a waiting list waits for, which freed times fit it, and until when a freed time is kept for them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.periods import months

LONGEST = months(12)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Days from `first` to `last` and wall time from `earliest` to before `latest` (minutes), all in `zone`.

    No `expert`: any. No `weekdays` (1 is Monday): all.
    """

    first: date
    last: date
    zone: str
    expert: str | None = None
    weekdays: frozenset[int] = frozenset()
    earliest: int = 0
    latest: int = 1440

    def fits(self, starts_at: datetime, *, expert: str) -> bool:
        """Whether an appointment that starts then, with this expert, is what they wait for."""
        local = starts_at.astimezone(ZoneInfo(self.zone))
        return (
            self.expert in {None, expert}
            and self.first <= local.date() <= self.last
            and (not self.weekdays or local.isoweekday() in self.weekdays)
            and self.earliest <= local.hour * 60 + local.minute < self.latest
        )

    def ends_at(self, since: datetime) -> datetime:
        """When it is over for whoever joined then: with its last day, and after twelve months at the latest."""
        zone = ZoneInfo(self.zone)
        longest = LONGEST.after(since, zone)
        if self.last >= longest.astimezone(zone).date():
            return longest
        return datetime.combine(self.last + timedelta(days=1), time(), zone).astimezone(UTC)


def kept_until(starts_at: datetime, *, minutes: int, notice: int, now: datetime) -> datetime | None:
    """Until when a freed time is kept for whom it is offered to; None when it begins too soon for that.

    Never beyond the instant from which on nobody can book it any more.
    """
    until = min(now + timedelta(minutes=minutes), starts_at - timedelta(minutes=notice))
    return until if until > now else None
