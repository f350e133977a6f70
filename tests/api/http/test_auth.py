"""Who may call: staff, holders of links, providers, anyone."""

from collections.abc import Iterator

import pytest

from chalicelib.api.http.auth import Public
from chalicelib.api.http.request import Call
from chalicelib.domain.visits import Visitor
from tests.api.sample_app import DOOR, OTHER, TENANT, Caller, serving

STAFF = f"/v1/tenants/{TENANT}/staff"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


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
    """The operator's staff come in by their session; who came by which route is told with a shortened address."""
    DOOR.admitted.clear()

    answer = call("GET", f"/v1/operator/{TENANT}", headers={"Authorization": "Bearer of-operator"})

    assert answer.json_body["told"] == {"thing": TENANT}
    assert DOOR.admitted == [("GET /v1/operator/{thing}", "127.0.0.0/24", False)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer of-admin"}, 403), ({"Zusage-Link": "of-operator"}, 401)],
    ids=["nobody", "an-admin", "a-link"],
)
def test_everybody_else_is_not_the_operator(call: Caller, headers: dict[str, str], status: int) -> None:
    """A session of a business opens nothing there, not even an admin's."""
    DOOR.admitted.clear()

    assert call("GET", f"/v1/operator/{TENANT}", headers=headers).status_code == status
    assert DOOR.admitted == []


def test_the_operator_needs_an_access_to_a_business(call: Caller) -> None:
    """Without one, a business's things are not theirs to see."""
    answer = call("GET", STAFF, headers={"Authorization": "Bearer of-operator"})

    assert (answer.status_code, "Zusage-Access" in answer.json_body["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("token", "access", "status"),
    [
        ("of-operator", f"{TENANT}.{OTHER}", 200),
        ("of-operator", f"{TENANT}.{TENANT}", 403),
        ("of-operator", f"{OTHER}.{OTHER}", 404),
        ("of-operator", "x", 403),
        ("of-admin", f"{TENANT}.{OTHER}", 403),
        ("of-one-factor-operator", f"{TENANT}.{OTHER}", 403),
    ],
    ids=["open", "closed", "another-business", "no-access", "not-the-operator", "without-second-factor"],
)
def test_an_access_of_the_operator(call: Caller, token: str, access: str, status: int) -> None:
    """It opens one business to those it was opened by."""
    headers = {"Authorization": f"Bearer {token}", "Zusage-Access": access}

    assert call("GET", STAFF, headers=headers).status_code == status


def test_an_access_is_for_looking(call: Caller) -> None:
    """Nothing is changed by it."""
    headers = {"Authorization": "Bearer of-operator", "Zusage-Access": f"{TENANT}.{OTHER}"}

    assert call("PUT", f"/v1/tenants/{TENANT}/thing", {"name": "x"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", STAFF, 200), ("PUT", f"/v1/tenants/{TENANT}/thing", 403), ("POST", "/v1/early", 200)],
    ids=["reading", "a-change", "a-change-that-is-still-needed"],
)
def test_a_business_that_is_read_only(call: Caller, method: str, path: str, status: int) -> None:
    """It reads, and does what it still has to."""
    answer = call(method, path, {"name": "x"} if method == "PUT" else None, headers=_bearer("of-a-reader"))

    assert answer.status_code == status
    assert status == 200 or answer.json_body["type"] == "urn:zusage:problem:read-only"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", STAFF, 403), ("POST", "/v1/early", 200)])
def test_a_business_that_requires_a_second_factor(call: Caller, method: str, path: str, status: int) -> None:
    """Whoever has none can set one up, and do nothing else."""
    answer = call(method, path, headers=_bearer("of-one-factor"))

    assert answer.status_code == status
    assert status == 200 or answer.json_body["type"] == "urn:zusage:problem:second-factor-required"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": "__Host-zusage-admin=of-admin", "Zusage-Portal": "admin"}, 200),
        (
            {"Cookie": "x=1; __Host-zusage-admin=of-admin", "Zusage-Portal": "admin", "Sec-Fetch-Site": "same-origin"},
            200,
        ),
        ({"Cookie": "__Host-zusage-admin=of-admin"}, 401),
        ({"Cookie": "__Host-zusage-admin=of-admin", "Zusage-Portal": "expert"}, 401),
        ({"Cookie": "__Host-zusage-admin=of-admin", "Zusage-Portal": "operator"}, 401),
        ({"Cookie": "__Host-zusage-expert=of-admin", "Zusage-Portal": "admin"}, 401),
        ({"Zusage-Portal": "admin"}, 401),
        ({"Cookie": "__Host-zusage-admin=of-admin", "Zusage-Portal": "admin", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Cookie": "__Host-zusage-admin=of-admin", "Zusage-Portal": "admin", "Sec-Fetch-Site": "same-site"}, 403),
    ],
    ids=[
        "named",
        "same-origin",
        "unnamed",
        "other-portal",
        "no-portal",
        "other-cookie",
        "no-cookie",
        "cross",
        "sibling",
    ],
)
def test_a_cookie_counts_if_our_own_page_sent_it(call: Caller, headers: dict[str, str], status: int) -> None:
    """The browser sends the cookie by itself, but the header never for another site."""
    assert call("GET", STAFF, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "by_cookie"),
    [
        ({"Authorization": "Bearer of-admin", "Cookie": "__Host-zusage-admin=x", "Zusage-Portal": "admin"}, False),
        ({"Authorization": "Basic x", "Cookie": "__Host-zusage-admin=of-admin", "Zusage-Portal": "admin"}, True),
    ],
    ids=["token", "cookie"],
)
def test_a_view_knows_how_the_session_came(call: Caller, headers: dict[str, str], by_cookie: bool) -> None:
    """A token in the header goes before a cookie."""
    assert call("POST", "/v1/early", headers=headers).json_body["told"] == {"by_cookie": by_cookie}


def test_a_cookie_is_for_us_alone(call: Caller) -> None:
    """No script reads it, no other host gets it, no other site makes a browser send it."""
    attributes = "Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict"

    kept, gone = call("POST", "/v1/cookie"), call("DELETE", "/v1/cookie")

    assert (kept.status_code, gone.status_code) == (201, 204)
    assert kept.headers["Set-Cookie"] == f"__Host-zusage-admin=of-admin; {attributes.format(60)}"
    assert gone.headers["Set-Cookie"] == f"__Host-zusage-admin=; {attributes.format(0)}"


@pytest.mark.parametrize(("path", "status"), [("/v1/with-a-key", 200), (STAFF, 403)], ids=["covered", "not-covered"])
def test_the_key_of_a_server(call: Caller, path: str, status: int) -> None:
    """It opens what its scopes cover, and nothing else."""
    assert call("GET", path, headers=_bearer("zk_of-server")).status_code == status


def test_public_needs_its_reason() -> None:
    """Nothing is open by accident: `Public` says why, or the application does not start."""
    with pytest.raises(TypeError):
        Public(" ")


@pytest.mark.parametrize("what", ["session", "token", "webhook"])
def test_a_view_gets_what_its_auth_provides(what: str) -> None:
    """A view that asks for what its auth does not provide is a bug, not an empty value."""
    call: Call = Call(body=None, query=None, request_id="x", visitor=Visitor.of("unknown", ""))

    with pytest.raises(TypeError):
        getattr(call, what)
