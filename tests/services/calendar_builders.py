"""An expert with calendars of their own: the real adapters, and the simulated providers on a port of this machine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chalicelib.adapters.calendars.registry import CALENDARS, Around
from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT
from chalicelib.records.calendar_link import CalendarLink
from chalicelib.records.chosen import chosen
from chalicelib.records.day_sheet import DaySheet
from chalicelib.services.calendars.syncing import Synced
from infra.local import http_calls
from infra.local.providers.caldav import PASSWORD
from infra.local.providers.server import SimulatorServer
from infra.local.providers.setup import Setup
from infra.local.providers.simulator import Simulator
from tests.builders import NETWORK, Business
from tests.local.simulator_builders import serving
from tests.services.prepared import open_business
from tests.stage import Stage

ALL = (MICROSOFT, GOOGLE, CALDAV)
OF_PROVIDERS = (MICROSOFT, GOOGLE)
NINE = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # Monday, nine o'clock in Zurich
SECRET: dict[str, Any] = {
    "title": "Kardiologie Dr. Geheim",
    "body": "Befund besprechen",
    "guests": ["geheim@privat.example"],
}


def entry(start: datetime = NINE, *, hours: float = 1, **more: Any) -> dict[str, Any]:
    """Something in somebody's calendar, with all that must not come in."""
    return {"start": start.isoformat(), "end": (start + timedelta(hours=hours)).isoformat(), **SECRET, **more}


def settings_for(server: SimulatorServer) -> dict[str, str]:
    """As an installation would have them that speaks with the simulated providers."""
    return {
        "public_base_url": "https://api.example.ch",
        "microsoft_login_url": f"{server.url}/microsoft",
        "microsoft_graph_url": f"{server.url}/microsoft",
        "microsoft_client_id": server.simulator.setup.account["MicrosoftClientId"],
        "google_accounts_url": f"{server.url}/google",
        "google_oauth_url": f"{server.url}/google",
        "google_calendar_url": f"{server.url}/google",
        "google_client_id": server.simulator.setup.account["GoogleClientId"],
        "caldav_private_origins": server.url,
    }


def adapters(server: SimulatorServer, clock: Any, **changes: str) -> Mapping[str, Any]:
    """All kinds of calendars."""
    config, secrets = {**settings_for(server), **changes}, server.simulator.setup.secrets
    return {
        name: build(config, secrets, Around(clock=clock, hosts=chosen(name).hosts)) for name, build in CALENDARS.items()
    }


@dataclass
class Desk:
    """A business with an expert, and their accounts elsewhere."""

    on: Stage
    of: Business
    server: SimulatorServer

    @property
    def simulator(self) -> Simulator:
        """The providers."""
        return self.server.simulator

    def grants(self, name: str) -> Any:
        """What the expert has agreed to there."""
        calendar: Any = self.simulator.calendars[name]
        return calendar.oauth.grants

    def account(self, name: str) -> Any:
        """The expert's account there."""
        return self.simulator.calendars[name].accounts.of("expert")

    def holds(self, name: str, *entries: dict[str, Any], **orders: Any) -> None:
        """What stands in the expert's calendar there from now on."""
        self.simulator.calendars[name].obey({"entries": entries, **orders})

    def agreed(self, name: str) -> dict[str, str]:
        """What the expert comes back with from the provider's page."""
        address = urlsplit(self.on.services.calendar_linking.ask(self.of.session, name, network=NETWORK))
        page = http_calls.call(self.server.port, "GET", f"{address.path}?{address.query}", host=address.netloc)
        return dict(parse_qsl(urlsplit(page.headers["location"]).query))

    def link(self, name: str = GOOGLE) -> CalendarLink:
        """A linked calendar that was not looked at yet."""
        linking = self.on.services.calendar_linking
        if name == CALDAV:
            address = f"{self.server.url}/caldav/"
            return linking.add(self.of.session, address=address, user="expert", password=PASSWORD, network=NETWORK)
        given = self.agreed(name)
        return linking.finish(self.of.session, code=given["code"], state=given["state"], network=NETWORK)

    def sync(self, *, minutes: float = 0) -> Synced:
        """The job, some minutes later."""
        self.on.clock.move(minutes=minutes)
        return self.on.services.syncing.run()

    def linked(self, name: str = GOOGLE) -> CalendarLink:
        """A calendar that was linked and looked at."""
        link = self.link(name)
        self.sync()
        return link

    def links(self) -> list[CalendarLink]:
        """As they stand."""
        return CalendarLink.all_of(self.of.tenant, self.of.expert)

    def busy(self) -> dict[str, list[tuple[int, int]]]:
        """The outside busy minutes of each day."""
        sheets = DaySheet.since(self.of.tenant, self.of.expert, self.on.clock.now.date())
        found = {each.day.isoformat(): [o[:2] for o in each.content.outside] for each in sheets}
        return {day: times for day, times in found.items() if times}

    def written(self, name: str) -> list[Any]:
        """What stands in our calendar there."""
        (made,) = self.account(name).made.values()
        return [each for each in made.events.values() if each.get("status") != "cancelled"]


@contextmanager
def desk() -> Iterator[Desk]:
    """A fresh one."""
    with open_business() as (on, of):
        simulator = Simulator(Setup(clock=on.clock, api_base="http://app.localhost:1"))
        with serving(simulator) as server:
            vars(on.services)["own_calendars"] = adapters(server, on.clock)
            yield Desk(on, of, server)


def raw_items() -> list[bytes]:
    """Everything stored in any table, as bytes, binary values included."""
    from chalicelib.records._tables import TABLES
    from chalicelib.records.reading import client

    pages = (client().get_paginator("scan").paginate(TableName=each.Meta.table_name) for each in TABLES)
    return [_bytes(item) for table in pages for page in table for item in page["Items"]]


def _bytes(value: Any) -> bytes:
    if isinstance(value, dict):
        return b" ".join(_bytes(each) for pair in value.items() for each in pair)
    if isinstance(value, list | set | tuple):
        return b" ".join(_bytes(each) for each in value)
    return value if isinstance(value, bytes) else str(value).encode()
