"""accounts, `trial-30-days`: everything for thirty days and no word about paying; then thirty to take it along.

Two months pass, so this runs on a local cloud of its own.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.local.client import Business
from infra.local.cloud import LocalCloud
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import Person, found, text_of
from tests.deployed.stack import BOOKED, Stack, instant, kind_of, until
from tests.deployed.test_story import signed_in_again

pytestmark = [pytest.mark.deployed, pytest.mark.promise("trial-30-days")]

DAY = timedelta(days=1)
ENDING, OVER = "Ihre Probezeit endet bald", "Ihre Probezeit ist zu Ende"
PAYMENT = ("iban", "card", "credit", "payment", "billing", "invoice", "kreditkarte", "zahlung")


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A cloud whose time this check may move by two months."""
    with driven_cloud() as running:
        yield running


def on_trial(stack: Stack, owner: Person) -> Business:
    """A business that has chosen no plan."""
    given = owner.owner()
    return stack.client.business(email=given.pop("email"), plan="", **given)


def on_to(stack: Stack, at: datetime) -> None:
    """Moves time a second past that, and lets the jobs run that see to what has come."""
    stack.cloud.move_time(to=max(at + timedelta(seconds=1), stack.cloud.now()))
    stack.lapse()
    stack.wake()


def heard(stack: Stack, owner: Person) -> list[str]:
    """What the owner was written about the trial."""
    return [mail["subject"] for mail in stack.mails(owner) if mail["subject"] in {ENDING, OVER}]


def left_of(stack: Stack, tenant: str) -> set[tuple[str, str]]:
    """What lies in the tables about a business, beside its ledger and the counts of that: table and kind."""
    stored = {table: stack.stored(table) for table in ("records", "keys", "transient")}
    items = [(table, item) for table, held in stored.items() for item in held]
    mine = ((table, item["kind"]) for table, item in items if tenant in json.dumps(item, default=str))
    return {(table, kind) for table, kind in mine if kind != "LedgerDay"}


def exported(stack: Stack, header: dict[str, str]) -> list[dict[str, Any]]:
    """All pages of the export."""
    records: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = stack.client.ask("GET", f"/tenant/export{cursor}", wanted=200, headers=header)
        records += page["records"]
        if page["cursor"] is None:
            return records
        cursor = f"?cursor={page['cursor']}"


def see(stack: Stack, header: dict[str, str]) -> Any:
    """The business as its admin sees it."""
    return stack.client.ask("GET", "/tenant", wanted=200, headers=header)


def free_slots(stack: Stack, of: Business) -> list[str]:
    """What is offered."""
    return stack.free(of, days=1, count=7)


def test_nothing_about_paying_is_asked_to_register(stack: Stack) -> None:
    """Neither by the form nor anywhere else in what the program documents."""
    schema = stack.client.cloud.call("GET", "/openapi.json").json()["components"]["schemas"]

    names = {name.casefold() for model in schema.values() for name in model.get("properties", {})}
    # How a business is paid for a service by its customers is another matter.
    assert [name for name in sorted(names - {"payment"}) if any(word in name for word in PAYMENT)] == []


def test_thirty_days_of_everything_then_thirty_to_take_it_along_then_nothing(stack: Stack) -> None:
    """Told a week and a day before; read only to the second; exported; gone with its keys, the ledger alone is left."""
    owner, anna = Person(), Person()
    start = stack.cloud.now()
    practice = on_trial(stack, owner)
    seen = see(stack, practice.signed_in)
    ends, closes = instant(seen["trial_ends_at"]), instant(seen["closes_at"])
    assert (seen["standing"], seen["plan"]) == ("trial", None)
    assert timedelta(0) <= ends - start - 30 * DAY < timedelta(minutes=5)
    assert closes - ends == 30 * DAY
    booked = stack.book(practice, anna, days=2)
    stack.mail(anna, BOOKED)

    on_to(stack, ends - 7 * DAY - timedelta(minutes=5))
    assert heard(stack, owner) == []
    on_to(stack, ends - 7 * DAY)
    until(lambda: heard(stack, owner) == [ENDING], "told a week before")
    on_to(stack, ends - DAY)
    until(lambda: heard(stack, owner) == [ENDING, ENDING], "told a day before")
    late = stack.book(practice, Person(), days=4)
    on_to(stack, ends - timedelta(minutes=5))
    assert free_slots(stack, practice)

    on_to(stack, ends)
    until(lambda: heard(stack, owner) == [ENDING, ENDING, OVER], "told that it is over")
    header = signed_in_again(stack, owner)
    assert see(stack, header)["standing"] == "read-only"
    refused = stack.call("POST", "/services", json={"name": "Neu"}, headers=header)
    assert kind_of(refused) == (403, "read-only")
    assert free_slots(stack, practice) == []
    customer = Person().customer()
    assert kind_of(stack.client.try_to_book(practice, starts_at=late["starts_at"], **customer)) == (403, "read-only")

    records = exported(stack, header)
    customers = {each["fields"]["email"]: each["fields"] for each in records if each["kind"] == "Customer"}
    assert customers[anna.email]["given_name"] == anna.given_name
    assert booked["id"] in text_of([each["id"] for each in records])

    on_to(stack, closes - timedelta(minutes=5))
    assert ("records", "Customer") in left_of(stack, practice.tenant)
    on_to(stack, closes)
    assert kind_of(stack.call("GET", "/tenant", headers=header)) == (401, "not-signed-in")
    assert kind_of(stack.call("GET", f"/tenants/{practice.tenant}")) == (404, "not-found")
    stack.cloud.invoke("Sweep")
    until(lambda: left_of(stack, practice.tenant) == set(), "nothing is left but the ledger")
    assert found({owner.email, anna.email, anna.given_name}, text_of(stack.everything_stored())) == []
    (over,) = [one for one in stack.stored("ledger", action="system:tenant:ended") if practice.tenant in one["pk"]]
    assert json.loads(over["counts"])["Customer"] >= 2
