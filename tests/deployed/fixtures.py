"""The stack for tests of several folders; whatever they did, nothing personal may stand in the logs afterwards."""

from collections.abc import Iterator

import pytest

from infra.local.cloud import LocalCloud
from tests.deployed.people import KNOWN, found
from tests.deployed.stack import Stack


@pytest.fixture
def stack(cloud: LocalCloud) -> Stack:
    """The deployed stack, with every provider at work."""
    for provider in ("mailgun", "ses", "twilio", "smsapi"):
        cloud.inbox.work(provider)
    return Stack(cloud)


@pytest.fixture(scope="module", autouse=True)
def silent_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Looks behind the last test of each module that uses the stack."""
    deployed = request.node.get_closest_marker("deployed") is not None
    cloud: LocalCloud | None = request.getfixturevalue("cloud") if deployed else None
    yield
    if cloud is not None:
        assert found(KNOWN, cloud.logs()) == []
