"""Shared by all tests: one local cloud a worker, started when the first test asks for it."""

import gc
from collections.abc import Iterator

import pytest

from infra.local.cloud import LocalCloud
from tests.deployed.clouds import driven_cloud

# Thousands of tests and all that they import stay until the end: looking through them for garbage again and again took
# a sixth of the time.
gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish() -> None:
    """What is there by now is no garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """The deployed stack. Its time only goes forward: tests make their own data, relative to `cloud.now()`."""
    with driven_cloud() as running:
        yield running
