"""When an expert can't be booked at all: for the business, whose colleagues plan by it. It says times and nothing else.

Visitors see free times; when somebody works, and when they are merely busy, is more than visitors need.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.slots import Interval
from chalicelib.domain.wall_time import ceil_minute
from chalicelib.domain.working_time import pieces_of_work
from chalicelib.records.availability import Availability
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.premises import Premises
from chalicelib.records.reading import Found, fetch_all
from chalicelib.services.door.offers import FARTHEST, busy_of, days_that_matter
from chalicelib.services.door.working import working
from chalicelib.services.offering._shared import Part
from chalicelib.services.offering.free_times import LONGEST_RANGE
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

Read = tuple[Found, list[DaySheet]]


@dataclass(frozen=True, kw_only=True)
class BusyTimes:
    """In a range the times that are taken, and those at which the expert does not work; both merged, in order."""

    frm: datetime
    to: datetime
    busy: list[Interval]
    off: list[Interval]


class FreeBusy(Part):
    """Busy times."""

    def busy_times(self, caller: StaffSession, expert: str, *, frm: datetime, to: datetime, network: str) -> BusyTimes:
        """The busy times of one's own business's expert; noted."""
        if not timedelta(0) < to - frm <= LONGEST_RANGE:
            raise InvalidInputError("Ask for more than nothing and at most 62 days.", field="to")
        if abs(frm - self.clock()) > FARTHEST:
            raise InvalidInputError("Ask for a time that can be planned.", field="from")
        look = partial(self._read, caller.tenant, expert, frm, to)
        found, sheets = self._looked(caller, Action.AVAILABILITY_READ, look, network=network, about=expert)
        hours = found.need(Availability.ref(caller.tenant, expert), what="availability")
        premises = found.get(Premises.ref(caller.tenant))
        rules, closed = working(hours, premises, None, holidays=self.holidays, frm=frm, to=to)
        since, until = ceil_minute(frm), ceil_minute(to)
        works = [Interval(*piece[:2]) for piece in pieces_of_work(rules, ZoneInfo(rules.zone), since, until)]
        off = [*_between(works, since, until), *closed]
        return BusyTimes(frm=frm, to=to, busy=_merged(busy_of(sheets), since, until), off=_merged(off, since, until))

    def _read(self, tenant: str, expert: str, frm: datetime, to: datetime) -> Read:
        now = self.clock()
        first, last = days_that_matter(frm, to, now=now)
        found, sheets = side_by_side(
            partial(fetch_all, [Availability.ref(tenant, expert), Premises.ref(tenant)]),
            partial(DaySheet.between, tenant, expert, first, last),
        )
        for each in sheets:
            each.content = each.content.live(now)
        return found, sheets


def _between(times: list[Interval], since: int, until: int) -> list[Interval]:
    """What lies from `since` to `until` beside the times, which are in order and apart."""
    edges = [since, *(edge for each in times for edge in (each.start, each.end)), until]
    return [Interval(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _merged(times: list[Interval], since: int, until: int) -> list[Interval]:
    """The times cut to the range; those that touch or overlap are one."""
    merged: list[Interval] = []
    for each in sorted(times, key=lambda one: one.start):
        start, end = max(each.start, since), min(each.end, until)
        if merged and start <= merged[-1].end:
            start, end = merged[-1].start, max(merged.pop().end, end)
        if start < end:
            merged.append(Interval(start, end))
    return merged
