"""What a view sees of a request: the query, the network, a webhook untouched."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.sample_app import OTHER, TENANT, Caller, booking, sample_app, serving


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


def test_the_address_is_shortened_and_the_gateways_request_id_is_used() -> None:
    """The view sees a /24 only; the request's id is the one the gateway gave it."""
    event = gateway_event("/v1/tenants/{tenant}/bookings", "POST", json.dumps(booking()).encode())

    with serving():
        answer = sample_app()(event, None)

    assert json.loads(answer["body"])["name"] == "198.51.100.0/24"
    assert answer["headers"]["Zusage-Request-Id"] == "0f6d3a4e-8a53-4a5b-9f6e-0d0c5a1c7a11"


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


@pytest.mark.parametrize("encoded", [True, False])
def test_a_webhook(encoded: bool) -> None:
    """The provider's call arrives untouched: bytes, order of the query, headers in lower case."""
    body = b"a=1&b=%20\r\n"
    event = gateway_event("/v1/hooks/mill/{reference}", "POST", body, encoded=encoded)
    event["pathParameters"] = {"reference": "abc"}
    event["multiValueQueryStringParameters"] = {"b": ["2", "1"], "a": ["x y"]}
    event["headers"] = {"Content-Type": "application/x-www-form-urlencoded", "X-Mill-Signature": "s"}

    with serving():
        answer = sample_app()(event, None)

    assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"
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
