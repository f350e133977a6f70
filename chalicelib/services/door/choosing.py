"""With whom and in which rooms an appointment takes place, out of what is free when it is to start.

The rules are those by which times are offered, so that what is shown can be booked. Where one of several experts does a
service, one whose group has begun and has a seat left comes first, then whose turn it is (see `fairness`). Where all do
it together, all have to be free. Of each set of rooms and devices the first one that is free is taken; a group stays in
the room in which it began.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.caps import counted
from chalicelib.domain.errors import NotFoundError, SlotTakenError
from chalicelib.domain.fairness import counted as counted_since
from chalicelib.domain.fairness import fairest
from chalicelib.domain.groups import group_of
from chalicelib.domain.slots import Interval, Offer, blocked, is_start
from chalicelib.domain.terms import Each
from chalicelib.domain.wall_time import instant_of
from chalicelib.records.appointment import Appointment
from chalicelib.records.service import Service
from chalicelib.services.door.door import Door
from chalicelib.services.door.offers import FARTHEST, offer_of, taken_of
from chalicelib.services.door.sheets import Claim, Kept
from chalicelib.services.door.working import working
from chalicelib.services.ports import PublicHolidays

_MINUTE = timedelta(minutes=1)
_TAKEN = "Choose one of the times that are offered."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to take place: a service for so many minutes, with an expert or with any (None).

    `others` are those who take part beside the expert, where that is not up to the service any more. What follows on
    something else is not `on_grid`.
    """

    service: Service
    expert: str | None
    starts_at: datetime
    duration: int
    others: frozenset[str] | None = None
    on_grid: bool = True

    @property
    def offer(self) -> Offer:
        """As the slot rules take it."""
        offer = offer_of(self.service, self.duration)
        return offer if self.on_grid else replace(offer, step=1)

    @property
    def interval(self) -> Interval:
        """The time that it takes, with the room around it."""
        return blocked(self.offer, self.starts_at)

    @property
    def group(self) -> int:
        """The number that the seats of a group share."""
        start = int(self.starts_at.timestamp()) // 60
        return group_of(self.service.id, start, self.duration) if self.service.seats > 1 else 0


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Who does it, and where."""

    asked: Asked
    expert: str
    others: tuple[str, ...]
    resources: tuple[str, ...]

    @property
    def interval(self) -> Interval:
        """The time that it takes, with the room around it."""
        return self.asked.interval

    @property
    def group(self) -> int:
        """The number that the seats of a group share; 0 for what has one seat."""
        return self.asked.group

    def claim(self, owner: str, *, until: datetime | None = None, counts: bool = False) -> Claim:
        """The time that it takes from all of them; whether it `counts` towards caps before it is booked."""
        asked = self.asked
        kept = Kept(service=asked.service.id, starts_at=asked.starts_at, minutes=asked.duration)
        return Claim(
            kept=kept if counts else None,
            owner=owner,
            calendars=(self.expert, *self.others, *self.resources),
            interval=self.interval,
            until=until,
            group=self.group,
            seats=int(self.asked.service.seats),
        )

    def put(self, appointment: Appointment) -> None:
        """Puts an appointment there; whether it may be is for the door to say."""
        at, interval = self.asked.starts_at.astimezone(UTC), self.interval
        appointment.starts_at, appointment.ends_at = at, at + self.asked.duration * _MINUTE
        appointment.blocked_from, appointment.blocked_until = instant_of(interval.start), instant_of(interval.end)
        appointment.expert, appointment.others = self.expert, set(self.others) or None
        appointment.resources, appointment.group = set(self.resources) or None, self.group


@dataclass(frozen=True)
class Choosing:
    """Chooses out of what the door has read."""

    door: Door
    holidays: PublicHolidays
    now: datetime

    def want(self, asked: Asked) -> None:
        """Lets the door read what it takes to choose."""
        experts = _candidates(asked)
        rooms = [room for rooms in asked.service.resources for room in rooms]
        self.door.want_premises()
        self.door.want_hours(experts)
        self.door.want_time(Claim(owner="", calendars=(*experts, *rooms), interval=asked.interval))
        if counted(self.door.terms(asked.service)):
            self.door.want_counts(asked.service, experts, asked.starts_at)

    def choose(self, asked: Asked, *, anyhow: bool = False, prefer: Collection[str] = ()) -> Chosen:
        """Who and where; those to `prefer` if they are free. SlotTakenError when it can't be.

        With `anyhow` the grid, the notice and the horizon do not count, as for what was offered or agreed upon before.
        """
        self.want(asked)
        self.door.read()
        together, candidates = _are_together(asked), _candidates(asked)
        free = [each for each in candidates if self._is_free(each, asked, anyhow=anyhow)]
        if not free or (together and len(free) < len(candidates)):
            raise SlotTakenError(_TAKEN, field="starts_at")
        expert = candidates[0] if together else self._next(free, asked, prefer)
        return Chosen(
            asked=asked,
            expert=expert,
            others=tuple(each for each in candidates if each != expert) if together else (),
            resources=tuple(self._room(rooms, expert, asked, prefer) for rooms in asked.service.resources),
        )

    def _is_free(self, expert: str, asked: Asked, *, anyhow: bool) -> bool:
        hours, at = self.door.hours(expert), asked.starts_at
        if hours is None:
            return False
        service, terms = asked.service, self.door.terms(asked.service)
        offer = _at_any_time(asked.offer) if anyhow else asked.offer
        rules, closed = working(hours, self.door.premises, terms, holidays=self.holidays, frm=at, to=at + _MINUTE)
        busy, groups = taken_of(self.door.sheets.of(expert), offer, service, now=self.now)
        if not is_start(offer, rules, [*busy, *closed], now=self.now, start=at, groups=groups):
            return False
        where = self.door.counting(service, expert, at)
        return self.door.counts.allow(where, owner="", minutes=asked.duration)

    def _next(self, free: list[str], asked: Asked, prefer: Collection[str]) -> str:
        """Whose turn it is."""
        preferred = [each for each in free if each in prefer]
        begun = [each for each in free if self._seated(each, asked)]
        some = preferred or begun or free
        if len(some) == 1:
            return some[0]
        service, terms = asked.service, self.door.terms(asked.service)
        joined = [datetime.fromtimestamp(at, UTC) for who, at in service.joined.items() if who in terms.experts]
        held = {each: counted_since(self._in_month(each, asked), joined) for each in terms.experts}
        return fairest(some, experts=terms.experts, weights=dict(terms.weights), held=held)

    def _in_month(self, expert: str, asked: Asked) -> Collection[str]:
        return self.door.counts.minutes(self.door.counting(asked.service, expert, asked.starts_at)).get(Each.MONTH, ())

    def _room(self, rooms: list[str], expert: str, asked: Asked, prefer: Collection[str]) -> str:
        """One of a set; that of the group if it has begun."""
        seated = self._seated(expert, asked)
        if seated:
            rooms, group = [each for each in rooms if self._seated(each, asked) & seated], asked.group
        else:
            rooms, group = sorted(rooms, key=lambda each: each not in prefer), 0
        seats = int(asked.service.seats)
        for room in rooms:
            claim = Claim(owner="", calendars=(room,), interval=asked.interval, group=group, seats=seats)
            if self.door.sheets.are_free(claim):
                return room
        raise SlotTakenError("Choose another time: the room or the device is taken.", field="starts_at")

    def _seated(self, calendar: str, asked: Asked) -> set[str]:
        """Who is in the group that is asked for, on the sheets of one calendar."""
        entries = (each for sheet in self.door.sheets.of(calendar) for each in sheet.content.entries)
        return {each.owner for each in entries if asked.group and each.group == asked.group}


def _candidates(asked: Asked) -> list[str]:
    """Those of whom one, or all, are to be free."""
    if asked.expert is not None and asked.others is not None:
        return [asked.expert, *sorted(asked.others)]
    experts = sorted(asked.service.experts)
    if asked.expert is not None and asked.expert not in experts:
        raise NotFoundError("This expert does not do this service.")
    if asked.service.together:
        return sorted(experts, key=lambda each: each != asked.expert)
    return experts if asked.expert is None else [asked.expert]


def _are_together(asked: Asked) -> bool:
    return bool(asked.others) or (asked.others is None and bool(asked.service.together))


def _at_any_time(offer: Offer) -> Offer:
    return replace(offer, step=1, notice=0, horizon_days=FARTHEST.days, last=None)
