"""accounts, `own-cookies`: three cookies, each described; the program sets no other, whatever is called."""

import json
from urllib.parse import quote

import pytest

from tests.deployed.people import Person, found
from tests.deployed.stack import Stack

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
