"""One least-privilege role a function: the rights are declared once more here, and compared to the letter."""

import json
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
DATA_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"}
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}

MAY: dict[str, dict[str, set[str]]] = {
    "api_handler": {
        "RecordsTable": READ | WRITE | CHECK | QUERY,
        "RecordsTable/index/lookup": QUERY,
        "KeysTable": READ | APPEND,
        "LedgerTable": APPEND,
        "TransientTable": READ | WRITE,
        "TenantKey": {"kms:GenerateDataKey", "kms:Decrypt"},
        "ProvidersSecret": {"secretsmanager:GetSecretValue"},
        "DataKey": DATA_KEY,
    },
    "relay": {
        "RecordsTable/stream": STREAM,
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
        "DispatchQueue": {"sqs:SendMessage"},
        "DataKey": DATA_KEY,
    },
    "sweep": {
        "RecordsTable/index/due": QUERY,
        "RecordsTable": DELETE,
        "KeysTable": DELETE,
        "LedgerTable": APPEND,
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
        return str(pattern.partition("${AWS::AccountId}:")[2])
    return str(pattern.replace("${RecordsTable.Arn}", "RecordsTable"))


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
    """The one star is AWS's own form for the streams within a log group."""
    for statement in policy_of(function):
        actions, places = statement["Action"], json.dumps(statement["Resource"])

        assert statement["Effect"] == "Allow"
        assert "*" not in "".join(actions)
        assert ("*" not in places) or (statement["Sid"] == "Logs" and places.count("*") == 1)
        assert not {"NotAction", "NotResource"} & set(statement)


def test_nobody_may_scan() -> None:
    """The cost of a read follows what is asked for, never what is stored."""
    assert not [one for one in _table_writes() if "dynamodb:Scan" in one[2]]


def test_the_ledger_is_append_only() -> None:
    """No role can change or remove what happened, and none reads it."""
    rights = {function: rights for function, name, rights in _table_writes() if name == "LedgerTable"}

    assert rights == dict.fromkeys(("api_handler", "dispatch", "sweep"), APPEND)


def test_only_the_sweep_destroys_keys() -> None:
    """Shredding is one job's work."""
    destroyers = {f for f, name, rights in _table_writes() if name == "KeysTable" and "dynamodb:DeleteItem" in rights}

    assert destroyers == {"sweep"}


@pytest.mark.parametrize("function", ["api_handler", "dispatch"])
def test_tenant_keys_are_opened_only_in_their_context(function: str) -> None:
    """KMS itself refuses a call that does not say for which tenant and what for."""
    (statement,) = _statements_on(function, "TenantKey")

    assert statement["Condition"] == {
        "StringEquals": {"kms:EncryptionContext:purpose": "tenant-key"},
        "Null": {"kms:EncryptionContext:tenant": "false"},
    }


@pytest.mark.parametrize("function", MAY)
def test_the_data_key_is_used_through_services_only(function: str) -> None:
    """A function can't decrypt stored bytes with it by itself."""
    (statement,) = _statements_on(function, "DataKey")

    (operator,) = statement["Condition"]
    assert operator == "StringEquals"
    assert list(statement["Condition"]["StringEquals"]) == ["kms:ViaService"]


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
