"""What has to be read to know which times are free: in one round trip for one expert, in two for several.

Each calendar (an expert's or a room's) is one Query of its day sheets; a bounded number of them run side by side.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import chain
from typing import Any

from chalicelib.domain.busy import DayBusy
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Interval
from chalicelib.domain.terms import Terms
from chalicelib.records.availability import Availability
from chalicelib.records.cap_count import CapCount
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.premises import Premises
from chalicelib.records.reading import Found, Ref, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.services.door.offers import days_that_matter
from chalicelib.services.door.working import working
from chalicelib.services.ports import PublicHolidays
from chalicelib.services.side_by_side import all_at_once


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which times are looked for: starts from `frm` to before `to`, with one expert or (None) with whoever does it.

    The time of the appointment `moving` counts as free, and it stays with its expert and the `others` who take part,
    whoever does the service by now. Appointments of an `archived` service can still be moved.
    """

    tenant: str
    service: str
    frm: datetime
    to: datetime
    expert: str | None = None
    duration: int | None = None
    moving: str | None = None
    others: frozenset[str] | None = None
    archived: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read: experts in order, hours by expert, busy days by calendar, counts for caps by expert.

    The days hold nothing that has lapsed, and nothing of the appointment that is to be moved.
    """

    is_open: bool
    service: Service
    terms: Terms
    premises: Premises | None
    experts: tuple[str, ...]
    together: bool
    hours: Mapping[str, Availability]
    days: Mapping[str, Sequence[tuple[date, DayBusy]]]
    counts: Mapping[str, Sequence[CapCount]]

    def working(self, expert: str, search: Search, holidays: PublicHolidays) -> tuple[Rules, list[Interval]]:
        """The hours of an expert for this service."""
        around = {"frm": search.frm, "to": search.to}
        return working(self.hours[expert], self.premises, self.terms, holidays=holidays, **around)


def see(search: Search, *, now: datetime) -> Seen:
    """Reads what the search needs. NotFoundError for a service that is not offered, or not by this expert."""
    named = [search.expert] if search.expert else []
    tenant_ref, service_ref = Tenant.ref(search.tenant), Service.ref(search.tenant, search.service)
    premises_ref = Premises.ref(search.tenant)
    first = _read(search, [tenant_ref, service_ref, premises_ref], experts=named, now=now)
    business, service = first.found.need(tenant_ref, what="business"), first.found.need(service_ref, what="service")
    if service.archived_at is not None and not search.archived:
        raise NotFoundError("There is no such service.")
    terms = service.terms()
    experts = _experts(search, terms)
    others = [each for each in experts if each not in named]
    rooms = [*chain.from_iterable(terms.resources)]
    second = _read(search, [], experts=others, rooms=rooms, counted=experts if terms.caps else [], now=now)
    refs = {each: Availability.ref(search.tenant, each) for each in experts}
    hours = {each: first.found.get(ref) or second.found.get(ref) for each, ref in refs.items()}
    return Seen(
        is_open=business.tenancy.is_open(now),
        service=service,
        terms=terms,
        premises=first.found.get(premises_ref),
        experts=tuple(experts),
        together=terms.together if search.others is None else bool(search.others),
        hours={each: held for each, held in hours.items() if held is not None},
        days={each: _live(sheets, search, now) for each, sheets in (first.sheets | second.sheets).items()},
        counts=second.counts,
    )


def _experts(search: Search, terms: Terms) -> list[str]:
    """Of whom one, or all, have to be free."""
    if search.expert and search.others is not None:
        return [search.expert, *sorted(search.others)]
    if search.expert and search.expert not in terms.experts:
        raise NotFoundError("This expert does not do this service.")
    return [search.expert] if search.expert and not terms.together else sorted(terms.experts)


def _live(sheets: Sequence[DaySheet], search: Search, now: datetime) -> list[tuple[date, DayBusy]]:
    live = ((each.day, each.content.live(now)) for each in sheets)
    return [(day, content.without(search.moving) if search.moving else content) for day, content in live]


@dataclass(frozen=True)
class _Read:
    found: Found = field(default_factory=Found)
    sheets: dict[str, list[DaySheet]] = field(default_factory=dict)
    counts: dict[str, list[CapCount]] = field(default_factory=dict)


def _read(
    search: Search,
    refs: Sequence[Ref[Any]],
    *,
    experts: Sequence[str],
    rooms: Sequence[str] = (),
    counted: Sequence[str] = (),
    now: datetime,
) -> _Read:
    """Records, the hours of experts, the sheets of experts and rooms, and what counts for caps, all side by side."""
    tenant, (first, last) = search.tenant, days_that_matter(search.frm, search.to, now=now)
    wanted = [*refs, *(Availability.ref(tenant, each) for each in experts)]
    calendars = [*experts, *rooms]
    sheets = [partial(DaySheet.between, tenant, each, first, last) for each in calendars]
    counts = [partial(CapCount.all_of, tenant, each, search.service) for each in counted]
    queries: list[Callable[[], Any]] = [*sheets, *counts]
    if not wanted and not queries:
        return _Read()
    brought: list[Any] = all_at_once([partial(fetch_all, wanted), *queries])
    lists, counts_of_each = brought[1 : len(sheets) + 1], brought[len(sheets) + 1 :]
    return _Read(brought[0], dict(zip(calendars, lists, strict=True)), dict(zip(counted, counts_of_each, strict=True)))
