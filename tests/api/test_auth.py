"""Who may call: staff, holders of links, providers, anyone."""

from collections.abc import Iterator

import pytest

from chalicelib.api._auth import Public
from chalicelib.api._request import Call
from tests.api.sample_app import DOOR, OTHER, TENANT, Caller, serving

STAFF = f"/v1/tenants/{TENANT}/staff"


@pytest.fixture
def call() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


@pytest.mark.parametrize("header", ["Bearer of-admin", "bearer of-admin", "BEARER  of-admin"])
def test_a_session(call: Caller, header: str) -> None:
    """A known token lets its owner in and tells the view who it is."""
    answer = call("GET", STAFF, headers={"Authorization": header})

    assert answer.json_body["told"] == {"staff": OTHER, "tenant": TENANT}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer unknown"},
        {"Authorization": "Bearer of-admin, x"},
        {"Authorization": "Basic of-admin"},
        {"Authorization": "Bearer " + "x" * 513},
        {"Zusage-Link": "of-admin"},
        {"Cookie": "session=of-admin"},
    ],
)
def test_strangers(call: Caller, headers: dict[str, str]) -> None:
    """No token, an unknown one, or one in the wrong place: 401, with how to do it."""
    answer = call("GET", STAFF, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json_body["detail"].startswith("Sign in")


def test_the_wrong_role(call: Caller) -> None:
    """Someone without any of the roles is refused, and told which it takes."""
    answer = call("GET", STAFF, headers={"Authorization": "Bearer of-nobody"})

    assert answer.status_code == 403
    assert "admin or expert" in answer.json_body["detail"]


def test_another_tenants_path(call: Caller) -> None:
    """For staff of another business, this one's things do not exist."""
    answer = call("GET", STAFF, headers={"Authorization": "Bearer of-other"})

    assert answer.status_code == 404


def test_the_caller_is_checked_before_the_body_is_read(call: Caller) -> None:
    """A stranger learns nothing about what would have been accepted."""
    assert call("PUT", f"/v1/tenants/{TENANT}/thing", b"{").status_code == 401


def test_a_link(call: Caller) -> None:
    """The token goes to the view as it was sent; the service that knows what it opens checks it."""
    assert call("GET", "/v1/own", headers={"Zusage-Link": "abc.DEF-_~"}).json_body["told"] == {"link": "abc.DEF-_~"}


@pytest.mark.parametrize("token", [None, "", "a b", "x" * 2049, "é"])
def test_no_link(call: Caller, token: str | None) -> None:
    """Without a token of the right form: 403."""
    answer = call("GET", "/v1/own", headers={} if token is None else {"Zusage-Link": token})

    assert answer.status_code == 403
    assert answer.json_body["type"] == "urn:zusage:problem:link-invalid"


def test_a_link_in_the_address_does_not_count(call: Caller) -> None:
    """A token in the query string would land in logs, so it is refused."""
    assert call("GET", "/v1/own?link=abc").status_code == 403


def test_the_operator(call: Caller) -> None:
    """The operator's key lets in, and who came in by which route is told with a shortened address."""
    DOOR.admitted.clear()

    answer = call("GET", f"/v1/operator/{TENANT}", headers={"Authorization": "Bearer of-operator"})

    assert answer.json_body["told"] == {"thing": TENANT}
    assert DOOR.admitted == [("GET /v1/operator/{thing}", "127.0.0.0/24")]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer of-admin"}, {"Zusage-Link": "of-operator"}])
def test_everybody_else_is_not_the_operator(call: Caller, headers: dict[str, str]) -> None:
    """A session of staff opens nothing there, not even an admin's."""
    answer = call("GET", f"/v1/operator/{TENANT}", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_public_needs_its_reason() -> None:
    """Nothing is open by accident: `Public` says why, or the application does not start."""
    with pytest.raises(TypeError):
        Public(" ")


@pytest.mark.parametrize("what", ["session", "token", "webhook"])
def test_a_view_gets_what_its_auth_provides(what: str) -> None:
    """A view that asks for what its auth does not provide is a bug, not an empty value."""
    call: Call = Call(body=None, query=None, request_id="x", ip="unknown")

    with pytest.raises(TypeError):
        getattr(call, what)
