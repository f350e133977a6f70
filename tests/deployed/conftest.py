"""The stack for the tests of this folder; whatever they did, nothing personal may stand in the logs afterwards."""

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
    """Runs behind the last test of each module that used the stack."""
    yield
    if "cloud" in request.session._fixturemanager._arg2fixturedefs and _was_used(request):
        cloud: LocalCloud = request.getfixturevalue("cloud")
        assert found(KNOWN, cloud.logs()) == []
