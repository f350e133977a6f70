"""The due index: everything due, out of every shard and page, and nothing that is not due yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.records._base import SEND, SHARDS, shard
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.due import ANONYMISE, BLOCK, EXPIRY, FILES, Due, due_between, ended, endings
from chalicelib.records.notification import Notification
from chalicelib.records.reading import client
from chalicelib.records.writing import Transaction
from tests.records.record_builders import NOW, TENANT, YEAR_ON, notification, ref_of, store, suppression
from tests.records.trial_kinds import TrialDocument, TrialInvoice, TrialSurvey
from tests.stage import stage

EVENT = "before-parameter-build.dynamodb.Query"
SUBJECTS = [f"{number:032x}" for number in range(24)]


def at(number: int) -> datetime:
    """When the message of this number is due."""
    return NOW + timedelta(seconds=number)


def messages(count: int = len(SUBJECTS), **changes: Any) -> list[Notification]:
    """Messages to many people, one due each second."""
    return [notification(subject=SUBJECTS[n], send_at=at(n), next_at=at(n), **changes) for n in range(count)]


def entry(record: Notification, due: datetime, action: str = SEND) -> Due:
    """What the index says of a record."""
    return Due(record.pk, record.sk, due, action)


@pytest.fixture
def short_pages() -> Iterator[list[Any]]:
    """DynamoDB cuts a page after a megabyte; here after two entries. The queries that were sent."""
    sent: list[Any] = []

    def shorten(params: dict[str, Any], **_: Any) -> None:
        sent.append(dict(params))
        params["Limit"] = 2

    yield sent_while(shorten, sent)
    client().meta.events.unregister(EVENT, shorten)


def sent_while(handler: Any, sent: list[Any]) -> list[Any]:
    """Registers the handler at the client of the records."""
    with stage():
        client().meta.events.register(EVENT, handler)
    return sent


def test_all_shards_are_read() -> None:
    """People are spread over the shards; each message is found once."""
    with stage():
        written = messages()
        store(*written)

        found = due_between(until=at(99), limit=1000)

    assert {shard(SEND, record.pk) for record in written} == {f"SEND#{number}" for number in range(SHARDS)}
    assert sorted(found, key=lambda due: due.at) == [entry(record, at(n)) for n, record in enumerate(written)]


def test_all_pages_are_read(short_pages: list[Any]) -> None:
    """However the answer is cut up."""
    with stage():
        written = messages()
        store(*written)

        found = due_between(until=at(99), limit=1000)

    assert len(short_pages) > len(written) / 2
    assert {due.pk for due in found} == {record.pk for record in written}
    assert len(found) == len(written)


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_the_limit_holds_for_each_shard(limit: int, short_pages: list[Any]) -> None:
    """Across pages, the longest overdue first: so that no shard keeps another waiting."""
    with stage():
        written = messages()
        store(*written)

        found = due_between(until=at(99), limit=limit)

    assert short_pages
    for number in range(SHARDS):
        name = f"SEND#{number}"
        of_shard = [entry(record, at(n)) for n, record in enumerate(written) if shard(SEND, record.pk) == name]
        assert [due for due in found if shard(SEND, due.pk) == name] == of_shard[:limit]


@pytest.mark.parametrize(("seconds", "count"), [(-1, 0), (0, 1), (1, 1)])
def test_due_is_due_from_its_second(seconds: int, count: int) -> None:
    """To send, and likewise to end."""
    with stage():
        store(messages(1)[0], suppression("0" * 32, last_at=NOW))

        assert len(due_between(until=NOW + timedelta(seconds=seconds), limit=9)) == count
        end = NOW.replace(year=2029) + timedelta(seconds=seconds)
        assert len(list(ended(EXPIRY, until=end, limit=9))) == count


def test_what_is_to_be_sent_and_what_ends_are_two_lists() -> None:
    """A message moves from one to the other when it is done."""
    with stage():
        (record,) = messages(1)
        store(record)
        assert (due_between(until=YEAR_ON, limit=9), [*ended(EXPIRY, until=YEAR_ON, limit=9)]) == (
            [entry(record, NOW)],
            [],
        )
        record.state = Delivery.DELIVERED
        transaction = Transaction()
        transaction.update(record)
        transaction.commit()

        assert due_between(until=YEAR_ON, limit=9) == []
        assert [*ended(EXPIRY, until=YEAR_ON, limit=9)] == [entry(record, YEAR_ON, EXPIRY)]


def test_what_is_gone_is_not_due() -> None:
    """The index follows the records."""
    with stage():
        (record,) = messages(1)
        store(record)
        transaction = Transaction()
        transaction.discard(ref_of(record))
        transaction.commit()

        assert due_between(until=at(99), limit=9) == []


def test_the_index_holds_keys_only() -> None:
    """Reading what is due discloses nothing."""
    with stage():
        store(messages(1)[0])
        answer = client().query(
            TableName="zusage-test-records",
            IndexName="due",
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard(SEND, f"TENANT#{TENANT}#SUBJECT#{SUBJECTS[0]}")}},
        )

    assert [item.keys() for item in answer["Items"]] == [{"pk", "sk", "due_shard", "due_at"}]


def test_nothing_is_read_before_it_is_wanted(short_pages: list[Any]) -> None:
    """Who sweeps little reads little."""
    with stage():
        store(*(suppression(f"{number:032x}") for number in range(9)))
        found = ended(EXPIRY, until=NOW.replace(year=2030), limit=1000)
        assert short_pages == []
        next(found)

        assert len(short_pages) < SHARDS + 1


def test_a_sweep_reads_what_the_declarations_ask_for() -> None:
    """Who keeps nothing anonymous does not pay for looking; payments are blocked in the end, and staff have photos."""
    assert endings(RECORDS) == [BLOCK, EXPIRY, FILES]
    assert endings(()) == [EXPIRY]
    assert endings((*RECORDS, TrialInvoice, TrialSurvey, TrialDocument)) == [ANONYMISE, BLOCK, EXPIRY, FILES]
