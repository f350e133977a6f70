"""notifications, `data-residency`: everything lies in Zurich or Frankfurt, and nothing starts anywhere else."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from infra.local.emulator import REGION
from infra.tools.fragments import logical_id
from tests.contracts.entry_points import packaged, template
from tests.deployed.stack import Stack

pytestmark = [pytest.mark.deployed, pytest.mark.promise("data-residency")]

PROMISED = {"eu-central-2", "eu-central-1"}
COUNTRIES = {"Switzerland", "Germany", "Ireland", "Poland"}
_ARN = re.compile(r"arn:aws:[a-z0-9-]+:([a-z0-9-]*):[0-9]*:")
_PLACE = re.compile(r"\b(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9]\b")


def client(stack: Stack, service: str, region: str) -> Any:
    """A client of another region of the same cloud."""
    made: Any = boto3.session.Session("test", "test", region_name=region).client
    return made(service, endpoint_url=stack.cloud.endpoint_url)


@contextmanager
def copied(stack: Stack, function: str, region: str) -> Iterator[tuple[Any, str]]:
    """The deployed function, once more in a region: the same bundle with the same settings."""
    held = stack.cloud.client("lambda").get_function_configuration(FunctionName=stack.cloud.resources[function])
    there, name = client(stack, "lambda", region), f"{held['FunctionName']}-elsewhere"
    wanted = {key: held[key] for key in ("Runtime", "Role", "Handler", "Timeout", "MemorySize", "Environment")}
    there.create_function(
        FunctionName=name, Code={"ZipFile": (packaged("local") / "deployment.zip").read_bytes()}, **wanted
    )
    try:
        yield there, name
    finally:
        there.delete_function(FunctionName=name)
        for where in (region, REGION):  # the emulator keeps its log, which no key of ours encrypts
            logs, group = client(stack, "logs", where), f"/aws/lambda/{name}"
            if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
                logs.delete_log_group(logGroupName=group)


def run(there: Any, name: str) -> tuple[bool, str]:
    """Whether it failed, and what it said."""
    # As a schedule would.
    event: dict[str, Any] = dict.fromkeys(("version", "id", "detail-type", "source", "account", "time", "region"), "x")
    payload = json.dumps({**event, "detail": {}, "resources": []}).encode()
    answer = there.invoke(FunctionName=name, Payload=payload)
    return "FunctionError" in answer, answer["Payload"].read().decode()


def test_everything_that_is_deployed_lies_in_the_promised_regions(stack: Stack) -> None:
    """Functions, tables, keys, topics and secrets say themselves where they are."""
    held = stack.cloud.resources
    arns = {
        stack.cloud.client("lambda").get_function_configuration(FunctionName=held[name])["FunctionArn"]
        for name in ("APIHandler", *map(logical_id, ("relay", "dispatch", "wake", "sweep")))
    }
    arns |= {
        stack.cloud.client("dynamodb").describe_table(TableName=f"zusage-local-{table}")["Table"]["TableArn"]
        for table in ("records", "keys", "ledger", "transient")
    }
    arns |= {value for value in held.values() if value.startswith("arn:") and not value.startswith("arn:aws:iam:")}

    assert {_ARN.match(arn)[1] for arn in arns} == {REGION}  # type: ignore[index]
    assert REGION in PROMISED


def test_no_function_starts_anywhere_else(stack: Stack) -> None:
    """The deployed bundle with the deployed settings, run in another region of the same cloud."""
    for region in ("us-east-1", "eu-west-1"):
        with copied(stack, logical_id("wake"), region) as (there, name):
            failed, said = run(there, name)
        assert failed
        assert "SettingsError" in said, said


@pytest.mark.parametrize("region", sorted(PROMISED))
def test_a_function_starts_in_the_promised_regions(stack: Stack, region: str) -> None:
    """So it was the region that was refused: here it does its work, or misses its table and nothing else."""
    with copied(stack, logical_id("wake"), region) as (there, name):
        failed, said = run(there, name)

    assert "SettingsError" not in said
    assert failed is (region != REGION), said


def test_no_other_region_is_named_anywhere_in_what_is_deployed() -> None:
    """Neither in the template nor in its defaults; and it refuses to be deployed to another."""
    for stage in ("local", "prod"):
        text = json.dumps(template(stage))
        assert set(_PLACE.findall(text)) <= PROMISED
        (rule,) = template(stage)["Rules"]["StaysInPromisedRegions"]["Assertions"]
        assert {*rule["Assert"]["Fn::Contains"][0]} == PROMISED
        assert rule["Assert"]["Fn::Contains"][1] == {"Ref": "AWS::Region"}


def test_processors_are_in_switzerland_and_the_european_union(stack: Stack) -> None:
    """As published, with the hosts that are used in production."""
    told = stack.cloud.call("GET", "/v1/processing-record").json()["processors"]

    assert {each["country"] for each in told} <= COUNTRIES
    assert {place for each in told for place in _PLACE.findall(json.dumps(each))} <= PROMISED
    for rule in template("prod")["Rules"]["ProvidersInEurope"]["Assertions"]:
        (url,) = rule["Assert"]["Fn::Contains"][0]
        assert [each["name"] for each in told if url.removeprefix("https://") in each["hosts"]] != []
