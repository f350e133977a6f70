"""No complete network address is written down anywhere."""

import json
from typing import Any

import pytest

from chalicelib.records.logs import ACCESS_LOG
from tests.contracts.entry_points import resources, template
from tests.deployed.people import Person
from tests.deployed.stack import Stack, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("access-log-short")]

# For documentation only (RFC 5737, RFC 3849): nobody's, and nothing else in the tests comes from there.
V4, V4_NETWORK = "198.51.100.177", "198.51.100.0/24"
V6, V6_NETWORK = "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234::/48"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.6723.117 Safari/537.36"
REFERRER = "https://search.example.ch/find?q=name-of-somebody"
GROUP = "/access/zusage-local-pages"
PAGES = ("/docs", "/appointment", "/confirm", "/sign-in", "/notice", "/trust")


def visits(stack: Stack, network: str) -> list[dict[str, Any]]:
    """The lines of the access log from one network."""
    pages = stack.cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
    return [line for line in lines if line["network"] == network]


def from_address(address: str) -> dict[str, str]:
    """The headers of a visitor."""
    return {"X-Forwarded-For": address, "User-Agent": AGENT, "Referer": REFERRER}


def test_a_visit_leaves_one_short_line(stack: Stack) -> None:
    """Families instead of versions, a host instead of an address, a pattern instead of a path, a network."""
    of = stack.business()
    before = len(visits(stack, V4_NETWORK))

    answer = stack.cloud.call("GET", f"/tenants/{of.tenant}/notice?language=de", headers=from_address(V4))

    assert answer.status == 200
    until(lambda: len(visits(stack, V4_NETWORK)) == before + 1, "the visit is noted")
    line = visits(stack, V4_NETWORK)[-1]
    assert set(line) == set(ACCESS_LOG.fields)
    assert line.pop("at")[:10] == f"{stack.cloud.now():%Y-%m-%d}"
    assert line == {
        "route": "/tenants/{tenant}/notice",
        "status": 200,
        "browser": "Chrome",
        "system": "Windows",
        "referrer": "search.example.ch",
        "network": V4_NETWORK,
    }


def test_no_complete_address_is_written_down(stack: Stack) -> None:
    """Pages, calls of programs, refusals and a sign-in, from both kinds of address: no log and no table has them."""
    owner = Person()
    of = stack.business(owner)
    for address in (V4, V6):
        headers = from_address(address)
        for page in PAGES:
            stack.cloud.call("GET", page, headers=headers)
        stack.cloud.call("GET", "/v1/no-such-thing", headers=headers)
        stack.cloud.call("GET", "/v1/appointments?from=x", headers={**headers, **of.signed_in})
        stack.cloud.call("POST", "/v1/sessions", json={"email": owner.email}, headers=headers)
        stack.cloud.call("GET", "/v1/operator/promises", headers={**headers, **stack.operator})
    until(lambda: len(visits(stack, V6_NETWORK)) >= len(PAGES), "the visits are noted")

    written = stack.cloud.logs() + json.dumps(stack.everything_stored(), default=str)

    for complete in (V4, V6, "1234:5678:9abc", AGENT, "name-of-somebody"):
        assert complete not in written
    assert V4_NETWORK in written
    assert V6_NETWORK in written


def test_visits_are_apart_from_everything_else(stack: Stack) -> None:
    """Neither the function's own log nor a table knows of browsers and referrers."""
    stack.cloud.call("GET", "/docs", headers=from_address(V4))
    own = stack.cloud.client("logs").get_paginator("filter_log_events")

    lines = [
        event["message"]
        for page in own.paginate(logGroupName="/aws/lambda/zusage-local-api_handler")
        for event in page["events"]
    ]

    assert lines
    assert not [line for line in lines if "search.example.ch" in line or '"browser"' in line]
    assert "search.example.ch" not in json.dumps(stack.everything_stored(), default=str)


def test_the_log_ends_and_the_gateway_writes_no_address() -> None:
    """As the notice says: after 30 days; what AWS itself writes about calls holds neither address nor browser."""
    group = resources("AWS::Logs::LogGroup")["AccessLog"]
    stage = template("prod")["Resources"]["RestAPI"]["Properties"]
    (settings,) = stage["MethodSettings"]
    (keep,) = ACCESS_LOG.handling.keep

    assert group["LogGroupName"] == {"Fn::Sub": "/access/zusage-${Stage}-pages"}
    assert group["RetentionInDays"] == keep.period.days
    assert group["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}
    assert "identity" not in stage["AccessLogSetting"]["Format"]
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"]) == ("OFF", False)
