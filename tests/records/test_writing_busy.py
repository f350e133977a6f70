"""When DynamoDB is busy: nothing was decided, the caller may try again, and a repeated request is harmless."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.errors import TryAgainError
from chalicelib.records.reading import client
from chalicelib.records.writing import ContendedError, LostRaceError, Transaction
from tests.records.record_builders import ref_of, store, suppression
from tests.stage import stage

EVENT = "before-send.dynamodb.TransactWriteItems"
FIRST, SECOND = suppression("0" * 32), suppression("1" * 32)


def refusal(code: str, *reasons: str) -> ClientError:
    """What botocore raises; the texts hold what must not get any further."""
    parsed: Any = {"Error": {"Code": code, "Message": "anna.muster@kundin.example"}}
    if reasons:
        parsed["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(parsed, "TransactWriteItems")


def cancelled(*reasons: str) -> ClientError:
    """A transaction that was cancelled, with a reason for each of its writes."""
    return refusal("TransactionCanceledException", *reasons)


def raised_when(error: Exception, monkeypatch: pytest.MonkeyPatch) -> Exception:
    """What two writes in a transaction raise when DynamoDB answers with `error`."""

    def refuse(**_: Any) -> None:
        raise error

    with stage():
        monkeypatch.setattr(client(), "transact_write_items", refuse)
        with pytest.raises(Exception) as caught:  # noqa: PT011 (which one it is is what is asked)
            store(FIRST, SECOND)
        monkeypatch.undo()
    return caught.value


def reasons_of(error: ClientError) -> Sequence[Any]:
    """Why each of the writes was cancelled."""
    return error.response.get("CancellationReasons", ())


@pytest.mark.parametrize(
    "error",
    [
        cancelled("ThrottlingError", "None"),
        cancelled("None", "ProvisionedThroughputExceeded"),
        refusal("TransactionInProgressException"),
        refusal("ThrottlingException"),
        refusal("ProvisionedThroughputExceededException"),
        refusal("RequestLimitExceeded"),
    ],
    ids=lambda error: "-".join([error.response["Error"]["Code"], *(r["Code"] for r in reasons_of(error))]),
)
def test_busy(error: ClientError, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is more to do at the moment than DynamoDB takes on."""
    raised = raised_when(error, monkeypatch)

    assert type(raised) is TryAgainError
    assert "kundin" not in str(raised)
    assert raised.__suppress_context__


@pytest.mark.parametrize("reasons", [("TransactionConflict", "None"), ("ThrottlingError", "TransactionConflict")])
def test_contended(reasons: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another transaction is at the same records this very moment."""
    raised = raised_when(cancelled(*reasons), monkeypatch)

    assert type(raised) is ContendedError
    assert isinstance(raised, TryAgainError)


def test_a_lost_race_weighs_more_than_a_busy_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying the same again would be in vain; and only what had changed is named."""
    raised = raised_when(cancelled("TransactionConflict", "ConditionalCheckFailed"), monkeypatch)

    assert isinstance(raised, LostRaceError)
    assert (raised.hit(FIRST), raised.hit(SECOND)) == (False, True)


@pytest.mark.parametrize(
    "error",
    [
        refusal("ValidationException"),
        refusal("AccessDeniedException"),
        refusal("IdempotentParameterMismatchException"),
        cancelled("ValidationError", "None"),
        cancelled("None", "ItemCollectionSizeLimitExceeded"),
    ],
    ids=lambda error: error.response["Error"]["Code"],
)
def test_what_trying_again_does_not_mend_is_not_hidden(error: ClientError, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours surfaces as it is."""
    assert raised_when(error, monkeypatch) is error


class Line:
    """The line to DynamoDB: what went over it, and what got lost."""

    def __init__(self, *, lose: int) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._lose = lose

    def __call__(self, request: Any, **_: Any) -> None:
        """Loses the first requests."""
        self.bodies.append(json.loads(request.body))
        if len(self.bodies) <= self._lose:
            raise ReadTimeoutError(endpoint_url=request.url)


@pytest.fixture
def on_the_line(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a line in front of DynamoDB until the test is over; botocore's pauses take no time."""
    lines: list[Line] = []

    def listen(line: Line) -> Line:
        client().meta.events.register_first(EVENT, line)
        lines.append(line)
        return line

    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    yield listen
    for line in lines:
        client().meta.events.unregister(EVENT, line)


def test_a_repeated_request_bears_the_same_token(on_the_line: Callable[[Line], Line]) -> None:
    """So DynamoDB knows it again and carries it out once."""
    with stage():
        line = on_the_line(Line(lose=1))
        store(suppression("0" * 32))

    tokens = [body["ClientRequestToken"] for body in line.bodies]
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]
    assert line.bodies[0] == line.bodies[1]


def test_each_transaction_has_a_token_of_its_own(on_the_line: Callable[[Line], Line]) -> None:
    """Two that look alike are two."""
    with stage():
        line = on_the_line(Line(lose=0))
        record = suppression("0" * 32)
        store(record)
        for _ in range(2):
            transaction = Transaction()
            transaction.discard(ref_of(record))
            transaction.commit()

    tokens = [body["ClientRequestToken"] for body in line.bodies]
    assert len(set(tokens)) == 3
    assert all(1 <= len(token) <= 36 for token in tokens)


def test_a_line_that_stays_dead(on_the_line: Callable[[Line], Line]) -> None:
    """After some attempts it is said as it is: whether anything was carried out is not known."""
    with stage():
        line = on_the_line(Line(lose=99))
        record = suppression("0" * 32)

        with pytest.raises(ReadTimeoutError):
            store(record)
        assert 1 < len(line.bodies) < 10
        assert record.version is None
