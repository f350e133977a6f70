"""One least-privilege role a function: the rights are declared once more here, and compared to the letter."""

import json
import re
from typing import Any

import pytest

from infra.tools.fragments import camel
from tests.contracts.entry_points import configured, policy_of, resources

READ = {"dynamodb:GetItem", "dynamodb:BatchGetItem"}
WRITE = {"dynamodb:PutItem", "dynamodb:DeleteItem"}
DELETE = {"dynamodb:DeleteItem"}
CHECK = {"dynamodb:ConditionCheckItem"}
QUERY = {"dynamodb:Query"}
APPEND = {"dynamodb:PutItem"}
ERASE = {"s3:DeleteObject", "s3:DeleteObjectVersion"}
DATA_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"}
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
DESCRIBE = {"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups"}
BUCKET = {
    "s3:GetBucketLocation",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetEncryptionConfiguration",
    "s3:GetBucketVersioning",
    "s3:GetBucketObjectLockConfiguration",
}
BACKUPS = {"backup:ListRecoveryPointsByBackupVault"}
LOOK = {"apigateway:GET"}
ENCRYPTED = {
    "dynamodb": READ | APPEND | QUERY | STREAM,
    "s3": {"s3:GetObject", "s3:PutObject"},
    "secretsmanager": {"secretsmanager:GetSecretValue"},
    "sqs": {"sqs:SendMessage", "sqs:ReceiveMessage"},
}
"""What a function needs the data key for, through which service. Deleting and listing need none."""

MAY: dict[str, dict[str, set[str]]] = {
    "api_handler": {
        "RecordsTable": READ | WRITE | CHECK | QUERY,
        "RecordsTable/index/lookup": QUERY,
        "KeysTable": READ | APPEND | DELETE | QUERY,
        "LedgerTable": APPEND | QUERY,
        "LedgerTable/index/people": QUERY,
        "FilesBucket": {"s3:ListBucketVersions"},
        "FilesBucket/TENANT/*/STAFF/*": {"s3:GetObject", "s3:PutObject"} | ERASE,
        "RootsBucket/roots/*": {"s3:GetObject"},
        "TransientTable": READ | WRITE | QUERY | {"dynamodb:UpdateItem"},
        "TenantKey": {"kms:GenerateDataKey", "kms:Decrypt"},
        "ProvidersSecret": {"secretsmanager:GetSecretValue"},
        "AccessLog": LOGS,
        "DataKey": DATA_KEY,
    },
    "relay": {
        "RecordsTable/stream": STREAM,
        "RecordsTable": {"dynamodb:GetItem"} | QUERY | CHECK,
        "KeysTable": QUERY | DELETE,
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "FilesBucket": {"s3:ListBucketVersions"},
        "FilesBucket/*": ERASE,
        "DispatchQueue": {"sqs:SendMessage"},
        "RelayDeadLetters": {"sqs:SendMessage"},
        "DataKey": DATA_KEY,
    },
    "dispatch": {
        "DispatchQueue": CONSUME,
        "RecordsTable": READ | APPEND,
        "KeysTable": READ | APPEND,
        "LedgerTable": APPEND,
        "TenantKey": {"kms:GenerateDataKey", "kms:Decrypt"},
        "ProvidersSecret": {"secretsmanager:GetSecretValue"},
        "identity/${MailSender}": {"ses:SendRawEmail"},
        "identity/${Domain}": {"ses:SendRawEmail"},
        "configuration-set/zusage-${Stage}": {"ses:SendRawEmail"},
        "DataKey": DATA_KEY,
    },
    "wake": {
        "RecordsTable/index/due": QUERY,
        "TransientTable": APPEND,
        "DispatchQueue": {"sqs:SendMessage"},
        "DataKey": DATA_KEY,
    },
    "sweep": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable": {"dynamodb:BatchGetItem"} | WRITE | CHECK,
        "KeysTable": QUERY | DELETE,
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "FilesBucket": {"s3:ListBucketVersions"},
        "FilesBucket/*": ERASE,
        "DataKey": DATA_KEY,
    },
    "restamp": {
        "RecordsTable": READ | WRITE | CHECK | {"dynamodb:Scan"},
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "DataKey": DATA_KEY,
    },
    "announce": {
        "RecordsTable/index/lookup": QUERY,
        "RecordsTable": APPEND,
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "DataKey": DATA_KEY,
    },
    "sync": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable/index/lookup": QUERY,
        "RecordsTable": READ | WRITE | QUERY | CHECK,
        "KeysTable": READ,
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "TenantKey": {"kms:Decrypt"},
        "ProvidersSecret": {"secretsmanager:GetSecretValue"},
        "DataKey": DATA_KEY,
    },
    "lapse": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable/index/lookup": QUERY,
        "RecordsTable": READ | APPEND | QUERY,
        "KeysTable": QUERY,
        "LedgerTable": APPEND,
        "TransientTable": WRITE | QUERY,
        "DataKey": DATA_KEY,
    },
    "upkeep": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable/index/lookup": QUERY,
        "RecordsTable": READ | WRITE | CHECK,
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "DataKey": DATA_KEY,
    },
    "settle": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable": READ | WRITE | CHECK,
        "KeysTable": READ,
        "LedgerTable": APPEND,
        "TransientTable": APPEND,
        "TenantKey": {"kms:Decrypt"},
        "DataKey": DATA_KEY,
    },
    "tally": {
        "LedgerTable/stream": STREAM,
        "RecordsTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "TallyDeadLetters": {"sqs:SendMessage"},
        "DataKey": DATA_KEY,
    },
    "close": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "LedgerTable": APPEND | QUERY,
        "RootsBucket/roots/*": {"s3:GetObject", "s3:PutObject"},
        "TransientTable": APPEND,
        "DataKey": DATA_KEY,
    },
    "audit": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable": DESCRIBE | QUERY | {"dynamodb:BatchGetItem", "dynamodb:PutItem"},
        "KeysTable": DESCRIBE,
        "LedgerTable": DESCRIBE | APPEND,
        "TransientTable": DESCRIBE | APPEND | {"dynamodb:BatchGetItem"},
        "FilesBucket": BUCKET,
        "RootsBucket": BUCKET,
        "backup-vault:zusage-${Stage}-records": BACKUPS,
        "backup-vault:zusage-${Stage}-keys": BACKUPS,
        "backup-vault:zusage-${Stage}-records-copy": BACKUPS,
        "/restapis/${RestAPI}": LOOK,
        "/restapis/${RestAPI}/stages/api": LOOK,
        "/domainnames/${DomainName}": LOOK,
        "log-group:*": {"logs:DescribeLogGroups"},
        "DataKey": DATA_KEY,
    },
}


