"""Every route, called as everybody, in every state of a business: what happens is what the table says.

Whoever is let in is refused only for the query, which no route knows: roles are looked at before it, so one request
tells who may, and does nothing. What only a use case can decide, such as whose an id is, takes a real request.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.forms import FORMS
from infra.local.client import booking
from infra.local.http_calls import HttpAnswer
from infra.tools.authorisation import Rule, read_authorisation
from tests.deployed.stack import Stack, written
from tests.deployed.town import SCOPES, Town

pytestmark = pytest.mark.deployed

RULES = read_authorisation()
OUT = {401, 403, 404, 409, 410}
CALLERS = ("anybody", "link", "expert", "admin", "operator", "server", "another server")
Results = dict[str, dict[str, bool]]


def routes() -> Iterator[tuple[str, str, str, Rule]]:
    """Name, method, path and rule of each."""
    for name, rule in RULES.items():
        method, _, path = name.partition(" ")
        yield name, method, path, rule


@pytest.fixture(scope="module")
def described(cloud: Any) -> Mapping[str, Any]:
    """The description of each route, as the stack serves it."""
    served = cloud.call("GET", "/openapi.json").json()["paths"]
    return {f"{m.upper()} {path}": told for path, methods in served.items() for m, told in methods.items()}


def content_type(told: Mapping[str, Any]) -> dict[str, str]:
    """What the route takes."""
    kinds = list(told.get("requestBody", {}).get("content", {"application/json": {}}))
    return {"Content-Type": kinds[0]}


def probe(town: Town, name: str, caller: str, told: Mapping[str, Any]) -> bool:
    """Whether the door lets a caller in: behind it nobody knows what was asked."""
    method, _, path = name.partition(" ")
    headers, body = {**town.callers[caller], **content_type(told)}, "{}"
    if RULES[name].form and not (RULES[name].key and "server" in caller):
        form = handed_out(town, RULES[name].form)
        headers["Zusage-Form"], body = form["token"], json.dumps(blank(form))
    answer = town.stack.client.cloud.call(
        method, f"{town.filled(path)}?beyond=1", body=b"" if method == "GET" else body.encode(), headers=headers
    )
    return let_in(answer, is_open="anybody" in RULES[name].who)


def let_in(answer: HttpAnswer, *, is_open: bool) -> bool:
    """Whether an answer comes from behind the door; what is open to everybody may still not be there."""
    assert answer.status < 500, answer.text
    return answer.status not in ({401, 403} if is_open else OUT)


def handed_out(town: Town, name: str) -> dict[str, Any]:
    """A form."""
    known = {"tenant": town.of.tenant, "service": town.of.service}
    asked = urlencode({each: known[each] for each in FORMS[name].fixed})
    told: dict[str, Any] = town.stack.client.ask("GET", f"/forms/{name}?{asked}", wanted=200)
    return told


def blank(form: Mapping[str, Any]) -> dict[str, Any]:
    """All its fields, with nothing in them but what is fixed."""
    body: dict[str, Any] = {}
    for name in form["fields"]:
        outer, _, inner = name.rpartition(".")
        (body.setdefault(outer, {}) if outer else body)[inner] = form["fixed"].get(name)
    return body


def may(rule: Rule, caller: str) -> bool:
    """What the table says of a caller in a business that is open."""
    if caller == "another server":
        return rule.key == SCOPES[0] or ("anybody" in rule.who and not rule.key)
    if caller == "server":
        return bool(rule.key) or "anybody" in rule.who
    return bool(rule.who & {caller, "anybody"})


def walked(town: Town, described: Mapping[str, Any], callers: tuple[str, ...]) -> Results:
    """What happens at every door."""
    return {name: {caller: probe(town, name, caller, described[name]) for caller in callers} for name, *_ in routes()}


def differences(found: Results, wanted: Results) -> dict[str, dict[str, bool]]:
    """Where what happens is not what is said: by route and caller, what happens."""
    wrong = {name: {who: got for who, got in found[name].items() if got != wanted[name][who]} for name in found}
    return {name: told for name, told in wrong.items() if told}


def test_the_table_speaks_of_every_route(described: Mapping[str, Any]) -> None:
    """As deployed."""
    assert set(RULES) == set(described) | {"GET /openapi.json"}


def test_each_door_opens_to_whom_the_table_names(stack: Stack, described: Mapping[str, Any]) -> None:
    """And to nobody else: all routes, all callers."""
    town = Town.new(stack)

    found = walked(town, described, CALLERS)

    assert differences(found, {name: {one: may(rule, one) for one in CALLERS} for name, _, _, rule in routes()}) == {}
    assert sum(sum(each.values()) for each in found.values()) > 300


def test_people_need_the_form_that_the_table_names(stack: Stack) -> None:
    """A door that takes a form stays shut without it."""
    town = Town.new(stack)
    for name, method, path, rule in routes():
        if rule.form:
            for caller in ("anybody", "admin", "link"):
                headers = {**town.callers[caller], "Content-Type": "application/json"}
                answer = stack.client.cloud.call(method, town.filled(path), body=b"{}", headers=headers)
                assert answer.status == 403, (name, caller)
                assert answer.json()["type"].endswith("form-refused"), (name, caller)


def test_another_businesss_ids_are_not_there(stack: Stack, described: Mapping[str, Any]) -> None:
    """Real requests with real ids, by its admin, its expert and its server: as if nothing had these ids."""
    mine, theirs = Town.new(stack), Town.new(stack)
    answers = {
        f"{caller}: {name}": real(mine.callers[caller], theirs, name, described[name]).status
        for name, _, _, rule in routes()
        if rule.other == "out"
        for caller in ("admin", "expert", "server")
    }

    assert len(answers) > 30
    assert {name: status for name, status in answers.items() if status < 400 or status >= 500} == {}


def real(headers: dict[str, str], town: Town, name: str, told: Mapping[str, Any]) -> HttpAnswer:
    """A request as the document shows it, with a town's ids."""
    method, _, path = name.partition(" ")
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    sent = json.dumps(content.get("example", {})).encode() if content else b""
    query = "&".join(f"{one['name']}={_shown(one)}" for one in told.get("parameters", []) if one.get("required"))
    asked = town.filled(path) + (f"?{query}" if "in=query" in query or _has_query(told) else "")
    return town.stack.client.cloud.call(method, asked, body=sent, headers={**headers, **content_type(told)})


