"""The bucket of files, on S3. What is deleted is deleted in every version, so that nothing can be brought back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)

from chalicelib.domain.errors import TryAgainError

# Who may read objects, but not list them, is told that a missing one is forbidden.
_ABSENT = frozenset({"NoSuchKey", "AccessDenied"})


class Bucket:
    """The bucket. A prefix names one record's files and ends with a slash: never "everything"."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def delete_all(self, *, prefix: str) -> None:
        """Deletes every version of every object under the prefix; may be repeated. TryAgainError: some may be left."""
        if len(prefix) < 2 or not prefix.endswith("/"):
            raise ValueError("a prefix names a record and ends with a slash")
        with _patience():
            while self._delete_some(prefix):
                pass

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        """Stores a file. TryAgainError when it was not stored."""
        with _patience():
            self._client.put_object(Bucket=self._name, Key=name, Body=content, ContentType=content_type)

    def get(self, name: str) -> bytes | None:
        """The content of a file, if there is one."""
        with _patience():
            try:
                content: bytes = self._client.get_object(Bucket=self._name, Key=name)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] in _ABSENT:
                    return None
                raise
        return content

    def _delete_some(self, prefix: str) -> bool:
        """The first thousand, which is what a page holds; whether there may be more. What is gone is listed no more."""
        page = self._client.list_object_versions(Bucket=self._name, Prefix=prefix)
        versions = _versions(page)
        if not versions:
            return False
        answer = self._client.delete_objects(Bucket=self._name, Delete={"Objects": versions, "Quiet": True})
        if answer.get("Errors"):
            raise TryAgainError
        return bool(page["IsTruncated"])


@contextmanager
def _patience() -> Iterator[None]:
    """Turns what passes by itself into TryAgainError."""
    try:
        yield
    except (ConnectionError, HTTPClientError):
        raise TryAgainError from None
    except ClientError as error:
        if _is_passing(error):
            raise TryAgainError from None
        raise


def _versions(page: dict[str, Any]) -> list[dict[str, str]]:
    """The versions and deletion marks of a page."""
    found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
    return [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]


def _is_passing(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500) or code in {"SlowDown", "OperationAborted"}
