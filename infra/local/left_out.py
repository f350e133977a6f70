"""What the emulator reads in the template and then leaves out: done after the deployment, from the same template.

So the nightly audit sees here what it would see on AWS: expiry, recovery and encryption of tables, the closing and the
lock of buckets, and the format of the gateway's log.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.local.stack import Clients
from infra.local.template import tables_with_ttl

Template = Mapping[str, Any]
Resources = Mapping[str, str]


def make_up_for(clients: Clients, template: Template, resources: Resources) -> None:
    """Everything; doing it again changes nothing."""
    data_key = clients("kms").describe_key(KeyId=resources["DataKey"])["KeyMetadata"]["Arn"]
    _expire(clients, template, resources)
    for name, table in _of_type(template, "AWS::DynamoDB::Table"):
        _protect(clients("dynamodb"), resources[name], table, data_key)
    for name, bucket in _of_type(template, "AWS::S3::Bucket"):
        _close(clients("s3"), resources[name], bucket, data_key)
    for _, api in _of_type(template, "AWS::Serverless::Api"):
        _format_log(clients("apigateway"), resources, api)


def _of_type(template: Template, kind: str) -> Iterator[tuple[str, Template]]:
    return ((name, one["Properties"]) for name, one in template["Resources"].items() if one["Type"] == kind)


def _expire(clients: Clients, template: Template, resources: Resources) -> None:
    tables = clients("dynamodb")
    for logical_id, attribute in tables_with_ttl(dict(template)).items():
        name = resources[logical_id]
        current = tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if current != "ENABLED":
            tables.update_time_to_live(
                TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
            )


def _protect(tables: Any, name: str, table: Template, data_key: str) -> None:
    if "SSESpecification" in table:
        encrypted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": data_key}
        tables.update_table(TableName=name, SSESpecification=encrypted)
    if "PointInTimeRecoverySpecification" in table:
        recovery = table["PointInTimeRecoverySpecification"]
        tables.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)


def _close(storage: Any, name: str, bucket: Template, data_key: str) -> None:
    if "PublicAccessBlockConfiguration" in bucket:
        closed = bucket["PublicAccessBlockConfiguration"]
        storage.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
    if "BucketEncryption" in bucket:
        by = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": data_key}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by, "BucketKeyEnabled": True}]}
        storage.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    if "VersioningConfiguration" in bucket:
        storage.put_bucket_versioning(Bucket=name, VersioningConfiguration=bucket["VersioningConfiguration"])
    if "ObjectLockConfiguration" in bucket:
        lock = bucket["ObjectLockConfiguration"]
        storage.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)


def _format_log(gateway: Any, resources: Resources, api: Template) -> None:
    if "AccessLogSetting" in api and "RestAPI" in resources:
        change = {"op": "replace", "path": "/accessLogSettings/format", "value": api["AccessLogSetting"]["Format"]}
        gateway.update_stage(restApiId=resources["RestAPI"], stageName=api["StageName"], patchOperations=[change])
