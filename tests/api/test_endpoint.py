"""`@endpoint`: what is read, what is refused, how answers leave."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sample_app import OTHER, TENANT, Caller, Shown, booking, mill, sample_app, serving

from chalicelib.api._endpoint import Endpoint
from chalicelib.api._models import Body, Instant, LocalDate, LocalTime

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


def test_every_answer_carries_the_security_headers(call: Caller) -> None:
    """Good answers, refusals and what Chalice refuses itself carry the same headers."""
    answers = [call("POST", BOOKINGS, booking()), call("POST", BOOKINGS, {}), call("PATCH", BOOKINGS, {})]

    for headers in (answer.headers for answer in answers):
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "Permissions-Policy" in headers
        assert len(headers["Zusage-Request-Id"]) == 36


def test_the_address_is_shortened_and_the_gateways_request_id_is_used() -> None:
    """The view sees a /24 only; the request's id is the one the gateway gave it."""
    event = gateway_event(f"{'/v1/tenants/{tenant}/bookings'}", "POST", json.dumps(booking()).encode())

    answer = sample_app()(event, None)

    assert json.loads(answer["body"])["name"] == "198.51.100.0/24"
    assert answer["headers"]["Zusage-Request-Id"] == "0f6d3a4e-8a53-4a5b-9f6e-0d0c5a1c7a11"


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
    assert b"999" not in answer.body


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
        ({"language": "fr"}, "language"),
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

    assert answer.status_code == (201 if len(key) <= 20 else 500)  # the sample's view shows it in a short field


@pytest.mark.parametrize("key", ["x" * 7, "x" * 129, "x" * 7 + " y", "x" * 7 + "é", ""])
def test_idempotency_keys_of_the_wrong_form(call: Caller, key: str) -> None:
    """Any other key is refused, by the header's name."""
    answer = call("POST", BOOKINGS, booking(), headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert answer.json_body["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("tenant", ["x", TENANT + "0", TENANT.upper(), "%2e%2e"])
def test_ids_of_the_wrong_form(call: Caller, tenant: str) -> None:
    """A path that can't name anything is not found, before anything else is looked at."""
    answer = call("POST", f"/v1/tenants/{tenant}/bookings", booking())

    assert answer.status_code == 404
    assert tenant.encode() not in answer.body


def test_a_query(call: Caller) -> None:
    """Text becomes what the model says, and list keys may be repeated."""
    answer = call(
        "GET",
        f"/v1/search?since=2026-11-02T10:00:00%2B01:00&seats=2&only_free=true&experts={TENANT}&experts={OTHER}",
    )

    assert answer.json_body["told"] == {
        "since": "2026-11-02T09:00:00Z",
        "seats": 2,
        "only_free": True,
        "experts": [TENANT, OTHER],
    }


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("seats=2", ["since"]),
        ("since=now", ["since"]),
        ("since=2026-11-02T10:00:00Z&seats=2&seats=3", ["seats"]),
        ("since=2026-11-02T10:00:00Z&seats=%2B2", ["seats"]),
        ("since=2026-11-02T10:00:00Z&seats=2.0", ["seats"]),
        ("since=2026-11-02T10:00:00Z&seats=1_0", ["seats"]),
        ("since=2026-11-02T10:00:00Z&seats=", ["seats"]),
        ("since=2026-11-02T10:00:00Z&only_free=1", ["only_free"]),
        ("since=2026-11-02T10:00:00Z&experts=x", ["experts.0"]),
        ("since=2026-11-02T10:00:00Z&other=x", ["other"]),
    ],
)
def test_queries_that_do_not_fit(call: Caller, query: str, fields: list[str]) -> None:
    """Missing, repeated, unknown and misspelled keys are refused by name."""
    answer = call("GET", f"/v1/search?{query}")

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json_body["errors"]] == fields


def test_no_query_is_known_where_none_is_declared(call: Caller) -> None:
    """An endpoint without a query model refuses every key."""
    assert call("GET", "/v1/kept?x=1").json_body["errors"][0]["field"] == "x"


@pytest.mark.parametrize(("seen", "status"), [('"7"', 304), ('W/"7"', 304), ('"6", "7"', 304), ('"6"', 200), ("", 200)])
def test_unchanged_answers(call: Caller, seen: str, status: int) -> None:
    """An answer that may be kept has an ETag, and is not sent again to whoever has it."""
    answer = call("GET", "/v1/kept", headers={"If-None-Match": seen})

    assert (answer.status_code, answer.headers["ETag"]) == (status, '"7"')
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert bool(answer.body) == (status == 200)


@pytest.mark.parametrize(
    ("headers", "status", "tag"),
    [({"If-Match": '"7"'}, 200, '"8"'), ({"If-Match": "*"}, 200, '"1"'), ({}, 200, '"1"')],
)
def test_if_match(call: Caller, headers: dict[str, str], status: int, tag: str) -> None:
    """The version that the caller read reaches the view, and the new one goes out."""
    answer = call(
        "PUT", f"/v1/tenants/{TENANT}/thing", {"name": "x"}, headers={"Authorization": "Bearer of-admin", **headers}
    )

    assert (answer.status_code, answer.headers["ETag"]) == (status, tag)


