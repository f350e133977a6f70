"""Rules that hold for every route, so that who knows one resource of the API knows the others."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import pytest
from chalice.app import RouteEntry

from app import app
from chalicelib.api.http.cursor import Cursor
from chalicelib.api.http.endpoint import Endpoint
from chalicelib.api.http.request import JSON_TYPE
from chalicelib.api.openapi.document import document
from chalicelib.domain.actions import Action
from tests.contracts.test_ledgered import declared, routes

DOCUMENT = document(app)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
ROUTES = {f"{entry.method} {entry.uri_pattern}": entry for entry in routes()}
BYTES = {"/v1/staff/me/photo"}


def read_at(path: str) -> str:
    """Where what a PUT sets is read: at its own path, in the list above it, or with what it is part of; else empty."""
    above, _, last = path.rpartition("/")
    places = [path, above, above.rpartition("/")[0]] if last.startswith("{") else [path]
    return next((each for each in places if f"GET {each}" in ROUTES), "")


RESOURCES = {
    entry.uri_pattern: place
    for entry in routes()
    if entry.method == "PUT" and entry.uri_pattern not in BYTES and (place := read_at(entry.uri_pattern))
}
"""The path of what can be read and set, and where it is read."""
UNVERSIONED = {
    "/v1/customers/{customer}/restriction": "it is set or not",
    "/v1/staff/me/password": "its proof is asked for",
    "/v1/staff/me/photo": "one's own",
}
"""What is set without If-Match, and why nothing of anybody else's is lost by it."""
UNREPEATABLE = {
    "/v1/api-keys": "it holds a secret that is told once, and kept nowhere",
    "/v1/calendars/caldav": "the same calendar is not linked twice",
    "/v1/calendars/callback": "what comes back from the provider works once",
    "/v1/calendars/feed": "it replaces the one before, and is told once",
    "/v1/customer-imports": "nobody is taken over by it yet",
    "/v1/invitation/acceptance": "the link works once",
    "/v1/operator/accesses": "each one is told to the business, and ends by itself",
    "/v1/proposal/choice": "the link works once",
    "/v1/registrations/confirmation": "the link works once",
    "/v1/sessions": "the link works once",
    "/v1/sign-in": "the form works once",
    "/v1/sign-in/second-factor": "what the first factor gave works once",
    "/v1/staff/me/acceptances": "the same versions are accepted once",
    "/v1/staff/me/passkeys": "the challenge works once",
    "/v1/staff/me/recovery-codes": "they replace those before, and are told once",
    "/v1/staff/me/totp/confirmation": "the secret is confirmed once",
    "/v1/waiting-place/acceptance": "the link works once",
}
"""What is made without Idempotency-Key, and why nothing is made twice by it, or why that does no harm."""


MAKING = {
    Action.ACCESS_OPENED,
    Action.API_KEY_CREATED,
    Action.APPOINTMENT_BOOKED,
    Action.APPOINTMENT_BOOKED_BY_STAFF,
    Action.CALENDAR_FEED_MADE,
    Action.CALENDAR_LINKED,
    Action.CUSTOMER_ENTERED,
    Action.CUSTOMER_MERGED,
    Action.CUSTOMER_NOTED,
    Action.CUSTOMER_SPLIT,
    Action.HOLD_PLACED,
    Action.IMPORT_UPLOADED,
    Action.NOTICE_ACCEPTED,
    Action.PROPOSAL_MADE,
    Action.RECOVERY_CODES_MADE,
    Action.RESOURCE_CREATED,
    Action.SECOND_FACTOR_ADDED,
    Action.SERVICE_CREATED,
    Action.SIGNED_IN,
    Action.STAFF_INVITED,
    Action.STAFF_JOINED,
    Action.TIME_RESERVED,
}
"""What the ledger calls the making of something that lasts: a session, a record that is read or used later."""


def those(chosen: Callable[[Endpoint], bool], *methods: str) -> pytest.MarkDecorator:
    """The routes that declare something, with one of these methods or with any."""
    found = [entry for entry in routes() if chosen(declared(entry)) and (not methods or entry.method in methods)]
    return pytest.mark.parametrize("entry", found, ids=lambda entry: f"{entry.method} {entry.uri_pattern}")


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its reference, or behind being null as well."""
    present = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    if len(present) == 1:
        return resolved(present[0])
    return resolved(SCHEMAS[schema["$ref"].rpartition("/")[2]]) if "$ref" in schema else schema


def missing(shown: dict[str, Any], taken: dict[str, Any], at: str = "") -> Iterator[str]:
    """The fields of what is shown, however deep, that what is taken does not know."""
    shown, taken = resolved(shown), resolved(taken)
    if "items" in shown:
        yield from missing(shown["items"], taken.get("items", {}), f"{at}[]")
    for name, kind in shown.get("properties", {}).items():
        known = taken.get("properties", {}).get(name)
        if known is None:
            yield f"{at}.{name}"
        elif not known.get("readOnly"):
            yield from missing(kind, known, f"{at}.{name}")


def answer_to(name: str) -> dict[str, Any]:
    """The schema of a route's good answer."""
    method, _, path = name.partition(" ")
    status = str(declared(ROUTES[name]).success)
    found: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]["responses"][status]["content"]
    return resolved(found["application/json"]["schema"])


