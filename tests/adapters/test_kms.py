"""Tenant keys from KMS: against moto what works, against a stub what can fail."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.kms import KmsKeys
from chalicelib.domain.errors import TryAgainError

TENANT, OTHER_TENANT = "1" * 32, "2" * 32
ARN = "arn:aws:kms:eu-central-2:123456789012:key/00000000-0000-0000-0000-000000000001"
CONTEXT = {"tenant": TENANT, "purpose": "tenant-key"}


def client() -> Any:
    """A KMS client that never asks this machine for credentials."""
    return boto3.client("kms", region_name="eu-central-2", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def kms() -> Iterator[Any]:
    """A KMS in memory."""
    with mock_aws():
        yield client()


def key_arn(kms: Any) -> str:
    """A fresh KMS key."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def failing(code: str, status: int = 400) -> KmsKeys:
    """Keys whose KMS answers with an error."""
    kms = client()
    stubber = Stubber(kms)
    stubber.add_client_error("decrypt", code, "text", status)
    stubber.activate()
    return KmsKeys(kms, ARN)


def test_new_key_opens_again(kms: Any) -> None:
    """A new key is 32 random bytes and comes back from its wrapping."""
    keys = KmsKeys(kms, key_arn(kms))

    plain, wrapped = keys.new_data_key(TENANT)

    assert len(plain) == 32
    assert plain not in wrapped
    assert keys.open_data_key(TENANT, wrapped) == plain
    assert keys.new_data_key(TENANT)[0] != plain


def test_other_tenant_is_refused(kms: Any) -> None:
    """The encryption context binds a wrapped key to its tenant."""
    keys = KmsKeys(kms, key_arn(kms))
    _, wrapped = keys.new_data_key(TENANT)

    with pytest.raises(ValueError, match=r"^the wrapped key can't be opened$"):
        keys.open_data_key(OTHER_TENANT, wrapped)


@pytest.mark.parametrize("context", [{"tenant": TENANT}, {"tenant": TENANT, "purpose": "other"}, {}])
def test_other_purpose_is_refused(kms: Any, context: dict[str, str]) -> None:
    """What was wrapped for something else is not taken as a tenant's key."""
    arn = key_arn(kms)
    wrapped = kms.generate_data_key(KeyId=arn, KeySpec="AES_256", EncryptionContext=context)["CiphertextBlob"]

    with pytest.raises(ValueError, match=r"^the wrapped key can't be opened$"):
        KmsKeys(kms, arn).open_data_key(TENANT, wrapped)


def test_calls_name_key_and_context() -> None:
    """Both calls carry the key's ARN and the context without names, and nothing more."""
    kms = client()
    with Stubber(kms) as stubber:
        answer = {"Plaintext": bytes(32), "CiphertextBlob": b"wrapped", "KeyId": ARN}
        stubber.add_response(
            "generate_data_key", answer, {"KeyId": ARN, "KeySpec": "AES_256", "EncryptionContext": CONTEXT}
        )
        expected = {"KeyId": ARN, "CiphertextBlob": b"wrapped", "EncryptionContext": CONTEXT}
        stubber.add_response("decrypt", {"Plaintext": bytes(32), "KeyId": ARN}, expected)

        plain, wrapped = KmsKeys(kms, ARN).new_data_key(TENANT)

        assert KmsKeys(kms, ARN).open_data_key(TENANT, wrapped) == plain
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["InvalidCiphertextException", "IncorrectKeyException"])
def test_foreign_wrapping_is_a_value_error(code: str) -> None:
    """A wrapping that KMS does not recognise is bad input, not an outage."""
    with pytest.raises(ValueError, match=r"^the wrapped key can't be opened$"):
        failing(code).open_data_key(TENANT, b"wrapped")


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 400), ("KMSInternalException", 500), ("DependencyTimeoutException", 503)],
)
def test_busy_kms_is_try_again(code: str, status: int) -> None:
    """Throttling and KMS's own failures pass; the caller may come again."""
    with pytest.raises(TryAgainError):
        failing(code, status).open_data_key(TENANT, b"wrapped")


@pytest.mark.parametrize("code", ["AccessDeniedException", "DisabledException", "NotFoundException"])
def test_misconfiguration_stays_loud(code: str) -> None:
    """A missing right or a disabled key is neither bad input nor something that passes."""
    with pytest.raises(ClientError, match=code):
        failing(code, 400).open_data_key(TENANT, b"wrapped")


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="https://kms"), ReadTimeoutError(endpoint_url="https://kms")]
)
def test_no_answer_is_try_again(error: Exception) -> None:
    """A connection that fails or hangs decided nothing."""

    class Unreachable:
        def generate_data_key(self, **_: Any) -> Any:
            raise error

    with pytest.raises(TryAgainError):
        KmsKeys(Unreachable(), ARN).new_data_key(TENANT)  # type: ignore[arg-type]
