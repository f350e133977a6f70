"""Whatever the people of one business do, in whatever order: nothing of another business changes, or is told to them.

Each route of the application is called as the OpenAPI document describes it, by the people of a business `mine`: its
admin, its server with every scope, the holder of one of its customers' links. The ids in paths, queries and bodies are
drawn from both businesses. What belongs to `theirs` is compared byte for byte before and after, and looked for in every
answer: all but the ids that were asked with, which an own ledger may well repeat. A form that is refused at another
business leaves an entry in that one's ledger, which is as it should be.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from unittest import mock

import pytest
from chalice.test import Client, HTTPResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from app import app
from chalicelib.api.http.auth import Link, Operator, Staff
from chalicelib.api.openapi.document import document
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.scopes import SCOPES
from chalicelib.records._tables import TABLES
from chalicelib.services.tenancy.api_keys import WantedKey
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, weekdays
from tests.fakes import DrivenClock
from tests.services.ledgers import MemoryRoots
from tests.services.looking import backend, raw
from tests.stage import AWS, Stage, stage

ID = re.compile(r"\b[0-9a-f]{32}\b")
TIME = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")
THEIR_VALUES = ("Konkurrenz", "konkurrenz.example", "Bianca", "Rivale", "07:07")
BOOK = ("POST", "/v1/tenants/{tenant}/appointments")
PEOPLE = ("admin", "server", "customer")


@dataclass(frozen=True)
class Town:
    """Two businesses, and what the people of one of them hold in their hands."""

    on: Stage
    mine: Business
    theirs: Business
    headers: dict[str, dict[str, str]]
    told: list[str]  # the ids of theirs that somebody could get to know

    def ids(self, of: Business) -> list[str]:
        """The ids of everything that belongs to a business, first those that nothing works without."""
        found = {each for item in self.items(of) for each in ID.findall(_text(item))} - {INSTALLATION}
        first = [of.tenant, of.service.id, of.expert]
        return [*first, *sorted(found - set(first))]

    def items(self, of: Business) -> list[dict[str, Any]]:
        """What is stored of a business, wherever it stands but among what is the other one's."""
        other = (self.mine if of is self.theirs else self.theirs).tenant
        every = [item for table in TABLES for item in raw(table) if other not in item["pk"]["S"]]
        found = [item for item in every if of.tenant in _text(item)]
        return [item for item in found if item.get("action", {}).get("S") != "visitor:form:refused"]


@cache
def _made() -> tuple[Any, tuple[Business, Business, dict[str, dict[str, str]], list[str]]]:
    """Made once a process; copied for each run."""
    with stage() as on:
        mine = business(on)
        theirs = business(
            on, company="Konkurrenz GmbH", email="chefin@konkurrenz.example", given_name="Bianca", family_name="Rivale"
        )
        hours = weekdays(start=7 * 60 + 7)
        on.services.offering.set_availability(theirs.session, theirs.expert, hours, version=None, network=NETWORK)
        held = booked(
            on,
            theirs,
            starts_at=MONDAY_10 + timedelta(minutes=7),
            given_name="Bianca",
            family_name="Rivale",
            email="kundin@konkurrenz.example",
        )
        links = on.services.linking.self_service(booked(on, mine))
        scopes = WantedKey(label="All", scopes=frozenset(SCOPES), valid_until=on.clock.now + timedelta(days=30))
        their_key = on.services.api_keys.create(theirs.session, scopes, network=NETWORK).id
        key = on.services.api_keys.create(mine.session, scopes, network=NETWORK)
        form = on.services.forms.hand_out("booking", {"tenant": mine.tenant, "service": mine.service.id})
        headers = {
            "admin": {"Authorization": f"Bearer {mine.token}", "Zusage-Form": form.token},
            "server": {"Authorization": f"Bearer {key.secret}"},
            "customer": {"Zusage-Link": links["reschedule"], "Zusage-Form": form.token},
        }
        told = [theirs.tenant, theirs.service.id, theirs.expert, held.subject, held.id, their_key]
        return deepcopy(backend().tables), (mine, theirs, headers, told)


@contextmanager
def town() -> Iterator[tuple[Town, Client]]:
    """The two businesses, and the application."""
    tables, held = _made()
    with mock.patch.dict("os.environ", AWS), mock_aws(), Client(app) as client:
        on = Stage(DrivenClock())
        backend().tables = deepcopy(tables)
        vars(on.services)["roots"] = MemoryRoots()
        with mock.patch("chalicelib.wiring.services", return_value=on.services):
            yield Town(on, *held), client


