"""The rules of slots on what was read: the time of an expert, a room of each set, the caps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from chalicelib.domain.busy import to_intervals
from chalicelib.domain.caps import allows, period
from chalicelib.domain.groups import Taken, group_of, taken
from chalicelib.domain.slots import Offer, bookable, starts, untouched
from chalicelib.domain.terms import Cap
from chalicelib.domain.wall_time import ceil_minute
from chalicelib.services.offering.reading import Search, Seen
from chalicelib.services.ports import PublicHolidays

Seats = Mapping[datetime, int]


@dataclass(frozen=True)
class SlotRules:
    """What is offered of one service for one duration, as it stands at `now`."""

    seen: Seen
    search: Search
    offer: Offer
    now: datetime
    holidays: PublicHolidays

    def starts(self, expert: str) -> tuple[list[datetime], Seats]:
        """The free starts of an expert in order, and the seats left in groups that were begun already."""
        rules, closed = self.seen.working(expert, self.search, self.holidays)
        busy, seats = self.taken(expert)
        asked = {"now": self.now, "frm": self.search.frm, "to": self.search.to}
        found = starts(self.offer, rules, [*busy, *closed], groups=seats, **asked)
        return self._allowed(expert, found, seats), seats

    def of(self, expert: str, instants: Sequence[datetime]) -> list[datetime]:
        """Those of the instants, in order, at which an expert is free, on the grid or not."""
        rules, closed = self.seen.working(expert, self.search, self.holidays)
        busy, seats = self.taken(expert)
        found = bookable(self.offer, rules, [*busy, *closed], instants, now=self.now, groups=seats)
        return self._allowed(expert, found, seats)

    def taken(self, calendar: str) -> Taken:
        """What is busy in a calendar, and which groups can still be joined there."""
        service = self.seen.service
        return taken(self.seen.days[calendar], self.offer, service=service.id, seats=int(service.seats))

    def free_in(self, room: str, starts: Sequence[datetime]) -> set[datetime]:
        """At which of the starts nothing at all is in a room."""
        busy = [each for day, content in self.seen.days[room] for each in to_intervals(day, content)]
        return set(untouched(self.offer, starts, busy))

    def holds_group(self, room: str, expert: str, start: datetime) -> bool:
        """Whether the group that an expert has begun then is in the room."""
        number = group_of(self.seen.service.id, ceil_minute(start), self.offer.duration)
        return bool(self._members(room, number) & self._members(expert, number))

    def cap_in_the_way(self, expert: str, start: datetime) -> Cap | None:
        """The cap that would be exceeded by one appointment more."""
        zone = self.seen.hours[expert].zone_at(start)
        held = {each.over: each.taken(self.now) for each in self.seen.counts.get(expert, ())}
        who, minutes = self.search.moving or "", self.offer.duration
        counted = ((cap, held.get(period(cap.each, start, zone), {})) for cap in self.seen.terms.caps)
        return next((cap for cap, those in counted if not allows(cap, those, owner=who, minutes=minutes)), None)

    def _allowed(self, expert: str, starts: list[datetime], seats: Seats) -> list[datetime]:
        """Those of the starts that rooms and caps allow."""
        for rooms in self.seen.terms.resources:
            starts = self._with_room(expert, starts, rooms, seats)
        caps = self.seen.terms.caps
        return [each for each in starts if self.cap_in_the_way(expert, each) is None] if caps else starts

    def _with_room(self, expert: str, starts: list[datetime], rooms: Sequence[str], seats: Seats) -> list[datetime]:
        """Those of the starts at which one of the rooms is free; a group stays in the room in which it began."""
        free = set(chain.from_iterable(self.free_in(each, starts) for each in rooms)).difference(seats)
        joined = {each for each in seats if any(self.holds_group(room, expert, each) for room in rooms)}
        return [each for each in starts if each in free or each in joined]

    def _members(self, calendar: str, number: int) -> set[str]:
        days = self.seen.days[calendar]
        return {each.owner for _, content in days for each in content.entries if each.group == number}
