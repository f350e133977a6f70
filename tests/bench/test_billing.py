"""What a call costs, from what was sent and what lay there."""

from typing import Any

import pytest

from infra.bench.billing import Billing, Units
from tests.bench.test_capacity import an_item

SCHEMA = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
INDEX = {
    "IndexName": "due",
    "KeySchema": [{"AttributeName": "shard", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}
KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}
WHERE = ("records", "p", "s")


class Asked:
    """Answers the questions of the billing, and remembers them."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"DescribeTable": {"Table": {"KeySchema": SCHEMA, "GlobalSecondaryIndexes": [INDEX]}}, **answers}
        self.questions: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, operation: str, sent: dict[str, Any]) -> Any:
        """The answer prepared for such a call."""
        self.questions.append((operation, sent))
        return self.answers[operation]


def a_transaction(*steps: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A request of steps on one table."""
    return {"TransactItems": [{kind: {"TableName": "records", **step}} for kind, step in steps]}


@pytest.mark.parametrize(("consistent", "units"), [(False, 1), (True, 2)])
def test_one_item(consistent: bool, units: float) -> None:
    """Five thousand bytes are two times 4 KB, half price unless read consistently."""
    answer = {"Item": an_item(5000)}

    assert Billing(Asked()).units("GetItem", {"ConsistentRead": consistent}, {}, answer) == Units(reads=units)


def test_a_batch_is_rounded_item_by_item() -> None:
    """1.5 KB and 6.5 KB cost as 4 KB and 8 KB, and a key under which nothing lies costs too."""
    sent = {"RequestItems": {"records": {"Keys": [KEY] * 3, "ConsistentRead": True}, "keys": {"Keys": [KEY]}}}
    answer = {"Responses": {"records": [an_item(1500), an_item(6500)], "keys": [an_item(100)]}}

    assert Billing(Asked()).units("BatchGetItem", sent, {}, answer) == Units(reads=1 + 2 + 1 + 0.5)


def test_a_query() -> None:
    """The page as a whole."""
    answer = {"Items": [an_item(3000)] * 3, "ScannedCount": 3}

    assert Billing(Asked()).units("Query", {"TableName": "records"}, {}, answer) == Units(reads=1.5)


def test_a_filter_saves_nothing() -> None:
    """What it left out was read; asked again without the filter and the names that only it uses."""
    asked = Asked(Query={"Items": [an_item(3000)] * 3})
    sent = {
        "TableName": "records",
        "KeyConditionExpression": "(#0 = :0 AND #1 BETWEEN :1 AND :2)",
        "FilterExpression": "#2 IN (:3)",
        "ExpressionAttributeNames": {"#0": "pk", "#1": "sk", "#2": "kind"},
        "ExpressionAttributeValues": {f":{number}": {"S": "x"} for number in range(4)},
    }

    units = Billing(asked).units("Query", sent, {}, {"Items": [], "ScannedCount": 3})

    assert units == Units(reads=1.5)
    ((_, again),) = asked.questions
    assert (again["Limit"], sorted(again["ExpressionAttributeNames"])) == (3, ["#0", "#1"])
    assert sorted(again["ExpressionAttributeValues"]) == [":0", ":1", ":2"]
    assert "FilterExpression" not in again


@pytest.mark.parametrize(
    ("step", "old", "units"),
    [
        (("Put", {"Item": an_item(1025)}), None, 4),
        (("Put", {"Item": an_item(100, shard="a", at="1")}), None, 2 + 1),
        (("Put", {"Item": an_item(100, shard="a", at="2")}), an_item(2000, shard="a", at="1"), 4 + 2),
        (("Delete", {"Key": KEY}), an_item(1025, shard="a", at="1"), 4 + 1),
        (("Delete", {"Key": KEY}), None, 2),
        (("ConditionCheck", {"Key": KEY}), an_item(100, shard="a", at="1"), 2),
    ],
)
def test_a_step_of_a_transaction(step: tuple[str, dict[str, Any]], old: Any, units: float) -> None:
    """Twice the table's price, and the index's own; a check changes no index."""
    held = {} if old is None else {WHERE: old}

    found = Billing(Asked()).units("TransactWriteItems", a_transaction(step), held, {})

    assert found == Units(writes=units)


def test_a_refused_transaction_is_paid_for() -> None:
    """As the table was to be written, without the index."""
    sent = a_transaction(("Put", {"Item": an_item(1025, shard="a", at="1")}))

    assert Billing(Asked()).units("TransactWriteItems", sent, {}, None) == Units(writes=4)


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (None, an_item(100), 1),
        (an_item(1025), an_item(100), 2),
        (an_item(100), an_item(1025, shard="a", at="1"), 3),
        (None, None, 1),
    ],
    ids=["new", "smaller", "with-an-index", "refused"],
)
def test_an_update(old: Any, new: Any, units: float) -> None:
    """The larger of before and after, and the index where it changed; a refusal costs as well."""
    asked = Asked(BatchGetItem={"Responses": {"records": [] if new is None else [new]}})
    held = {} if old is None else {WHERE: old}

    found = Billing(asked).units("UpdateItem", {"TableName": "records", "Key": KEY}, held, {})

    assert found == Units(writes=units)
    assert Billing(asked).held_before("UpdateItem", {"TableName": "records", "Key": KEY}) == (
        {} if new is None else {WHERE: new}
    )


def test_what_lay_there_before() -> None:
    """Read for writes only, by the keys of every step."""
    asked = Asked(BatchGetItem={"Responses": {"records": [an_item(100)]}})
    sent = a_transaction(("Put", {"Item": an_item(50)}), ("Delete", {"Key": {"pk": {"S": "q"}, "sk": {"S": "s"}}}))

    held = Billing(asked).held_before("TransactWriteItems", sent)

    assert held == {WHERE: an_item(100)}
    assert [key["pk"]["S"] for key in asked.questions[0][1]["RequestItems"]["records"]["Keys"]] == ["p", "q"]
    assert Billing(asked).held_before("GetItem", {}) == {}


def test_an_unknown_call_is_not_taken_for_free() -> None:
    """Whoever starts to scan has to price it first."""
    with pytest.raises(KeyError):
        Billing(Asked()).units("Scan", {}, {}, {})
