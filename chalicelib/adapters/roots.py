"""The proofs of closed days, in a bucket whose objects nobody can change or delete before their time."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)

from chalicelib.domain.errors import TryAgainError

_THERE_ALREADY = frozenset({"PreconditionFailed", "412"})
# Who may read objects, but not list them, is told that a missing one is forbidden.
_ABSENT = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})


class LockedRoots:
    """RootStore on S3. The lock itself is the bucket's default, so no call can leave it out."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, tenant: str, day: date, content: bytes) -> bool:
        """Stores the proof of a day; False when there is one already."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=_key(tenant, day),
                Body=content,
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
            )
        except (ConnectionError, HTTPClientError):
            raise TryAgainError from None
        except ClientError as error:
            if error.response["Error"]["Code"] in _THERE_ALREADY:
                return False
            raise _explained(error) from None
        return True

    def get(self, tenant: str, day: date) -> bytes | None:
        """The proof of a day."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_key(tenant, day))
            content: bytes = answer["Body"].read()
        except (ConnectionError, HTTPClientError):
            raise TryAgainError from None
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise _explained(error) from None
        return content

    def days(self, tenant: str) -> Mapping[date, int]:
        """The days that have a proof, each with the number of versions and deletions of its object."""
        found: dict[date, int] = {}
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=f"roots/{tenant}/"):
            keys = [each["Key"] for each in page.get("Versions", ())]
            keys += [each["Key"] for each in page.get("DeleteMarkers", ())]
            for key in keys:
                day = date.fromisoformat(key.rpartition("/")[2].removesuffix(".json"))
                found[day] = found.get(day, 0) + 1
        return found


def _key(tenant: str, day: date) -> str:
    return f"roots/{tenant}/{day.isoformat()}.json"


def _explained(error: ClientError) -> Exception:
    """Two that write at once, throttling and faults of S3 pass."""
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    passing = status >= 500 or status == 409 or "slowdown" in code.lower() or "throttl" in code.lower()
    return TryAgainError() if passing else error
