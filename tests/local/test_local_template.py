"""What the local cloud changes of the packaged template, and the values it deploys it with."""

import json

import pytest

from infra.local.paths import PARAMETERS, ROOT, SECRETS
from infra.local.template import Template, local_template, parameters, tables_with_ttl

DECLARED = json.loads((ROOT / "infra" / "template" / "parameters.json").read_text())["Parameters"]


def a_template(**resources: Template) -> Template:
    """A packaged template."""
    return {"Parameters": {"PublicBaseUrl": {}, "MailSender": {}}, "Resources": resources}


def test_functions_get_their_bundle() -> None:
    """Every function, and the template given stays as it is."""
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}}
    packaged = a_template(APIHandler=function, Wake=function)

    local = local_template(packaged, bucket="b", key="k")

    assert local["Resources"]["APIHandler"]["Properties"]["CodeUri"] == {"Bucket": "b", "Key": "k"}
    assert local["Resources"]["Wake"]["Properties"]["CodeUri"] == {"Bucket": "b", "Key": "k"}
    assert packaged["Resources"]["APIHandler"]["Properties"]["CodeUri"] == "./deployment.zip"


@pytest.mark.parametrize(
    ("schedules", "stopped"),
    [(None, set()), ((), {"Wake", "Sweep"}), (("Wake",), {"Sweep"}), (("Wake", "Sweep"), set())],
)
def test_schedules_run_by_themselves_where_wanted(schedules: tuple[str, ...] | None, stopped: set[str]) -> None:
    """All of them unless some are named; what comes from a queue comes in any case."""
    every = {"Type": "Schedule", "Properties": {"Schedule": "rate(1 minute)"}}
    events = {"Every": every, "Queue": {"Type": "SQS", "Properties": {}}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Events": events}}

    local = local_template(a_template(Wake=function, Sweep=function), bucket="b", key="k", schedules=schedules)

    held = {name: local["Resources"][name]["Properties"]["Events"] for name in ("Wake", "Sweep")}
    assert {name for name, each in held.items() if each["Every"]["Properties"].get("Enabled") is False} == stopped
    assert [each["Queue"] for each in held.values()] == [{"Type": "SQS", "Properties": {}}] * 2


def test_the_api_gets_a_stable_name() -> None:
    """That browsers find on this machine."""
    local = local_template(a_template(), bucket="b", key="k")

    assert local["Resources"]["LocalDomain"]["Properties"]["DomainName"] == "app.localhost"
    assert local["Resources"]["LocalDomainMapping"]["Properties"]["RestApiId"] == {"Ref": "RestAPI"}


def test_addresses_are_filled_in() -> None:
    """Those of the API and of the simulated providers, for parameters that the template has."""
    wanted = {"PublicBaseUrl": "{api}", "MailSender": "a@example.ch", "Other": "{simulator}"}

    filled = parameters(a_template(), wanted, api="http://api", simulator="http://sim")

    assert filled == [
        {"ParameterKey": "MailSender", "ParameterValue": "a@example.ch"},
        {"ParameterKey": "PublicBaseUrl", "ParameterValue": "http://api"},
    ]


def test_finds_the_tables_that_expire() -> None:
    """Only where expiry is on."""
    expiring = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}
    resting = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": False}}
    template = a_template(
        One={"Type": "AWS::DynamoDB::Table", "Properties": expiring},
        Two={"Type": "AWS::DynamoDB::Table", "Properties": resting},
        Three={"Type": "AWS::DynamoDB::Table", "Properties": {}},
        Four={"Type": "AWS::KMS::Key"},
    )

    assert tables_with_ttl(template) == {"One": "ttl"}


def test_every_value_belongs_to_a_parameter() -> None:
    """A parameter that was renamed would silently keep its default otherwise."""
    assert set(json.loads(PARAMETERS.read_text())) <= set(DECLARED)


def test_every_parameter_without_a_default_has_a_value() -> None:
    """The deployment would be refused otherwise."""
    needed = {name for name, declared in DECLARED.items() if "Default" not in declared}

    assert needed <= set(json.loads(PARAMETERS.read_text()))


@pytest.mark.parametrize("name", ["MailgunBaseUrl", "SmsapiBaseUrl", "TwilioBaseUrl", "SnsSigningOrigin"])
def test_no_provider_is_a_real_one(name: str) -> None:
    """All that could send anything points to this machine."""
    assert json.loads(PARAMETERS.read_text())[name].startswith("{simulator}")


def test_secrets_say_that_they_are_none() -> None:
    """They are in the repository; a key's name is no secret."""
    for name, value in json.loads(SECRETS.read_text()).items():
        assert value.startswith("insecure-local-") or name == "twilio_api_key_sid"
