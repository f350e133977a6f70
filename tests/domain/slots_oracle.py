"""The slot rules once more, as slowly and plainly as they read: minute by minute, one rule after the other.

Written from the rules alone. It shares only the input types with the product, so that both are wrong in the
same way only by chance.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.slots import Availability, Interval, Offer, WorkingRange

_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Oracle:
    """Answers for one expert; remembers what each minute of his time is."""

    def __init__(self, offer: Offer, availability: Availability, busy: Sequence[Interval]) -> None:
        self._offer = offer
        self._availability = availability
        self._zone = ZoneInfo(availability.zone)
        self._busy = [(_EPOCH + one.start * _MINUTE, _EPOCH + one.end * _MINUTE) for one in busy]
        self._working: dict[datetime, bool] = {}

    def starts(self, *, now: datetime, frm: datetime, to: datetime) -> list[datetime]:
        """Every start there is."""
        found = []
        instant = frm.astimezone(UTC).replace(second=0, microsecond=0)
        while instant < to:
            if instant >= frm and self.allows(instant, now=now):
                found.append(instant)
            instant += _MINUTE
        return found

    def allows(self, start: datetime, *, now: datetime) -> bool:
        """Whether this whole UTC minute obeys every rule but the range asked."""
        return (
            self._on_grid(start)
            and start >= now.astimezone(UTC) + self._offer.notice * _MINUTE
            and self._within_horizon(start, now)
            and self._fits(start)
            and self._undisturbed(start)
        )

    def _range_at(self, instant: datetime) -> tuple[WorkingRange | None, int]:
        local = instant.astimezone(self._zone)
        today = local.date()
        if today in self._availability.exceptions:
            ranges = self._availability.exceptions[today]
        else:
            ranges = self._availability.weekly.get(today.weekday(), ())
        wall = local.hour * 60 + local.minute
        for one in ranges:
            if one.start <= wall < one.end:
                return one, wall
        return None, wall

    def _on_grid(self, start: datetime) -> bool:
        here, wall = self._range_at(start)
        return here is not None and (wall - here.start) % self._offer.step == 0

    def _within_horizon(self, start: datetime, now: datetime) -> bool:
        today = now.astimezone(self._zone).date()
        return start.astimezone(self._zone).date() <= today + timedelta(days=self._offer.horizon_days)

    def _fits(self, start: datetime) -> bool:
        return all(self._is_working(start + number * _MINUTE) for number in range(self._offer.duration))

    def _is_working(self, instant: datetime) -> bool:
        if instant not in self._working:
            self._working[instant] = self._range_at(instant)[0] is not None
        return self._working[instant]

    def _undisturbed(self, start: datetime) -> bool:
        instant = start - self._offer.buffer_before * _MINUTE
        end = start + (self._offer.duration + self._offer.buffer_after) * _MINUTE
        while instant < end:
            if any(since <= instant < until for since, until in self._busy):
                return False
            instant += _MINUTE
        return True
