"""website, `telemetry-anonymous`: what is measured counts events, and nobody can be found in it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import KNOWN, Person, found
from tests.deployed.stack import Stack, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("telemetry-anonymous")]

DAY = timedelta(days=1)
REGISTERED = "visitor:tenant:registered"
ID = re.compile(r"[0-9a-f]{32}")
NETWORK = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,}")
DIMENSIONS = {"service", "route", "status_class", "outcome", "function_name", "provider", "channel"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One of its own: who else was there would be counted."""
    with driven_cloud() as started:
        yield started


@pytest.fixture(scope="module")
def days(cloud: LocalCloud) -> tuple[date, date]:
    """A day on which four businesses registered, and one on which five did, both over for long."""
    stack, quiet, busy = Stack(cloud), cloud.now(), cloud.now()
    for count in (4, 5):
        cloud.move_time(to=(cloud.now() + DAY).replace(hour=8))
        for _ in range(count):
            of = stack.business(Person())
        stack.book(of, Person())
        quiet, busy = busy, cloud.now()
        until(lambda day=busy, count=count: _counted(stack, day.date()) >= count, "the day is counted")
    cloud.move_time(to=(busy + 2 * DAY).replace(hour=1))
    return quiet.astimezone(UTC).date(), busy.astimezone(UTC).date()


def _counted(stack: Stack, day: date) -> int:
    held = stack.stored("records", kind="LedgerDay", sk=f"LEDGER-DAY#{day}")
    return sum(REGISTERED in json.loads(each["actions"]) for each in held)


def telemetry(stack: Stack, day: date) -> dict[str, Any]:
    """What the operator is told of a day."""
    asked = f"/operator/telemetry?day={day}"
    told: dict[str, Any] = stack.client.ask("GET", asked, wanted=200, headers=stack.operator)
    return told


def test_what_four_businesses_did_is_not_told(stack: Stack, days: tuple[date, date]) -> None:
    """It happened, it was counted, and it does not come out."""
    quiet, _ = days

    assert _counted(stack, quiet) == 4
    assert telemetry(stack, quiet) == {"day": str(quiet), "businesses": None, "actions": {}}


def test_what_five_businesses_did_is_told_as_numbers(stack: Stack, days: tuple[date, date]) -> None:
    """And what one of them did alone, a booking, is not."""
    _, busy = days
    told = telemetry(stack, busy)

    assert told["businesses"] >= 5  # a reminder, say, is something that a business of the day before did
    assert told["actions"][REGISTERED] == {"businesses": 5, "count": 5}
    assert all(group["businesses"] >= 5 for group in told["actions"].values())
    assert "customer:appointment:booked" not in told["actions"]


def test_what_is_told_names_nobody(stack: Stack, days: tuple[date, date]) -> None:
    """No id, no address, no name."""
    text = json.dumps([telemetry(stack, day) for day in days])

    assert ID.findall(text) == []
    assert NETWORK.search(text) is None
    assert found(KNOWN, text) == []


def test_a_running_day_is_not_told(stack: Stack, days: tuple[date, date]) -> None:
    """Two answers would differ by what one did in between."""
    today = stack.cloud.now().date()

    assert [
        stack.call("GET", f"/operator/telemetry?day={day}", headers=stack.operator).status
        for day in (today, today - DAY)
    ] == [422, 422]
    assert stack.call("GET", f"/operator/telemetry?day={days[0]}").status == 401


def test_what_is_counted_is_stored_without_anybody(stack: Stack, days: tuple[date, date]) -> None:
    """Kinds and processors, each with a number; whose business it is stands in the key alone."""
    held = stack.stored("records", kind="LedgerDay")

    assert held
    for each in held:
        for name in ("actions", "processors"):
            counts = json.loads(each[name])
            assert all(isinstance(number, int) for number in counts.values())
            assert ID.findall(each[name]) == []
    assert found(KNOWN, json.dumps(held, default=str)) == []


def test_metrics_count_and_name_nobody(stack: Stack, days: tuple[date, date]) -> None:
    """What the functions measured: names and words of ours, and numbers."""
    measured = list(_metrics(stack.cloud))

    assert measured
    for each in measured:
        (directive,) = each["_aws"]["CloudWatchMetrics"]
        dimensions = {name for names in directive["Dimensions"] for name in names}
        assert dimensions <= DIMENSIONS
        values = " ".join(str(each[name]) for name in dimensions)
        assert ID.findall(values) == []
        assert NETWORK.search(values) is None
        assert set(each) <= dimensions | {"_aws"} | {metric["Name"] for metric in directive["Metrics"]}
    assert found(KNOWN, json.dumps(measured)) == []


def _metrics(cloud: LocalCloud) -> Iterator[dict[str, Any]]:
    """The lines in which functions hand metrics to CloudWatch."""
    client = cloud.client("logs")
    for group in client.describe_log_groups()["logGroups"]:
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for page in pages:
            for event in page["events"]:
                if event["message"].lstrip().startswith('{"_aws"'):
                    yield json.loads(event["message"])
