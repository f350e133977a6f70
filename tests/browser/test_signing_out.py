"""Signing out, in a real browser: whatever a session had shown is gone with it, on every page and in every store."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.browser.chromium import Chromium, Page
from tests.browser.test_signing_in import Visit
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed

READABLE = "[document.documentElement.outerHTML, ...[...document.querySelectorAll('input')].map((e) => e.value)].join()"
END = "fetch('v1/session', {method: 'DELETE', headers: {'Zusage-Portal': 'admin'}}).then((answer) => answer.status)"


@pytest.fixture
def visit(stack: Stack, page: Page) -> Visit:
    """Somebody who is signed in, before their own account."""
    made = Visit(stack, page)
    made.from_address(f"2001:db8:{made.who.mark[:4].encode().hex()[:4]}:{made.who.mark[4:8].encode().hex()[:4]}::1")
    made.register()
    enter(made)
    return made


def enter(visit: Visit) -> None:
    """Opens the account's page and waits until it shows the account."""
    visit.open("account")
    visit.page.until("document.getElementById('inside')?.hidden === false")
    assert visit.who.email in visit.page.run(READABLE)


def shows_nothing(visit: Visit) -> bool:
    """Whether nothing of the account is left on the page, seen or unseen."""
    return visit.page.run("document.getElementById('inside') === null") and visit.who.email not in visit.page.run(
        READABLE
    )


@contextmanager
def cut_off(page: Page) -> Iterator[None]:
    """The server can't be reached for a while."""
    how = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.send("Network.emulateNetworkConditions", offline=True, **how)
    yield
    page.send("Network.emulateNetworkConditions", offline=False, **how)


@pytest.mark.parametrize(("here", "there"), [("account", "calendar"), ("calendar", "account")])
def test_nothing_of_the_session_is_left(visit: Visit, chromium: Chromium, here: str, there: str) -> None:
    """On this page and the others of the browser, and in its stores; what a customer had it remember stays."""
    page, beside = visit.page, Visit(visit.stack, chromium.page(language="de-CH", beside=visit.page), visit.who)
    visit.open(here)
    beside.open(there)
    for each in (page, beside.page):
        each.until("document.getElementById('inside').hidden === false")
    page.run("document.cookie = '__Host-zusage-customer=%7B%7D; Path=/; Secure; SameSite=Strict'")
    page.run("localStorage.setItem('kept', 'by a front end')")
    page.complaints.clear()

    visit.sign_out()

    beside.said("Bitte melden Sie sich an")
    assert shows_nothing(visit)
    assert shows_nothing(beside)
    page.until("localStorage.length === 0")
    assert [each["name"] for each in page.cookies()] == ["__Host-zusage-customer"]
    assert page.complaints == []


def test_the_page_is_empty_even_if_the_server_is_out_of_reach(visit: Visit) -> None:
    """It says that the session is still open; signing out works once the server is back."""
    with cut_off(visit.page):
        visit.page.click("#sign-out")
        visit.said("Ihre Sitzung ist noch offen")
        assert shows_nothing(visit)

    enter(visit)
    visit.sign_out()
    assert visit.page.cookies() == []


def test_a_page_finds_out_that_the_session_is_over(visit: Visit) -> None:
    """At its next call, if it was ended elsewhere."""
    assert visit.page.run(END) == 204

    visit.page.click("#add-app")

    visit.said("Bitte melden Sie sich an")
    assert shows_nothing(visit)
