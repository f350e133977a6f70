"""The page that opens an installation, in a real browser: no password leaves it, and weak ones are not taken."""

from collections.abc import Iterator

import pytest

from infra.local.cloud import LocalCloud
from tests.browser.chromium import Page
from tests.deployed.clouds import driven_cloud

pytestmark = pytest.mark.deployed

CHOSEN = "vier Wörter auf einer Treppe"
SHOWN = "document.getElementById('status').textContent"


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One of its own, as its deployment leaves it."""
    with driven_cloud(opened=False) as started:
        yield started


def test_the_operator_opens_the_installation(cloud: LocalCloud, page: Page) -> None:
    """By replacing the one-time password; afterwards the new one signs in."""
    account = cloud.operator
    assert account is not None
    page.open(f"{cloud.api_base}/first-password")
    page.fill("#email", account.address)
    page.fill("#first", account.password)

    page.fill("#second", "qwertzuiop12345")
    page.click("button")
    page.until(f"{SHOWN}.includes('ein anderes Passwort')")
    assert cloud.call("GET", "/v1/notice").status == 403

    page.fill("#second", CHOSEN)
    page.click("button")
    page.until(f"{SHOWN}.includes('ist offen')")
    assert cloud.call("GET", "/v1/notice").status == 200

    sent = str(page.requests)
    assert "/v1/operator/first-password" in sent
    assert not [secret for secret in (account.password, CHOSEN) if secret in sent]
    assert page.cookies() == []
    account.password = CHOSEN
    assert cloud.call("GET", "/v1/operator/promises", headers=account.header).status == 200
