"""The installation's resources as AWS describes them. Every call here reads, and none reads what is stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.domain.stack_state import ApiState, BucketState, LogGroupState, TableState

STAGE = "api"  # the one stage of the API, whatever the stage of the installation
_CLOSED = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ABSENT = {
    "NoSuchPublicAccessBlockConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    "ObjectLockConfigurationNotFoundError",
}


class DescribedStack:
    """Looks at the stack. Each resource is described once for each instance, so make one for each audit."""

    def __init__(self, client: Callable[..., Any], *, rest_api: str, domain: str) -> None:
        self._client, self._rest_api, self._domain = client, rest_api, domain
        self._tables: dict[str, TableState] = {}
        self._buckets: dict[str, BucketState] = {}
        self._api: ApiState | None = None

    def table(self, name: str) -> TableState:
        """A table."""
        if name not in self._tables:
            self._tables[name] = self._described(name)
        return self._tables[name]

    def _described(self, name: str) -> TableState:
        tables = self._client("dynamodb")
        is_ = tables.describe_table(TableName=name)["Table"]
        expiry = tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = tables.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
        encrypted, stream = is_.get("SSEDescription", {}), is_.get("StreamSpecification", {})
        return TableState(
            arn=is_["TableArn"],
            key=encrypted.get("KMSMasterKeyArn", "") if encrypted.get("Status") in {"ENABLED", "UPDATING"} else "",
            protected=is_.get("DeletionProtectionEnabled", False),
            stream=stream.get("StreamViewType", "") if stream.get("StreamEnabled") else "",
            expires_by=expiry.get("AttributeName", "") if expiry["TimeToLiveStatus"] == "ENABLED" else "",
            restorable=recovery == "ENABLED",
        )

    def bucket(self, name: str) -> BucketState:
        """A bucket."""
        if name not in self._buckets:
            self._buckets[name] = self._bucket(name)
        return self._buckets[name]

    def _bucket(self, name: str) -> BucketState:
        store = self._client("s3")
        public = _told(store.get_public_access_block, name).get("PublicAccessBlockConfiguration", {})
        encryption = _told(store.get_bucket_encryption, name).get("ServerSideEncryptionConfiguration", {})
        lock = _told(store.get_object_lock_configuration, name).get("ObjectLockConfiguration", {})
        rules = encryption.get("Rules") or [{}]
        return BucketState(
            region=store.get_bucket_location(Bucket=name).get("LocationConstraint") or "us-east-1",
            key=rules[0].get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", ""),
            closed=all(public.get(setting) for setting in _CLOSED),
            versioned=store.get_bucket_versioning(Bucket=name).get("Status") == "Enabled",
            locked=lock.get("Rule", {}).get("DefaultRetention", {}).get("Mode", ""),
        )

    def log_group(self, name: str) -> LogGroupState:
        """A log group; LookupError when there is none."""
        groups = self._client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        for group in groups:
            if group["logGroupName"] == name:
                return LogGroupState(days=group.get("retentionInDays"), key=group.get("kmsKeyId", ""))
        raise LookupError("there is no such log group")

    def backups(self, vault: str, *, table: str, region: str) -> Sequence[datetime]:
        """When the complete backups of a table in a vault were completed; none when there is no such vault."""
        pages = self._client("backup", Config(region_name=region)).get_paginator("list_recovery_points_by_backup_vault")
        found = []
        try:
            for page in pages.paginate(BackupVaultName=vault, ByResourceArn=table):
                found += [each for each in page["RecoveryPoints"] if each["Status"] == "COMPLETED"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
        return [each["CompletionDate"].astimezone(UTC) for each in found if "CompletionDate" in each]

    def api(self) -> ApiState:
        """The API."""
        if self._api is None:
            gateway = self._client("apigateway")
            stage = gateway.get_stage(restApiId=self._rest_api, stageName=STAGE)
            settings = stage.get("methodSettings", {}).values()
            domain = gateway.get_domain_name(domainName=self._domain) if self._domain else {}
            rest = gateway.get_rest_api(restApiId=self._rest_api)
            self._api = ApiState(
                access_log=stage.get("accessLogSettings", {}).get("format", ""),
                traces_data=any(one.get("dataTraceEnabled") for one in settings),
                logs_calls=any(one.get("loggingLevel", "OFF") != "OFF" for one in settings),
                tls=(domain.get("securityPolicy", ""), rest.get("securityPolicy", "")),
                only_by_domain=bool(rest.get("disableExecuteApiEndpoint")),
            )
        return self._api


def _told(ask: Callable[..., Mapping[str, Any]], bucket: str) -> Mapping[str, Any]:
    """What S3 says of a bucket; nothing when it says that nothing was set."""
    try:
        return ask(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return {}
        raise
