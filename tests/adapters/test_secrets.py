"""The providers' secrets: read late, kept for a bounded time, never quoted in an error."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.secrets import ProviderSecrets
from chalicelib.domain.errors import ProviderMisconfiguredError, TryAgainError

ARN = "arn:aws:secretsmanager:eu-central-2:123456789012:secret:providers-AbCdEf"


def client() -> Any:
    """A Secrets Manager client that never asks this machine for credentials."""
    return boto3.client(
        "secretsmanager", region_name="eu-central-2", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture
def manager() -> Iterator[Any]:
    """A Secrets Manager in memory."""
    with mock_aws():
        yield client()


class Manager:
    """A Secrets Manager that counts its calls."""

    def __init__(self, text: str | Exception) -> None:
        self.text, self.calls = text, 0

    def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803 (boto3's name)
        """The text, or the error."""
        assert SecretId == ARN
        self.calls += 1
        if isinstance(self.text, Exception):
            raise self.text
        return {"SecretString": self.text}


class Hand:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        """What the clock shows."""
        return self.now


def secrets_of(manager: Any, clock: Hand | None = None) -> ProviderSecrets:
    """The secrets on a fake."""
    return ProviderSecrets(manager, ARN, monotonic=clock or Hand())


def test_secret_by_name(manager: Any) -> None:
    """A secret the operator filled in is found by its name."""
    arn = manager.create_secret(Name="providers", SecretString=json.dumps({"smsapi_token": "s3cret"}))["ARN"]

    assert ProviderSecrets(manager, arn, monotonic=Hand()).get("smsapi_token") == "s3cret"


def test_secret_without_a_value_yet(manager: Any) -> None:
    """Before the operator put anything in, a secret is missing by name, not an outage."""
    arn = manager.create_secret(Name="providers")["ARN"]

    with pytest.raises(ProviderMisconfiguredError, match=r"^smsapi_token: "):
        ProviderSecrets(manager, arn, monotonic=Hand()).get("smsapi_token")


def test_construction_reads_nothing() -> None:
    """Nothing is read until a secret is needed."""
    manager = Manager("{}")

    secrets_of(manager)

    assert manager.calls == 0


@pytest.mark.parametrize(("age", "seen", "calls"), [(299, "old", 1), (300, "new", 2), (301, "new", 2)])
def test_rotated_secret_is_seen_in_time(age: float, seen: str, calls: int) -> None:
    """A value is kept for less than 300 seconds, then read again."""
    manager, clock = Manager('{"token": "old"}'), Hand()
    secrets = secrets_of(manager, clock)
    secrets.get("token")
    manager.text = '{"token": "new"}'

    clock.now += age

    assert secrets.get("token") == seen
    assert manager.calls == calls


@pytest.mark.parametrize(
    "text", ["", "{}", '{"token": ""}', '{"token": 7}', '{"token": null}', '["token"]', '"token"', "{broken s3cret"]
)
def test_what_is_not_there_is_named_and_nothing_quoted(text: str) -> None:
    """A missing, empty or malformed secret is reported by name; its text reaches no error, and no chain of errors."""
    manager = Manager(text)
    secrets = secrets_of(manager)

    with pytest.raises(ProviderMisconfiguredError) as caught:
        secrets.get("token")

    assert caught.value.provider == "token"
    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_missing_secret_is_not_asked_for_again_and_again() -> None:
    """That nothing is filled in is remembered as long as a value would be."""
    manager = Manager("{}")
    secrets = secrets_of(manager)

    for _ in range(3):
        with pytest.raises(ProviderMisconfiguredError):
            secrets.get("token")

    assert manager.calls == 1


def test_failed_read_is_not_remembered() -> None:
    """After an outage the next caller reads, and old values are not used beyond their time."""
    manager, clock = Manager('{"token": "old"}'), Hand()
    secrets = secrets_of(manager, clock)
    secrets.get("token")
    clock.now += 300

    manager.text = EndpointConnectionError(endpoint_url="https://secretsmanager")
    with pytest.raises(TryAgainError):
        secrets.get("token")
    manager.text = '{"token": "new"}'

    assert secrets.get("token") == "new"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, TryAgainError),
        ("InternalServiceError", 500, TryAgainError),
        ("AccessDeniedException", 400, ClientError),
    ],
)
def test_errors_of_secrets_manager(code: str, status: int, expected: type[Exception]) -> None:
    """What passes is to be tried again; a missing right stays loud."""
    manager = client()
    with Stubber(manager) as stubber:
        stubber.add_client_error("get_secret_value", code, "text", status)

        with pytest.raises(expected):
            secrets_of(manager).get("token")