def _has_query(told: Mapping[str, Any]) -> bool:
    return any(one.get("in") == "query" and one.get("required") for one in told.get("parameters", []))


def _shown(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema", {})
    return str((schema.get("examples") or schema.get("enum") or ["x"])[0])


STAFF = ("admin", "expert", "server")


def of_staff() -> list[str]:
    """The routes that staff or their servers call."""
    return [name for name, rule in RULES.items() if "admin" in rule.who]


def test_a_trial_that_is_over_and_a_business_that_has_ended(stack: Stack, described: Mapping[str, Any]) -> None:
    """First nothing can be changed, then nothing is there."""
    town = Town.new(stack, plan="", days=80)
    stack.cloud.move_time(days=30, seconds=1)
    town.sign_in_again()
    found = {n: {c: probe(town, n, c, described[n]) for c in STAFF} for n in of_staff()}
    said = {n: {c: may(RULES[n], c) and RULES[n].read_only == "in" for c in STAFF} for n in of_staff()}
    assert differences(found, said) == {}
    assert differences(of_people(town), {n: {"people": RULES[n].read_only == "in"} for n in PEOPLES}) == {}

    stack.cloud.move_time(days=29, hours=23)
    town.sign_in_again()
    stack.cloud.move_time(hours=1)
    ended = {n: {c: probe(town, n, c, described[n]) for c in STAFF} for n in of_staff()}
    assert {name: told for name, told in ended.items() if any(told.values())} == {}
    stack.lapse()  # comes every quarter of an hour; until then customers still see what is theirs
    assert differences(of_people(town), {n: {"people": RULES[n].ended == "in"} for n in PEOPLES}) == {}


PEOPLES = (
    "GET /v1/appointment",
    "GET /v1/appointment/slots",
    "GET /v1/appointment/ledger",
    "POST /v1/appointment/rescheduling",
    "GET /v1/tenants/{tenant}",
    "GET /v1/tenants/{tenant}/notice",
    "GET /v1/tenants/{tenant}/services/{service}/slots",
    "POST /v1/tenants/{tenant}/appointments",
    "POST /v1/appointment/cancellation",
)
"""What customers and visitors do with a business, in an order in which each can still be done."""


def of_people(town: Town, *, days: int = 40) -> Results:
    """What comes of it, by route."""
    return {name: {"people": _done(town, name, days).status < 300} for name in PEOPLES}


def _done(town: Town, name: str, days: int) -> HttpAnswer:
    method, _, path = name.partition(" ")
    stack, now = town.stack, town.stack.cloud.now()
    day = (now + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
    asked = f"from={written(day)}&to={written(day + timedelta(days=1))}"
    if path.endswith("/slots"):
        path += f"?{asked}" + ("" if "/appointment/" in path else f"&expert={town.of.expert}")
    if path.endswith("/rescheduling"):
        body: Any = {"starts_at": written(day)}
    elif path.endswith("/appointments"):
        return _booked(town, written(day))
    else:
        body = None
    link = town.farewell if path.endswith("/cancellation") else town.callers["link"]
    return stack.client.cloud.call(method, town.filled(path), json=body, headers=link)


def _booked(town: Town, starts_at: str) -> HttpAnswer:
    """A booking; who does not even get a form gets its refusal."""
    asked = f"/forms/booking?tenant={town.of.tenant}&service={town.of.service}"
    form = town.stack.call("GET", asked)
    if form.status != 200:
        return form
    of, customer = town.of, town.customer.customer()
    body = booking(of.service, of.expert, starts_at=starts_at, customer=customer)
    headers = {"Zusage-Form": form.json()["token"]}
    return town.stack.call("POST", f"/tenants/{town.of.tenant}/appointments", json=body, headers=headers)


CUSTOMERS = [name for name, rule in RULES.items() if rule.restricted != "-"]


def test_a_restricted_person(stack: Stack, described: Mapping[str, Any]) -> None:
    """Their own links and what staff do for them still work; nothing else uses what is known of them."""
    town = Town.new(stack)
    admin = town.callers["admin"]
    stack.client.ask(
        "PUT", f"/customers/{town.subject}/restriction", wanted=200, json={"ground": "unlawful"}, headers=admin
    )
    at = written(stack.cloud.now()), written(stack.cloud.now() + timedelta(days=10))
    seen = stack.client.ask("GET", f"/appointments?from={at[0]}&to={at[1]}", wanted=200, headers=admin)

    assert RULES["GET /v1/appointments"].restricted == "nameless"
    assert {(one["restricted"], one["given_name"]) for one in seen["appointments"]} == {(True, None)}
    looks = [name for name in CUSTOMERS if name.startswith("GET /v1/customers")]
    shown = {name for name in looks if real(admin, town, name, described[name]).status < 300}
    assert shown == {name for name in looks if RULES[name].restricted != "out"}
    theirs = [name for name in PEOPLES if RULES[name].restricted != "-"]
    found = {name: {"people": _done(town, name, 5).status < 300} for name in theirs}
    assert differences(found, {name: {"people": RULES[name].restricted == "in"} for name in theirs}) == {}
