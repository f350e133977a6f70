"""What the local cloud can't evaluate is relaxed in the copy that goes there; everything else stays strict."""

import copy
import json
from typing import Any

import pytest

from infra.tools.local_conditions import relax
from tests.contracts.entry_points import template


def _template(*statements: dict[str, Any], kind: str = "AWS::SQS::QueuePolicy") -> dict[str, Any]:
    return {"Resources": {"One": {"Type": kind, "Properties": {"PolicyDocument": {"Statement": list(statements)}}}}}


def _relaxed(statement: dict[str, Any]) -> dict[str, Any]:
    (one,) = relax(_template(statement))["Resources"]["One"]["Properties"]["PolicyDocument"]["Statement"]
    return dict(one)


def test_a_key_that_is_never_filled_in_counts_if_it_exists() -> None:
    """The value is still compared should the local cloud learn to fill it in."""
    strict = {"Effect": "Allow", "Condition": {"StringEquals": {"kms:EncryptionContext:purpose": "tenant-key"}}}

    relaxed = _relaxed(strict)

    assert relaxed["Condition"] == {"StringEqualsIfExists": {"kms:EncryptionContext:purpose": "tenant-key"}}


def test_a_demand_that_the_key_is_there_is_dropped() -> None:
    """Null has no form that counts if the key exists; a condition that is empty then goes, too."""
    strict = {"Effect": "Allow", "Condition": {"Null": {"kms:EncryptionContext:tenant": "false"}}}

    assert "Condition" not in _relaxed(strict)


def test_other_conditions_stay() -> None:
    """Only what can't work is given up, key by key."""
    strict = {"Effect": "Allow", "Condition": {"StringEquals": {"aws:SourceAccount": "1", "kms:ViaService": "sqs"}}}

    relaxed = _relaxed(strict)

    assert relaxed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "1"},
        "StringEqualsIfExists": {"kms:ViaService": "sqs"},
    }


def test_tls_only_is_dropped_with_the_policy_that_says_nothing_else() -> None:
    """Traffic to the local cloud never leaves the machine and is not encrypted."""
    tls = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    publisher = {"Effect": "Allow", "Action": "sns:Publish"}

    alone, among = relax(_template(tls)), relax(_template(publisher, tls))

    assert alone["Resources"] == {}
    assert among == _template(publisher)


def test_another_denial_stays() -> None:
    """A Deny that is not about transport is no business of the local cloud's."""
    denial = {"Effect": "Deny", "Action": "sqs:*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}

    assert _relaxed(denial) == denial


def test_sending_mail_is_asked_without_an_identity() -> None:
    """The resource is widened for this action alone."""
    mail = {"Effect": "Allow", "Action": ["ses:SendRawEmail"], "Resource": ["identity"]}
    both = {"Effect": "Allow", "Action": ["ses:SendRawEmail", "ses:GetAccount"], "Resource": ["identity"]}

    assert _relaxed(mail)["Resource"] == ["*"]
    assert _relaxed(both) == both


@pytest.mark.parametrize("action", ["backup:ListRecoveryPointsByBackupVault", "logs:DescribeLogGroups"])
def test_so_is_listing(action: str) -> None:
    """For these two alone."""
    assert _relaxed({"Effect": "Allow", "Action": [action], "Resource": ["one"]})["Resource"] == ["*"]
    assert _relaxed({"Effect": "Allow", "Action": ["logs:GetLogEvents"], "Resource": ["one"]})["Resource"] == ["one"]


def test_writing_lines_is_asked_of_the_group() -> None:
    """Where the template names all streams within it."""
    writing = ["logs:CreateLogStream", "logs:PutLogEvents"]
    place = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${AccessLog}"}

    relaxed = _relaxed({"Effect": "Allow", "Action": writing, "Resource": [{"Fn::GetAtt": ["AccessLog", "Arn"]}]})

    assert relaxed["Resource"] == [place]
    assert _relaxed({"Effect": "Allow", "Action": writing, "Resource": [place]})["Resource"] == [place]


def test_the_strict_template_is_left_as_it_is() -> None:
    """What is deployed elsewhere must not be touched by a local deployment in the same process."""
    strict = copy.deepcopy(template("local"))

    relaxed = relax(strict)

    assert strict == template("local")
    assert "kms:EncryptionContext:tenant" in json.dumps(strict)
    assert "kms:EncryptionContext:tenant" not in json.dumps(relaxed)
    assert "aws:SecureTransport" not in json.dumps(relaxed)
