"""The fake in a hurry answers as moto does."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests import quick_moto
from tests.services.looking import backend
from tests.stage import AWS

EVERY_KIND = {
    "text": {"S": "Zürich"},
    "empty": {"S": ""},
    "number": {"N": "17"},
    "fraction": {"N": "-0.5"},
    "bytes": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "many_bytes": {"BS": [b"a", b"\xfe"]},
    "list": {"L": [{"S": "x"}, {"L": []}, {"M": {"deep": {"B": b"y"}}}]},
    "map": {"M": {"one": {"N": "1"}, "none": {"M": {}}}},
}


@pytest.fixture
def client() -> Iterator[Any]:
    """A client, with one table."""
    with mock.patch.dict("os.environ", AWS), mock_aws():
        made = boto3.client("dynamodb")
        made.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "at")],
            BillingMode="PAY_PER_REQUEST",
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_time",
                    "KeySchema": [
                        {"AttributeName": "sk", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        yield made


def key(pk: str = "p", sk: str = "s") -> dict[str, Any]:
    """Of an item."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def put(sk: str, **more: Any) -> dict[str, Any]:
    """A write of a transaction."""
    return {"Put": {"TableName": "t", "Item": {**key(sk=sk), **more}}}


GUARDED = {"ConditionExpression": "version = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
FREE = "attribute_not_exists(pk) OR (ends <= :now AND (attribute_not_exists(held) OR held <= :now))"
QUERY: dict[str, Any] = {
    "TableName": "t",
    "KeyConditionExpression": "pk = :p AND begins_with(sk, :s)",
    "ExpressionAttributeValues": {":p": {"S": "p"}, ":s": {"S": "s"}},
}
INDEX: dict[str, Any] = {
    "TableName": "t",
    "IndexName": "by_time",
    "KeyConditionExpression": "sk = :s AND #at <= :t",
    "ExpressionAttributeNames": {"#at": "at"},
    "ExpressionAttributeValues": {":s": {"S": "same"}, ":t": {"S": "5"}},
}
STEPS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"TableName": "t", "Item": {**key(), **EVERY_KIND}}),
    ("get_item", {"TableName": "t", "Key": key()}),
    ("get_item", {"TableName": "t", "Key": key(), "ProjectionExpression": "bytes,#m.one", "ConsistentRead": True}
     | {"ExpressionAttributeNames": {"#m": "map"}}),
    ("get_item", {"TableName": "t", "Key": key("nobody")}),
    ("get_item", {"TableName": "nothing", "Key": key()}),
    ("put_item", {"TableName": "t", "Item": {**key(), "new": {"S": "1"}}, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"TableName": "t", "Item": key(), **GUARDED}),
    ("put_item", {"TableName": "t", "Item": key(), **GUARDED, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}),
    ("put_item", {"TableName": "t", "Item": {"pk": {"S": "p"}}}),
    ("put_item", {"TableName": "t", "Item": {**key(), "pk": {"S": ""}}}),
    ("put_item", {"TableName": "t", "Item": {**key(), "n": {"N": "many"}}}),
    ("put_item", {"TableName": "t", "Item": {**key(), "big": {"S": "x" * 420_000}}}),
    ("put_item", {"TableName": "t", "Item": key(), "ConditionExpression": "pk = = :v"} | {
        "ExpressionAttributeValues": {":v": {"N": "1"}}}),
    ("put_item", {"TableName": "t", "Item": key(), "ConditionExpression": "#unknown = :v"} | {
        "ExpressionAttributeNames": {"#other": "pk"}, "ExpressionAttributeValues": {":v": {"N": "1"}}}),
    ("transact_write_items", {"TransactItems": [put("s1", version={"N": "1"}), put("s2"), put("s3", **EVERY_KIND)]}),
    ("transact_write_items", {"TransactItems": [put("s4"), {"Put": {**put("s1")["Put"], "ConditionExpression": FREE}
      | {"ExpressionAttributeValues": {":now": {"N": "5"}}}}]}),
    ("transact_write_items", {"TransactItems": [
        {"Update": {"TableName": "t", "Key": key(sk="s3"), "UpdateExpression": "SET #l[0] = :x ADD texts :t"}
         | {"ExpressionAttributeNames": {"#l": "list"}}
         | {"ExpressionAttributeValues": {":x": {"S": "changed"}, ":t": {"SS": ["c"]}}}},
        {"ConditionCheck": {"TableName": "t", "Key": key(sk="s2"), **GUARDED}},
        {"Delete": {"TableName": "t", "Key": key(sk="s1"), **GUARDED}},
    ]}),
    ("get_item", {"TableName": "t", "Key": key(sk="s3")}),
    ("transact_write_items", {"TransactItems": [put("s5"), put("s5")]}),
    ("transact_write_items", {"TransactItems": [
        {"Delete": {"TableName": "t", "Key": key(sk="s1"), **GUARDED}},
        {"Update": {"TableName": "t", "Key": key(sk="s3"), "UpdateExpression": "REMOVE empty"}},
    ]}),
    ("update_item", {"TableName": "t", "Key": key(sk="s3"), "ReturnValues": "ALL_NEW"}
     | {"UpdateExpression": "SET #m.one = :x, yes = :no ADD texts :t, fraction :x DELETE numbers :n"}
     | {"ExpressionAttributeNames": {"#m": "map"}}
     | {"ExpressionAttributeValues": {":x": {"N": "2"}, ":no": {"BOOL": False}, ":t": {"SS": ["z"]}}
      | {":n": {"NS": ["1"]}}}),
    ("update_item", {"TableName": "t", "Key": key(sk="s6"), "UpdateExpression": "ADD hits :one"}
     | {"ExpressionAttributeValues": {":one": {"N": "1"}}, "ReturnValues": "UPDATED_NEW"}),
    ("batch_write_item", {"RequestItems": {"t": [
        *({"PutRequest": {"Item": {**key(f"q{n}", "same"), "at": {"S": str(9 - n)}}}} for n in range(9)),
        {"DeleteRequest": {"Key": key(sk="s6")}},
    ]}}),
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [key("q1", "same"), key(sk="s2"), key("nobody")]}}}),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "t", "Key": key(sk="s3")}}]}),
    ("query", QUERY),
    ("query", {**QUERY, "ScanIndexForward": False, "Limit": 2}),
    ("query", {**QUERY, "Limit": 2, "ExclusiveStartKey": key(sk="s2"), "FilterExpression": "attribute_exists(yes)"}),
    ("query", {**QUERY, "Select": "COUNT"}),
    ("query", INDEX),
    ("query", {**INDEX, "Limit": 2, "ExclusiveStartKey": {**key("q7", "same"), "at": {"S": "2"}}}),
    ("query", {**INDEX, "IndexName": "nothing"}),
    ("scan", {"TableName": "t", "Limit": 4}),
    ("scan", {"TableName": "t", "FilterExpression": "contains(texts, :a) OR sk IN (:s, :t)"}
     | {"ExpressionAttributeValues": {":a": {"S": "a"}, ":s": {"S": "s2"}, ":t": {"S": "same"}}}),
    ("delete_item", {"TableName": "t", "Key": key(sk="s3"), "ReturnValues": "ALL_OLD"}),
    ("delete_item", {"TableName": "t", "Key": key(sk="s2"), **GUARDED}),
    ("describe_table", {"TableName": "t"}),
    ("describe_time_to_live", {"TableName": "nothing"}),
    ("list_tables", {}),
]  # fmt: skip