@cache
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every call that somebody makes as somebody, with its description."""
    described = document(app)["paths"]
    return [
        (method, path, described[path][method.lower()])
        for path, methods in sorted(app.routes.items())
        for method, entry in sorted(methods.items())
        if isinstance(entry.view_function.__endpoint__.auth, Staff | Link | Operator) or (method, path) == BOOK
    ]


@dataclass(frozen=True)
class Call:
    """Who calls what; `picks` choose the ids."""

    who: str
    operation: int
    picks: tuple[int, ...]

    def send(self, at: Town, client: Client, pool: list[str]) -> tuple[HTTPResponse, str]:
        """The answer, and what was asked."""
        method, path, told = operations()[self.operation]
        picks = iter(self.picks * 20)

        def drawn(_: object) -> str:
            return pool[next(picks) % len(pool)]

        in_query = [one for one in told["parameters"] if one.get("in") == "query"]
        asked = [one for one in in_query if one["required"] or _is_id(one) or one["name"] in {"from", "to"}]
        query = "&".join(f"{one['name']}={_example(one, drawn)}" for one in asked)
        body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        sent = "" if body is None else TIME.sub("2026-11-10T10:00:00Z", ID.sub(drawn, json.dumps(body)))
        filled = re.sub(r"\{[a-z_]+\}", drawn, path)
        headers = {"Content-Type": "application/json", **at.headers[self.who]}
        asked_for = f"{filled}?{query}"
        return client.http.request(method, asked_for, headers=headers, body=sent.encode()), asked_for + sent


def _text(item: dict[str, Any]) -> str:
    return json.dumps(item, default=repr)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return next((one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"), schema)


def _is_id(parameter: dict[str, Any]) -> bool:
    return bool(_plain(parameter["schema"]).get("pattern") == "^[0-9a-f]{32}$")


def _example(parameter: dict[str, Any], drawn: Callable[[object], str]) -> str:
    """A value for a parameter: an id from the pool, or what the document shows."""
    plain = _plain(parameter["schema"])
    if _is_id(parameter):
        return drawn(None)
    if plain.get("format") == "date-time":
        return "2026-11-30T00:00:00Z" if parameter["name"] == "to" else "2026-11-05T00:00:00Z"
    shown = (plain.get("examples") or plain.get("enum") or [plain.get("default", "x")])[0]
    return str(shown)


def calls() -> st.SearchStrategy[list[Call]]:
    """A day at the business."""
    one = st.builds(
        Call,
        who=st.sampled_from(PEOPLE),
        operation=st.integers(0, len(operations()) - 1),
        picks=st.lists(st.integers(0, 97), min_size=3, max_size=6).map(tuple),
    )
    return st.lists(one, min_size=1, max_size=12)


def _mixed(at: Town) -> list[str]:
    """Theirs and mine in turns, so that neither is drawn more often."""
    theirs, mine = at.ids(at.theirs), at.ids(at.mine)
    return [each for pair in zip(theirs, mine, strict=False) for each in pair]


def _told(answer: HTTPResponse, secrets: list[str], named: str) -> list[str]:
    """Those secrets that an answer tells to somebody who has not named them."""
    text = answer.body.decode("utf-8", "replace") + repr(answer.headers)
    return [each for each in secrets if each in text and each not in named]


@settings(max_examples=30, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(day=calls())
def test_nothing_of_theirs_changes_or_is_told(day: list[Call]) -> None:
    """Sequences, as people make them who try everything."""
    with town() as (at, client):
        before, pool = at.items(at.theirs), _mixed(at)
        secrets = [*at.ids(at.theirs), *THEIR_VALUES]
        named = ""
        for call in day:
            answer, asked = call.send(at, client, pool)
            named += asked
            assert _told(answer, secrets, named) == [], operations()[call.operation][:2]
        assert at.items(at.theirs) == before


@pytest.mark.parametrize("number", range(len(operations())), ids=lambda number: " ".join(operations()[number][:2]))
def test_each_call_alone_tells_and_changes_nothing(number: int) -> None:
    """By everybody, with each of the other business's ids."""
    with town() as (at, client):
        before, secrets, named = at.items(at.theirs), [*at.ids(at.theirs), *THEIR_VALUES], ""
        for each in at.told if _takes_ids(number) else at.told[:1]:
            for who in PEOPLE:
                answer, asked = Call(who, number, (0,)).send(at, client, [each])
                named += asked
                assert _told(answer, secrets, named) == [], who
        assert at.items(at.theirs) == before


def _takes_ids(number: int) -> bool:
    """Whether a call depends on the ids that it is made with."""
    told = operations()[number][2]
    return bool(ID.search(json.dumps(told)) or "[0-9a-f]{32}" in json.dumps(told["parameters"]))


def test_the_same_calls_do_something_at_home() -> None:
    """Or the tests above would show nothing: with ids of one's own, most of what is asked for is given."""
    good = set()
    for number, (method, path, _) in enumerate(operations()):
        with town() as (at, client):
            mine = [at.mine.tenant, at.mine.service.id, at.mine.expert]
            answers = [Call(who, number, (2, 2, 2)).send(at, client, mine)[0] for who in PEOPLE]
            if any(answer.status_code < 300 for answer in answers):
                good.add(f"{method} {path}")

    assert {"GET /v1/appointments", "GET /v1/services", "GET /v1/appointment", "GET /v1/ledger/entries"} <= good
    assert len(good) >= 15
