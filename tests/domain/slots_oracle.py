"""The slot rules once more, as slowly and plainly as they read: minute by minute, one rule after the other.

Written from the rules alone. It shares only the input types with the product, so that both are wrong in the
same way only by chance.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.slots import Availability, Interval, Offer, WorkingRange

_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Oracle:
    """Answers for one expert; remembers what each minute of his time is."""

    def __init__(
        self,
        offer: Offer,
        availability: Availability,
        busy: Sequence[Interval],
        groups: Collection[datetime] = (),
    ) -> None:
        self._offer = offer
        self._availability = availability
        self._zones = {availability.zone, *(travel.zone for travel in availability.travels)}
        self._busy = [(_EPOCH + one.start * _MINUTE, _EPOCH + one.end * _MINUTE) for one in busy]
        self._groups = set(groups)
        self._ranges: dict[datetime, tuple[date, WorkingRange, int] | None] = {}

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
            (start in self._groups or self._on_grid(start))
            and start >= now.astimezone(UTC) + self._offer.notice * _MINUTE
            and self._fits(start)
            and self._within_horizon(start, now)
            and self._undisturbed(start)
        )

    def _range_at(self, instant: datetime) -> tuple[date, WorkingRange, int] | None:
        """The date, the range and the wall minute that an instant belongs to; the earliest date if to several."""
        if instant not in self._ranges:
            found = [each for zone in sorted(self._zones) for each in self._ranges_in(zone, instant)]
            self._ranges[instant] = min(found, key=lambda each: each[0], default=None)
        return self._ranges[instant]

    def _ranges_in(self, zone: str, instant: datetime) -> list[tuple[date, WorkingRange, int]]:
        local = instant.astimezone(ZoneInfo(zone))
        today, wall = local.date(), local.hour * 60 + local.minute
        if zone != self._zone_of(today):
            return []
        return [(today, one, wall) for one in self._open_on(today) if one.start <= wall < one.end]

    def _zone_of(self, day: date) -> str:
        away = [travel for travel in self._availability.travels if travel.first <= day <= travel.last]
        return away[0].zone if away else self._availability.zone

    def _open_on(self, day: date) -> list[WorkingRange]:
        if day in self._availability.exceptions:
            return list(self._availability.exceptions[day])
        weekly, holidays = self._availability.weekly, self._availability.holidays
        return [
            one for one in weekly.get(day.weekday(), ()) if one.site not in holidays or day not in holidays[one.site]
        ]

    def _on_grid(self, start: datetime) -> bool:
        here = self._range_at(start)
        return here is not None and (here[2] - here[1].start) % self._offer.step == 0

    def _within_horizon(self, start: datetime, now: datetime) -> bool:
        here = self._range_at(start)
        today = now.astimezone(ZoneInfo(self._availability.zone)).date()
        return (
            here is not None
            and here[0] <= today + timedelta(days=self._offer.horizon_days)
            and (self._offer.last is None or here[0] <= self._offer.last)
        )

    def _fits(self, start: datetime) -> bool:
        return all(self._range_at(start + number * _MINUTE) for number in range(self._offer.duration))

    def _undisturbed(self, start: datetime) -> bool:
        before, after = self._offer.buffer_before * _MINUTE, (self._offer.duration + self._offer.buffer_after) * _MINUTE
        others = [(each - before, each + after) for each in self._groups if each != start]
        instant = start - before
        while instant < start + after:
            if any(since <= instant < until for since, until in [*self._busy, *others]):
                return False
            instant += _MINUTE
        return True
