"""Times for several services in one visit, one after the other, by whoever does each of them.

Between two of them lies the room that both ask for around themselves, as at booking. The first one starts on its grid;
when the others start follows from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.terms import Terms
from chalicelib.domain.wall_time import MINUTE
from chalicelib.records.reading import fetch_all
from chalicelib.records.service import Service
from chalicelib.services.door.offers import FARTHEST, offer_of
from chalicelib.services.offering._shared import Part
from chalicelib.services.offering.free_times import LONGEST_RANGE, shared
from chalicelib.services.offering.reading import Search, Seen, see
from chalicelib.services.offering.slot_rules import SlotRules
from chalicelib.services.side_by_side import all_at_once


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One service of a visit, which starts `offset` minutes after the visit does."""

    service: str
    offset: int
    duration: int


@dataclass(frozen=True, kw_only=True)
class VisitTimes:
    """At which times a visit can start, and how it goes on from there."""

    starts: Sequence[datetime]
    legs: Sequence[Leg]


class Visits(Part):
    """Visits."""

    def visit_times(self, tenant: str, services: Sequence[str], *, frm: datetime, to: datetime) -> VisitTimes:
        """The starts from `frm` to before `to` at which all of it can be booked now, each for its usual duration."""
        if not timedelta(0) < to - frm <= LONGEST_RANGE:
            raise InvalidInputError("Ask for more than nothing and at most 62 days.", field="to")
        if len(set(services)) < len(services):
            raise InvalidInputError("Name each service once.", field="services")
        now = self.clock()
        legs = list(_legs(_terms(tenant, services)))
        frm, to = max(frm, now), min(to, now + FARTHEST)
        if frm >= to:
            return VisitTimes(starts=[], legs=legs)
        searches = [_of_leg(each, tenant, frm, to) for each in legs]
        seen = all_at_once([partial(see, each, now=now) for each in searches])
        starts: list[datetime] | None = None
        for leg, search, one in zip(legs, searches, seen, strict=True):
            rules = SlotRules(one, search, offer_of(one.service), now, self.holidays)
            after = leg.offset * MINUTE
            wanted = None if starts is None else [each + after for each in starts]
            starts = [each - after for each in _free(rules, one, wanted)]
        return VisitTimes(starts=starts or [], legs=legs)


def _terms(tenant: str, services: Sequence[str]) -> list[tuple[str, Terms]]:
    refs = [Service.ref(tenant, each) for each in services]
    found = fetch_all(refs)
    held = [found.need(ref, what="service") for ref in refs]
    if any(each.archived_at for each in held):
        raise NotFoundError("There is no such service.")
    return [(each.id, each.terms()) for each in held]


def _legs(services: Sequence[tuple[str, Terms]]) -> Iterator[Leg]:
    offset = 0
    for number, (service, terms) in enumerate(services):
        offset += terms.buffer_before if number else 0
        yield Leg(service=service, offset=offset, duration=terms.duration)
        offset += terms.duration + terms.buffer_after


def _of_leg(leg: Leg, tenant: str, frm: datetime, to: datetime) -> Search:
    after = leg.offset * MINUTE
    return Search(tenant=tenant, service=leg.service, frm=frm + after, to=to + after)


def _free(rules: SlotRules, seen: Seen, wanted: list[datetime] | None) -> list[datetime]:
    """When somebody is free, or all are who do it together: on the grid, or (`wanted`) at one of these instants."""
    if not seen.is_open:
        return []
    by_expert = {each: rules.starts(each)[0] if wanted is None else rules.of(each, wanted) for each in seen.hours}
    return sorted(set(chain.from_iterable(shared(seen, by_expert).values())))
