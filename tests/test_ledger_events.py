"""What `tally` and `close` do with their event: take the entries out of it, count, tell."""

from datetime import date
from typing import Any

import pytest

from chalicelib import events
from chalicelib.domain.errors import TryAgainError
from chalicelib.services.ledger.closing import Closed
from chalicelib.services.ledger.tallying import Written

TENANT = "1" * 32


def record(number: str, *, name: str = "INSERT", kind: str = "LedgerEntry", **more: str) -> dict[str, Any]:
    """A record of the ledger's stream, as AWS writes it."""
    image = {
        "pk": {"S": f"TENANT#{TENANT}#2026-11-02"},
        "sk": {"S": "080000#" + "0" * 32},
        "kind": {"S": kind},
        "version": {"N": "1"},
        "at": {"N": "1793606400"},
        "action": {"S": "system:notification:handed-over"},
        **{attribute: {"S": value} for attribute, value in more.items()},
    }
    return {
        "eventID": number,
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-2",
        "dynamodb": {
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            "NewImage": image,
            "SequenceNumber": number,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-2:123456789012:table/zusage-test-ledger/stream/2026-11-01",
    }


class Taken:
    """A tally that remembers what it was handed."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.batch: list[Written] = []
        self.failure = failure

    def take(self, batch: list[Written]) -> int:
        """Counts nothing."""
        if self.failure:
            raise self.failure
        self.batch = batch
        return len(batch)


def test_entries_are_handed_on_with_their_number() -> None:
    """With tenant, day, kind and processor; numbers are longer than a machine's."""
    taken = Taken()

    answer = events.tally(
        {"Records": [record("100000000000000000000001", processor="ses"), record("9")]},
        taken,  # type: ignore[arg-type]
    )

    action, day = "system:notification:handed-over", date(2026, 11, 2)
    assert answer == {"batchItemFailures": []}
    assert taken.batch == [
        Written(tenant=TENANT, day=day, action=action, processor="ses", number=100000000000000000000001),
        Written(tenant=TENANT, day=day, action=action, processor=None, number=9),
    ]


@pytest.mark.parametrize(
    "other", [record("1", name="REMOVE"), record("1", name="MODIFY"), record("1", kind="LedgerRoot")]
)
def test_nothing_but_new_entries_is_counted(other: dict[str, Any]) -> None:
    """Should the filter of the stream let it through."""
    taken = Taken()

    events.tally({"Records": [other]}, taken)  # type: ignore[arg-type]

    assert taken.batch == []


def test_an_image_that_is_missing_is_no_entry() -> None:
    """A deletion has none."""
    gone = record("1", name="REMOVE")
    del gone["dynamodb"]["NewImage"]
    taken = Taken()

    events.tally({"Records": [gone]}, taken)  # type: ignore[arg-type]

    assert taken.batch == []


def test_a_batch_that_could_not_be_counted_comes_again() -> None:
    """The function fails, and the stream repeats."""
    with pytest.raises(TryAgainError):
        events.tally({"Records": [record("1")]}, Taken(TryAgainError()))  # type: ignore[arg-type]


class Clocked:
    """A context of Lambda with some time left."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """So much."""
        return self.milliseconds


@pytest.mark.parametrize(("left", "goes_on"), [(30_001, True), (30_000, False)])
def test_the_closing_goes_on_while_there_is_time(left: int, *, goes_on: bool) -> None:
    """And leaves half a minute to finish."""
    asked = []

    class Closing:
        def run(self, *, may_go_on: Any) -> Closed:
            asked.append(may_go_on())
            return Closed(days=2, entries=7)

    told = events.close(Clocked(left), Closing())  # type: ignore[arg-type]

    assert asked == [goes_on]
    assert (told["days"], told["entries"]) == (2, 7)
