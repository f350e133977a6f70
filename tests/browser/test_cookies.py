"""The cookies as a browser keeps them: the three that are promised, with their guards, and no other on any page."""

import pytest

from tests.browser.chromium import Page
from tests.deployed.people import Person
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed

CUSTOMER = "__Host-zusage-customer"


def test_no_page_leaves_a_cookie_by_itself(stack: Stack, page: Page) -> None:
    """Whoever only looks around has none afterwards, in no kind of storage."""
    served = stack.client.cloud.call("GET", "/openapi.json").json()
    pages = [
        path
        for path, methods in served["paths"].items()
        if "{" not in path
        and "text/html" in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    ]

    for path in pages:
        page.open(f"{stack.cloud.api_base}{path}")
        assert page.run("localStorage.length + sessionStorage.length") == 0, path

    assert page.cookies() == []
    assert len(pages) >= 5


def test_the_visitors_cookie_comes_and_goes_as_they_wish(stack: Stack, page: Page) -> None:
    """Written by their own browser, with every guard that a script can give it; sent to nobody else, kept by nobody."""
    anna = Person()
    page.open(f"{stack.cloud.api_base}/appointment")
    assert not page.sees("#forget")

    page.fill("#my-name", anna.given_name)
    page.fill("#my-email", anna.email)
    page.click("#remember")
    page.until("!document.getElementById('forget').hidden")

    (cookie,) = page.cookies()
    assert cookie["name"] == CUSTOMER
    assert (cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert not cookie["domain"].startswith(".")
    assert not cookie["httpOnly"]  # the page is the one who reads it
    days = (cookie["expires"] - page.run("(performance.timeOrigin + performance.now()) / 1000")) / 86_400
    assert 179 < days <= 180

    page.open(f"{stack.cloud.api_base}/appointment")
    assert (page.value("#my-name"), page.value("#my-email")) == (anna.given_name, anna.email)
    page.click("#forget")
    page.until("document.getElementById('forget').hidden")
    assert page.cookies() == []
    assert page.value("#my-email") == ""


def test_what_is_remembered_is_text_and_nothing_else(stack: Stack, page: Page) -> None:
    """Markup, separators and broken contents do no harm."""
    page.open(f"{stack.cloud.api_base}/appointment")
    nasty = "<img src=x onerror=alert(1)>; Domain=example.org, \"'"
    page.fill("#my-name", nasty)
    page.fill("#my-email", "a@b.example")
    page.click("#remember")
    page.open(f"{stack.cloud.api_base}/appointment")

    assert page.value("#my-name") == nasty
    assert [each["name"] for each in page.cookies()] == [CUSTOMER]

    page.run(f"document.cookie = '{CUSTOMER}=%7Bbroken; Path=/; Secure'")
    page.open(f"{stack.cloud.api_base}/appointment")
    assert page.value("#my-name") == ""