def lived(client: Any) -> list[Any]:
    """What all of these calls answer, one after the other."""
    return [answer(client, name, asked) for name, asked in STEPS]


def answer(client: Any, name: str, asked: dict[str, Any]) -> Any:
    """What comes back, without what differs from call to call."""
    try:
        told = getattr(client, name)(**asked)
    except ClientError as error:
        told = error.response
    except (KeyError, ValueError) as fault:  # moto's own, where an expression makes no sense
        return {"Error": repr(fault)}
    told["ResponseMetadata"] = told["ResponseMetadata"]["HTTPStatusCode"]
    for named in ("CreationDateTime", "TableId"):
        told.get("Table", {}).pop(named, None)
    return told


def test_moto_answers_the_same(client: Any) -> None:
    """Every kind of value, every call that writes or reads, and what is refused."""
    quick = lived(client)
    held = [item.to_json() for item in backend().tables["t"].all_items()]

    for item in client.scan(TableName="t")["Items"]:
        client.delete_item(TableName="t", Key={"pk": item["pk"], "sk": item["sk"]})
    with quick_moto.slow():
        slow = lived(client)
        kept = [item.to_json() for item in backend().tables["t"].all_items()]

    assert list(zip(STEPS, quick, strict=True)) == list(zip(STEPS, slow, strict=True))
    assert held == kept
    assert len([told for told in quick if "Error" in told]) >= 12


def test_a_copy_of_a_table_stays_as_it_was(client: Any) -> None:
    """Whatever is done to the table afterwards, or to the copy."""
    client.put_item(TableName="t", Item={**key(), **EVERY_KIND})
    client.transact_write_items(TransactItems=[put("written")])
    client.delete_item(TableName="t", Key=key(sk="written"))
    before = backend().tables["t"].all_items()[0].to_json()
    copy = deepcopy(backend().tables)

    change = {
        "UpdateExpression": "SET #m.one = :x ADD texts :t",
        "ExpressionAttributeNames": {"#m": "map"},
        "ExpressionAttributeValues": {":x": {"N": "2"}, ":t": {"SS": ["z"]}},
    }
    client.update_item(TableName="t", Key=key(), **change)
    client.put_item(TableName="t", Item=key(sk="another"))
    assert [item.to_json() for item in copy["t"].all_items()] == [before]
    assert len(deepcopy(backend().tables)["t"].all_items()) == 2

    backend().tables = copy
    assert client.get_item(TableName="t", Key=key())["Item"]["texts"] == {"SS": ["a", "b"]}


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever moves the pin looks whether all of this still holds."""
    monkeypatch.setattr(quick_moto, "PINNED", "0")

    with pytest.raises(SystemExit, match=r"moto 0, but"):
        quick_moto.install()
