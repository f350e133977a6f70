"""The stack, one browser process a worker, and a page with a fresh profile for each test."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium, Page
from tests.deployed.fixtures import silent_logs, stack

__all__ = ["silent_logs", "stack"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser."""
    with Chromium() as running:
        yield running


@pytest.fixture
def page(chromium: Chromium) -> Page:
    """A page for somebody who reads German."""
    return chromium.page(language="de-CH")
