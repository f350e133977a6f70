"""The access log: lines go into a group of their own, and a page is never broken by it."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from chalicelib.adapters.access_log import QUICK, VisitLog
from chalicelib.domain.clock import system_clock
from tests.fakes import DrivenClock

GROUP = "/access/zusage-test-pages"


def client() -> Any:
    """A client that never asks this machine for credentials."""
    return boto3.client("logs", region_name="eu-central-2", aws_access_key_id="test", aws_secret_access_key="test")


class Failing:
    """CloudWatch on a bad day."""

    def __init__(self, error: Exception, *, at: str) -> None:
        self._error, self._at = error, at

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**given: Any) -> None:
            if name == self._at:
                raise self._error

        return call


def test_lines_lie_in_their_group() -> None:
    """In one stream of the process, in order, with the time of the clock."""
    with mock_aws():
        logs, clock = client(), DrivenClock(system_clock())  # CloudWatch takes no lines that are weeks old
        logs.create_log_group(logGroupName=GROUP)
        log = VisitLog(lambda: logs, GROUP, clock=clock)

        for status in (200, 404):
            log.ready()
            log.write({"status": status})

        (stream,) = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
        events = logs.filter_log_events(logGroupName=GROUP)["events"]
        assert stream["logStreamName"].startswith(f"{clock.now:%Y/%m/%d}/")
        assert [json.loads(event["message"]) for event in events] == [{"status": 200}, {"status": 404}]
        assert {event["timestamp"] for event in events} == {int(clock.now.timestamp() * 1000)}


@pytest.mark.parametrize("at", ["create_log_stream", "put_log_events"])
@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutLogEvents"),
        ReadTimeoutError(endpoint_url="https://logs"),
    ],
)
def test_nothing_that_fails_breaks_a_page(at: str, error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """The line is missing, and that it is stands in the function's log."""
    log = VisitLog(lambda: Failing(error, at=at), GROUP, clock=DrivenClock())

    log.ready()
    log.write({"network": "203.0.113.0/24"})

    told = capsys.readouterr().out
    assert "visit not noted" in told
    assert "203.0.113" not in told


def test_a_visitor_hardly_waits() -> None:
    """Less than a second in the worst case, and no second try."""
    assert QUICK.connect_timeout + QUICK.read_timeout < 1
    assert QUICK.retries["total_max_attempts"] == 1
