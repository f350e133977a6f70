"""What GET gave can be sent back with PUT as it is: the answer is 200, and nothing has changed.

And what POST made is found where it says.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.api.driven.customers import ANNA, FILE, entered, upload
from tests.api.driven.payments import ACCOUNT, account
from tests.api.test_ledgered import Desk, desk, terms
from tests.builders import booked
from tests.contracts.test_http_rules import RESOURCES
from tests.contracts.test_ledgered import declared, routes
from tests.services.colleagues import joined

QUESTION = {
    "id": "allergies",
    "label": "Allergien?",
    "answer": "choices",
    "purpose": "Damit wir Rücksicht nehmen",
    "keep_days": 0,
    "options": ["Latex", "Pollen"],
    "when": {"question": "first", "answer": "yes"},
}
FIRST = {"id": "first", "label": "Zum ersten Mal?", "answer": "yes-no", "purpose": "Dauer", "keep_days": 5}
HOURS = {
    "zone": "Europe/Zurich",
    "holidays": "CH-ZH",
    "weekly": [{"weekday": 1, "ranges": [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "24:00"}]}],
    "exceptions": [{"date": "2026-12-24", "ranges": []}],
    "travels": [{"first": "2027-01-04", "last": "2027-01-08", "zone": "Asia/Tokyo"}],
    "absences": [{"from": "2027-02-01T08:00:00Z", "until": "2027-02-08T08:00:00Z"}],
}
PREMISES = {
    "holidays": "CH",
    "sites": [{"name": "Praxis", "street": "Seeweg 1", "postal_code": "8002", "city": "Zürich", "holidays": "CH-ZH"}],
    "closures": [{"from": "2026-12-24T11:00:00Z", "until": "2027-01-03T23:00:00Z"}],
}
Place = tuple[str, Callable[[Any], Any]]
"""The path, and how it is found in what is read there."""


def itself(shown: Any) -> Any:
    """The whole answer."""
    return shown


def service(at: Desk) -> Place:
    """With everything that a service can have."""
    experts = [at.of.expert]
    more = {"durations": [30, 60], "price": 12000, "refunds": [{"minutes": 60, "percent": 50}], "offer_minutes": 60}
    asks = {"questions": [FIRST, QUESTION], "caps": [{"each": "week", "count": 5}], "bookable_until": "2027-06-30"}
    plain = {"name": "Beratung", "duration": 30, "step": 15, "experts": experts}
    paid = {"payment": "online", "weights": [{"expert": experts[0], "weight": 2}]}
    account(at)
    made = at.call("POST", "/services", {**plain, **more, **asks, **paid})
    return f"/services/{made['id']}", itself


def resource(at: Desk) -> Place:
    """One in the list."""
    made = at.call("POST", "/resources", {"name": "Raum 1"})["id"]
    return f"/resources/{made}", lambda shown: next(each for each in shown["resources"] if each["id"] == made)


def customer(at: Desk) -> Place:
    """With a note and an appointment."""
    held = booked(at.on, at.of)
    at.call("POST", f"/customers/{held.subject}/notes", {"text": "Notiz"})
    return f"/customers/{held.subject}", itself


def note(at: Desk) -> Place:
    """In the file of a customer."""
    of = entered(at, ANNA)
    made = at.call("POST", f"/customers/{of}/notes", {"text": "Notiz"})["id"]
    return f"/customers/{of}/notes/{made}", lambda shown: next(each for each in shown["notes"] if each["id"] == made)


def put_before(path: str, body: Any) -> Callable[[Desk], Place]:
    """Something that there is once it was set."""

    def ready(at: Desk) -> Place:
        at.call("PUT", path, body)
        return path, itself

    return ready


def hours(at: Desk) -> Place:
    """With holidays, travels and absences."""
    return put_before(f"/staff/{at.of.expert}/availability", HOURS)(at)


def payments(at: Desk) -> Place:
    """What is never shown is added by whoever knows it."""
    account(at)
    secrets = {name: ACCOUNT[name] for name in ("api_key", "signing_key")}
    return "/payments/account", lambda shown: {**shown, **secrets}


READY: dict[str, Callable[[Desk], Place]] = {
    "/v1/customer-imports/{upload}": lambda at: (f"/customer-imports/{upload(at)['id']}", itself),
    "/v1/customers/{customer}": customer,
    "/v1/customers/{customer}/notes/{note}": note,
    "/v1/payments/account": payments,
    "/v1/premises": put_before("/premises", PREMISES),
    "/v1/resources/{resource}": resource,
    "/v1/services/{service}": service,
    "/v1/staff/me": lambda _: ("/staff/me", itself),
    "/v1/staff/{staff}/availability": hours,
    "/v1/tenant": lambda _: ("/tenant", itself),
}


def test_every_resource_is_sent_back() -> None:
    """Who adds one says here how it is made."""
    assert set(READY) == set(RESOURCES)


@pytest.mark.parametrize("pattern", sorted(READY))
def test_what_was_read_can_be_sent_back(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, with its version where it has one; what is read afterwards is what was read before."""
    with desk(monkeypatch) as at:
        path, found = READY[pattern](at)
        read_at = "/".join(path.split("/")[: RESOURCES[pattern].count("/")])
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {at.of.token}"}
        read = at.client.http.get(f"/v1{read_at}", headers=headers)
        before = found(read.json_body)
        tag = f'"{before["version"]}"' if "version" in before else read.headers.get("ETag", "*")

        answer = at.client.http.put(
            f"/v1{path}", headers={**headers, "If-Match": tag}, body=json.dumps(before).encode()
        )

        assert answer.status_code == 200, answer.body
        after = found(at.call("GET", read_at))
        assert {**after, "version": 0} == {**before, "version": 0}


