"""Which ways in and out an installation has, and what its operator may choose."""

import json
import re
from typing import Any

import pytest

from app import app
from chalicelib.api.http.answer import SECURITY_HEADERS
from chalicelib.api.http.problem import PROBLEM_TYPE
from chalicelib.domain.authorities import AUTHORITIES
from chalicelib.settings import PROMISED_REGIONS
from infra.tools.package import STAGES, TEMPLATE_URL_LIMIT
from tests.contracts.entry_points import ROOT, packaged, resources, template

REGIONS = [*PROMISED_REGIONS]


def _pattern(parameter: str) -> str:
    return str(template("prod")["Parameters"][parameter]["AllowedPattern"])


def _rule(name: str) -> list[dict[str, Any]]:
    assertions: list[dict[str, Any]] = template("prod")["Rules"][name]["Assertions"]
    return assertions


def test_queues_are_encrypted_and_take_tls_only() -> None:
    """Every queue has the customer-managed key and a policy that refuses plain transport."""
    refused = {}
    for policy in resources("AWS::SQS::QueuePolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        refused[policy["Queues"][0]["Ref"]] = (statement["Effect"], statement["Principal"], statement["Condition"])

    queues = resources("AWS::SQS::Queue")
    assert set(queues) == {"DispatchQueue", "DispatchDeadLetters", "RelayDeadLetters", "TallyDeadLetters"}
    assert [queue["KmsMasterKeyId"] for queue in queues.values()] == [{"Ref": "DataKey"}] * 4
    assert refused == dict.fromkeys(queues, ("Deny", "*", {"Bool": {"aws:SecureTransport": "false"}}))


def test_what_cannot_be_sent_ends_among_the_dead_letters() -> None:
    """Eight deliveries, then it is kept for two weeks."""
    queues = resources("AWS::SQS::Queue")

    assert queues["DispatchQueue"]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["DispatchDeadLetters", "Arn"]},
        "maxReceiveCount": 8,
    }
    assert queues["DispatchDeadLetters"]["MessageRetentionPeriod"] == 14 * 86_400


