"""The stack for tests of several folders; whatever they did, nothing personal may stand in the logs afterwards."""

from collections.abc import Iterator

import pytest

from infra.local.cloud import LocalCloud
from tests.deployed.people import KNOWN, found
from tests.deployed.stack import Stack


@pytest.fixture
def stack(cloud: LocalCloud) -> Stack:
    """The deployed stack, with every provider at work."""
    cloud.inbox.work("mailgun", "ses", "twilio", "smsapi")
    return Stack(cloud)


@pytest.fixture(scope="module", autouse=True)
def silent_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Looks behind the last test of each module that uses the stack."""
    deployed = request.node.get_closest_marker("deployed") is not None
    cloud: LocalCloud | None = request.getfixturevalue("cloud") if deployed else None
    yield
    if cloud is not None:
        assert found(KNOWN, _new_in_logs(cloud)) == []


def _new_in_logs(cloud: LocalCloud) -> str:
    """What all functions logged since the last look."""
    client, lines = cloud.client("logs"), []
    for group in client.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        seen = _seen.setdefault(cloud.port, {})
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=name, startTime=seen.get(name, 0))
        events = [event for page in pages for event in page["events"]]
        seen[name] = max((event["timestamp"] for event in events), default=seen.get(name, 0))
        lines += [event["message"] for event in events]
    return "\n".join(lines)


_seen: dict[int, dict[str, int]] = {}
"""The time of the last line that was looked at, by cloud and log group."""
