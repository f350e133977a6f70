"""The queue of the dispatcher, on SQS. A message is a short reference; a batch far below SQS's limit of size."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)

from chalicelib.domain.errors import TryAgainError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as Entry

BATCH = 10
ROUNDS = 3
LONGEST_DELAY = 900


class DispatchQueue:
    """At least once: when `put` raises, part of the messages may be in the queue, and the caller puts all again."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def put(self, bodies: Sequence[str], *, delay_seconds: Sequence[int] | None = None) -> None:
        """Adds messages, each to be seen after its delay (cut to 0-900 s); TryAgainError when some were not taken."""
        delays = [0] * len(bodies) if delay_seconds is None else delay_seconds
        entries = [_entry(number, *pair) for number, pair in enumerate(zip(bodies, delays, strict=True))]
        for start in range(0, len(entries), BATCH):
            self._put_batch(entries[start : start + BATCH])

    def _put_batch(self, entries: "list[Entry]") -> None:
        # Whose fault SQS says it was is no help: a throttled key, too, is called the sender's.
        for _ in range(ROUNDS):
            entries = self._refused(entries)
            if not entries:
                return
        raise TryAgainError

    def _refused(self, entries: "list[Entry]") -> "list[Entry]":
        try:
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        except (ConnectionError, HTTPClientError):
            raise TryAgainError from None
        except ClientError as error:
            if _is_passing(error):
                raise TryAgainError from None
            raise
        failed = {failure["Id"] for failure in answer.get("Failed", ())}
        return [entry for entry in entries if entry["Id"] in failed]


def _entry(number: int, body: str, delay: int) -> "Entry":
    return {"Id": str(number), "MessageBody": body, "DelaySeconds": min(max(delay, 0), LONGEST_DELAY)}


def _is_passing(error: ClientError) -> bool:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status >= 500 or "throttl" in error.response["Error"]["Code"].lower()
