"""What a template has to give up to run on the local cloud, and nothing more.

The local cloud enforces roles, but some condition keys it never fills in, so that a strict condition on them denies
everything; it asks for the right to send mail, and to list backups and log groups, without naming a resource; and it
speaks plain HTTP on the machine itself, where "TLS only" denies everything, too. Nor does it know whether an object is
written on a condition: a rule that demands one would deny everything; the store itself keeps the condition, here as
there. The template keeps the strict form, which the contract tests hold; only the copy that is deployed locally passes
through `relax`.
"""

from typing import Any

Json = Any

NEVER_FILLED = (
    "kms:EncryptionContext:",
    "kms:EncryptionContextKeys",
    "kms:ViaService",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "ses:FromAddress",
    "dynamodb:LeadingKeys",
)
ASKED_WITHOUT_RESOURCE = (["ses:SendRawEmail"], ["backup:ListRecoveryPointsByBackupVault"], ["logs:DescribeLogGroups"])
# On AWS the right to write into a log group names all streams within it; the emulator asks for the group.
WRITE_LINES = {"logs:CreateLogStream", "logs:PutLogEvents"}
# On AWS the right to send covers sending in batches; the emulator asks for the name of the call.
SEND, SEND_BATCH = "sqs:SendMessage", "sqs:SendMessageBatch"


def relax(template: dict[str, Json]) -> dict[str, Json]:
    """A copy of the template whose conditions hold where the local cloud does not know the key."""
    relaxed = _walk(template)
    resources = {name: body for name, body in relaxed["Resources"].items() if not _says_nothing(body)}
    return {**relaxed, "Resources": resources}


def _walk(value: Json) -> Json:
    if isinstance(value, list):
        return [_walk(item) for item in value]
    if not isinstance(value, dict):
        return value
    walked = {key: _walk(item) for key, item in value.items()}
    if isinstance(walked.get("Statement"), list):
        walked["Statement"] = [_statement(one) for one in walked["Statement"] if not _denies_all(one)]
    return walked


def _statement(statement: dict[str, Json]) -> dict[str, Json]:
    if statement.get("Action") in ASKED_WITHOUT_RESOURCE:
        statement = {**statement, "Resource": ["*"]}
    if set(statement.get("Action", ())) >= WRITE_LINES:
        statement = {**statement, "Resource": [_log_group(one) for one in statement["Resource"]]}
    if SEND in statement.get("Action", ()):
        statement = {**statement, "Action": [*statement["Action"], SEND_BATCH]}
    if "Condition" not in statement:
        return statement
    rest = {key: part for key, part in statement.items() if key != "Condition"}
    condition = _condition(statement["Condition"])
    return {**rest, "Condition": condition} if condition else rest


def _log_group(place: Json) -> Json:
    if not (isinstance(place, dict) and "Fn::GetAtt" in place):
        return place
    logical, _ = place["Fn::GetAtt"]
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{{logical}}}"}


def _condition(strict: dict[str, dict[str, Json]]) -> dict[str, dict[str, Json]]:
    condition: dict[str, dict[str, Json]] = {}
    for operator, tests in strict.items():
        for key, wanted in tests.items():
            if not key.startswith(NEVER_FILLED):
                condition.setdefault(operator, {})[key] = wanted
            elif operator != "Null":
                condition.setdefault(_if_exists(operator), {})[key] = wanted
    return condition


def _if_exists(operator: str) -> str:
    return operator if operator.endswith("IfExists") else f"{operator}IfExists"


def _denies_all(statement: dict[str, Json]) -> bool:
    """Whether it demands TLS, or a condition on which an object is written."""
    condition = statement.get("Condition", {})
    demands = "aws:SecureTransport" in condition.get("Bool", {}) or "s3:if-none-match" in condition.get("Null", {})
    return bool(statement.get("Effect") == "Deny" and demands)


def _says_nothing(resource: dict[str, Json]) -> bool:
    """A resource policy that held nothing else."""
    document = resource.get("Properties", {}).get("PolicyDocument")
    return document is not None and not document["Statement"]
