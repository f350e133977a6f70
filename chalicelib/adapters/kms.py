"""Tenant keys from AWS KMS. The encryption context binds each wrapped key to its tenant; it names nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)

from chalicelib.domain.errors import TryAgainError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

FOREIGN = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class KmsKeys:
    """KeyManagement with one KMS key. It is named in every call, so a foreign key's wrapping is never accepted."""

    def __init__(self, client: "KMSClient", key_arn: str) -> None:
        self._client, self._key_arn = client, key_arn

    def new_data_key(self, tenant: str) -> tuple[bytes, bytes]:
        """A fresh 32-byte key: (plain, wrapped)."""
        with _failures():
            answer = self._client.generate_data_key(
                KeyId=self._key_arn, KeySpec="AES_256", EncryptionContext=_context(tenant)
            )
        return answer["Plaintext"], answer["CiphertextBlob"]

    def open_data_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The plain 32-byte key; ValueError when wrapped for another tenant."""
        with _failures():
            answer = self._client.decrypt(
                KeyId=self._key_arn, CiphertextBlob=wrapped, EncryptionContext=_context(tenant)
            )
        return answer["Plaintext"]


def _context(tenant: str) -> dict[str, str]:
    return {"tenant": tenant, "purpose": "tenant-key"}


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (ConnectionError, HTTPClientError):
        raise TryAgainError from None
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in FOREIGN:
            raise ValueError("the wrapped key can't be opened") from None
        if status >= 500 or "throttl" in code.lower():
            raise TryAgainError from None
        raise
