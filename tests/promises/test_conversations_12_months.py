"""conversations, `communication-12-months`: twelve calendar months later an appointment and its messages are gone.

A year passes, so this runs on a local cloud of its own.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import Person, found, text_of
from tests.deployed.stack import BOOKED, Stack, instant, until
from tests.deployed.test_story import a_year_after, agenda, left_of, signed_in_again

pytestmark = [pytest.mark.deployed, pytest.mark.promise("communication-12-months")]

NOTHING: dict[str, list[str]] = {"records": [], "keys": [], "claims": []}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A cloud whose time this check may move by a year."""
    with driven_cloud() as running:
        yield running


def test_twelve_months_later_what_was_exchanged_is_gone(stack: Stack) -> None:
    """There until the last minute, invisible at the second, removed with its keys by the next sweep, with the proof."""
    owner, anna = Person(), Person()
    practice = stack.business(owner)
    booked = stack.book(practice, anna, sms=True)
    stack.mail(anna, BOOKED)
    stack.inbox.wait_for(1, to=anna.phone)
    ends = instant(booked["ends_at"])
    (seen,) = agenda(stack, practice.signed_in, ends)
    customer = seen["customer"]
    note = {"text": f"Knie links {anna.mark}"}
    stack.client.ask("POST", f"/customers/{customer}/notes", wanted=201, json=note, headers=practice.signed_in)
    exchanged = left_of(stack, practice, customer)
    assert f"APPOINTMENT#{booked['id']}" in exchanged["records"]
    assert len([sk for sk in exchanged["records"] if sk.startswith("NOTIFICATION#")]) >= 2
    assert stack.stored("records", kind="CustomerNote")

    for month in range(1, 12):
        stack.cloud.move_time(to=max(ends + timedelta(days=30 * month), stack.cloud.now()))
        stack.cloud.invoke("Sweep")
    stack.cloud.move_time(to=a_year_after(ends) - timedelta(minutes=1))
    stack.cloud.invoke("Sweep")
    header = signed_in_again(stack, owner)
    (still,) = agenda(stack, header, ends)
    assert (still["given_name"], still["email"]) == (anna.given_name, anna.email)
    assert len(notes(stack, header, customer)) == 1

    stack.cloud.move_time(to=a_year_after(ends) + timedelta(seconds=1))
    assert agenda(stack, header, ends) == []
    assert stack.call("GET", f"/customers/{customer}/notes", headers=header).status == 404
    stack.cloud.invoke("Sweep")

    until(lambda: left_of(stack, practice, customer) == NOTHING, "everything is removed")
    everything = text_of(stack.everything_stored())
    assert found({booked["id"]}, text_of(stack.stored("records"))) == []
    assert found({anna.email, anna.given_name, anna.phone}, everything) == []
    assert proven(stack, practice.tenant, "CUSTOMER", "APPOINTMENT") == {"CUSTOMER": 1, "APPOINTMENT": 1}
    stack.cloud.move_time(days=2)
    stack.cloud.invoke("Sweep")
    assert left_of(stack, practice, customer) == NOTHING


def notes(stack: Stack, header: dict[str, str], customer: str) -> list[Any]:
    """What the business noted about somebody."""
    told = stack.client.ask("GET", f"/customers/{customer}/notes", wanted=200, headers=header)
    found: list[Any] = told["notes"]
    return found


def proven(stack: Stack, tenant: str, *kinds: str) -> dict[str, int]:
    """How many records of these kinds the business's proofs of deletion tell of."""
    total = dict.fromkeys(kinds, 0)
    for entry in stack.stored("ledger", action="system:records:swept"):
        counts = json.loads(entry["counts"]) if tenant in entry["pk"] else {}
        for kind in kinds:
            total[kind] += counts.get(kind, 0)
    return total
