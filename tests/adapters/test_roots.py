"""The proofs in their bucket: written once, read as they are, and every failure is one that callers know."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.roots import LockedRoots
from chalicelib.domain.errors import TryAgainError

BUCKET, TENANT, DAY = "roots", "019a42f6d80070008000000000000001", date(2026, 11, 2)
KEY = f"roots/{TENANT}/2026-11-02.json"
AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-2"}


@pytest.fixture
def client() -> Iterator[Any]:
    """S3 with a bucket as the template has it."""
    with mock.patch.dict("os.environ", AWS), mock_aws():
        made = boto3.client("s3", region_name="eu-central-2")
        made.create_bucket(
            Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": "eu-central-2"},
            ObjectLockEnabledForBucket=True,
        )
        made.put_object_lock_configuration(
            Bucket=BUCKET,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 763}},
            },
        )
        yield made


def test_it_is_written_once(client: Any) -> None:
    """The second one is told so and changes nothing."""
    roots = LockedRoots(client, BUCKET)

    assert roots.put(TENANT, DAY, b"first") is True
    assert roots.put(TENANT, DAY, b"second") is False
    assert roots.get(TENANT, DAY) == b"first"
    assert client.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"first"


def test_nobody_deletes_what_is_locked(client: Any) -> None:
    """The lock is the bucket's default: it needs no word of the one who writes."""
    LockedRoots(client, BUCKET).put(TENANT, DAY, b"first")
    (version,) = client.list_object_versions(Bucket=BUCKET)["Versions"]

    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=BUCKET, Key=KEY, VersionId=version["VersionId"])


def test_what_is_not_there_is_none(client: Any) -> None:
    """No failure."""
    assert LockedRoots(client, BUCKET).get(TENANT, DAY) is None


def test_the_days_of_a_tenant(client: Any) -> None:
    """With the number of times that each was written or deleted; other tenants' are not among them."""
    roots = LockedRoots(client, BUCKET)
    for tenant, day in ((TENANT, DAY), (TENANT, date(2026, 11, 3)), ("0" * 32, DAY)):
        roots.put(tenant, day, b"x")
    client.put_object(Bucket=BUCKET, Key=KEY, Body=b"over it")
    client.delete_object(Bucket=BUCKET, Key=KEY)

    assert roots.days(TENANT) == {DAY: 3, date(2026, 11, 3): 1}


def test_the_call_says_what_the_bucket_demands(client: Any) -> None:
    """A condition, and a checksum, without which nothing can be written under a lock."""
    with Stubber(client) as stub:
        expected = {
            "Bucket": BUCKET,
            "Key": KEY,
            "Body": b"x",
            "ContentType": "application/json",
            "ChecksumAlgorithm": "SHA256",
            "IfNoneMatch": "*",
        }
        stub.add_response("put_object", {}, expected)

        assert LockedRoots(client, BUCKET).put(TENANT, DAY, b"x")


@pytest.mark.parametrize(
    ("code", "status"),
    [("InternalError", 500), ("SlowDown", 503), ("ConditionalRequestConflict", 409), ("ThrottlingException", 400)],
)
def test_what_passes_is_tried_again(client: Any, code: str, status: int) -> None:
    """By whoever called: nothing was decided."""
    with Stubber(client) as stub:
        stub.add_client_error("put_object", code, http_status_code=status)
        stub.add_client_error("get_object", code, http_status_code=status)

        with pytest.raises(TryAgainError):
            LockedRoots(client, BUCKET).put(TENANT, DAY, b"x")
        with pytest.raises(TryAgainError):
            LockedRoots(client, BUCKET).get(TENANT, DAY)


def test_a_right_that_is_missing_is_not_hidden_on_writing(client: Any) -> None:
    """It would never pass by itself."""
    with Stubber(client) as stub:
        stub.add_client_error("put_object", "AccessDenied", http_status_code=403)

        with pytest.raises(ClientError):
            LockedRoots(client, BUCKET).put(TENANT, DAY, b"x")


def test_who_may_not_list_is_told_forbidden_where_nothing_is(client: Any) -> None:
    """So that is what absent looks like to a function."""
    with Stubber(client) as stub:
        stub.add_client_error("get_object", "AccessDenied", http_status_code=403)

        assert LockedRoots(client, BUCKET).get(TENANT, DAY) is None


def test_a_lost_connection_is_tried_again() -> None:
    """In both directions."""
    broken = mock.Mock()
    broken.put_object.side_effect = broken.get_object.side_effect = EndpointConnectionError(endpoint_url="s3")

    with pytest.raises(TryAgainError):
        LockedRoots(broken, BUCKET).put(TENANT, DAY, b"x")
    with pytest.raises(TryAgainError):
        LockedRoots(broken, BUCKET).get(TENANT, DAY)
