"""What the local cloud ignores in silence is held here: expiry, encryption, backups, alarms, places."""

import dataclasses
import json
import re
from typing import Any

import pytest

from chalicelib.settings import Settings
from infra.tools.fragments import camel, logical_id
from infra.tools.package import STAGES, TEMPLATE_URL_LIMIT
from tests.contracts.entry_points import ROOT, configured, function_properties, packaged, resources, template

TABLES = {"RecordsTable": "records", "KeysTable": "keys", "LedgerTable": "ledger", "TransientTable": "transient"}
DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
REGIONS = ["eu-central-2", "eu-central-1"]


def _table(name: str) -> dict[str, Any]:
    return resources("AWS::DynamoDB::Table")[name]


def _body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = template("prod")["Resources"][name]
    return body


def _keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(key["KeyType"], key["AttributeName"]) for key in schema]


def _alarms_on(metric: str) -> dict[str, dict[str, Any]]:
    """The alarms on one metric, by the logical id of the function or queue that they watch."""
    alarms = [one for one in resources("AWS::CloudWatch::Alarm").values() if one["MetricName"] == metric]
    return {_watched(one["Dimensions"][0]["Value"]): one for one in alarms}


def _watched(value: Any) -> str:
    return str(value.get("Ref") or value["Fn::GetAtt"][0]) if isinstance(value, dict) else str(value)


def _pattern(parameter: str) -> str:
    return str(template("prod")["Parameters"][parameter]["AllowedPattern"])


def _rule(name: str) -> list[dict[str, Any]]:
    assertions: list[dict[str, Any]] = template("prod")["Rules"][name]["Assertions"]
    return assertions


# Tables


