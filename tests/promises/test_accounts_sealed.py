"""accounts, `sealed-at-rest`: whoever gets hold of tables, queues or logs can't read anything about a person."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.client import Business
from tests.contracts.entry_points import resources, template
from tests.deployed.people import ADDRESS_V4, ADDRESS_V6, KNOWN, Person, found, text_of
from tests.deployed.stack import BOOKED, MOVED, Stack, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("sealed-at-rest")]

DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
ENCRYPTED_BY: dict[str, Callable[[dict[str, Any]], Any]] = {
    "AWS::DynamoDB::Table": lambda table: table["SSESpecification"].get("KMSMasterKeyId"),
    "AWS::SQS::Queue": lambda queue: queue.get("KmsMasterKeyId"),
    "AWS::SNS::Topic": lambda topic: topic.get("KmsMasterKeyId"),
    "AWS::Logs::LogGroup": lambda group: group.get("KmsKeyId"),
    "AWS::SecretsManager::Secret": lambda secret: secret.get("KmsKeyId"),
    "AWS::Backup::BackupVault": lambda vault: vault.get("EncryptionKeyArn"),
    "AWS::S3::Bucket": lambda bucket: _by_default(bucket).get("KMSMasterKeyID"),
}


def _by_default(bucket: dict[str, Any]) -> dict[str, Any]:
    """How a bucket encrypts what nobody says anything about."""
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    found: dict[str, Any] = rule["ServerSideEncryptionByDefault"]
    return found


def a_full_story(stack: Stack) -> tuple[Business, Person, Person]:
    """Everything that leaves something behind: registering, booking, reports, a stop, moving, cancelling, looking."""
    owner, anna = Person(), Person()
    practice = stack.business(owner)
    booked = stack.book(practice, anna, sms=True)
    for message in (stack.mail(anna, BOOKED), stack.inbox.wait_for(1, to=anna.phone)[0]):
        stack.inbox.report(message["id"], "delivered")
    stack.inbox.report(stack.texts(anna)[0]["id"], "stop")
    new = {"starts_at": stack.free(practice, days=4)[0]}
    stack.client.ask("POST", "/appointment/rescheduling", wanted=200, json=new, headers=stack.links(anna)["reschedule"])
    link = stack.links(anna, MOVED)["cancel"]
    assert stack.call("GET", "/appointment", headers={**link, "X-Forwarded-For": ADDRESS_V6}).status == 200
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=link)
    seen = f"from={booked['starts_at']}&to={new['starts_at'][:11]}23:59:59Z"
    listed = stack.client.ask("GET", f"/appointments?{seen}", wanted=200, headers=practice.signed_in)
    assert [one["email"] for one in listed["appointments"]] == [anna.email]
    until(lambda: bool(stack.stored("records", kind="Suppression")), "the stop is noted")
    return practice, owner, anna


def test_no_table_shows_a_person(stack: Stack) -> None:
    """Every item of the four tables, in every spelling; what is meant to be readable is found, so the search sees."""
    practice, *_ = a_full_story(stack)

    everything = text_of(stack.everything_stored())

    assert found({practice.tenant, "Erstgespräch", "198.51.100.0/24"}, everything) == [
        *sorted({practice.tenant, "Erstgespräch", "198.51.100.0/24"})
    ]
    assert found(KNOWN | {practice.token}, everything) == []


def test_a_leak_into_a_table_would_be_found(stack: Stack) -> None:
    """The same search over the same tables, with one value put there in hexadecimal."""
    anna, table = Person(), stack.cloud.client("dynamodb")
    key = {"pk": {"S": "LEAK"}, "sk": {"S": "LEAK"}}
    leaked = {**key, "note": {"B": anna.email.encode().hex().encode()}}

    table.put_item(TableName="zusage-local-transient", Item=leaked)
    try:
        seen = found({anna.email}, text_of(stack.everything_stored()))
    finally:
        table.delete_item(TableName="zusage-local-transient", Key=key)

    assert seen == [anna.email]


def test_no_log_shows_a_person(stack: Stack) -> None:
    """Of none of the functions, failures included; nor a network address in full, nor a token."""
    practice, _, anna = a_full_story(stack)
    stack.inbox.fail("mailgun", "status", status=500, times=1)
    failing = stack.book(practice, anna)
    stack.settled(failing["id"], "accepted", message="appointment-confirmed")
    stack.wake()
    stack.cloud.invoke("Sweep")

    logs = stack.cloud.logs()

    assert all(word in logs for word in ('"request"', '"relayed"', '"dispatched"', '"woken"', '"swept"'))
    tokens = {link["Zusage-Link"] for link in stack.links(anna).values()}
    assert found(KNOWN | tokens | {practice.token}, logs) == []
    assert ADDRESS_V4 in KNOWN


def test_no_queue_shows_a_person(stack: Stack) -> None:
    """The dispatcher is held back, so that what waits for it can be read: keys, and nothing else."""
    anna, practice = Person(), stack.business()
    mapping = stack.cloud.resources["DispatchDispatchSqsEventSource"]
    functions, queues = stack.cloud.client("lambda"), stack.cloud.client("sqs")
    waiting: list[dict[str, Any]] = []

    def look() -> bool:
        took = queues.receive_message(
            QueueUrl=stack.cloud.resources["DispatchQueue"], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        waiting.extend(took.get("Messages", []))
        return len({message["MessageId"] for message in waiting}) >= 2

    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        booked = stack.book(practice, anna, sms=True)
        until(look, "the two messages wait")
    finally:
        functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    assert found(KNOWN, text_of(waiting)) == []
    assert practice.tenant in text_of(waiting)
    stack.settled(booked["id"], "accepted", message="appointment-confirmed")


@pytest.mark.parametrize("kind", ENCRYPTED_BY)
def test_everything_that_stores_uses_our_own_key(kind: str) -> None:
    """In the production template; a new table, queue, topic, log or vault without it fails here."""
    keys = {name: ENCRYPTED_BY[kind](properties) for name, properties in resources(kind).items()}

    assert {name: key in (DATA_KEY, {"Ref": "DataKey"}) for name, key in keys.items()} == dict.fromkeys(keys, True)
    assert keys
    rotated = {name: key["EnableKeyRotation"] for name, key in resources("AWS::KMS::Key").items()}
    assert rotated == {"DataKey": True, "TenantKey": True}
    assert template("prod")["Resources"]["DataKey"]["DeletionPolicy"] == "Retain"


def test_the_deployed_logs_and_queues_have_the_key(stack: Stack) -> None:
    """As far as the local cloud shows it."""
    key = stack.cloud.resources["DataKey"]
    groups = stack.cloud.client("logs").describe_log_groups()["logGroups"]
    read = stack.cloud.client("sqs").get_queue_attributes
    queues = [url for name, url in stack.cloud.resources.items() if name.endswith(("Queue", "DeadLetters"))]

    assert {group["logGroupName"]: group.get("kmsKeyId", "").rpartition("/")[2] for group in groups} == {
        group["logGroupName"]: key for group in groups
    }
    assert [read(QueueUrl=url, AttributeNames=["All"])["Attributes"]["KmsMasterKeyId"] for url in queues] == [key] * 4
