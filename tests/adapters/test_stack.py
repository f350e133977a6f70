"""What AWS says of the stack, in the words of the audit."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.stack import DescribedStack
from chalicelib.domain.stack_state import ApiState, BucketState, LogGroupState

REGION = "eu-central-2"
KEY = "arn:aws:kms:eu-central-2:123456789012:key/11111111-0000-0000-0000-000000000000"
CLOSED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
TABLE = "arn:aws:dynamodb:eu-central-2:123456789012:table/zusage-test-records"


def make(service: str, config: Any = None) -> Any:
    """A client that never asks this machine for credentials."""
    region = getattr(config, "region_name", None) or REGION
    return boto3.client(service, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def stack() -> Iterator[DescribedStack]:
    """The adapter in an empty account."""
    with mock_aws():
        yield DescribedStack(make, rest_api="api1", domain="api.example.ch")


def stubbed(client: Any) -> DescribedStack:
    """The adapter on one stubbed client."""
    return DescribedStack(lambda *_: client, rest_api="api1", domain="api.example.ch")


def test_a_table_as_it_should_be(stack: DescribedStack) -> None:
    """Every setting of it is seen."""
    tables = make("dynamodb")
    tables.create_table(
        TableName="zusage-test-records",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        DeletionProtectionEnabled=True,
    )
    tables.update_time_to_live(
        TableName="zusage-test-records", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    tables.update_continuous_backups(
        TableName="zusage-test-records", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    seen = stack.table("zusage-test-records")

    assert (seen.key, seen.protected, seen.stream) == (KEY, True, "NEW_IMAGE")
    assert (seen.expires_by, seen.restorable) == ("ttl", True)
    assert seen.arn.startswith("arn:aws:dynamodb:eu-central-2:")


def test_a_table_with_nothing_set(stack: DescribedStack) -> None:
    """What is missing is seen as missing."""
    make("dynamodb").create_table(
        TableName="bare",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )

    seen = stack.table("bare")

    assert (seen.key, seen.protected, seen.stream, seen.expires_by, seen.restorable) == ("", False, "", "", False)


def test_a_bucket_as_it_should_be(stack: DescribedStack) -> None:
    """Closed, encrypted, versioned and locked."""
    store = make("s3")
    place = {"LocationConstraint": REGION}
    store.create_bucket(Bucket="roots", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    store.put_public_access_block(Bucket="roots", PublicAccessBlockConfiguration=CLOSED)
    by = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    store.put_bucket_encryption(
        Bucket="roots",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": by}]},
    )
    store.put_object_lock_configuration(
        Bucket="roots",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 763}},
        },
    )

    assert stack.bucket("roots") == BucketState(
        region=REGION, key=KEY, closed=True, versioned=True, locked="COMPLIANCE"
    )


@pytest.mark.parametrize("open_by", sorted(CLOSED))
def test_a_bucket_with_one_door_open(stack: DescribedStack, open_by: str) -> None:
    """All four have to be shut; what was never set is not."""
    store = make("s3")
    store.create_bucket(Bucket="bare", CreateBucketConfiguration={"LocationConstraint": REGION})
    store.put_public_access_block(Bucket="bare", PublicAccessBlockConfiguration={**CLOSED, open_by: False})

    seen = stack.bucket("bare")

    assert (seen.closed, seen.versioned, seen.locked, seen.key) == (False, False, "", "")


def test_a_log_group(stack: DescribedStack) -> None:
    """By its whole name, not by one that begins like it."""
    logs = make("logs")
    logs.create_log_group(logGroupName="/access/pages-old")
    logs.create_log_group(logGroupName="/access/pages", kmsKeyId=KEY)
    logs.put_retention_policy(logGroupName="/access/pages", retentionInDays=30)

    assert stack.log_group("/access/pages") == LogGroupState(days=30, key=KEY)
    assert stack.log_group("/access/pages-old").days is None
    with pytest.raises(LookupError):
        stack.log_group("/access/page")


def test_backups_are_the_complete_ones_of_the_table() -> None:
    """Those under way, or failed, are none; their times are in UTC."""
    backups = make("backup")
    done = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    found = [
        {"Status": "COMPLETED", "CompletionDate": done, "ResourceArn": TABLE},
        {"Status": "PARTIAL", "CompletionDate": done, "ResourceArn": TABLE},
        {"Status": "EXPIRED", "CompletionDate": done, "ResourceArn": TABLE},
    ]
    with Stubber(backups) as stub:
        asked = {"BackupVaultName": "zusage-test-records", "ByResourceArn": TABLE}
        stub.add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": found}, asked)

        assert stubbed(backups).backups("zusage-test-records", table=TABLE, region=REGION) == [done]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_a_vault_that_is_not_there_holds_nothing(code: str) -> None:
    """One that must not be looked into is another matter."""
    backups = make("backup")
    with Stubber(backups) as stub:
        stub.add_client_error("list_recovery_points_by_backup_vault", code)

        if code == "ResourceNotFoundException":
            assert stubbed(backups).backups("none", table=TABLE, region=REGION) == []
        else:
            with pytest.raises(ClientError):
                stubbed(backups).backups("none", table=TABLE, region=REGION)


def test_copies_are_looked_for_in_their_region() -> None:
    """The client is made for it."""
    regions = []

    def client(service: str, config: Any = None) -> Any:
        regions.append(config.region_name)
        made = make(service, config)
        stub = Stubber(made)
        stub.add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": []})
        stub.activate()
        return made

    DescribedStack(client, rest_api="", domain="").backups("copies", table=TABLE, region="eu-central-1")

    assert regions == ["eu-central-1"]


@pytest.mark.parametrize(
    ("settings", "traces", "logs"),
    [
        ({"*/*": {"loggingLevel": "OFF", "dataTraceEnabled": False}}, False, False),
        ({"*/*": {"loggingLevel": "OFF"}, "v1/GET": {"dataTraceEnabled": True}}, True, False),
        ({"*/*": {"loggingLevel": "INFO"}}, False, True),
        ({}, False, False),
    ],
)
def test_the_api(settings: dict[str, Any], traces: bool, logs: bool) -> None:
    """Any method that traces or logs is enough; asked once, however many checks look."""
    gateway = make("apigateway")
    with Stubber(gateway) as stub:
        stage = {"accessLogSettings": {"format": "{}"}, "methodSettings": settings}
        stub.add_response("get_stage", stage, {"restApiId": "api1", "stageName": "api"})
        stub.add_response("get_domain_name", {"securityPolicy": "TLS_1_2"}, {"domainName": "api.example.ch"})
        told = {"disableExecuteApiEndpoint": True, "securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09"}
        stub.add_response("get_rest_api", told, {"restApiId": "api1"})
        stack = stubbed(gateway)

        assert stack.api() == ApiState(
            access_log="{}",
            traces_data=traces,
            logs_calls=logs,
            tls=("TLS_1_2", told["securityPolicy"]),
            only_by_domain=True,
        )
        assert stack.api() is stack.api()
