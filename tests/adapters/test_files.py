"""The bucket of files: a prefix is emptied in every version, page by page, and nothing else is touched."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.files import Bucket
from chalicelib.domain.errors import TryAgainError

NAME = "zusage-test-files"
PREFIX = "TENANT/1/SUBJECT/a/DOCUMENT/7/"


def client() -> Any:
    """An S3 client that never asks this machine for credentials."""
    return boto3.client("s3", region_name="eu-central-2", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def s3() -> Iterator[Any]:
    """An S3 in memory with a bucket that keeps versions."""
    with mock_aws():
        made = client()
        made.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-central-2"})
        made.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        yield made


def left(s3: Any, prefix: str = "") -> list[str]:
    """What is left of versions and of marks that something was deleted."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=NAME, Prefix=prefix)
    return [e["Key"] for page in pages for kind in ("Versions", "DeleteMarkers") for e in page.get(kind, ())]


def put(s3: Any, *keys: str) -> None:
    """One more version of each."""
    for key in keys:
        s3.put_object(Bucket=NAME, Key=key, Body=b"x")


def test_every_version_is_deleted(s3: Any) -> None:
    """Older ones and marks of deletion too: nothing can be brought back."""
    put(s3, PREFIX + "scan.pdf", PREFIX + "scan.pdf", PREFIX + "pages/1.png")
    s3.delete_object(Bucket=NAME, Key=PREFIX + "scan.pdf")
    assert len(left(s3)) == 4

    Bucket(s3, NAME).delete_all(prefix=PREFIX)

    assert left(s3) == []


def test_nothing_else_is_touched(s3: Any) -> None:
    """Neither another record whose key begins alike, nor another person's, nor what lies beside."""
    others = ["TENANT/1/SUBJECT/a/DOCUMENT/77/x", "TENANT/1/SUBJECT/ab/DOCUMENT/7/x", "TENANT/1/SUBJECT/a/DOCUMENT/7"]
    put(s3, *others, PREFIX + "x")

    Bucket(s3, NAME).delete_all(prefix=PREFIX)

    assert sorted(left(s3)) == sorted(others)


def test_it_may_be_repeated(s3: Any) -> None:
    """An empty prefix is as it should be."""
    put(s3, PREFIX + "x")

    for _ in range(3):
        Bucket(s3, NAME).delete_all(prefix=PREFIX)

    assert left(s3) == []


@pytest.mark.parametrize("count", [1001])
def test_more_than_a_page(s3: Any, count: int) -> None:
    """S3 lists and deletes a thousand at a time."""
    put(s3, *(f"{PREFIX}{number}" for number in range(count)))

    Bucket(s3, NAME).delete_all(prefix=PREFIX)

    assert left(s3) == []


@pytest.mark.parametrize("prefix", ["", "/", "TENANT/1", "a"])
def test_a_prefix_that_may_name_more_than_one_record_is_refused(s3: Any, prefix: str) -> None:
    """An empty one would be everything."""
    put(s3, PREFIX + "x")

    with pytest.raises(ValueError, match="ends with a slash"):
        Bucket(s3, NAME).delete_all(prefix=prefix)

    assert left(s3) == [PREFIX + "x"]


def refusing(operation: str, code: str, status: int) -> tuple[Bucket, Stubber]:
    """A bucket whose S3 refuses."""
    made = client()
    stub = Stubber(made)
    if operation == "delete_objects":
        stub.add_response("list_object_versions", {"Versions": [{"Key": "k", "VersionId": "v"}], "IsTruncated": False})
    stub.add_client_error(operation, service_error_code=code, http_status_code=status)
    stub.activate()
    return Bucket(made, NAME), stub


@pytest.mark.parametrize("operation", ["list_object_versions", "delete_objects"])
@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500), ("OperationAborted", 409)])
def test_a_busy_bucket_is_to_be_asked_again(operation: str, code: str, status: int) -> None:
    """Whatever it was asked for."""
    bucket, stub = refusing(operation, code, status)

    with pytest.raises(TryAgainError):
        bucket.delete_all(prefix=PREFIX)
    stub.assert_no_pending_responses()


def test_a_missing_right_is_an_error() -> None:
    """It does not go away by itself."""
    bucket, _ = refusing("list_object_versions", "AccessDenied", 403)

    with pytest.raises(ClientError):
        bucket.delete_all(prefix=PREFIX)


def test_an_object_that_is_not_deleted_is_to_be_tried_again() -> None:
    """S3 says so in an answer that is otherwise a success."""
    made = client()
    with Stubber(made) as stub:
        marks = [{"Key": "k", "VersionId": "v"}]
        stub.add_response("list_object_versions", {"DeleteMarkers": marks, "IsTruncated": False})
        stub.add_response(
            "delete_objects",
            {"Errors": [{"Key": "k", "VersionId": "v", "Code": "InternalError", "Message": "again"}]},
            {"Bucket": NAME, "Delete": {"Objects": [{"Key": "k", "VersionId": "v"}], "Quiet": True}},
        )

        with pytest.raises(TryAgainError):
            Bucket(made, NAME).delete_all(prefix=PREFIX)


def test_a_network_that_is_down_is_to_be_tried_again() -> None:
    """Nothing is decided."""

    class Unreachable:
        def list_object_versions(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://s3")

    with pytest.raises(TryAgainError):
        Bucket(Unreachable(), NAME).delete_all(prefix=PREFIX)


def test_what_is_put_can_be_got(s3: Any) -> None:
    """With its type; another name has none."""
    bucket = Bucket(s3, NAME)
    bucket.put(f"{PREFIX}a/photo.jpg", b"bytes", content_type="image/jpeg")

    assert bucket.get(f"{PREFIX}a/photo.jpg") == b"bytes"
    assert bucket.get(f"{PREFIX}b/photo.jpg") is None
    assert s3.head_object(Bucket=NAME, Key=f"{PREFIX}a/photo.jpg")["ContentType"] == "image/jpeg"


@pytest.mark.parametrize("code", ["SlowDown", "AccessDenied"])
def test_what_passes_by_itself_can_be_tried_again(code: str) -> None:
    """Anything else is a bug, and is not hidden."""
    stubbed = client()
    with Stubber(stubbed) as stub:
        stub.add_client_error("put_object", code, http_status_code=503 if code == "SlowDown" else 403)

        with pytest.raises(TryAgainError if code == "SlowDown" else ClientError):
            Bucket(stubbed, NAME).put("a", b"", content_type="image/jpeg")


@pytest.mark.parametrize(("code", "status"), [("NoSuchKey", 404), ("AccessDenied", 403)])
def test_a_file_that_is_gone_is_none(code: str, status: int) -> None:
    """To whoever may read files, but not list them, S3 says that a missing one is forbidden."""
    bucket, stub = refusing("get_object", code, status)

    assert bucket.get("TENANT/1/STAFF/2/photo.jpg") is None
    stub.assert_no_pending_responses()
