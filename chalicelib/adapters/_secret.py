"""Reading one secret of AWS Secrets Manager."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)

from chalicelib.domain.errors import TryAgainError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_secret(client: "SecretsManagerClient", arn: str) -> str:
    """Its text; empty when nothing was ever put in. TryAgainError when Secrets Manager does not answer."""
    try:
        return client.get_secret_value(SecretId=arn).get("SecretString", "")
    except (ConnectionError, HTTPClientError):
        raise TryAgainError from None
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code == "ResourceNotFoundException":  # the secret is there, but nothing was ever put in
            return ""
        if status >= 500 or "throttl" in code.lower():
            raise TryAgainError from None
        raise