def _name(resource: dict[str, Any]) -> str:
    """A short name of what a statement is about; a resource of a form that is not known here fails the test."""
    if "Fn::GetAtt" in resource:
        logical, attribute = resource["Fn::GetAtt"]
        return str(logical) + {"Arn": "", "Id": "", "StreamArn": "/stream"}[attribute]
    text = resource["Fn::Sub"]
    pattern = text if isinstance(text, str) else text[0]
    if pattern.startswith("arn:"):
        return str(pattern.partition("${AWS::AccountId}:")[2] or pattern.partition("${AWS::Region}::")[2])
    return re.sub(r"^\$\{(\w+)\.Arn\}", r"\1", str(pattern))


def _rights(function: str) -> dict[str, set[str]]:
    rights: dict[str, set[str]] = {}
    for statement in policy_of(function):
        for resource in statement["Resource"]:
            rights.setdefault(_name(resource), set()).update(statement["Action"])
    return rights


def _statements_on(function: str, name: str) -> list[dict[str, Any]]:
    return [one for one in policy_of(function) if any(_name(resource) == name for resource in one["Resource"])]


def _table_writes() -> list[tuple[str, str, set[str]]]:
    return [(function, name, rights) for function in MAY for name, rights in _rights(function).items()]


def test_every_function_is_declared_here() -> None:
    """A new function's rights are written down before it gets them."""
    assert set(MAY) == set(configured())


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_what_is_declared_and_nothing_else(function: str) -> None:
    """Any change of a right is a change of two files, one of them this one."""
    own_logs = {f"log-group:/aws/lambda/zusage-${{Stage}}-{function}:*": LOGS}

    assert _rights(function) == MAY[function] | own_logs