def shown_at(path: str) -> dict[str, Any]:
    """What is read of what a PUT at this path sets: the answer, or the entry of the list in it that has the id."""
    above = answer_to(f"GET {RESOURCES[path]}")
    if RESOURCES[path] == path:
        return above
    given = answer_to(f"PUT {path}")
    lists = (resolved(kind["items"]) for kind in above["properties"].values() if "items" in kind)
    return next(each for each in lists if each == given)


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_what_is_read_can_be_sent_back(path: str) -> None:
    """PUT takes every field that GET gives: some are set, and those that only the server sets are read only."""
    body = resolved(DOCUMENT["paths"][path]["put"]["requestBody"]["content"]["application/json"]["schema"])
    read_only = {name for name, kind in body["properties"].items() if kind.get("readOnly")}

    assert list(missing(shown_at(path), body)) == []
    assert read_only.isdisjoint(body["required"])


def test_reading_and_deleting_takes_no_body() -> None:
    """Proxies and clients may drop it."""
    operations = [(path, method) for path, found in DOCUMENT["paths"].items() for method in found]
    takes = {(path, method) for path, method in operations if "requestBody" in DOCUMENT["paths"][path][method]}

    assert {method for _, method in takes} <= {"post", "put"}


@those(lambda said: said.match)
def test_who_has_to_send_a_version_was_told_it(entry: RouteEntry) -> None:
    """As ETag of the change before and of the answer to GET, or as `version` in the list that it stands in."""
    above = accumulate(entry.uri_pattern.split("/"), "{}/{}".format)
    place = [path for path in above if f"GET {path}" in ROUTES][-1]
    lists = [resolved(kind["items"]) for kind in answer_to(f"GET {place}")["properties"].values() if "items" in kind]

    assert declared(entry).versioned
    assert declared(ROUTES[f"GET {place}"]).versioned or any("version" in each.get("properties", {}) for each in lists)


def test_what_others_change_too_is_changed_with_a_version() -> None:
    """Who adds a PUT without If-Match says here why."""
    unversioned = {entry.uri_pattern for entry in routes() if entry.method == "PUT" and not declared(entry).match}

    assert unversioned == set(UNVERSIONED)


@those(lambda said: True, "POST")
def test_making_something_answers_201_and_nothing_else_does(entry: RouteEntry) -> None:
    """A session is something, too. 202 says no more than that it was taken in."""
    noted, status = declared(entry).ledger, declared(entry).success
    makes = isinstance(noted, tuple) and not MAKING.isdisjoint(noted)

    assert makes == (status == 201) or (makes, status) == (False, 202)


def test_what_is_made_is_made_once() -> None:
    """Who adds a POST that answers 201 and takes no Idempotency-Key says here why."""
    made = [entry for entry in routes() if entry.method == "POST" and declared(entry).success == 201]

    assert {entry.uri_pattern for entry in made if not declared(entry).idempotent} == set(UNREPEATABLE)


@those(lambda said: said.success == 201, "POST")
def test_what_was_made_is_found(entry: RouteEntry) -> None:
    """Where it lies under the list that it was put into, 201 says where, with the ETag that GET gives."""
    item = re.compile(re.escape(f"GET {entry.uri_pattern}") + r"/\{\w+\}")
    items, last = [name for name in ROUTES if item.fullmatch(name)], entry.uri_pattern.rpartition("/")[2]

    assert declared(entry).location == (f"{last}/{{id}}" if items else "")
    assert all(declared(entry).versioned == declared(ROUTES[name]).versioned for name in items)


@those(lambda said: any(model and "cursor" in model.model_fields for model in (said.query, said.gives)))
def test_pages_are_turned_in_one_way(entry: RouteEntry) -> None:
    """Who is asked with `cursor` answers with `cursor`: where to go on, or null."""
    asked, given = declared(entry).query, declared(entry).gives

    assert asked is not None
    assert not asked.model_fields["cursor"].is_required()
    assert given is not None
    assert given.model_fields["cursor"].annotation in (Cursor | None, str | None)


@those(lambda said: said.any_query)
def test_a_filter_is_never_ignored(entry: RouteEntry) -> None:
    """One that is misspelled would look as if it had found everything: pages and files take what trackers add."""
    assert JSON_TYPE not in declared(entry).media_types


def test_times_have_a_zone() -> None:
    """Whatever is called `..._at` is an instant."""
    every = [found for model in SCHEMAS.values() for found in model.get("properties", {}).items()]
    times = [(name, resolved(kind)) for name, kind in every if name.endswith("_at") and not kind.get("readOnly")]

    assert {name for name, kind in times if kind.get("format") != "date-time"} == {"contract_at", "looks_at"}


def test_schemas_have_names_for_people() -> None:
    """Generated clients call their classes so; two of one name would get the paths of our modules."""
    assert [name for name in SCHEMAS if "__" in name] == []


def test_summaries_say_what_is_done() -> None:
    """Two words at least, that fit on a line of a menu, and are those of no other route."""
    said = Counter(declared(entry).summary for entry in routes())

    assert [summary for summary, times in said.items() if times > 1] == []
    assert [summary for summary in said if len(summary.split()) < 2 or len(summary) > 70 or summary.endswith(".")] == []
