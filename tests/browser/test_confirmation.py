"""The page on which experts decide, in a real browser: looking decides nothing, a button does, and once."""

import pytest

from infra.local.client import behind_hash
from tests.browser.chromium import Page
from tests.deployed.people import Person
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed

SHOWN = "document.getElementById('status').textContent"


def test_the_expert_decides_by_a_click(stack: Stack, page: Page) -> None:
    """The token stays in the browser, and leaves the address once it is used."""
    owner, anna = Person(), Person()
    booked = stack.book(stack.business(owner, confirm_within=60), anna)
    link = {"Zusage-Link": booked["links"]["view"]}
    token = behind_hash(stack.mail(owner, "wartet auf Sie")["text"])
    page.open(f"{stack.cloud.api_base}/confirmation#{token}")
    assert stack.client.ask("GET", "/appointment", wanted=200, headers=link)["state"] == "pending"

    page.click("#confirm")
    page.until(f"{SHOWN}.includes('bestätigt')")

    assert stack.client.ask("GET", "/appointment", wanted=200, headers=link)["state"] == "confirmed"
    assert not page.sees("#confirm")
    assert page.run("location.hash") == ""
    page.open(f"{stack.cloud.api_base}/confirmation#{token}")
    page.click("#decline")
    page.until(f"{SHOWN} && !{SHOWN}.includes('Danke')")
    assert stack.client.ask("GET", "/appointment", wanted=200, headers=link)["state"] == "confirmed"
