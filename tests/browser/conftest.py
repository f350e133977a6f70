"""The stack, one browser process a worker, and a page with a fresh profile for each test."""

from collections.abc import Iterator

import pytest

from infra.local.cloud import LocalCloud
from tests.browser.chromium import Chromium, Page
from tests.deployed.fixtures import silent_logs, stack

__all__ = ["silent_logs", "stack"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser."""
    with Chromium() as running:
        yield running


@pytest.fixture
def page(chromium: Chromium, cloud: LocalCloud) -> Page:
    """A page for somebody who reads German and lives in the time of the stack."""
    shown = chromium.page(language="de-CH")
    shown.live_at(cloud.ahead)
    return shown