@pytest.mark.parametrize("function", MAY)
def test_no_right_has_a_wildcard(function: str) -> None:
    """The one star is AWS's own form for the streams within a log group, and for the objects in a bucket."""
    for statement in policy_of(function):
        actions, places = statement["Action"], json.dumps(statement["Resource"])

        assert statement["Effect"] == "Allow"
        assert "*" not in "".join(actions)
        of_objects = all(action.startswith("s3:") for action in actions)
        of_logs = statement["Sid"] == "Logs" or actions == ["logs:DescribeLogGroups"]  # which AWS knows as a whole only
        most = 2 if statement["Sid"] == "Photos" else 1  # whose it is, and which file
        assert ("*" not in places) or ((of_logs or of_objects) and places.count("*") <= most)
        assert not {"NotAction", "NotResource"} & set(statement)


def test_only_the_job_after_a_changed_period_may_scan() -> None:
    """The cost of any other read follows what is asked for, never what is stored."""
    assert [one[:2] for one in _table_writes() if "dynamodb:Scan" in one[2]] == [("restamp", "RecordsTable")]


def test_the_ledger_is_append_only() -> None:
    """No role can change or remove what happened; who tells people of it, and who proves it, may read a partition."""
    rights = {function: rights - DESCRIBE for function, name, rights in _table_writes() if name == "LedgerTable"}

    assert {right for held in rights.values() for right in held} == APPEND | QUERY
    assert {function for function, held in rights.items() if QUERY & held} == {"api_handler", "close"}


def test_a_proof_can_be_written_and_read_and_nothing_else() -> None:
    """The lock stands in the bucket; no role could take it off, or lists what there is."""
    rights = {function: held for function, name, held in _table_writes() if name.startswith("RootsBucket/")}

    assert rights == {"api_handler": {"s3:GetObject"}, "close": {"s3:GetObject", "s3:PutObject"}}


def test_only_what_ends_records_destroys_keys_and_files() -> None:
    """The sweep, the relay, which hears of what DynamoDB removed by itself, and whoever is asked to delete somebody."""
    destroyers = {f for f, name, rights in _table_writes() if name == "KeysTable" and "dynamodb:DeleteItem" in rights}
    erasers = {function for function, _, rights in _table_writes() if ERASE & rights}

    assert destroyers == erasers == {"relay", "sweep", "api_handler"}


def test_who_answers_requests_reaches_the_files_of_staff_only() -> None:
    """Their photos: what customers send lies elsewhere, and is not even listed."""
    files = {name: rights for name, rights in _rights("api_handler").items() if name.startswith("FilesBucket")}
    (listing,) = _statements_on("api_handler", "FilesBucket")

    assert set(files) == {"FilesBucket", "FilesBucket/TENANT/*/STAFF/*"}
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "TENANT/*/STAFF/*"}}


@pytest.mark.parametrize("function", [function for function, held in MAY.items() if "TenantKey" in held])
def test_tenant_keys_are_opened_only_in_their_context(function: str) -> None:
    """KMS itself refuses a call that does not say for which tenant and what for."""
    (statement,) = _statements_on(function, "TenantKey")

    assert statement["Condition"] == {
        "StringEquals": {"kms:EncryptionContext:purpose": "tenant-key"},
        "Null": {"kms:EncryptionContext:tenant": "false"},
    }


@pytest.mark.parametrize("function", MAY)
def test_the_data_key_is_used_through_services_only(function: str) -> None:
    """A function can't decrypt stored bytes with it by itself, nor through a service that it has no data in."""
    (statement,) = _statements_on(function, "DataKey")

    held = {right for rights in MAY[function].values() for right in rights}
    served = {service for service, rights in ENCRYPTED.items() if rights & held}
    through = [{"Fn::Sub": f"{service}.${{AWS::Region}}.amazonaws.com"} for service in sorted(served)]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": through}}


def test_mail_leaves_under_the_configured_sender_only() -> None:
    """A bug can't write in another address's name."""
    (statement,) = _statements_on("dispatch", "identity/${MailSender}")

    assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailSender"}}}


@pytest.mark.parametrize("function", MAY)
def test_the_packaged_role_is_the_policy_file(function: str) -> None:
    """Chalice adds nothing, and only Lambda can take the role."""
    role = resources("AWS::IAM::Role")[f"{camel(function)}Role"]

    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    (policy,) = role["Policies"]
    assert policy["PolicyDocument"]["Statement"] == policy_of(function)
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in role
