"""How answers leave: headers, ETags, nothing that was not declared."""

from collections.abc import Iterator

import pytest

from tests.api.sample_app import TENANT, Caller, booking, serving

BOOKINGS = f"/v1/tenants/{TENANT}/bookings"


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


def test_every_answer_carries_the_security_headers(call: Caller) -> None:
    """Good answers, refusals and what Chalice refuses itself carry the same headers."""
    answers = [call("POST", BOOKINGS, booking()), call("POST", BOOKINGS, {}), call("PATCH", BOOKINGS, {})]

    for headers in (answer.headers for answer in answers):
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"] == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        assert "Permissions-Policy" in headers
        assert len(headers["Zusage-Request-Id"]) == 36


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
