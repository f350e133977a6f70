"""accounts, `own-cookies`: three cookies, each described; the program sets no other, whatever is called."""

import json
from urllib.parse import quote

import pytest

from infra.local.client import behind_hash
from tests.deployed.people import Person, found
from tests.deployed.stack import Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("own-cookies")]

NAMES = {"__Host-zusage-admin", "__Host-zusage-expert", "__Host-zusage-customer"}
LANGUAGES = ("de", "en", "fr", "it")


def test_three_cookies_are_described_in_four_languages(stack: Stack) -> None:
    """Name, purpose, who sets it, how long, what it holds, how to be rid of it."""
    for language in LANGUAGES:
        told = stack.client.ask("GET", f"/cookies?language={language}", wanted=200)["cookies"]
        assert {each["name"] for each in told} == NAMES
        assert all(all(each.values()) for each in told)
        assert len({each["purpose"] for each in told}) == 3


def test_the_notice_tells_of_them(stack: Stack) -> None:
    """In each language, and does not say that there are none."""
    for language in LANGUAGES:
        notice = stack.client.ask("GET", f"/notice?language={language}", wanted=200)
        assert "180" in notice["cookies"]


def test_no_page_and_no_open_call_sets_a_cookie(stack: Stack) -> None:
    """Whoever only looks around gets none."""
    served = stack.client.cloud.call("GET", "/openapi.json").json()
    practice = stack.business()
    calls = [path for path, methods in served["paths"].items() if methods.get("get", {}).get("security") == []]

    for path in calls:
        filled = path.replace("{tenant}", practice.tenant).replace("{service}", practice.service)
        answer = stack.client.cloud.call("GET", filled)
        assert "set-cookie" not in answer.headers, path
    assert len(calls) > 15


@pytest.mark.parametrize("portal", ["admin", "expert"])
def test_the_cookie_of_a_portal_is_for_our_own_pages_and_no_script(stack: Stack, portal: str) -> None:
    """It holds the session, which no answer shows then; alone it proves nothing, and signing out has it forgotten."""
    owner = Person()
    stack.business(owner)
    stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": owner.email})
    token = behind_hash(stack.mail(owner, "Anmeldung")["text"])
    opened = stack.call("POST", "/sessions", json={"token": token, "portal": portal, "keep": "cookie"})
    name, _, rest = opened.headers["set-cookie"].partition("=")
    value, _, how = rest.partition("; ")
    sent = {"Cookie": f"{name}={value}"}
    ours = {**sent, "Zusage-Portal": portal, "Sec-Fetch-Site": "same-origin"}

    assert (opened.status, opened.json()["token"]) == (201, None)
    assert name == f"__Host-zusage-{portal}"
    assert set(how.split("; ")) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=604800"}
    assert stack.call("GET", "/session", headers=ours).json()["portal"] == portal
    assert stack.call("GET", "/session", headers=sent).status == 401
    assert kind_of(stack.call("GET", "/session", headers={**ours, "Sec-Fetch-Site": "cross-site"})) == (
        403,
        "cross-site",
    )
    ended = stack.call("DELETE", "/session", headers=ours)
    assert ended.headers["set-cookie"].startswith(f"{name}=; Path=/; Max-Age=0")
    assert stack.call("GET", "/session", headers=ours).status == 401


def test_the_visitors_cookie_is_neither_logged_nor_stored(stack: Stack) -> None:
    """It comes with each request of their browser; nothing of it stays."""
    anna = Person()
    value = quote(json.dumps({"name": anna.family_name, "email": anna.email}))
    headers = {"Cookie": f"__Host-zusage-customer={value}"}

    for path in ("/appointment", "/v1/cookies", "/v1/session", "/v1/registrations", "/v1/nowhere", "/notice"):
        answer = stack.client.cloud.call("GET", path, headers=headers)
        assert found({anna.family_name, anna.email}, answer.text) == []
        assert "set-cookie" not in answer.headers

    kept = stack.cloud.logs() + json.dumps(stack.everything_stored(), default=str)
    assert found({anna.family_name, anna.email, value}, kept) == []
