"""booking, `appointment-proposals`: an expert proposes several times, and the customer takes one."""

from typing import Any

import pytest

from infra.local.client import Business, tokens
from tests.deployed.offers import PROPOSED, propose
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("appointment-proposals")]


def link(stack: Stack, who: Person) -> dict[str, str]:
    """The header of the link in the mail."""
    return {"Zusage-Link": tokens(stack.mail(who, PROPOSED)["text"])["choose"]}


def choose(stack: Stack, headers: dict[str, str], starts_at: str) -> Any:
    """Tries to take a time."""
    return stack.call("POST", "/proposal/choice", json={"starts_at": starts_at}, headers=headers)


def state(stack: Stack, of: Business) -> str:
    """How the expert's one proposal stands."""
    (found,) = stack.client.ask("GET", "/proposals", wanted=200, headers=of.signed_in)["proposals"]
    return str(found["state"])


def test_a_customer_takes_one_of_the_proposed_times(stack: Stack) -> None:
    """All are kept until then, the others are free afterwards, and the expert hears of it."""
    owner, anna = Person(), Person()
    practice = stack.business(owner)
    free = stack.free(practice)
    starts = [free[0], free[4], free[8]]

    propose(stack, practice, anna, starts)
    headers = link(stack, anna)
    shown = stack.client.ask("GET", "/proposal", wanted=200, headers=headers)

    assert (shown["starts"], shown["message"]) == (starts, "Bitte nüchtern kommen.")
    assert not {*starts} & {*stack.free(practice)}
    taken = kind_of(stack.client.try_to_book(practice, starts_at=starts[0], **Person().customer()))
    assert taken == (409, "slot-taken")

    booked = choose(stack, headers, starts[1])
    assert (booked.status, booked.json()["starts_at"], booked.json()["state"]) == (201, starts[1], "confirmed")
    assert {starts[0], starts[2]} <= {*stack.free(practice)}
    assert starts[1] not in stack.free(practice)
    assert kind_of(choose(stack, headers, starts[0])) == (410, "link-used")
    assert tokens(stack.mail(anna, BOOKED)["text"]) == booked.json()["links"]
    assert state(stack, practice) == "chosen"
    stack.mail(owner, "Terminvorschlag wurde angenommen")


def test_what_is_withdrawn_can_not_be_taken(stack: Stack) -> None:
    """And is free again."""
    anna, practice = Person(), stack.business()
    free = stack.free(practice)
    made = propose(stack, practice, anna, free[:1] + free[4:5])
    headers = link(stack, anna)

    path = f"/customers/{made['customer']}/proposals/{made['id']}"
    stack.client.ask("DELETE", path, wanted=204, headers=practice.signed_in)

    assert kind_of(choose(stack, headers, free[0])) == (410, "link-used")
    assert free[0] in stack.free(practice)


def test_what_nobody_takes_lapses(stack: Stack) -> None:
    """The times are free at once; within a minute the expert hears of it."""
    owner, anna = Person(), Person()
    practice = stack.business(owner)
    free = stack.free(practice, days=5)
    propose(stack, practice, anna, [free[0], free[4]])
    headers = link(stack, anna)

    stack.cloud.move_time(hours=48)

    assert kind_of(choose(stack, headers, free[0])) == (410, "link-expired")
    assert free[0] in stack.free(practice, days=3)
    stack.cloud.invoke("Upkeep")
    stack.mail(owner, "verfallen")
