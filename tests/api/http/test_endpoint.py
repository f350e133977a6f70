"""`@endpoint`: which bodies, headers and paths are taken, and which are refused."""

import json
from collections.abc import Iterator

import pytest

from chalicelib.api.http.endpoint import Endpoint
from tests.api.sample_app import TENANT, Caller, booking, mill, serving

BOOKINGS = f"/v1/tenants/{TENANT}/bookings"


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


def test_a_good_call(call: Caller) -> None:
    """A body that fits reaches the view, and the instant leaves in UTC."""
    answer = call("POST", BOOKINGS, booking())

    assert answer.status_code == 201
    assert answer.json_body == {"id": TENANT, "starts_at": "2026-11-02T09:00:00Z", "name": "127.0.0.0/24"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff{}", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"customer": 1, "customer": 2}', 400),
        (b'{"weight": NaN}', 400),
        (b'{"weight": Infinity}', 400),
        (b"[" * 1900, 400),
        (b'{"note": "\\ud800"}', 400),
        (b'{"seats": ' + b"9" * 1900 + b"}", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b'{"weight": 1e999}', 422),
    ],
)
def test_hostile_bodies(call: Caller, body: bytes, status: int) -> None:
    """What two readers could read differently, or can't be read at all, is refused; nothing of it is repeated."""
    answer = call("POST", BOOKINGS, body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert b"9" * 20 not in answer.body


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_at": "2026-11-02T10:00:00"}, "starts_at"),
        ({"starts_at": "2026-11-02T10:00:00.5Z"}, "starts_at"),
        ({"starts_at": "2026-11-02T24:00:00Z"}, "starts_at"),
        ({"starts_at": "2026-11-02T10:00Z"}, "starts_at"),
        ({"starts_at": 1793610000}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+01:00"}, "starts_at"),
        ({"customer": {"name": ""}}, "customer.name"),
        ({"customer": {"name": "J" * 21}}, "customer.name"),
        ({"customer": {"name": "Jane\nDoe"}}, "customer.name"),
        ({"customer": {"name": 7}}, "customer.name"),
        ({"customer": {"name": "Jane", "seats": "2"}}, "customer.seats"),
        ({"customer": {"name": "Jane", "seats": 2.0}}, "customer.seats"),
        ({"customer": {"name": "Jane", "seats": True}}, "customer.seats"),
        ({"customer": []}, "customer"),
        ({"day": "2026-02-29"}, "day"),
        ({"day": "2026-11-02T00:00:00"}, "day"),
        ({"days": ["2026-11-02", "x"]}, "days.1"),
        ({"days": ["2026-11-02"] * 3}, "days"),
        ({"opens": "24:01"}, "opens"),
        ({"opens": "8:30"}, "opens"),
        ({"language": "rm"}, "language"),
        ({"unknown": 1}, "unknown"),
        ({"customer": {"name": "Jane", "extra": 1}}, "customer.extra"),
    ],
)
def test_strictness(call: Caller, changed: dict[str, object], field: str) -> None:
    """A value of a neighbouring type, a time without a zone or an unknown field is refused by its name."""
    answer = call("POST", BOOKINGS, booking(**changed))

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json_body["errors"]] == [field]
    assert all(error["problem"] and error["remedy"] for error in answer.json_body["errors"])


@pytest.mark.parametrize("changed", [{"opens": "24:00"}, {"day": "2028-02-29"}, {"day": None}, {"weight": 2}])
def test_edges_that_are_fine(call: Caller, changed: dict[str, object]) -> None:
    """The end of the day, a leap day, null where allowed and a whole number for a number are taken."""
    assert call("POST", BOOKINGS, booking(**changed)).status_code == 201


@pytest.mark.parametrize(("size", "status"), [(1999, 201), (2000, 201), (2001, 413)])
def test_the_size_of_a_body(call: Caller, size: int, status: int) -> None:
    """The limit is the endpoint's, to the byte."""
    body = json.dumps(booking()).encode()

    answer = call("POST", BOOKINGS, body + b" " * (size - len(body)))

    assert answer.status_code == status


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_other_content_types(call: Caller, content_type: str) -> None:
    """Chalice refuses these before the view; the refusal has our shape all the same."""
    answer = call("POST", BOOKINGS, b"{}", headers={"Content-Type": content_type})

    assert answer.status_code == 415
    assert answer.json_body["type"] == "urn:zusage:problem:unsupported-type"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json; charset=utf-8"}, 201),
        ({"Content-Type": "text/plain, application/json"}, 415),
    ],
)
def test_content_types_that_chalice_lets_through(call: Caller, headers: dict[str, str], status: int) -> None:
    """A charset is fine; a list of types, which Chalice takes for JSON, is not."""
    assert call("POST", BOOKINGS, json.dumps(booking()).encode(), headers=headers).status_code == status


def test_a_body_without_a_type(call: Caller) -> None:
    """A missing Content-Type, which Chalice takes for JSON, is refused too."""
    answer = call.client.http.post(BOOKINGS, body=json.dumps(booking()).encode())

    assert answer.status_code == 415


@pytest.mark.parametrize("key", ["x" * 8, "x" * 128, "~!" * 4])
def test_idempotency_keys(call: Caller, key: str) -> None:
    """A key of 8 to 128 visible characters reaches the view."""
    answer = call("POST", BOOKINGS, booking(), headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json_body["name"]) == (201, key[:20])


@pytest.mark.parametrize("key", ["x" * 7, "x" * 129, "x" * 7 + " y", "x" * 7 + "é", ""])
def test_idempotency_keys_of_the_wrong_form(call: Caller, key: str) -> None:
    """Any other key is refused, by the header's name."""
    answer = call("POST", BOOKINGS, booking(), headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert answer.json_body["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("tenant", ["xyz", TENANT + "0", TENANT.upper(), "%2e%2e"])
def test_ids_of_the_wrong_form(call: Caller, tenant: str) -> None:
    """A path that can't name anything is not found, before anything else is looked at."""
    answer = call("POST", f"/v1/tenants/{tenant}/bookings", booking())

    assert answer.status_code == 404
    assert tenant.encode() not in answer.body


def test_the_declaration_is_on_the_view() -> None:
    """Contract tests find the declaration as `__endpoint__`, and the view keeps its name and docstring."""
    declared = mill.__endpoint__

    assert isinstance(declared, Endpoint)
    assert (declared.summary, declared.description) == ("Mill calls", "Tells the provider what came in.")
    assert (mill.__name__, declared.tag) == ("mill", "sample_app")