def test_there_are_the_four_tables() -> None:
    """They are split by how long things live and who may restore them; their names carry the stage."""
    names = {name: table["TableName"] for name, table in resources("AWS::DynamoDB::Table").items()}

    assert names == {name: {"Fn::Sub": f"zusage-${{Stage}}-{word}"} for name, word in TABLES.items()}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_forgets_is_sealed_and_stays(name: str) -> None:
    """Expiry on `ttl`, the customer-managed key, and no deletion by a slip."""
    table = _table(name)

    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": DATA_KEY}
    assert table["DeletionProtectionEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert _keys(table["KeySchema"]) == [("HASH", "pk"), ("RANGE", "sk")]
    assert (_body(name)["DeletionPolicy"], _body(name)["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_only_what_may_be_brought_back_has_point_in_time_recovery() -> None:
    """For keys it would undo shredding for 35 days."""
    recovered = {
        name: _table(name)["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for name in TABLES
    }

    assert recovered == {"RecordsTable": True, "LedgerTable": True, "KeysTable": False, "TransientTable": False}


def test_records_has_its_stream_and_its_two_indexes() -> None:
    """The due index holds keys only, so that reading it discloses nothing."""
    table = _table("RecordsTable")

    indexes = {
        one["IndexName"]: (_keys(one["KeySchema"]), one["Projection"]) for one in table["GlobalSecondaryIndexes"]
    }
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    assert indexes == {
        "due": ([("HASH", "due_shard"), ("RANGE", "due_at")], {"ProjectionType": "KEYS_ONLY"}),
        "lookup": ([("HASH", "lookup_pk"), ("RANGE", "lookup_sk")], {"ProjectionType": "ALL"}),
    }
    assert types == {"pk": "S", "sk": "S", "due_shard": "S", "due_at": "N", "lookup_pk": "S", "lookup_sk": "S"}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_only_records_has_a_stream_or_an_index() -> None:
    """A stream is a copy of what it shows; keys, ledger and transient have none."""
    others = [_table(name) for name in TABLES if name != "RecordsTable"]

    assert not [one for one in others if "StreamSpecification" in one or "GlobalSecondaryIndexes" in one]


# Keys


@pytest.mark.parametrize("name", ["DataKey", "TenantKey"])
def test_a_key_rotates_and_is_not_destroyed_by_a_slip(name: str) -> None:
    """Without its key everything is lost, so a deleted stack leaves it, and a deleted key waits a month."""
    key = resources("AWS::KMS::Key")[name]

    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    assert _body(name)["DeletionPolicy"] == "Retain"


def test_the_tenant_key_is_open_to_roles_of_the_account_only() -> None:
    """No service and no other account is named in its policy; the roles' own policies decide."""
    (statement,) = resources("AWS::KMS::Key")["TenantKey"]["KeyPolicy"]["Statement"]

    root = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert statement["Principal"] == {"AWS": root}


def test_services_use_the_data_key_for_this_installation_only() -> None:
    """Each service that is let in is held to this account or to our log groups."""
    _, *services = resources("AWS::KMS::Key")["DataKey"]["KeyPolicy"]["Statement"]

    assert {one["Sid"] for one in services} == {"LogGroups", "TopicPublishers"}
    assert all(one["Condition"] for one in services)
    assert not [one for one in services if "*" in "".join(one["Action"])]


def test_the_providers_secret_has_no_value_in_the_template() -> None:
    """The operator fills it in; a template is no place for keys."""
    secret = resources("AWS::SecretsManager::Secret")["ProvidersSecret"]

    assert not {"SecretString", "GenerateSecretString"} & set(secret)
    assert secret["KmsKeyId"] == DATA_KEY


# Queues, topics, mail


def test_queues_are_encrypted_and_take_tls_only() -> None:
    """Every queue has the customer-managed key and a policy that refuses plain transport."""
    refused = {}
    for policy in resources("AWS::SQS::QueuePolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        refused[policy["Queues"][0]["Ref"]] = (statement["Effect"], statement["Principal"], statement["Condition"])

    queues = resources("AWS::SQS::Queue")
    assert set(queues) == {"DispatchQueue", "DispatchDeadLetters", "RelayDeadLetters"}
    assert [queue["KmsMasterKeyId"] for queue in queues.values()] == [{"Ref": "DataKey"}] * 3
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


# Functions


def test_the_queue_and_the_stream_replace_their_placeholders() -> None:
    """Partial failures are reported, so that one bad message does not send the others again."""
    stream = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]
    queue = function_properties("dispatch")["Events"]["DispatchSqsEventSource"]["Properties"]

    assert "placeholder" not in json.dumps(template("prod"))
    assert stream["Stream"] == {"Fn::GetAtt": ["RecordsTable", "StreamArn"]}
    assert queue["Queue"] == {"Fn::GetAtt": ["DispatchQueue", "Arn"]}
    assert stream["FunctionResponseTypes"] == queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_stuck_stream_gives_up_in_minutes_and_keeps_what_it_could_not_relay() -> None:
    """The due index picks the notifications up; a shard that waits for a day would hold up everybody's."""
    stream = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]

    assert stream["MaximumRecordAgeInSeconds"] == 600
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["RelayDeadLetters", "Arn"]}


def test_the_relay_sees_new_notifications_only() -> None:
    """Every other record never reaches a function through the stream."""
    stream = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]

    (only,) = stream["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"kind": {"S": ["Notification"]}}},
    }


def test_the_environment_is_what_the_settings_read() -> None:
    """One variable a field, none besides, none with a literal value."""
    variables = template("prod")["Globals"]["Function"]["Environment"]["Variables"]

    assert set(variables) == {field.name.upper() for field in dataclasses.fields(Settings)}
    assert all(isinstance(value, dict) for value in variables.values())


def test_every_parameter_is_used_and_of_the_environments_name() -> None:
    """An operator's choice is named as the program names it, and none is without effect."""
    variables = template("prod")["Globals"]["Function"]["Environment"]["Variables"]
    chosen = {name: value["Ref"] for name, value in variables.items() if value.get("Ref") in _operators_parameters()}
    text = json.dumps(template("prod")["Resources"])

    assert all(parameter == name.title().replace("_", "") for name, parameter in chosen.items())
    assert {one for one in _operators_parameters() - set(chosen.values()) if f'"{one}"' not in text} == set()


def _operators_parameters() -> set[str]:
    return set(template("prod")["Parameters"])


@pytest.mark.parametrize("function", configured())
def test_a_functions_log_is_encrypted_and_ends_after_30_days(function: str) -> None:
    """The log group exists before the function, under the name that Lambda writes to."""
    group = resources("AWS::Logs::LogGroup")[f"{camel(function)}LogGroup"]

    assert group["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/zusage-${{Stage}}-{function}"}
    assert (group["RetentionInDays"], group["KmsKeyId"]) == (30, DATA_KEY)
    assert function_properties(function)["FunctionName"] == {"Fn::Sub": f"zusage-${{Stage}}-{function}"}
    assert _body(logical_id(function))["DependsOn"] == [f"{camel(function)}LogGroup"]


def test_no_log_group_is_without_key_or_end() -> None:
    """The access log included."""
    groups = resources("AWS::Logs::LogGroup").values()

    assert len(groups) == len(configured()) + 1
    assert {(group["RetentionInDays"], json.dumps(group["KmsKeyId"])) for group in groups} == {
        (30, json.dumps(DATA_KEY))
    }


# Alarms


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_alarms(metric: str) -> None:
    """One failure, or one call turned away, is enough."""
    alarms = _alarms_on(metric)

    assert set(alarms) == {logical_id(function) for function in configured()}
    assert {(one["Threshold"], one["ComparisonOperator"]) for one in alarms.values()} == {(0, "GreaterThanThreshold")}


def test_a_job_that_does_not_run_alarms() -> None:
    """Silence is the failure: no data counts as a breach. Two or three turns may be missed, no more."""
    alarms = _alarms_on("Invocations")

    assert {name: one["Period"] for name, one in alarms.items()} == {"Wake": 300, "Sweep": 2700}
    assert {(one["Threshold"], one["ComparisonOperator"], one["TreatMissingData"]) for one in alarms.values()} == {
        (1, "LessThanThreshold", "breaching")
    }


def test_dead_letters_and_delays_alarm() -> None:
    """One dead letter is enough; the stream may be two minutes behind and a message wait a quarter of an hour."""
    assert {name: one["Threshold"] for name, one in _alarms_on("ApproximateNumberOfMessagesVisible").items()} == {
        "DispatchDeadLetters": 0,
        "RelayDeadLetters": 0,
    }
    assert _alarms_on("IteratorAge")["Relay"]["Threshold"] == 120_000
    assert _alarms_on("ApproximateAgeOfOldestMessage")["DispatchQueue"]["Threshold"] == 900
    assert _alarms_on("5XXError")["zusage"]["Threshold"] == 0


def test_every_alarm_tells_somebody() -> None:
    """An alarm without an action is a light in an empty room."""
    actions = [one["AlarmActions"] for one in resources("AWS::CloudWatch::Alarm").values()]

    assert actions == [[{"Ref": "Alarms"}]] * len(actions)


# API


def test_the_api_is_regional_and_speaks_modern_tls_under_its_own_name_only() -> None:
    """API Gateway's own host name would still take old TLS, so it is closed once the installation has a name."""
    api, (domain,) = resources("AWS::Serverless::Api")["RestAPI"], resources("AWS::ApiGateway::DomainName").values()

    assert api["EndpointConfiguration"] == "REGIONAL"
    assert api["DisableExecuteApiEndpoint"] == {"Fn::If": ["HasDomain", True, False]}
    assert domain["SecurityPolicy"] == "TLS_1_2"
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


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


# Backups


def _plan(name: str) -> dict[str, Any]:
    (rule,) = resources("AWS::Backup::BackupPlan")[name]["BackupPlan"]["BackupPlanRule"]
    return dict(rule)


def _selected(name: str) -> list[str]:
    chosen = resources("AWS::Backup::BackupSelection")[name]["BackupSelection"]["Resources"]
    return [one["Fn::GetAtt"][0] for one in chosen]


def test_records_and_ledger_are_backed_up_twice_a_day_in_two_regions() -> None:
    """The copy lives as long as the original."""
    rule = _plan("RecordsPlan")

    (copy,) = rule["CopyActions"]
    assert rule["ScheduleExpression"] == "cron(0 1,13 * * ? *)"
    assert rule["Lifecycle"] == copy["Lifecycle"] == {"DeleteAfterDays": 35}
    assert copy["DestinationBackupVaultArn"] == {"Ref": "BackupCopyVaultArn"}
    assert _selected("RecordsSelection") == ["RecordsTable", "LedgerTable"]


def test_keys_are_backed_up_daily_and_forgotten_after_seven_days() -> None:
    """The vault itself refuses to keep a key for longer, and no copy leaves it."""
    rule, vault = _plan("KeysPlan"), resources("AWS::Backup::BackupVault")["KeysVault"]

    assert rule["ScheduleExpression"] == "cron(30 1 * * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 7}
    assert "CopyActions" not in rule
    assert vault["LockConfiguration"]["MaxRetentionDays"] == 7
    assert _selected("KeysSelection") == ["KeysTable"]


def test_transient_is_never_backed_up() -> None:
    """A session that was ended stays ended."""
    chosen = [table for name in resources("AWS::Backup::BackupSelection") for table in _selected(name)]

    assert "TransientTable" not in chosen


def test_vaults_are_encrypted_and_stay() -> None:
    """The second region's too, under a key of that region."""
    second = json.loads((ROOT / "infra" / "template" / "second_region" / "vault.json").read_text())["Resources"]

    assert {one["EncryptionKeyArn"]["Fn::GetAtt"][0] for one in resources("AWS::Backup::BackupVault").values()} == {
        "DataKey"
    }
    assert {_body(name)["DeletionPolicy"] for name in ("RecordsVault", "KeysVault")} == {"Retain"}
    assert second["CopyVault"]["Properties"]["EncryptionKeyArn"] == {"Fn::GetAtt": ["CopyKey", "Arn"]}
    assert second["CopyKey"]["Properties"]["EnableKeyRotation"] is True


def test_only_backups_are_left_out_locally() -> None:
    """Whatever carries the condition is not tried on the local cloud, so the list is short and known."""
    guarded = {name for name, body in template("prod")["Resources"].items() if body.get("Condition") == "Prod"}

    assert {_body(name)["Type"].partition("::Backup")[1] for name in guarded - {"BackupRole"}} == {"::Backup"}


# Places and choices


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
    assert set(hosts) == {"MailgunBaseUrl", "TwilioBaseUrl", "SmsapiBaseUrl"}


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
    ["ControllerName", "ControllerPostal", "DpoMail", "OperatorName", "PublicBaseUrl", "MailSender", "OrganizerMail"],
)
def test_deployment_fails_without_those_who_answer_for_it(parameter: str) -> None:
    """There is no default, and an empty value is none."""
    assert "Default" not in template("prod")["Parameters"][parameter]
    assert not re.fullmatch(_pattern(parameter), "")
    assert not re.fullmatch(_pattern(parameter), " ")


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
