"""Which of the rules by which times are offered an appointment does not keep, and in which rooms it takes place.

Customers keep all rules. Staff may go past most of them, and are told past which. Nobody goes past what is busy: that
is up to the door.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import ConflictError, InvalidInputError, SlotTakenError
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.slots import is_start
from chalicelib.records.appointment import Appointment
from chalicelib.services.door.choosing import Asked, Chosen
from chalicelib.services.door.counting import Counting, Counts
from chalicelib.services.door.door import Door, experts_of
from chalicelib.services.door.offers import FARTHEST
from chalicelib.services.door.sheets import Claim
from chalicelib.services.door.working import working
from chalicelib.services.ports import PublicHolidays
from chalicelib.services.sign_in.sessions import StaffSession

_MINUTE = timedelta(minutes=1)


class Rule(Enum):
    """What staff may go past."""

    DURATION = "duration"
    HOURS = "hours"
    ABSENCE = "absence"
    GRID = "grid"
    NOTICE = "notice"
    HORIZON = "horizon"
    CAPS = "caps"


class Uncapped(Counts):
    """Counts that let caps be exceeded, and remember with whom: for admins."""

    def __init__(self) -> None:
        super().__init__()
        self.exceeded: set[str] = set()

    def allow(self, where: Counting, *, owner: str, minutes: int) -> bool:
        """Always."""
        if not super().allow(where, owner=owner, minutes=minutes):
            self.exceeded.add(where.expert)
        return True


@dataclass(frozen=True)
class Bending:
    """Looks at one appointment as it stands at `now`."""

    door: Door
    holidays: PublicHolidays
    now: datetime

    def want(self, asked: Asked) -> None:
        """Lets the door read what it takes."""
        rooms = [room for rooms in asked.service.resources for room in rooms]
        experts = _experts(asked)
        self.door.want_premises()
        self.door.want_hours(experts)
        self.door.want_time(Claim(owner="", calendars=(*experts, *rooms), interval=asked.interval))

    def broken(self, asked: Asked) -> list[Rule]:
        """The rules that it breaks, caps left out. SlotTakenError when an expert offers no times at all."""
        found = {rule for expert in _experts(asked) for rule in self._of(expert, asked)}
        if asked.duration not in {int(asked.service.duration), *asked.service.durations}:
            found.add(Rule.DURATION)
        return [rule for rule in Rule if rule in found]

    def place(self, asked: Asked, *, given: Collection[str] | None, prefer: Collection[str] = ()) -> Chosen:
        """With its rooms: those that are given, or of each set one that is free, if possible one to `prefer`."""
        experts = _experts(asked)
        sets = [[str(room) for room in rooms] for rooms in asked.service.resources]
        if given is not None and not set(given) <= {room for rooms in sets for room in rooms}:
            raise InvalidInputError("Choose among the rooms and devices of the service.", field="resources")
        rooms = [self._room(rooms, asked, given=given, prefer=prefer) for rooms in sets]
        return Chosen(asked=asked, expert=experts[0], others=experts[1:], resources=tuple(rooms))

    def _of(self, expert: str, asked: Asked) -> Iterator[Rule]:
        hours, at, offer = self.door.hours(expert), asked.starts_at, asked.offer
        if hours is None:
            raise SlotTakenError("Choose another expert: this one offers no times.", field="expert")
        terms, until = self.door.terms(asked.service), at + _MINUTE
        rules, closed = working(hours, self.door.premises, terms, holidays=self.holidays, frm=at, to=until)
        anywhen = replace(offer, step=1, notice=0, horizon_days=FARTHEST.days, last=None)
        works = is_start(anywhen, rules, [], now=at, start=at)
        if not works:
            yield Rule.HOURS
        taken = asked.interval
        if any(one.start < taken.end and taken.start < one.end for one in closed):
            yield Rule.ABSENCE
        on_grid = is_start(replace(anywhen, step=offer.step), rules, [], now=at, start=at)
        if works and not on_grid and not self._has_begun(expert, asked):
            yield Rule.GRID
        if at < self.now + offer.notice * _MINUTE:
            yield Rule.NOTICE
        if at.astimezone(ZoneInfo(rules.zone)).date() > _last_day(asked, self.now, rules.zone):
            yield Rule.HORIZON

    def _has_begun(self, calendar: str, asked: Asked) -> bool:
        """Whether somebody is in the group already, on the sheets of one calendar."""
        entries = (each for sheet in self.door.sheets.of(calendar) for each in sheet.content.entries)
        return any(asked.group and each.group == asked.group for each in entries)

    def _room(self, rooms: list[str], asked: Asked, *, given: Collection[str] | None, prefer: Collection[str]) -> str:
        """One of a set: that of the group if it has begun; whoever gives rooms gives one of each set."""
        chosen = rooms if given is None else [each for each in rooms if each in given]
        if given is not None and len(chosen) != 1:
            raise InvalidInputError("Choose one of each set of rooms and devices.", field="resources")
        for room in sorted(chosen, key=lambda each: (not self._has_begun(each, asked), each not in prefer)):
            claim = Claim(
                owner="",
                calendars=(room,),
                interval=asked.interval,
                group=asked.group,
                seats=int(asked.service.seats),
            )
            if self.door.sheets.are_free(claim):
                return room
        raise SlotTakenError("Choose another time: the room or the device is taken.", field="resources")


def door_for(caller: StaffSession, *, anyway: bool, now: datetime) -> Door:
    """The door; past caps it lets admins only."""
    door = Door(caller.tenant, now=now)
    if anyway and ADMIN in caller.roles:
        door.counts = Uncapped()
    return door


def past_caps(door: Door, held: Appointment) -> list[Rule]:
    """That an appointment which just entered went past a cap, if it did."""
    counts = door.counts
    exceeded = counts.exceeded if isinstance(counts, Uncapped) else set()
    return [Rule.CAPS] if exceeded.intersection(experts_of(held)) else []


def refuse(broken: Collection[Rule]) -> None:
    """ConflictError that names what stands in the way, if anything does."""
    if broken:
        named = ", ".join(rule.value for rule in broken)
        raise ConflictError(f"Not kept: {named}. Choose another time, or send anyway: true.", field="starts_at")


def _experts(asked: Asked) -> tuple[str, ...]:
    """Who takes part, the first one first."""
    if asked.expert is None:
        raise ValueError("whoever asks for rules has an expert in mind")
    also = set(asked.service.experts) if asked.others is None and asked.service.together else asked.others or ()
    return (asked.expert, *sorted(set(also) - {asked.expert}))


def _last_day(asked: Asked, now: datetime, zone: str) -> date:
    offer = asked.offer
    rolling = now.astimezone(UTC).astimezone(ZoneInfo(zone)).date() + timedelta(days=offer.horizon_days)
    return rolling if offer.last is None else min(rolling, offer.last)
