"""The dispatcher's queue: batches, delays, and messages that SQS refuses one by one."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.queue import ROUNDS, DispatchQueue
from chalicelib.domain.errors import TryAgainError

URL = "https://sqs.eu-central-2.amazonaws.com/123456789012/dispatch"


def client() -> Any:
    """An SQS client that never asks this machine for credentials."""
    return boto3.client("sqs", region_name="eu-central-2", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def sqs() -> Iterator[Any]:
    """An SQS in memory."""
    with mock_aws():
        yield client()


def received(sqs: Any, url: str) -> list[str]:
    """The bodies that can be received now."""
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


class Sqs:
    """An SQS that refuses the first so many tries of some bodies, and remembers every batch."""

    def __init__(self, **refusals: int) -> None:
        self.refusals, self.batches = refusals, list[list[dict[str, Any]]]()

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 (boto3's names)
        """Takes what it does not refuse."""
        assert QueueUrl == URL
        self.batches.append(Entries)
        failed = [entry for entry in Entries if self.refusals.get(entry["MessageBody"], 0) > 0]
        for entry in failed:
            self.refusals[entry["MessageBody"]] -= 1
        return {"Failed": [{"Id": entry["Id"], "Code": "KmsThrottled", "SenderFault": True} for entry in failed]}

    def bodies(self) -> list[list[str]]:
        """The bodies of every batch."""
        return [[entry["MessageBody"] for entry in batch] for batch in self.batches]


def queue(sqs: Any) -> DispatchQueue:
    """The queue on a fake."""
    return DispatchQueue(sqs, URL)


@pytest.mark.parametrize(
    ("count", "batches"), [(0, []), (1, [1]), (9, [9]), (10, [10]), (11, [10, 1]), (21, [10, 10, 1])]
)
def test_batches_of_ten(count: int, batches: list[int]) -> None:
    """SQS takes ten messages in one call; each is sent once, in order."""
    sqs, bodies = Sqs(), [f"m{number}" for number in range(count)]

    queue(sqs).put(bodies)

    assert [len(batch) for batch in sqs.batches] == batches
    assert list(chain.from_iterable(sqs.bodies())) == bodies


@pytest.mark.parametrize(("asked", "sent"), [(-1, 0), (0, 0), (1, 1), (899, 899), (900, 900), (901, 900), (10**6, 900)])
def test_delay_is_cut_to_what_sqs_takes(asked: int, sent: int) -> None:
    """A delay lies between nothing and a quarter of an hour."""
    sqs = Sqs()

    queue(sqs).put(["a", "b"], delay_seconds=[asked, 5])

    assert [entry["DelaySeconds"] for entry in sqs.batches[0]] == [sent, 5]


def test_as_many_delays_as_messages() -> None:
    """A delay too few is a mistake of the caller, and nothing is sent."""
    sqs = Sqs()

    with pytest.raises(ValueError, match="shorter"):
        queue(sqs).put(["a", "b"], delay_seconds=[1])

    assert sqs.batches == []


def test_only_refused_messages_are_sent_again() -> None:
    """What SQS took is not sent twice; what it refused is."""
    sqs = Sqs(b=1, c=2)

    queue(sqs).put(["a", "b", "c"])

    assert sqs.bodies() == [["a", "b", "c"], ["b", "c"], ["c"]]


@pytest.mark.parametrize(("refusals", "taken"), [(ROUNDS - 1, True), (ROUNDS, False), (ROUNDS + 1, False)])
def test_tries_are_bounded(refusals: int, taken: bool) -> None:
    """A message that is refused in every round is the caller's to put again."""
    sqs = Sqs(b=refusals)

    if taken:
        queue(sqs).put(["a", "b"])
    else:
        with pytest.raises(TryAgainError):
            queue(sqs).put(["a", "b"])

    assert len(sqs.batches) == ROUNDS


@pytest.mark.parametrize(("code", "status"), [("RequestThrottled", 400), ("InternalError", 500)])
def test_busy_sqs_is_try_again(code: str, status: int) -> None:
    """A whole batch refused for a passing reason is to be tried again."""
    sqs = client()
    with Stubber(sqs) as stubber:
        stubber.add_client_error("send_message_batch", code, "text", status)

        with pytest.raises(TryAgainError):
            queue(sqs).put(["a"])


def test_unreachable_sqs_is_try_again() -> None:
    """No connection, nothing decided."""

    class Unreachable:
        def send_message_batch(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url=URL)

    with pytest.raises(TryAgainError):
        queue(Unreachable()).put(["a"])


def test_missing_queue_stays_loud() -> None:
    """A wrong address does not pass by itself."""
    sqs = client()
    with Stubber(sqs) as stubber:
        stubber.add_client_error("send_message_batch", "AWS.SimpleQueueService.NonExistentQueue", "text", 400)

        with pytest.raises(ClientError):
            queue(sqs).put(["a"])


def test_messages_arrive(sqs: Any) -> None:
    """On a real queue interface 25 messages arrive, and a delayed one is not seen yet."""
    url = sqs.create_queue(QueueName="dispatch")["QueueUrl"]
    bodies = [f"m{number}" for number in range(25)]

    DispatchQueue(sqs, url).put(bodies)
    DispatchQueue(sqs, url).put(["later"], delay_seconds=[900])

    assert sorted(received(sqs, url)) == sorted(bodies)