@pytest.mark.parametrize("tag", ["7", 'W/"7"', '"x"', '"1", "2"'])
def test_tags_that_are_none_of_ours(call: Caller, tag: str) -> None:
    """A tag that we never gave can't be the current one."""
    headers = {"Authorization": "Bearer of-admin", "If-Match": tag}

    assert call("PUT", f"/v1/tenants/{TENANT}/thing", {"name": "x"}, headers=headers).status_code == 412


def test_nothing_to_say(call: Caller) -> None:
    """An endpoint that gives nothing answers 204 without a body or a type."""
    answer = call("DELETE", "/v1/own", headers={"Zusage-Link": "abc"})

    assert (answer.status_code, answer.body) == (204, b"")
    assert "Content-Type" not in answer.headers


def test_a_text(call: Caller) -> None:
    """What is no JSON leaves as it is."""
    answer = call("GET", "/v1/calendar")

    assert (answer.body, answer.headers["Content-Type"]) == (b"BEGIN:VCALENDAR", "text/calendar; charset=utf-8")


def test_what_is_not_declared_does_not_leave(call: Caller) -> None:
    """A view that gives something else than it declares is a bug: 500, and nothing of it goes out."""
    answer = call("GET", "/v1/wrong")

    assert answer.status_code == 500
    assert b"jane" not in answer.body


@pytest.mark.parametrize("encoded", [True, False])
def test_a_webhook(encoded: bool) -> None:
    """The provider's call arrives untouched: bytes, order of the query, headers in lower case."""
    body = b"a=1&b=%20\r\n"
    event = gateway_event("/v1/hooks/mill/{reference}", "POST", body, encoded=encoded)
    event["pathParameters"] = {"reference": "abc"}
    event["multiValueQueryStringParameters"] = {"b": ["2", "1"], "a": ["x y"]}
    event["headers"] = {"Content-Type": "application/x-www-form-urlencoded", "X-Mill-Signature": "s"}

    answer = sample_app()(event, None)

    assert answer["headers"]["Content-Type"] == "text/plain"
    assert json.loads(answer["body"]) == {
        "path": "/original/path",
        "query": [["b", "2"], ["b", "1"], ["a", "x y"]],
        "body": body.hex(),
        "type": "application/x-www-form-urlencoded",
        "signature": "s",
    }


def test_a_webhook_with_the_wrong_path(call: Caller) -> None:
    """A declared pattern holds instead of the one for ids."""
    assert call("POST", "/v1/hooks/mill/abcd", b"{}").status_code == 404
    assert call("POST", "/v1/hooks/mill/abc", b"{}").status_code == 200


def test_an_empty_answer_to_a_provider(call: Caller) -> None:
    """A provider's GET is answered 200, even with nothing."""
    assert call("GET", "/v1/hooks/dam?anything=1").status_code == 200


def test_the_declaration_is_on_the_view() -> None:
    """Contract tests find the declaration as `__endpoint__`, and the view keeps its name and docstring."""
    declared = mill.__endpoint__

    assert isinstance(declared, Endpoint)
    assert (declared.summary, declared.description) == ("Mill calls", "Tells the provider what came in.")
    assert (mill.__name__, declared.tag) == ("mill", "sample_app")


def test_views_take_aware_times_only() -> None:
    """A naive time can't leave; an aware one leaves in UTC, to the second."""
    with pytest.raises(ValidationError):
        Shown(id=TENANT, starts_at=datetime(2026, 1, 1))  # noqa: DTZ001

    shown = Shown(id=TENANT, starts_at=datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC))
    assert json.loads(shown.model_dump_json())["starts_at"] == "2026-01-01T00:00:00Z"


class _Times(Body):
    """All kinds of time."""

    at: Instant
    day: LocalDate
    wall: LocalTime


@given(st.datetimes(timezones=st.timezones()), st.dates(), st.times())
def test_times_survive(at: datetime, day: Any, wall: Any) -> None:
    """Every instant, date and wall time that can be written is read back the same, to the second."""
    whole = at.replace(microsecond=0, fold=at.fold)
    offset = whole.utcoffset()
    if offset is None or offset.total_seconds() % 60 or not 2 <= whole.year <= 9998:
        return  # RFC 3339 has no seconds in offsets

    read = _Times.model_validate_json(
        json.dumps({"at": whole.isoformat(), "day": day.isoformat(), "wall": wall.strftime("%H:%M")})
    )

    assert read.at == whole.astimezone(UTC)
    assert read.day == day
    assert json.loads(read.model_dump_json())["at"] == whole.astimezone(UTC).isoformat().replace("+00:00", "Z")


def gateway_event(resource: str, method: str, body: bytes, *, encoded: bool = False) -> dict[str, Any]:
    """An event as API Gateway sends it."""
    return {
        "resource": resource,
        "path": "/original/path",
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": "/stage/original/path",
            "requestId": "0f6d3a4e-8a53-4a5b-9f6e-0d0c5a1c7a11",
            "identity": {"sourceIp": "198.51.100.23"},
        },
        "headers": {"Content-Type": "application/json"},
        "pathParameters": {"tenant": TENANT},
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }
