"""accountability, `action-log`: what was done stands in the ledger, can only be added to, and is proven day by day."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.client import Business, behind_hash
from infra.local.cloud import LocalCloud
from infra.local.paths import ROOT
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import ADDRESS_V4, Person
from tests.deployed.stack import Stack, instant, until
from tests.deployed.test_roles import ROLES, Roles

pytestmark = [pytest.mark.deployed, pytest.mark.promise("action-log")]

NETWORK = "198.51.100.0/24"
LEDGER = "zusage-local-ledger"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One of its own: days have to go by."""
    with driven_cloud() as started:
        yield started


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> Stack:
    """The deployed stack."""
    return Stack(cloud)


@pytest.fixture(scope="module")
def owner() -> Person:
    """Who runs the business."""
    return Person()


@pytest.fixture(scope="module")
def story(stack: Stack, owner: Person) -> tuple[Business, Any, date]:
    """A business, a booking, a look at the list, all on one day; the business, the booking and the day."""
    now = stack.cloud.now()
    if now.hour >= 22:  # the whole story belongs to one day
        stack.cloud.move_time(to=(now + DAY).replace(hour=8))
    of, customer = stack.business(owner), Person()
    held = stack.book(of, customer)
    stack.settled(held["id"], "accepted", message="appointment-confirmed")
    start = instant(held["starts_at"])
    frm, to = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (start, start + timedelta(hours=1)))
    stack.cloud.move_time(seconds=2)  # a look in the same second might have come before the booking
    stack.client.ask("GET", f"/appointments?from={frm}&to={to}", wanted=200, headers=of.signed_in)
    return of, held, stack.cloud.now().astimezone(UTC).date()


def entries(stack: Stack, of: Business, day: date) -> list[dict[str, Any]]:
    """The business's entries of a day, as its admin sees them."""
    found: list[dict[str, Any]] = stack.client.ask(
        "GET", f"/ledger/entries?day={day}", wanted=200, headers=of.signed_in
    )["entries"]
    return found


def test_every_step_left_an_entry_with_all_that_is_asked(stack: Stack, story: tuple[Business, Any, date]) -> None:
    """When, what, by whom, from which network: shortened, and never a whole address."""
    of, held, day = story

    found = {each["kind"]: each for each in entries(stack, of, day)}

    for kind in (
        *("visitor:tenant:registered", "staff:tenant:confirmed", "staff:session:started"),
        *("staff:service:created", "staff:availability:changed", "staff:appointments:read"),
    ):
        assert (found[kind]["actor"], found[kind]["network"]) == (of.expert, NETWORK)
        assert abs(instant(found[kind]["at"]) - stack.cloud.now()) < timedelta(minutes=10)
        assert kind.startswith(found[kind]["source"])
    booked = found["customer:appointment:booked"]
    assert (booked["thing"], booked["network"]) == (held["id"], NETWORK)
    assert booked["actor"] == booked["about"] not in {None, of.expert}
    assert found["system:notification:handed-over"]["processor"] == "mailgun"
    assert ADDRESS_V4 not in json.dumps(list(found.values()))


def test_a_look_at_the_ledger_stands_in_it(stack: Stack, story: tuple[Business, Any, date]) -> None:
    """It is personal data, too."""
    of, _, day = story
    entries(stack, of, day)

    assert any(each["kind"] == "staff:ledger:read" for each in entries(stack, of, day))


def test_a_customer_learns_who_looked(stack: Stack, story: tuple[Business, Any, date]) -> None:
    """In what role and when; no name and no id."""
    of, held, _ = story
    told = stack.client.ask("GET", "/appointment/ledger", wanted=200, headers={"Zusage-Link": held["links"]["cancel"]})[
        "entries"
    ]

    assert {(each["kind"], each["by"]) for each in told} >= {
        ("staff:appointments:read", "expert"),
        ("customer:appointment:booked", "customer"),
    }
    assert of.expert not in json.dumps(told)


def test_staff_see_what_is_about_themselves(stack: Stack, story: tuple[Business, Any, date]) -> None:
    """Their own doings."""
    of, *_ = story
    told = stack.client.ask("GET", "/staff/me/ledger", wanted=200, headers=of.signed_in)["entries"]

    assert {"staff:session:started", "staff:service:created"} <= {each["kind"] for each in told}


def test_what_happened_is_counted_by_day_and_kind(stack: Stack, story: tuple[Business, Any, date]) -> None:
    """From the stream, exactly."""
    of, _, day = story

    def agrees() -> bool:
        stored = [item for item in stack.stored("ledger", kind="LedgerEntry") if item["pk"] == _partition(of, day)]
        asked = f"/ledger/counts?from={day}&to={day}"
        days = stack.client.ask("GET", asked, wanted=200, headers=of.signed_in)["days"]
        return bool(days) and days[0]["total"] == len(stored)

    until(agrees, "the counts are those of the entries", seconds=20)
    asked = f"/ledger/hand-overs?from={day}&to={day}"
    (got,) = stack.client.ask("GET", asked, wanted=200, headers=of.signed_in)["processors"]
    assert (got["processor"], got["total"] >= 2) == ("mailgun", True)


def _partition(of: Business, day: date) -> str:
    return f"TENANT#{of.tenant}#{day}"


def test_a_day_is_proven_and_whoever_meddles_is_found(
    stack: Stack, owner: Person, story: tuple[Business, Any, date]
) -> None:
    """Closed after its end under lock; an entry altered, removed, inserted is named."""
    of, _, day = story
    cloud = stack.cloud
    until(lambda: bool(_counted(stack, of, day)), "the day is counted")
    cloud.move_time(to=datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + DAY)

    cloud.invoke("Close")

    bucket = cloud.resources["RootsBucket"]
    proof = json.loads(cloud.client("s3").get_object(Bucket=bucket, Key=f"roots/{of.tenant}/{day}.json")["Body"].read())
    stored = [item for item in stack.stored("ledger", kind="LedgerEntry") if item["pk"] == _partition(of, day)]
    assert sorted(sk for sk, _ in proof["entries"]) == sorted(item["sk"] for item in stored)
    signed_in = _sign_in_again(stack, owner)
    assert _verified(stack, signed_in, day) == (True, [])

    with pytest.raises(ClientError, match="PreconditionFailed"):
        cloud.client("s3").put_object(Bucket=bucket, Key=f"roots/{of.tenant}/{day}.json", Body=b"{}", IfNoneMatch="*")

    table, (first, second, *_) = cloud.client("dynamodb"), _raw(cloud, _partition(of, day))
    table.put_item(TableName=LEDGER, Item={**first, "network": {"S": "192.0.2.0/24"}})
    table.delete_item(TableName=LEDGER, Key={"pk": second["pk"], "sk": second["sk"]})
    table.put_item(TableName=LEDGER, Item={**second, "sk": {"S": "235959#" + "0" * 32}})

    ok, found = _verified(stack, signed_in, day)
    assert not ok
    assert found == sorted(
        [
            ("altered", first["sk"]["S"]),
            ("removed", second["sk"]["S"]),
            ("inserted", "235959#" + "0" * 32),
        ]
    )

    command = [sys.executable, "-m", "infra.tools.verify_ledger", "--stage", "local", "--endpoint-url"]
    done = subprocess.run([*command, cloud.endpoint_url], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("  ")] == [
        [problem, _partition(of, day), sk] for problem, sk in sorted(found, key=lambda each: each[1])
    ]


def _counted(stack: Stack, of: Business, day: date) -> list[dict[str, Any]]:
    return stack.stored("records", kind="LedgerDay", pk=f"TENANT#{of.tenant}", sk=f"LEDGER-DAY#{day}")


def _raw(cloud: LocalCloud, partition: str) -> list[dict[str, Any]]:
    asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": partition}}}
    found: list[dict[str, Any]] = cloud.client("dynamodb").query(TableName=LEDGER, **asked)["Items"]
    return found


def _sign_in_again(stack: Stack, owner: Person) -> dict[str, str]:
    """The session of the day before has ended; a new one is opened by a link in a mail."""
    stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": owner.email})
    token = behind_hash(stack.mail(owner, "Anmeldung")["text"])
    opened = stack.client.ask("POST", "/sessions", wanted=201, json={"token": token})
    return {"Authorization": f"Bearer {opened['token']}"}


def _verified(stack: Stack, signed_in: dict[str, str], day: date) -> tuple[bool, list[tuple[str, str]]]:
    told = stack.client.ask("GET", f"/ledger/verification?day={day}", wanted=200, headers=signed_in)
    return told["ok"], sorted((each["problem"], each["sk"]) for each in told["findings"])


ATTEMPTS = (
    *("change ledger by update_item", "change ledger by delete_item"),
    *("change ledger in a transaction by Update", "change ledger in a transaction by Delete"),
    *("delete a proof", "take off a lock"),
)


@pytest.mark.parametrize("role", ROLES)
def test_no_function_can_change_or_remove_an_entry(stack: Stack, role: str) -> None:
    """Tried with the rights of each: entries and proofs can only be added."""
    roles = Roles(stack.cloud)

    outcomes = {attempt: roles.outcome(role, attempt) for attempt in ATTEMPTS}

    assert {attempt: code for attempt, code in outcomes.items() if not code.startswith("AccessDenied")} == {}
