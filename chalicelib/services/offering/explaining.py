"""Why a time is, or is not, offered: each rule by itself, for staff. A time is offered if, and only if, all hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.busy import Entry
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.groups import group_of
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Interval, Timing, blocked, timing
from chalicelib.domain.wall_time import DAY, ceil_minute, day_number, instant_of
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.door.offers import FARTHEST, offer_of
from chalicelib.services.door.working import absent, closed, regions_of
from chalicelib.services.offering.reading import Search, see
from chalicelib.services.offering.slot_rules import SlotRules
from chalicelib.services.ports import PublicHolidays
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

Held = tuple[dict[str, str], Interval]
_MINUTE = timedelta(minutes=1)


class Rule(Enum):
    """The rules, in the order in which they are told."""

    OPEN = "business-open"
    OFFERED = "service-offered"
    DURATION = "duration"
    HOURS = "working-hours"
    GRID = "grid"
    NOTICE = "notice"
    HORIZON = "horizon"
    CLOSURE = "closure"
    ABSENCE = "absence"
    FREE = "free"
    CALENDARS = "linked-calendars"
    ROOM = "room"
    CAP = "cap"


class Why(Enum):
    """What made the hours of a date what they are."""

    WEEKLY = "weekly-hours"
    EXCEPTION = "exception"
    HOLIDAY = "public-holiday"
    NONE = "no-hours"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a rule holds, for which expert or room, and what stands in the way: ids and words, no person's data.

    What can't be told, as the place on a grid outside of working hours, is None.
    """

    rule: Rule
    holds: bool | None
    who: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All verdicts on one time."""

    verdicts: Sequence[Verdict]

    @property
    def offered(self) -> bool:
        """Whether it can be booked."""
        return all(each.holds is True for each in self.verdicts)


@dataclass(frozen=True)
class Explaining:
    """Explains times."""

    clock: Clock
    holidays: PublicHolidays

    def explain(
        self,
        caller: StaffSession,
        service: str,
        expert: str,
        starts_at: datetime,
        *,
        duration: int | None,
        network: str,
    ) -> Explanation:
        """Each rule with its verdict; noted. InvalidInputError for what nobody can ever offer."""
        now = self.clock()
        if abs(starts_at - now) > FARTHEST:
            raise InvalidInputError("Ask about a time that could be offered.", field="starts_at")
        frm, to = starts_at, starts_at + _MINUTE
        search = Search(tenant=caller.tenant, service=service, expert=expert, frm=frm, to=to, archived=True)
        noted = Transaction()
        noted.create(
            LedgerEntry.of(
                caller.tenant,
                Action.AVAILABILITY_EXPLAINED,
                at=now.replace(microsecond=0),
                actor=caller.staff,
                about=expert,
                thing=service,
                network=network,
            )
        )
        seen, _ = side_by_side(partial(see, search, now=now), noted.commit)
        rules = SlotRules(seen, search, offer_of(seen.service, duration), now, self.holidays)
        return Explanation(verdicts=list(_Judge(rules, starts_at, self.holidays).verdicts()))


@dataclass(frozen=True)
class _Judge:
    """The verdicts on one start."""

    rules: SlotRules
    start: datetime
    holidays: PublicHolidays

    def verdicts(self) -> Iterator[Verdict]:
        """All of them, in order; those about experts for each who has to be free."""
        seen, offer = self.rules.seen, self.rules.offer
        yield Verdict(rule=Rule.OPEN, holds=seen.is_open)
        yield Verdict(rule=Rule.OFFERED, holds=seen.service.archived_at is None)
        lengths = {seen.terms.duration, *seen.terms.durations}
        yield Verdict(rule=Rule.DURATION, holds=offer.duration in lengths)
        for expert in seen.experts:
            yield from self._of_expert(expert)
            for rooms in seen.terms.resources:
                yield self._of_rooms(expert, rooms)

    @property
    def _taken(self) -> Interval:
        return blocked(self.rules.offer, self.start.replace(second=0, microsecond=0))

    def _of_expert(self, expert: str) -> Iterator[Verdict]:
        seen = self.rules.seen
        if expert not in seen.hours:
            yield Verdict(rule=Rule.HOURS, holds=False, who=expert, detail={"why": Why.NONE.value})
            return
        hours, _ = seen.working(expert, self.rules.search, self.holidays)
        judged = timing(self.rules.offer, hours, now=self.rules.now, start=self.start)
        joins = self.start in self.rules.taken(expert).seats
        yield Verdict(rule=Rule.HOURS, holds=judged.fits, who=expert, detail=self._hours_of(expert, hours, judged))
        yield Verdict(rule=Rule.GRID, holds=joins or judged.on_grid, who=expert)
        yield Verdict(rule=Rule.NOTICE, holds=judged.notice_kept, who=expert)
        yield Verdict(rule=Rule.HORIZON, holds=judged.within_horizon, who=expert)
        yield from self._away(expert)
        yield from self._busy(expert)
        cap = self.rules.cap_in_the_way(expert, self.start)
        yield Verdict(rule=Rule.CAP, holds=cap is None, who=expert, detail={"each": cap.each.value} if cap else {})

    def _hours_of(self, expert: str, hours: Rules, judged: Timing) -> dict[str, str]:
        """The date, the zone of its wall times, and what decided on its hours."""
        told = {"date": judged.day.isoformat(), "zone": hours.zone_on(judged.day)}
        if judged.day in hours.exceptions:
            return {**told, "why": Why.EXCEPTION.value}
        regions = regions_of(self.rules.seen.hours[expert], self.rules.seen.premises)
        region = next((regions.get(site) for site, days in hours.holidays.items() if judged.day in days), None)
        if region is None:
            return {**told, "why": Why.WEEKLY.value}
        name = self.holidays.of(region, judged.day.year)[judged.day]
        return {**told, "why": Why.HOLIDAY.value, "region": region, "holiday": name}

    def _away(self, expert: str) -> Iterator[Verdict]:
        """Closures and absences that the appointment, buffers included, would touch."""
        seen, around = self.rules.seen, {"frm": self.start, "to": self.start + _MINUTE}
        for rule, times in (
            (Rule.CLOSURE, closed(seen.premises, **around)),
            (Rule.ABSENCE, absent(seen.hours[expert], **around)),
        ):
            yield from self._untouched(rule, expert, [({}, each) for each in times])

    def _busy(self, expert: str) -> Iterator[Verdict]:
        """Appointments, reservations and outside times, but for the group that can be joined."""
        joined = self._joined(expert)
        held: list[Held] = []
        outside: list[Held] = []
        for day, content in self.rules.seen.days[expert]:
            midnight = day_number(day) * DAY
            others = (each for each in content.entries if not joined or each.group != joined)
            held += [(_held_by(each), Interval(midnight + each.start, midnight + each.end)) for each in others]
            outside += [
                ({"link": link}, Interval(midnight + since, midnight + until)) for since, until, link in content.outside
            ]
        yield from self._untouched(Rule.FREE, expert, held)
        yield from self._untouched(Rule.CALENDARS, expert, outside)

    def _joined(self, expert: str) -> int:
        """The number of the group that starts then, if it has a seat left; otherwise 0."""
        if self.start not in self.rules.taken(expert).seats:
            return 0
        return group_of(self.rules.seen.service.id, ceil_minute(self.start), self.rules.offer.duration)

    def _untouched(self, rule: Rule, who: str, times: Iterable[Held]) -> Iterator[Verdict]:
        """One verdict for each time that is in the way, or one that none is."""
        mine = self._taken
        touched = [(told, each) for told, each in times if each.start < mine.end and mine.start < each.end]
        if not touched:
            yield Verdict(rule=rule, holds=True, who=who)
        for told, each in touched:
            span = {"from": instant_of(each.start).isoformat(), "until": instant_of(each.end).isoformat()}
            yield Verdict(rule=rule, holds=False, who=who, detail={**span, **told})

    def _of_rooms(self, expert: str, rooms: Sequence[str]) -> Verdict:
        """Of a set one has to be free; a group stays where it began."""
        if self._joined(expert):
            free = [each for each in rooms if self.rules.holds_group(each, expert, self.start)]
        else:
            free = [each for each in rooms if self.rules.free_in(each, [self.start])]
        return Verdict(rule=Rule.ROOM, holds=bool(free), who=",".join(free or rooms))


def _held_by(entry: Entry) -> dict[str, str]:
    """Whose time it is; what lapses by itself is a reservation, an offer, or waits to be paid or confirmed."""
    lapses = datetime.fromtimestamp(entry.until, UTC).isoformat() if entry.until else ""
    return {"id": entry.owner, **({"lapses_at": lapses} if lapses else {})}
