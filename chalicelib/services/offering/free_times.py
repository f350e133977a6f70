"""The times that can be booked now: of one expert, of whoever is free, of all experts together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from chalicelib.domain.errors import InvalidInputError
from chalicelib.records.service import Service
from chalicelib.services.door.offers import FARTHEST, duration_of, offer_of
from chalicelib.services.offering._shared import Part
from chalicelib.services.offering.hours import Absence, absences_of
from chalicelib.services.offering.reading import Search, Seen, see
from chalicelib.services.offering.slot_rules import Seats, SlotRules

LONGEST_RANGE = timedelta(days=62)
MOST = 200_000  # starts of all experts in one answer, which may hold 6 MB
_FIRST_LOOK = timedelta(days=14)  # most businesses have something free by then; each look goes on twice as far


@dataclass(frozen=True, kw_only=True)
class FreeTimes:
    """What can be booked: by expert the starts in order, and the seats left in groups that were begun already.

    `away` are those of the experts who are absent in the range and have somebody who stands in and does it, too.
    """

    service: Service
    duration: int
    by_expert: Mapping[str, Sequence[datetime]]
    seats: Mapping[str, Seats] = field(default_factory=dict)
    away: Sequence[tuple[str, Absence]] = ()

    @property
    def starts(self) -> list[datetime]:
        """All of them, in order."""
        return sorted(set(chain.from_iterable(self.by_expert.values())))

    def seats_left(self) -> list[int]:
        """By start how many people can still come, with the expert who has the most seats."""
        most: dict[datetime, int] = dict.fromkeys(self.starts, 0)
        for expert, starts in self.by_expert.items():
            for start in starts:
                most[start] = max(most[start], self.seats[expert].get(start, int(self.service.seats)))
        return list(most.values())


class Slots(Part):
    """Free times."""

    def slots(self, tenant: str, service_id: str, expert: str, *, frm: datetime, to: datetime) -> list[datetime]:
        """The starts from `frm` to before `to` that can be booked now with one expert."""
        return self.free(Search(tenant=tenant, service=service_id, expert=expert, frm=frm, to=to)).starts

    def slots_for_move(
        self,
        tenant: str,
        service_id: str,
        expert: str,
        *,
        frm: datetime,
        to: datetime,
        appointment: str,
        duration: int | None = None,
        others: frozenset[str] = frozenset(),
    ) -> list[datetime]:
        """The same for an appointment that is to be moved: its own time counts as free.

        It keeps its duration, its expert and the `others` who take part.
        """
        search = Search(tenant=tenant, service=service_id, expert=expert, frm=frm, to=to)
        kept = replace(search, duration=duration, moving=appointment, others=others, archived=True)
        return self.free(kept).starts

    def free(self, search: Search) -> FreeTimes:
        """The free times. InvalidInputError for a range of nothing or of more than 62 days."""
        if not timedelta(0) < search.to - search.frm <= LONGEST_RANGE:
            raise InvalidInputError("Ask for more than nothing and at most 62 days.", field="to")
        found = self._free(search)
        if sum(map(len, found.by_expert.values())) > MOST:
            raise InvalidInputError("Ask for a shorter range, or for one expert.", field="to")
        return found

    def first_free(self, search: Search) -> FreeTimes:
        """The first free start from `frm` on, up to the horizon: `to` does not matter. At most six looks."""
        now, span = self.clock(), _FIRST_LOOK
        end = now + FARTHEST
        frm = min(max(search.frm, now), end)
        while True:
            found = self._free(replace(search, frm=frm, to=frm + span))
            frm, span = frm + span, 2 * span
            if found.starts or frm >= min(end, _horizon(found.service, now)):
                return _only_first(found)

    def _free(self, search: Search) -> FreeTimes:
        now = self.clock()
        seen = see(search, now=now)
        kept = search.duration if search.moving else duration_of(seen.terms, search.duration)
        rules = SlotRules(seen, search, offer_of(seen.service, kept), now, self.holidays)
        found = FreeTimes(service=seen.service, duration=rules.offer.duration, by_expert={})
        if not seen.is_open:
            return found
        of_each = {each: rules.starts(each) for each in seen.hours}
        return replace(
            found,
            by_expert=shared(seen, {each: starts for each, (starts, _) in of_each.items()}),
            seats={each: seats for each, (_, seats) in of_each.items()},
            away=list(_away(seen, search)),
        )


def shared(seen: Seen, by_expert: Mapping[str, list[datetime]]) -> Mapping[str, list[datetime]]:
    """The starts by expert; where all do it together, those at which all are free: none if anybody has no hours."""
    if not seen.together:
        return by_expert
    everybody = [set(by_expert.get(each, ())) for each in seen.experts]
    common = sorted(everybody[0].intersection(*everybody[1:])) if everybody else []
    return dict.fromkeys(seen.experts, common)


def _away(seen: Seen, search: Search) -> Iterator[tuple[str, Absence]]:
    for expert, hours in seen.hours.items():
        for each in absences_of(hours):
            if each.stand_in in seen.terms.experts and each.frm < search.to and search.frm < each.until:
                yield expert, replace(each, frm=max(each.frm, search.frm), until=min(each.until, search.to))


def _horizon(service: Service, now: datetime) -> datetime:
    return now + timedelta(days=int(service.horizon_days) + 2)  # its last day may end that late elsewhere


def _only_first(found: FreeTimes) -> FreeTimes:
    first = found.starts[:1]
    by_expert = {each: first for each, starts in found.by_expert.items() if first and starts and starts[0] == first[0]}
    return replace(found, by_expert=by_expert)
