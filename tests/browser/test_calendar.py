"""Linking a calendar in a real browser: to the provider's page and back, and away again."""

import pytest

from tests.browser.chromium import Page
from tests.browser.test_signing_in import Visit
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed

HOURS = """
(async () => {
  const how = { headers: { "Zusage-Portal": "admin", "Content-Type": "application/json" }, credentials: "same-origin" };
  const { staff } = await (await fetch("v1/session", how)).json();
  const hours = JSON.stringify({ zone: "Europe/Zurich", weekly: [] });
  return (await fetch(`v1/staff/${staff}/availability`, { ...how, method: "PUT", body: hours })).status;
})()
"""


def test_a_calendar_is_linked_and_removed_by_hand(stack: Stack, page: Page) -> None:
    """The code that the provider hands over is out of the address as soon as the page is there."""
    visit = Visit(stack, page)
    visit.from_address("2001:db8:ca1e:da::1")
    visit.open("calendar")
    visit.said("Bitte melden Sie sich an")
    visit.register()
    assert page.run(HOURS) == 200

    visit.open("calendar")
    visit.said("Noch kein Kalender")
    page.click("#google")
    visit.said("Der Kalender ist verknüpft")

    assert page.run("location.search") == ""
    assert "Google: wird verbunden" in page.text("#linked")
    stack.cloud.invoke("Sync")
    visit.open("calendar")
    page.until("document.getElementById('linked').textContent.includes('Google: verbunden')")
    page.click("#linked button")
    visit.said("Entfernt")
    assert page.text("#linked") == ""
