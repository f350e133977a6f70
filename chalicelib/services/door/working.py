"""What an expert's hours come to for a service: who decides is the date, then the holiday, then the weekday.

Public holidays close the ranges of a site by the region of the site; those of no site by the expert's, or else by that
of the business. A date that has an exception of its own follows that alone. Absences of the expert and closures of the
premises are busy time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Interval, WorkingRange
from chalicelib.domain.terms import Terms
from chalicelib.domain.wall_time import ceil_minute
from chalicelib.records.availability import Availability
from chalicelib.records.premises import Premises
from chalicelib.services.ports import PublicHolidays

AROUND = timedelta(days=2)  # an appointment and each of its buffers last a day at most


def working(
    availability: Availability,
    premises: Premises | None,
    terms: Terms | None,
    *,
    holidays: PublicHolidays,
    frm: datetime,
    to: datetime,
) -> tuple[Rules, list[Interval]]:
    """The hours that count for a service (None: for all) in a range, and the busy time that is in no day sheet."""
    rules = availability.rules()
    if terms and terms.site is not None:
        rules = replace(
            rules,
            weekly={day: _at(ranges, terms.site) for day, ranges in rules.weekly.items()},
            exceptions={day: _at(ranges, terms.site) for day, ranges in rules.exceptions.items()},
        )
    off = _off(rules, regions_of(availability, premises), holidays, frm, to)
    busy = [*absent(availability, frm=frm, to=to), *closed(premises, frm=frm, to=to)]
    return replace(rules, holidays=off), busy


def regions_of(availability: Availability, premises: Premises | None) -> Mapping[str | None, str | None]:
    """By site (None: no site) the region whose public holidays count there."""
    usual = availability.holidays or (premises.holidays if premises else None)
    sites: list[dict[str, Any]] = premises.sites if premises else []
    return {None: usual, **{site["id"]: site.get("holidays") or usual for site in sites}}


def absent(availability: Availability, *, frm: datetime, to: datetime) -> list[Interval]:
    """When the expert is away, as far as it could touch an appointment in the range."""
    return _near(((each["from"], each["until"]) for each in availability.absences), frm, to)


def closed(premises: Premises | None, *, frm: datetime, to: datetime) -> list[Interval]:
    """When nobody works, as far as it could touch an appointment in the range."""
    return _near(((since, until) for since, until in (premises.closures if premises else [])), frm, to)


def _near(times: Iterable[tuple[str, str]], frm: datetime, to: datetime) -> list[Interval]:
    instants = ((datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in times)
    near = ((since, until) for since, until in instants if since < _later(to) and _earlier(frm) < until)
    return [Interval(_floor_minute(since), ceil_minute(until)) for since, until in sorted(near)]


def _at(ranges: tuple[WorkingRange, ...], site: str) -> tuple[WorkingRange, ...]:
    return tuple(each for each in ranges if each.site in {None, site})


def _off(
    rules: Rules, regions: Mapping[str | None, str | None], holidays: PublicHolidays, frm: datetime, to: datetime
) -> dict[str | None, dict[date, str]]:
    """The holidays of the sites that the hours name."""
    years = range(_earlier(frm).year, _later(to).year + 1)
    named = {each.site for ranges in rules.weekly.values() for each in ranges}
    known = {site: region for site in named if (region := regions.get(site, regions[None]))}
    return {
        site: {day: name for year in years for day, name in holidays.of(region, year).items()}
        for site, region in known.items()
    }


def _floor_minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60


def _earlier(instant: datetime) -> datetime:
    return max(instant, datetime.min.replace(tzinfo=UTC) + AROUND) - AROUND


def _later(instant: datetime) -> datetime:
    return min(instant, datetime.max.replace(tzinfo=UTC) - AROUND) + AROUND
