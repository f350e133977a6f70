"""Beside the register of processors: services that experts choose, and what holds them to what is listed."""

from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.adapters.calendars import registry
from chalicelib.adapters.calendars._calendar import OwnCalendar
from chalicelib.adapters.calendars.caldav import CaldavCalendar
from chalicelib.adapters.calendars.google import GoogleCalendar
from chalicelib.adapters.calendars.graph import GraphCalendar
from chalicelib.domain.disclosing import CARRIES, Received
from chalicelib.domain.own_calendars import GOOGLE, MICROSOFT, OwnEvent
from chalicelib.records import chosen as held
from chalicelib.records.chosen import CHOSEN, chosen
from chalicelib.records.processors import PROCESSORS
from chalicelib.settings import Settings
from chalicelib.wiring import Services
from tests.contracts.entry_points import template
from tests.stage import settings

ADAPTERS: tuple[type[OwnCalendar], ...] = (GraphCalendar, GoogleCalendar, CaldavCalendar)
ADDRESSES = {
    "microsoft_login_url": MICROSOFT,
    "microsoft_graph_url": MICROSOFT,
    "google_accounts_url": GOOGLE,
    "google_oauth_url": GOOGLE,
    "google_calendar_url": GOOGLE,
}


def services() -> Services:
    """An installation with accounts at all of them."""
    built = Services(settings(microsoft_client_id="one", google_client_id="two"))
    secrets = {"microsoft_client_secret": "one", "google_client_secret": "two"}
    vars(built)["_secrets"] = secrets
    return built


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_hands_over_no_more_than_is_listed(adapter: type[OwnCalendar]) -> None:
    """Nothing about a customer, and no less than what is listed either."""
    assert adapter.discloses() == chosen(adapter.name).receives
    assert adapter.discloses().isdisjoint({Received.NAME, Received.EMAIL_ADDRESS, Received.PHONE_NUMBER})


def test_what_is_listed_is_what_can_be_built() -> None:
    """And none of it stands in the register of processors, whose promises are about places."""
    names = {each.name for each in CHOSEN}

    assert names == {*registry.CALENDARS} == {each.name for each in ADAPTERS} == {*services().own_calendars}
    assert names.isdisjoint(each.name for each in PROCESSORS)


@pytest.mark.parametrize("name", [each.name for each in CHOSEN])
def test_what_is_not_listed_can_not_be_built(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken off the list, it takes everything with it."""
    monkeypatch.setattr(held, "CHOSEN", [each for each in CHOSEN if each.name != name])

    with pytest.raises(LookupError):
        _ = services().own_calendars


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_what_hands_over_more_can_not_be_built(adapter: type[OwnCalendar], monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that carries a name, say."""
    monkeypatch.setitem(CARRIES, "OwnEvent", {**CARRIES["OwnEvent"], "title": frozenset({Received.NAME})})

    with pytest.raises(TypeError):
        _ = services().own_calendars


def test_every_part_of_an_event_is_weighed() -> None:
    """None is left over, either."""
    assert {each.name for each in fields(OwnEvent)} == {*CARRIES["OwnEvent"]}


@pytest.mark.parametrize(("setting", "name"), ADDRESSES.items())
def test_the_hosts_are_those_of_the_list(setting: str, name: str) -> None:
    """By default, in the template, and in production by a rule that allows no other."""
    parameter = "".join(word.title() for word in setting.split("_"))
    default: Any = next(each.default for each in fields(Settings) if each.name == setting)
    (allowed,) = [
        one["Assert"]["Fn::Contains"][0]
        for one in template("prod")["Rules"]["CalendarsAtTheirProviders"]["Assertions"]
        if one["Assert"]["Fn::Contains"][1] == {"Ref": parameter}
    ]

    assert urlsplit(default).hostname in chosen(name).hosts
    assert [template("prod")["Parameters"][parameter]["Default"]] == [default] == allowed


@pytest.mark.parametrize("setting", ADDRESSES)
def test_another_host_can_not_be_reached(setting: str) -> None:
    """Whoever sets one gets no such calendars."""
    built = Services(
        settings(**{setting: "https://elsewhere.example", "microsoft_client_id": "1", "google_client_id": "2"})
    )
    vars(built)["_secrets"] = {"microsoft_client_secret": "one", "google_client_secret": "two"}

    assert ADDRESSES[setting] not in built.own_calendars
