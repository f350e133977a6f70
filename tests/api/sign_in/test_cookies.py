"""The three cookies: described in four languages, set with every guard, and the visitor's own never kept by us."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from chalice.test import Client

from app import app
from chalicelib.api.http.cookies import PORTALS, Cookie, SetCookie, session_token, session_tokens
from chalicelib.domain.errors import CrossSiteError
from chalicelib.messages.cookie_words import COOKIE_LANGUAGES, cookie_words
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words
from chalicelib.records._tables import TABLES
from tests.builders import Business
from tests.services.looking import raw
from tests.services.prepared import open_business
from tests.stage import Stage

NAMES = ["__Host-zusage-admin", "__Host-zusage-expert", "__Host-zusage-customer"]
SECRETS = ("Caduff-Engadiner", "visitor@device.example")
CUSTOMER = f"{Cookie.CUSTOMER.value}={quote(json.dumps(dict(zip(('name', 'email'), SECRETS, strict=True))))}"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stage, Business, Client]]:
    """A business, and the real app on its stage."""
    with open_business() as (on, of), Client(app) as client:
        monkeypatch.setattr("chalicelib.wiring.services", lambda: on.services)
        yield on, of, client


def test_there_are_three() -> None:
    """Bound to our host by their names."""
    assert [each.value for each in Cookie] == NAMES
    assert set(PORTALS.values()) == {Cookie.ADMIN, Cookie.EXPERT}


@pytest.mark.parametrize("language", COOKIE_LANGUAGES)
def test_each_is_described(language: str) -> None:
    """Everything that has to be said, in words of this language."""
    said = cookie_words(language)

    assert set(said) == {each.name.lower() for each in Cookie}
    for told in said.values():
        assert set(told) == {"purpose", "set_by", "lasts", "holds", "to_delete"}
        assert all(len(text) > 15 for text in told.values())
    if language != "en":
        assert not {t for each in said.values() for t in each.values()} & set(cookie_words("en")["admin"].values())


def test_another_language_has_no_words() -> None:
    """Instead of an answer in one that was not asked for."""
    with pytest.raises(LookupError):
        cookie_words("rm")


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_the_notice_says_the_same(language: str) -> None:
    """That there are three, and how long: seven days and 180."""
    told, cookies = words(language)["cookies_text"], cookie_words(language)

    assert any(three in told for three in ("three", "drei", "trois", "tre "))
    assert "7" in told
    assert "7" in cookies["admin"]["lasts"]
    assert "180" in told
    assert "180" in cookies["customer"]["lasts"]


@pytest.mark.parametrize("language", COOKIE_LANGUAGES)
def test_everybody_can_ask(desk: tuple[Stage, Business, Client], language: str) -> None:
    """In four languages."""
    answer = desk[2].http.get(f"/v1/cookies?language={language}")

    assert answer.status_code == 200
    told = json.loads(answer.body)["cookies"]
    assert [each["name"] for each in told] == NAMES
    assert told[0]["purpose"] == cookie_words(language)["admin"]["purpose"]


@pytest.mark.parametrize("portal", PORTALS)
def test_a_session_cookie_has_every_guard(portal: str) -> None:
    """Ours alone, encrypted alone, no script, no other site; forgetting it says the same."""
    kept, ended = SetCookie(portal, "zs_x", 60).header(), SetCookie(portal, "", 60).header()

    guards = {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    assert kept.split("; ")[0] == f"{PORTALS[portal].value}=zs_x"
    assert {*kept.split("; ")[1:]} == {*guards, "Max-Age=60"}
    assert {*ended.split("; ")[1:]} == {*guards, "Max-Age=0"}
    assert ended.startswith(f"{PORTALS[portal].value}=;")


def sent(cookie: str, **headers: str) -> dict[str, str]:
    """A request's headers, as they reach us."""
    return {"cookie": cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}


def test_a_session_cookie_counts_with_the_name_of_its_portal_only() -> None:
    """A browser sends cookies by itself; the header, no other site can make it send."""
    both = "__Host-zusage-admin=a; __Host-zusage-expert=e; __Host-zusage-customer=c"

    assert session_token(sent(both, zusage_portal="admin")) == "a"
    assert session_token(sent(both, zusage_portal="expert")) == "e"
    assert session_token(sent(both)) is None
    assert session_token(sent(both, zusage_portal="customer")) is None
    assert session_token({"zusage-portal": "admin"}) is None
    assert session_token(sent("__Host-zusage-expert=e", zusage_portal="admin")) is None


@pytest.mark.parametrize(
    ("site", "refused"),
    [("same-origin", False), ("none", False), ("same-site", True), ("cross-site", True), ("x", True)],
)
def test_another_sites_request_is_refused(site: str, refused: bool) -> None:
    """By what the browser itself says of it."""
    headers = sent("__Host-zusage-admin=a", zusage_portal="admin", sec_fetch_site=site)
    if refused:
        with pytest.raises(CrossSiteError):
            session_token(headers)
    else:
        assert session_token(headers) == "a"


def everything(caplog: pytest.LogCaptureFixture, out: str, on: Stage) -> str:
    """What was logged, noted of visits, and stored."""
    tables: list[Any] = [raw(table) for table in TABLES]
    visits: Any = on.services.access_log
    records = [repr(vars(record)) for record in caplog.records]
    return "\n".join([*records, out, repr(visits.visits), repr(tables)])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/appointment"),
        ("GET", "/sign-in"),
        ("GET", "/v1/cookies"),
        ("GET", "/v1/session"),
        ("GET", "/nowhere"),
        ("GET", "/v1/forms/booking?tenant=x"),
        ("POST", "/v1/registrations"),
        ("POST", "/v1/tenants/{tenant}/appointments"),
    ],
    ids=lambda it: str(it).replace("/", "."),
)
def test_the_visitors_cookie_goes_nowhere(
    desk: tuple[Stage, Business, Client],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    method: str,
    path: str,
) -> None:
    """Whatever it is sent with, well or wrong: not into a log, not into a table, not back."""
    on, of, client = desk
    caplog.set_level(logging.DEBUG)
    headers = {"Cookie": CUSTOMER, "Content-Type": "application/json", "Zusage-Portal": "customer"}

    answer = client.http.request(method, path.format(tenant=of.tenant), headers=headers, body=b"{}")

    captured = capsys.readouterr()
    seen = everything(caplog, captured.out + captured.err, on) + answer.body.decode() + repr(answer.headers)
    assert [secret for secret in (*SECRETS, *map(quote, SECRETS)) if secret in seen] == []
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("site", "ours"), [("same-origin", True), ("none", True), ("cross-site", False)])
def test_whoever_signs_in_may_come_with_both(site: str, ours: bool) -> None:
    """No header is needed: the new session is about to take their place. Unless another site had them sent."""
    both = "__Host-zusage-admin=a; __Host-zusage-expert=e; __Host-zusage-customer=c"

    assert session_tokens(sent(both)) == ("a", "e")
    assert session_tokens(sent(both, sec_fetch_site=site)) == (("a", "e") if ours else ())
    assert session_tokens({}) == ()


def test_a_broken_cookie_is_none() -> None:
    """It is no reason to answer 500."""
    for broken in ("\x00", "a=b; =", ";;;", "__Host-zusage-admin", "a" * 5000):
        assert session_token(sent(broken, zusage_portal="admin")) is None
