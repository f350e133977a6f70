"""A waiting list as deployed: a freed time is offered in order, taken or passed on."""

import pytest

from infra.local.client import tokens
from tests.deployed.offers import FREE, JOINED, join
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, kind_of

pytestmark = pytest.mark.deployed


def links(stack: Stack, who: Person, about: str, *, count: int = 1) -> dict[str, dict[str, str]]:
    """The headers of the links in the latest mail."""
    found = tokens(stack.mail(who, about, count=count)["text"])
    return {name: {"Zusage-Link": token} for name, token in found.items()}


def test_a_freed_time_goes_round_the_waiting_list(stack: Stack) -> None:
    """Declined by the first, taken by the second; nobody else could book it meanwhile."""
    anna, beat, cleo, practice = Person(), Person(), Person(), stack.business(offer_minutes=120)
    held = stack.book(practice, cleo)
    answers = [join(stack, practice, who) for who in (anna, beat, anna)]
    assert [(each.status, each.body) for each in answers] == [(202, b"")] * 3
    listed = f"/services/{practice.service}/waiting-list"
    stack.mail(anna, JOINED)
    waiting = stack.client.ask("GET", listed, wanted=200, headers=practice.signed_in)["entries"]
    assert [each["email"] for each in waiting] == [anna.email, beat.email]

    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(cleo)["cancel"])
    stack.cloud.invoke("Upkeep")
    first = links(stack, anna, FREE)
    shown = stack.client.ask("GET", "/waiting-place", wanted=200, headers=first["accept"])
    assert shown["starts_at"] == held["starts_at"]
    assert held["starts_at"] not in stack.free(practice)
    assert stack.mails(beat, FREE) == []

    stack.client.ask("POST", "/waiting-place/refusal", wanted=204, headers=first["decline"])
    stack.cloud.invoke("Upkeep")
    second = links(stack, beat, FREE)
    booked = stack.client.ask("POST", "/waiting-place/acceptance", wanted=201, json={}, headers=second["accept"])

    assert booked["starts_at"] == held["starts_at"]
    assert stack.mail(beat, BOOKED)
    assert kind_of(stack.call("POST", "/waiting-place/acceptance", json={}, headers=first["accept"])) == (
        410,
        "link-used",
    )
    left = stack.client.ask("GET", listed, wanted=200, headers=practice.signed_in)["entries"]
    assert [each["email"] for each in left] == [anna.email]
    stack.client.ask("POST", "/waiting-list/departure", wanted=204, headers=links(stack, anna, JOINED)["leave"])