@pytest.mark.parametrize("pattern", sorted(READY))
def test_what_somebody_else_changed_meanwhile_is_not_overwritten(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two read the same: whoever sends it back second, with the version that they read, is refused."""
    with desk(monkeypatch) as at:
        path, found = READY[pattern](at)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {at.of.token}"}
        read = at.client.http.get(f"/v1{'/'.join(path.split('/')[: RESOURCES[pattern].count('/')])}", headers=headers)
        before = found(read.json_body)
        tag = f'"{before["version"]}"' if "version" in before else read.headers["ETag"]

        def send() -> int:
            sent = json.dumps(before).encode()
            return int(at.client.http.put(f"/v1{path}", headers={**headers, "If-Match": tag}, body=sent).status_code)

        assert [send(), send()] == [200, 412]


def test_a_member_in_the_list_has_the_version_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roles are changed with it once, and not a second time."""
    with desk(monkeypatch) as at:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {at.of.token}"}
        staff = joined(at.on, at.of.session).staff
        version = next(each["version"] for each in at.call("GET", "/staff")["staff"] if each["id"] == staff)
        path, match = f"/v1/staff/{staff}/roles", {**headers, "If-Match": f'"{version}"'}

        answers = [at.client.http.put(path, headers=match, body=b'{"roles":["admin"]}') for _ in range(2)]

        assert [each.status_code for each in answers] == [200, 412]


MADE: dict[str, tuple[str, Callable[[Desk], bytes]]] = {
    "/v1/customer-imports": ("application/octet-stream", lambda _: FILE),
    "/v1/customers": ("application/json", lambda _: json.dumps(ANNA).encode()),
    "/v1/services": ("application/json", lambda at: json.dumps(terms(at)).encode()),
}


def test_everything_that_says_where_it_lies_is_made() -> None:
    """Who adds one says here how it is made."""
    assert {entry.uri_pattern for entry in routes() if declared(entry).location} == set(MADE)


@pytest.mark.parametrize("path", sorted(MADE))
def test_what_was_made_is_where_the_answer_says(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Location leads there from the address that was called, whatever stands before it."""
    with desk(monkeypatch) as at:
        kind, body = MADE[path]
        signed_in = {"Authorization": f"Bearer {at.of.token}"}

        made = at.client.http.post(path, headers={**signed_in, "Content-Type": kind}, body=body(at))
        found = at.client.http.get(urljoin(path, made.headers["Location"]), headers=signed_in)

        assert (made.status_code, found.status_code) == (201, 200)
        assert found.json_body["id"] == made.json_body["id"]


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [("PUT", "/v1/services/{service}", "waiting_lst"), ("POST", "/v1/services", "waiting_list")],
)
def test_what_is_not_shown_is_refused(method: str, path: str, field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ever: a name that is misspelled, and in POST, which sends nothing back, what only the server sets."""
    with desk(monkeypatch) as at:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {at.of.token}"}
        body = json.dumps({**terms(at), field: True}).encode()

        answer = at.client.http.request(method, path.format(service=at.of.service.id), headers=headers, body=body)

        assert answer.status_code == 422
        assert [each["field"] for each in answer.json_body["errors"]] == [field]
