"""The whole story over HTTP, from registering to thirteen months after the appointment."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.local.client import Business, behind_hash
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, MOVED, REMINDED, Stack, a_week_after, instant, until, written

pytestmark = pytest.mark.deployed


def a_year_after(at: datetime) -> datetime:
    """Twelve calendar months later on the wall clock of Zurich, worked out without the product."""
    local = at.astimezone(ZoneInfo("Europe/Zurich"))
    leap_day = (local.month, local.day) == (2, 29)
    return (local.replace(year=local.year + 1, day=28) if leap_day else local.replace(year=local.year + 1)).astimezone(
        UTC
    )


def signed_in_again(stack: Stack, owner: Person) -> dict[str, str]:
    """The header of a new session, by a sign-in link."""
    before = len(stack.mails(owner, "Anmeldung"))
    stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": owner.email})
    mail = stack.mail(owner, "Anmeldung", count=before + 1)
    opened = stack.client.ask("POST", "/sessions", wanted=201, json={"token": behind_hash(mail["text"])})
    return {"Authorization": f"Bearer {opened['token']}"}


def agenda(stack: Stack, header: dict[str, str], around: datetime) -> list[dict[str, Any]]:
    """The appointments that staff see."""
    asked = f"from={written(around - timedelta(days=2))}&to={written(around + timedelta(days=2))}"
    found = stack.client.ask("GET", f"/appointments?{asked}", wanted=200, headers=header)
    return list(found["appointments"])


def left_of(stack: Stack, of: Business, customer: str) -> dict[str, list[str]]:
    """What lies in the tables under, or about, a customer."""
    mine = f"SUBJECT#{customer}"
    return {
        table: [item["sk"] for item in stack.stored(table) if mine in item["pk"] or item["sk"] == mine]
        for table in ("records", "keys")
    } | {"claims": [i["sk"] for i in stack.stored("records", kind="CustomerAddress", of_customer=customer)]}


def test_from_registering_to_nothing_left(stack: Stack) -> None:
    """Booked, told, delivered, moved, reminded, cancelled; a year later invisible, then gone, with the proof."""
    owner, anna = Person(), Person()
    practice = stack.business(owner)

    booked = stack.book(practice, anna, sms=True)
    links = stack.links(anna)
    stack.inbox.wait_for(1, to=anna.phone)
    for message in (stack.mail(anna, BOOKED), stack.texts(anna)[0]):
        assert [one["status"] for one in stack.inbox.report(message["id"], "delivered")] == [200]
    stack.settled(booked["id"], "delivered", message="appointment-confirmed")

    free = stack.client.ask("GET", f"/appointment/slots?{a_day(stack, 4)}", wanted=200, headers=links["reschedule"])
    new = {"starts_at": free["starts"][-1]}
    moved = stack.client.ask("POST", "/appointment/rescheduling", wanted=200, json=new, headers=links["reschedule"])
    stack.mail(anna, MOVED)
    starts, ends = instant(moved["starts_at"]), instant(moved["ends_at"])
    stack.cloud.move_time(to=starts - timedelta(days=1))
    stack.wake()
    stack.mail(anna, REMINDED)

    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(anna, MOVED)["cancel"])
    stack.mail(anna, CANCELLED)
    header = signed_in_again(stack, owner)
    (seen,) = agenda(stack, header, starts)
    assert (seen["state"], seen["email"]) == ("cancelled", anna.email)
    kept = left_of(stack, practice, seen["customer"])
    assert kept["keys"] == [f"SUBJECT#{seen['customer']}"]
    assert len(kept["records"]) >= 6
    assert len(kept["claims"]) == 1

    a_year_later_it_is_gone(stack, practice, owner, seen["customer"], ends)


def a_day(stack: Stack, days: int) -> str:
    """The query for one day of slots."""
    frm = (stack.cloud.now() + timedelta(days=days)).replace(hour=0, minute=0, second=0)
    return f"from={written(frm)}&to={written(frm + timedelta(days=1))}"


def a_year_later_it_is_gone(stack: Stack, practice: Business, owner: Person, customer: str, ends: datetime) -> None:
    """A minute before the end of the period it is there, after it not."""
    stack.cloud.move_time(to=a_year_after(ends) - timedelta(minutes=1))
    header = signed_in_again(stack, owner)
    assert [one["customer"] for one in agenda(stack, header, ends)] == [customer]
    stack.cloud.invoke("Sweep")
    assert left_of(stack, practice, customer)["keys"] == [f"SUBJECT#{customer}"]

    stack.cloud.move_time(minutes=1, seconds=1)
    assert agenda(stack, header, ends) == []
    stack.cloud.invoke("Sweep")
    until(lambda: left_of(stack, practice, customer) == {"records": [], "keys": [], "claims": []}, "all is removed")
    stack.cloud.move_time(days=31)
    stack.cloud.invoke("Sweep")
    assert left_of(stack, practice, customer) == {"records": [], "keys": [], "claims": []}

    proofs = [
        entry for entry in stack.stored("ledger", action="system:records:swept") if practice.tenant in entry["pk"]
    ]
    assert any('"CUSTOMER": 1' in entry["counts"] for entry in proofs)
    assert {"STAFF", "TENANT"} <= {item["sk"] for item in stack.stored("records") if practice.tenant in item["pk"]}


def test_a_registration_that_nobody_confirms_is_gone_after_a_week(stack: Stack) -> None:
    """With the keys of the business and of the person; minutes before, it can still be confirmed.

    A week on the wall clock: when clocks change in it, an hour more or less. The mail names the minute.
    """
    owner, late = Person(), Person()
    versions = stack.client.ask("GET", "/registrations", wanted=200)
    for person in (owner, late):
        form = stack.client.form("registration")
        stack.client.ask("POST", "/registrations", wanted=202, json=person.owner(**versions), headers=form)
    token = behind_hash(stack.mail(owner, "bestätigen")["text"])
    too_late = behind_hash(stack.mail(late, "bestätigen")["text"])
    registered = {one["pk"].split("#")[1] for one in stack.stored("records", message="confirm-registration")}

    over = a_week_after(stack.cloud.now())
    stack.cloud.move_time(to=over - timedelta(minutes=5))
    opened = stack.client.ask("POST", "/registrations/confirmation", wanted=201, json={"token": token})
    stack.cloud.move_time(minutes=6)
    refused = stack.call("POST", "/registrations/confirmation", json={"token": too_late})
    stack.cloud.invoke("Sweep")

    assert refused.status == 410
    assert opened["tenant"] in registered
    until(lambda: tenants_with_keys(stack) & registered == {opened["tenant"]}, "the other one's keys are destroyed")


def tenants_with_keys(stack: Stack) -> set[str]:
    """The tenants that have a key."""
    return {item["pk"].split("#")[1] for item in stack.stored("keys") if item["sk"] == "KEY"}
