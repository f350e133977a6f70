"""Each function's role, taken on and used: what is another's is refused, what is its own works."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError

from infra.local.cloud import LocalCloud

# What is really sent is really delivered: a word about a notification that does not exist harms nobody.
NOBODYS = '{"pk": "TENANT#0#SUBJECT#0", "sk": "NOTIFICATION#0"}'

pytestmark = pytest.mark.deployed

ROLES = (
    *("APIHandler", "Relay", "Dispatch", "Wake", "Sweep", "Tally", "Close"),
    *("Restamp", "Announce", "Lapse", "Upkeep", "Settle", "Sync", "Audit"),
)
KEY = {"pk": {"S": "TENANT#ROLES"}, "sk": {"S": "ROLES"}}
RECORDS, KEYS, LEDGER, TRANSIENT = (f"zusage-local-{name}" for name in ("records", "keys", "ledger", "transient"))
CONTEXT = {"tenant": "0" * 32, "purpose": "tenant-key"}

Call = tuple[str, str, dict[str, Any]]


def item(action: str, table: str) -> Call:
    """An action on one item."""
    content = {"Item": KEY} if action == "put_item" else {"Key": KEY}
    return "dynamodb", action, {"TableName": table, **content}


def query(table: str, index: str = "", key: str = "pk") -> Call:
    """A query of a table or index."""
    asked = {"KeyConditionExpression": f"{key} = :v", "ExpressionAttributeValues": {":v": {"S": "SEND#0"}}}
    return "dynamodb", "query", {"TableName": table, **asked, **({"IndexName": index} if index else {})}


def in_transaction(step: str, table: str) -> Call:
    """The same by the door that the product uses."""
    change: dict[str, Any] = {"TableName": table, "Key": KEY}
    if step == "Update":
        change |= {"UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}}
    return "dynamodb", "transact_write_items", {"TransactItems": [{step: change}]}


def at_kms(cloud: LocalCloud, action: str) -> Call:
    """Making or opening a tenant's key."""
    key = cloud.client("kms").describe_key(KeyId=cloud.resources["TenantKey"])["KeyMetadata"]["Arn"]
    if action == "generate_data_key":
        return "kms", action, {"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": CONTEXT}
    made = cloud.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    return "kms", action, {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": CONTEXT}


PROOFS = {
    "write a proof": "put_object",
    "read a proof": "get_object",
    "delete a proof": "delete_object",
    "take off a lock": "put_object_retention",
    "list proofs": "list_objects_v2",
}


def at_s3(cloud: LocalCloud, action: str) -> Call:
    """What can be done to the proof of a day."""
    bucket, key = {"Bucket": cloud.resources["RootsBucket"]}, {"Key": "roots/roles.json"}
    if action == "list_objects_v2":
        return "s3", action, bucket
    more: dict[str, Any] = {"put_object": {"Body": b"{}"}, "put_object_retention": {"Retention": {}}}.get(action, {})
    return "s3", action, {**bucket, **key, **more}


def actions(cloud: LocalCloud) -> dict[str, Call]:
    """Everything that is tried, by its name."""
    queue = cloud.resources["DispatchQueue"]
    return {
        **{f"scan {table}": ("dynamodb", "scan", {"TableName": table}) for table in (RECORDS, KEYS, LEDGER, TRANSIENT)},
        **{f"change ledger by {one}": item(one, LEDGER) for one in ("update_item", "delete_item")},
        **{f"change ledger in a transaction by {one}": in_transaction(one, LEDGER) for one in ("Update", "Delete")},
        "read ledger": item("get_item", LEDGER),
        "query ledger": query(LEDGER),
        "write ledger": item("put_item", LEDGER),
        "query ledger by person": query(LEDGER, "people", "people_pk"),
        **{name: at_s3(cloud, call) for name, call in PROOFS.items()},
        "read a record": item("get_item", RECORDS),
        "write a record": item("put_item", RECORDS),
        "delete a record": item("delete_item", RECORDS),
        "query records": query(RECORDS),
        "query what is due": query(RECORDS, "due", "due_shard"),
        "query lookup": query(RECORDS, "lookup", "lookup_pk"),
        "read a key": item("get_item", KEYS),
        "query keys": query(KEYS),
        "write a key": item("put_item", KEYS),
        "delete a key": item("delete_item", KEYS),
        "read a session": item("get_item", TRANSIENT),
        "delete a session": item("delete_item", TRANSIENT),
        "query sessions": query(TRANSIENT),
        "make a tenant key": at_kms(cloud, "generate_data_key"),
        "open a tenant key": at_kms(cloud, "decrypt"),
        "send to the queue": ("sqs", "send_message", {"QueueUrl": queue, "MessageBody": NOBODYS}),
        "take from the queue": ("sqs", "receive_message", {"QueueUrl": queue, "VisibilityTimeout": 0}),
        "empty the queue": ("sqs", "purge_queue", {"QueueUrl": queue}),
        "read the providers' keys": ("secretsmanager", "get_secret_value", {"SecretId": "zusage-local-providers"}),
        "change the providers' keys": (
            "secretsmanager",
            "put_secret_value",
            {"SecretId": "zusage-local-providers", "SecretString": "{}"},
        ),
        "send mail": (
            "ses",
            "send_raw_email",
            {"Source": "termine@mail.example.ch", "Destinations": ["a@b.example"], "RawMessage": {"Data": b"To: a"}},
        ),
        "describe a table": ("dynamodb", "describe_table", {"TableName": RECORDS}),
        "switch expiry off": (
            "dynamodb",
            "update_time_to_live",
            {"TableName": RECORDS, "TimeToLiveSpecification": {"Enabled": False, "AttributeName": "ttl"}},
        ),
        "call another function": ("lambda", "invoke", {"FunctionName": cloud.resources["Sweep"]}),
        "take on another role": (
            "sts",
            "assume_role",
            {"RoleArn": role_of(cloud, "Sweep"), "RoleSessionName": "other"},
        ),
    }


NOBODY = (
    *(f"scan {table}" for table in (RECORDS, KEYS, LEDGER, TRANSIENT)),
    *(f"change ledger by {one}" for one in ("update_item", "delete_item")),
    *(f"change ledger in a transaction by {one}" for one in ("Update", "Delete")),
    *(
        "read ledger",
        "delete a proof",
        "take off a lock",
        "list proofs",
        "empty the queue",
        "describe a table",
    ),
    *("change the providers' keys", "switch expiry off", "call another function", "take on another role"),
)
"""What no function may do, but for the two below."""

BUT_FOR = {f"scan {RECORDS}": {"Restamp"}, "describe a table": {"Audit"}}

KEYS_MADE = ("query keys", "write a key", "delete a key", "make a tenant key")
KEYS_OPENED = ("read a key", "open a tenant key")
SESSIONS = ("read a session", "query sessions", "delete a session")
OUTSIDE = (
    *("send to the queue", "take from the queue", "send mail"),
    *("query ledger", "query ledger by person", "write a proof", "read a proof"),
)
SECRETS = ("read the providers' keys",)
"""What most jobs have no business with."""

FOREIGN = {
    "APIHandler": (
        "write a proof",
        "query what is due",
        "send to the queue",
        "take from the queue",
        "send mail",
    ),
    "Relay": (
        *("query ledger", "read a proof"),
        *("write a record", "read a key", "open a tenant key", "query lookup", "query what is due"),
        *("take from the queue", "read the providers' keys", "read a session", "query sessions", "send mail"),
    ),
    "Dispatch": (
        *("query keys", "query ledger", "write a proof", "read a proof"),
        *("delete a record", "query records", "query what is due", "query lookup", "delete a key"),
        *("read a session", "query sessions", "delete a session", "send to the queue"),
    ),
    "Wake": (
        *("query ledger", "write a proof", "read a proof"),
        *("read a record", "write a record", "delete a record", "query records", "read a key", "open a tenant key"),
        *(
            "write ledger",
            "take from the queue",
            "read the providers' keys",
            "read a session",
            "query sessions",
            "send mail",
        ),
    ),
    "Sweep": (
        *("query ledger", "write a proof", "read a proof"),
        *("query records", "query lookup", "read a key", "write a key", "make a tenant key"),
        *("open a tenant key", "send to the queue", "take from the queue", "read the providers' keys"),
        *("read a session", "query sessions", "delete a session", "send mail"),
    ),
    "Tally": (
        *("query ledger", "write ledger", "query what is due", "delete a record", "query records", "read a key"),
        *(
            "open a tenant key",
            "send to the queue",
            "take from the queue",
            "read a session",
            "query sessions",
            "write a proof",
        ),
    ),
    "Close": (
        *("query ledger by person", "delete a record", "query records", "read a key", "open a tenant key"),
        *(
            "send to the queue",
            "take from the queue",
            "read the providers' keys",
            "read a session",
            "query sessions",
            "send mail",
        ),
    ),
    "Restamp": (
        *("query records", "query lookup", "query what is due"),
        *(*KEYS_MADE, *KEYS_OPENED, *SESSIONS, *OUTSIDE, *SECRETS),
    ),
    "Announce": (
        *("read a record", "delete a record", "query records", "query what is due"),
        *(*KEYS_MADE, *KEYS_OPENED, *SESSIONS, *OUTSIDE, *SECRETS),
    ),
    "Lapse": (
        *("delete a record", "write a key", "delete a key", "make a tenant key", "read a session"),
        *(*KEYS_OPENED, *OUTSIDE, *SECRETS),
    ),
    "Upkeep": ("query records", *KEYS_MADE, *KEYS_OPENED, *SESSIONS, *OUTSIDE, *SECRETS),
    "Settle": ("query records", "query lookup", *KEYS_MADE, *SESSIONS, *OUTSIDE, *SECRETS),
    "Sync": (*KEYS_MADE, *SESSIONS, *OUTSIDE),
    "Audit": (
        *("read a record", "delete a record", "query lookup"),
        *(*KEYS_MADE, *KEYS_OPENED, *SESSIONS, *OUTSIDE, *SECRETS),
    ),
}
"""What belongs to others."""

OWN = {
    "APIHandler": (
        "query keys",
        "delete a key",
        "query sessions",
        "query ledger",
        "query ledger by person",
        "read a record",
        "query lookup",
        "write a key",
        "open a tenant key",
        "write ledger",
    ),
    "Relay": ("send to the queue", "read a record", "query records", "query keys", "write ledger"),
    "Dispatch": ("read a record", "read a key", "open a tenant key", "write ledger", "read the providers' keys"),
    "Wake": ("query what is due", "send to the queue"),
    "Sweep": ("query what is due", "delete a record", "delete a key", "write ledger"),
    "Tally": ("read a record", "write a record"),
    "Close": ("query what is due", "query ledger", "write ledger", "write a proof", "read a proof", "write a record"),
    "Restamp": ("read a record", "write a record", f"scan {RECORDS}", "write ledger"),
    "Announce": ("query lookup", "write a record", "write ledger"),
    "Lapse": ("query what is due", "query lookup", "query keys", "read a record", "delete a session", "write ledger"),
    "Upkeep": ("query what is due", "query lookup", "read a record", "delete a record", "write ledger"),
    "Settle": ("query what is due", "read a record", "delete a record", "open a tenant key", "write ledger"),
    "Sync": ("query what is due", "query records", "open a tenant key", "read the providers' keys", "write ledger"),
    "Audit": ("query what is due", "query records", "write a record", "describe a table", "write ledger"),
}
"""What each needs: were the credentials wrong, everything would be refused."""


def role_of(cloud: LocalCloud, function: str) -> str:
    """The ARN of a deployed function's role."""
    found = cloud.client("lambda").get_function_configuration(FunctionName=cloud.resources[function])
    return str(found["Role"])


class Roles:
    """All roles, each with clients that are made once."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._actions = actions(cloud)
        self._session: Any = boto3.session.Session(region_name="eu-central-2")
        taken = {name: self._take_on(name) for name in ROLES}
        self._credentials = {
            name: {
                "aws_access_key_id": held["AccessKeyId"],
                "aws_secret_access_key": held["SecretAccessKey"],
                "aws_session_token": held["SessionToken"],
            }
            for name, held in taken.items()
        }
        self._clients: dict[tuple[str, str], Any] = {}

    def _take_on(self, name: str) -> dict[str, str]:
        role = role_of(self._cloud, name)
        return dict(self._cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"])

    def _client(self, role: str, service: str) -> Any:
        if (role, service) not in self._clients:
            self._clients[role, service] = self._session.client(
                service, endpoint_url=self._cloud.endpoint_url, **self._credentials[role]
            )
        return self._clients[role, service]

    def outcome(self, role: str, action: str) -> str:
        """What comes of the action in the function's role: `done`, or the code of the refusal."""
        service, method, how = self._actions[action]
        with time_machine.travel(self._cloud.now()):  # requests are signed for the cloud's time
            try:
                getattr(self._client(role, service), method)(**how)
            except ClientError as error:
                return str(error.response["Error"]["Code"])
        return "done"


@pytest.fixture(scope="module")
def roles(cloud: LocalCloud) -> Iterator[Roles]:
    """The roles; what they wrote is no record of ours, and does not stay for other tests' jobs to stumble over."""
    yield Roles(cloud)
    for table in (RECORDS, KEYS, LEDGER, TRANSIENT):
        cloud.client("dynamodb").delete_item(TableName=table, Key=KEY)


@pytest.mark.parametrize("action", NOBODY)
def test_nobody_may(roles: Roles, action: str) -> None:
    """Whichever function it was that an attacker got hold of."""
    outcomes = {role: roles.outcome(role, action) for role in ROLES if role not in BUT_FOR.get(action, ())}

    assert {role: code for role, code in outcomes.items() if not code.startswith("AccessDenied")} == {}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_anothers_is_refused(roles: Roles, role: str) -> None:
    """One job a role."""
    outcomes = {action: roles.outcome(role, action) for action in FOREIGN[role]}

    assert {action: code for action, code in outcomes.items() if not code.startswith("AccessDenied")} == {}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_its_own_works(roles: Roles, role: str) -> None:
    """So that the refusals above are about the action and not about who asks."""
    assert {action: roles.outcome(role, action) for action in OWN[role]} == dict.fromkeys(OWN[role], "done")
