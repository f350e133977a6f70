"""A practice with two experts at a site, two rooms, holidays, absences, a travel and several kinds of services."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from unittest import mock

from moto import mock_aws

from chalicelib.domain.slots import Availability, Travel, WorkingRange
from chalicelib.domain.terms import Cap, Each
from chalicelib.records.service import Service
from chalicelib.services.offering.hours import Absence
from chalicelib.services.offering.premises import Site
from chalicelib.services.offering.reading import Search
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, Business, business, terms
from tests.fakes import DrivenClock
from tests.services.colleagues import colleague
from tests.services.looking import backend
from tests.stage import AWS, Stage, stage

DAY = timedelta(days=1)
MARCH = datetime(2027, 3, 14, 23, 0, tzinfo=UTC)  # Monday 15 March in Zurich; clocks change on the 28th, Easter Sunday
SITE = Site(id="", name="Seefeld", street="Seestrasse 1", postal_code="8008", city="Zürich", holidays="CH-ZH")
SERVICES: dict[str, dict[str, Any]] = {
    "massage": {"duration": 45, "durations": (45, 70), "step": 20, "buffer_before": 10, "buffer_after": 15},
    "group": {"duration": 60, "step": 45, "seats": 3, "buffer_after": 5},
    "advice": {"duration": 30, "step": 30, "together": True},
    "brief": {"duration": 20, "step": 35, "caps": (Cap(each=Each.DAY, count=1), Cap(each=Each.WEEK, minutes=60))},
}


@dataclass(frozen=True)
class Practice:
    """Who and what there is."""

    on: Stage
    of: Business
    beat: StaffSession
    site: str
    rooms: tuple[str, str]
    services: dict[str, Service]

    def search(self, name: str, **changes: Any) -> Search:
        """A week from the Monday on, with whoever is free."""
        service = self.services[name].id
        return replace(Search(tenant=self.of.tenant, service=service, frm=MARCH, to=MARCH + 7 * DAY), **changes)

    def set_hours(self, who: str, rules: Availability, *absences: Absence, holidays: str | None = None) -> None:
        """New hours of one of the two."""
        self.on.services.offering.set_hours(
            self.of.session, who, rules, absences, holidays=holidays, version=None, network=NETWORK
        )

    def change(self, name: str, **changes: Any) -> None:
        """Other terms of a service."""
        terms = replace(self.services[name].terms(), **changes)
        offering = self.on.services.offering
        self.services[name] = offering.change_service(
            self.of.session, self.services[name].id, terms, version=None, network=NETWORK
        )


def ranges(*times: tuple[int, int], site: str | None = None) -> tuple[WorkingRange, ...]:
    """Ranges in hours."""
    return tuple(WorkingRange(60 * start, 60 * end, site) for start, end in times)


@contextmanager
def practice() -> Iterator[Practice]:
    """The practice, made once a process; in January, so that March is within all horizons."""
    tables, made = _made()
    with mock.patch.dict("os.environ", AWS), mock_aws():
        on = Stage(DrivenClock(datetime(2027, 1, 11, 8, 0, tzinfo=UTC)))
        backend().tables = deepcopy(tables)
        yield replace(made, on=on, services=dict(made.services))


@cache
def _made() -> tuple[Any, Practice]:
    with stage() as on:
        made = _practice(on)
        return deepcopy(backend().tables), made


def _practice(on: Stage) -> Practice:
    of = business(on)
    beat = colleague(on, of)
    offering, both = on.services.offering, frozenset({of.expert, beat.staff})
    how: dict[str, Any] = {"holidays": None, "version": None, "network": NETWORK}
    closure = (MARCH + 1 * DAY, MARCH + 1 * DAY + timedelta(hours=9))
    premises = offering.set_premises(of.session, [SITE], [closure], **how)
    site = premises.sites[0]["id"]
    first, second = (
        offering.create_resource(of.session, name, site, network=NETWORK, repeat=None).id for name in ("Eins", "Zwei")
    )
    rooms = {"massage": ((second, first),), "group": ((second,),), "advice": ((first,), (second,)), "brief": ()}
    services = {
        name: offering.create_service(
            of.session,
            terms(
                of.expert,
                name=name,
                experts=frozenset({of.expert}) if name == "group" else both,
                resources=rooms[name],
                site=None if name == "brief" else site,
                horizon_days=120,
                **changes,
            ),
            network=NETWORK,
            repeat=None,
        )
        for name, changes in SERVICES.items()
    }
    made = Practice(on=on, of=of, beat=beat, site=site, rooms=(first, second), services=services)
    made.set_hours(of.expert, regulas_hours(site), Absence(frm=MARCH + 4 * DAY, until=MARCH + 5 * DAY))
    made.set_hours(beat.staff, beats_hours(site), holidays="CH-ZH")
    return made


def regulas_hours(site: str) -> Availability:
    """Mornings at the site from Monday to Friday, and the night of the clock change."""
    weekly = {day: ranges((9, 12), site=site) for day in range(5)}
    return Availability("Europe/Zurich", weekly, {date(2027, 3, 28): ranges((1, 5), site=site)})


def beats_hours(site: str) -> Availability:
    """Two ranges on Tuesdays and Fridays, of which one is at no site; a week abroad; the night of the clock change."""
    weekly = {day: (*ranges((10, 12), site=site), *ranges((13, 15))) for day in (1, 4)}
    away = Travel(date(2027, 3, 22), date(2027, 3, 27), "America/New_York")
    return Availability("Europe/Zurich", weekly, {date(2027, 3, 28): ranges((0, 4), site=site)}, (away,))
