"""A read that DynamoDB could not answer is to be repeated: 503 for who waits, another try for a queue."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from chalicelib.domain.errors import TryAgainError
from chalicelib.records.appointment import Appointment
from chalicelib.records.reading import client, fetch, fetch_all
from chalicelib.records.service import Service
from tests.builders import MONDAY_10
from tests.stage import stage

TENANT = "0" * 31 + "1"
READS: dict[str, Callable[[], Any]] = {
    "one": lambda: fetch(Service.ref(TENANT, TENANT)),
    "several": lambda: fetch_all([Service.ref(TENANT, TENANT)]),
    "query": lambda: Service.all_of(TENANT),
    "index": lambda: Appointment.of_expert(TENANT, TENANT, frm=MONDAY_10, to=MONDAY_10 + timedelta(days=1)),
}
BUSY = [
    ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "Query"),
    ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}, "Query"),
    EndpointConnectionError(endpoint_url="https://dynamodb"),
    ReadTimeoutError(endpoint_url="https://dynamodb"),
]


def refusing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has DynamoDB answer every call with an error."""

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(client(), "_make_api_call", refuse)


@pytest.mark.parametrize("error", BUSY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("read", READS)
def test_busy(read: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read, and however busy it is."""
    with stage():
        refusing(error, monkeypatch)
        with pytest.raises(TryAgainError):
            READS[read]()
        monkeypatch.undo()


@pytest.mark.parametrize("read", READS)
def test_a_refusal_stays_loud(read: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing right is a defect of ours; to try again would hide it."""
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "Query")

    with stage():
        refusing(denied, monkeypatch)
        with pytest.raises(Exception) as caught:  # noqa: PT011 (which one it is is what is asked)
            READS[read]()
        monkeypatch.undo()
    assert not isinstance(caught.value, TryAgainError)
