"""When DynamoDB is busy or can't be reached: a read is simply to be repeated by whoever asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.errors import TryAgainError

BUSY = {  # of the whole request, or of one write of a transaction
    "TransactionInProgressException", "ThrottlingException", "ProvisionedThroughputExceededException",
    "RequestLimitExceeded", "InternalServerError", "ThrottlingError", "ProvisionedThroughputExceeded",
}  # fmt: skip


@contextmanager
def reading() -> Iterator[None]:
    """Around a read: TryAgainError instead of what DynamoDB or the network say when they are busy."""
    try:
        yield
    except (ConnectionError, HTTPClientError):
        raise TryAgainError from None
    except ClientError as error:
        if error.response["Error"]["Code"] in BUSY:
            raise TryAgainError from None
        raise
    except PynamoDBException as error:
        unreached = isinstance(error.cause, ConnectionError | HTTPClientError)
        if unreached or error.cause_response_code in BUSY:
            raise TryAgainError from None
        raise