def test_topics_are_encrypted_and_take_tls_only() -> None:
    """Each has one publisher, held to this account, and refuses plain transport."""
    topics = resources("AWS::SNS::Topic")
    policies = {one["Topics"][0]["Ref"]: one["PolicyDocument"] for one in resources("AWS::SNS::TopicPolicy").values()}

    assert [topic["KmsMasterKeyId"] for topic in topics.values()] == [{"Ref": "DataKey"}] * len(topics)
    assert set(policies) == set(topics) == {"MailEvents", "Alarms"}
    assert topics["MailEvents"]["SignatureVersion"] == "2"  # the webhook believes no other
    for policy in policies.values():
        publisher, tls = policy["Statement"]
        assert publisher["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_mail_is_followed_to_its_delivery_and_no_further() -> None:
    """Receipts yes; whether somebody opened or clicked is nobody's business. Mail travels over TLS or not at all."""
    (receipts,) = resources("AWS::SES::ConfigurationSetEventDestination").values()
    (configuration,) = resources("AWS::SES::ConfigurationSet").values()

    events = set(receipts["EventDestination"]["MatchingEventTypes"])
    assert events == {"bounce", "complaint", "delivery", "deliveryDelay", "reject"}
    assert receipts["EventDestination"]["SnsDestination"] == {"TopicARN": {"Ref": "MailEvents"}}
    assert configuration["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert configuration["SuppressionOptions"] == {"SuppressedReasons": []}


def test_the_api_is_regional_and_speaks_modern_tls_under_its_own_name_only() -> None:
    """API Gateway's own host name would still take old TLS, so it is closed once the installation has a name."""
    api, (domain,) = resources("AWS::Serverless::Api")["RestAPI"], resources("AWS::ApiGateway::DomainName").values()

    assert api["EndpointConfiguration"] == "REGIONAL"
    assert api["DisableExecuteApiEndpoint"] == {"Fn::If": ["HasDomain", True, False]}
    # AWS negotiates by the API's policy, whatever that of the name: TLS 1.3, and of 1.2 what is authenticated
    # encryption with forward secrecy.
    assert {one["SecurityPolicy"] for one in (api, domain)} == {"SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"}
    assert {one["EndpointAccessMode"] for one in (api, domain)} == {"STRICT"}
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_files_leave_as_bytes() -> None:
    """Whatever the caller accepts: the gateway takes every body for bytes, and Chalice says which answers are."""
    api = resources("AWS::Serverless::Api")["RestAPI"]

    assert api["DefinitionBody"]["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert app.api.binary_types == [sheet, "image/jpeg", "image/png", "image/webp"]


def test_what_the_gateway_answers_by_itself_is_as_safe_as_our_own_answers() -> None:
    """A problem with every header that our answers carry, whichever refusal it is; quotes within a value may stay."""
    body = resources("AWS::Serverless::Api")["RestAPI"]["DefinitionBody"]
    refusals = body["x-amazon-apigateway-gateway-responses"]
    carried = {"Content-Type": PROBLEM_TYPE, **SECURITY_HEADERS}

    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= {*refusals}
    for refusal in refusals.values():
        told = json.loads(refusal["responseTemplates"]["application/json"])
        assert told["type"].startswith("urn:zusage:problem:")
        assert told.get("status") == refusal.get("statusCode")
        headers = {name.rpartition(".")[2]: value for name, value in refusal["responseParameters"].items()}
        assert headers.pop("Retry-After", "'1'") in {"'1'", "'2'"}
        assert headers == {name: f"'{value}'" for name, value in carried.items()}


def test_the_access_log_holds_no_person() -> None:
    """No address, browser, user, query or filled-in path: a path may carry a capability or a webhook's secret."""
    log = resources("AWS::Serverless::Api")["RestAPI"]["AccessLogSetting"]

    written = set(re.findall(r"\$context\.([A-Za-z.]+)", log["Format"]))
    allowed = {"requestId", "requestTime", "httpMethod", "resourcePath", "status", "responseLength"}
    assert written == allowed | {"responseLatency", "integrationLatency"}


def test_the_api_is_throttled_and_logs_no_bodies() -> None:
    """API Gateway's execution log would write requests down."""
    (method,) = resources("AWS::Serverless::Api")["RestAPI"]["MethodSettings"]

    assert (method["ThrottlingRateLimit"], method["ThrottlingBurstLimit"]) == ({"Ref": "ApiRate"}, {"Ref": "ApiBurst"})
    assert (method["LoggingLevel"], method["DataTraceEnabled"]) == ("OFF", False)


def test_another_region_is_refused() -> None:
    """By the main stack, by the second region's, and in every ARN that an operator gives."""
    second = json.loads((ROOT / "infra" / "template" / "second_region" / "vault.json").read_text())
    place = {"Fn::Contains": [REGIONS, {"Ref": "AWS::Region"}]}

    assert [one["Assert"] for one in _rule("StaysInPromisedRegions")] == [place]
    assert "RuleCondition" not in template("prod")["Rules"]["StaysInPromisedRegions"]
    assert [one["Assert"] for one in second["Rules"]["StaysInPromisedRegions"]["Assertions"]] == [place]


@pytest.mark.parametrize(("region", "taken"), [("eu-central-1", True), ("eu-central-2", True), ("us-east-1", False)])
def test_arns_of_other_regions_are_refused(region: str, *, taken: bool) -> None:
    """A backup or a certificate elsewhere would break the same promise."""
    vault = f"arn:aws:backup:{region}:123456789012:backup-vault:copy"
    certificate = f"arn:aws:acm:{region}:123456789012:certificate/0a1b-2c"

    assert bool(re.fullmatch(_pattern("BackupCopyVaultArn"), vault)) is taken
    assert bool(re.fullmatch(_pattern("CertificateArn"), certificate)) is taken


def test_production_uses_the_providers_european_hosts() -> None:
    """Each provider has a host elsewhere as well; the parameter alone would allow it."""
    hosts = {
        one["Assert"]["Fn::Contains"][1]["Ref"]: one["Assert"]["Fn::Contains"][0] for one in _rule("ProvidersInEurope")
    }
    defaults = {name: [template("prod")["Parameters"][name]["Default"]] for name in hosts}

    assert hosts == defaults
    assert set(hosts) == {"MailgunBaseUrl", "TwilioBaseUrl", "SmsapiBaseUrl", "PayrexxBaseUrl"}


def test_production_believes_notifications_that_aws_signed() -> None:
    """Whoever chose another origin for the certificates would decide which reports of delivery are believed."""
    (only,) = _rule("NotificationsSignedByAws")
    rule = template("prod")["Rules"]["NotificationsSignedByAws"]

    origins = sorted(f"https://sns.{region}.amazonaws.com" for region in REGIONS)
    assert sorted(only["Assert"]["Fn::Contains"][0]) == origins
    assert only["Assert"]["Fn::Contains"][1] == {"Ref": "SnsSigningOrigin"}
    assert template("prod")["Parameters"]["SnsSigningOrigin"]["Default"] in origins
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


def test_production_needs_its_domain_and_its_second_region() -> None:
    """Both have an empty default for the local cloud."""
    rules = ("OwnDomainWithModernTls", "BackupsInSecondRegion")
    needed = [one["Assert"]["Fn::Not"][0]["Fn::Equals"] for name in rules for one in _rule(name)]

    assert needed == [[{"Ref": name}, ""] for name in ("DomainName", "CertificateArn", "BackupCopyVaultArn")]
    assert {json.dumps(template("prod")["Rules"][name]["RuleCondition"]) for name in rules} == {
        json.dumps({"Fn::Equals": [{"Ref": "Stage"}, "prod"]})
    }


@pytest.mark.parametrize(
    "parameter",
    [
        *("ControllerName", "ControllerPostal", "ControllerMail", "ControllerCountry"),
        *("DpoName", "DpoPostal", "DpoMail"),
        *("OperatorName", "PublicBaseUrl", "MailSender", "OrganizerMail"),
    ],
)
def test_deployment_fails_without_those_who_answer_for_it(parameter: str) -> None:
    """There is no default, and an empty value is none."""
    assert "Default" not in template("prod")["Parameters"][parameter]
    assert not re.fullmatch(_pattern(parameter), "")
    assert not re.fullmatch(_pattern(parameter), " ")


def test_a_controller_is_where_an_authority_is_in_charge() -> None:
    """Each country that we know one of, and no other: the notice has to name it."""
    countries = _pattern("ControllerCountry").removeprefix("^(").removesuffix(")$").split("|")

    assert countries == sorted(AUTHORITIES)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://api.example.ch", True),
        ("https://api.example.ch/", False),
        ("http://api.example.ch", False),
        ("http://127.0.0.1:4599", True),
        ("http://app.localhost:4599", True),
        ("http://localhost.example.ch", False),
        ("http://127.0.0.1.example.ch", False),
    ],
)
def test_addresses_are_encrypted_unless_they_never_leave_the_machine(url: str, *, taken: bool) -> None:
    """As the settings demand it, but before anything is deployed."""
    assert bool(re.fullmatch(_pattern("PublicBaseUrl"), url)) is taken


@pytest.mark.parametrize("stage", STAGES)
def test_a_package_is_deployed_as_its_own_stage_only(stage: str) -> None:
    """The local package can't be deployed as production by a parameter."""
    assert template(stage)["Parameters"]["Stage"]["AllowedValues"] == [stage]


def test_the_template_is_small_enough_to_be_deployed() -> None:
    """CloudFormation reads it from the bucket that holds the bundle."""
    assert (packaged("prod") / "sam.json").stat().st_size < TEMPLATE_URL_LIMIT
