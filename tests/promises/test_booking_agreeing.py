"""booking, `services-staff-customers`: where several experts take part, each is asked, and all have to agree."""

import re
from typing import Any

import pytest

from infra.local.client import Business, behind_hash, tokens
from tests.deployed.colleagues import Colleague, join
from tests.deployed.offers import PROPOSED, propose
from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("services-staff-customers")]

WANTED, SEVERAL_WANTED = "wartet auf Sie", "warten auf Sie"


def duo(stack: Stack) -> tuple[Business, Person, Colleague]:
    """A business, its owner, and an expert with whom the owner does the one service together."""
    owner = Person()
    practice = stack.business(owner, confirm_within=120)
    beat = join(stack, practice, "expert", works=True)
    ask, header = stack.client.ask, practice.signed_in
    (service,) = ask("GET", "/services", wanted=200, headers=header)["services"]
    terms = {name: value for name, value in service.items() if name not in {"id", "waiting_list", "archived_at"}}
    ask(
        "PUT",
        f"/services/{service['id']}",
        wanted=200,
        json={**terms, "together": True, "occurrences": 2},
        headers=header,
    )
    return practice, owner, beat


def link(stack: Stack, who: Person) -> dict[str, str]:
    """The body with which somebody decides, by the latest mail that asks them."""
    return {"token": behind_hash(stack.mail(who, WANTED)["text"])}


def decide(stack: Stack, what: str, body: dict[str, str]) -> Any:
    """How it stands after a decision by link."""
    return stack.client.ask("POST", f"/pending/{what}", wanted=200, json=body)["state"]


def test_all_agree_or_it_does_not_take_place(stack: Stack) -> None:
    """Each by a link of their own, twice if they like; one who declines does so for all, and the others are told."""
    practice, owner, beat = duo(stack)
    anna, cleo = Person(), Person()
    booked = stack.book(practice, anna)
    links = {who.email: link(stack, who) for who in (owner, beat.person)}
    assert links[owner.email] != links[beat.person.email]

    assert [decide(stack, "confirmation", links[beat.person.email]) for _ in range(2)] == ["pending", "pending"]
    listed = stack.client.ask(
        "GET", f"/appointments?day={booked['starts_at'][:10]}", wanted=200, headers=beat.signed_in
    )
    assert [(each["state"], each["agreed"]) for each in listed["appointments"]] == [("pending", [beat.staff])]
    assert decide(stack, "confirmation", links[owner.email]) == "confirmed"
    stack.mail(anna, "bestätigt")
    assert kind_of(stack.call("POST", "/pending/refusal", json=links[beat.person.email])) == (410, "link-used")

    stack.book(practice, cleo)
    stack.mail(beat.person, WANTED, count=2)
    stack.mail(owner, WANTED, count=2)
    assert decide(stack, "confirmation", link(stack, beat.person)) == "pending"
    assert decide(stack, "refusal", link(stack, owner)) == "declined"
    stack.mail(cleo, "wurde abgelehnt")
    assert cleo.given_name not in stack.mail(beat.person, "wurde abgelehnt")["text"]


def test_what_one_proposes_waits_for_the_other(stack: Stack) -> None:
    """Who proposed it is not asked again."""
    practice, owner, beat = duo(stack)
    anna, starts = Person(), stack.free(practice)[:6:3]
    propose(stack, practice, anna, starts)
    header = {"Zusage-Link": tokens(stack.mail(anna, PROPOSED)["text"])["choose"]}

    chosen = stack.client.ask("POST", "/proposal/choice", wanted=201, json={"starts_at": starts[0]}, headers=header)

    assert chosen["state"] == "pending"
    assert decide(stack, "confirmation", link(stack, beat.person)) == "confirmed"
    stack.mail(anna, "bestätigt")
    assert stack.mails(owner, WANTED) == []


def test_a_series_is_one_question_with_an_answer_for_each(stack: Stack) -> None:
    """To each of them, by mail."""
    practice, owner, beat = duo(stack)
    item: dict[str, Any] = {"service": practice.service, "expert": None, "duration": None, "answers": []}
    wish: dict[str, Any] = {"items": [item], "starts_at": stack.free(practice)[0], "address": None}
    wish |= {"repeat": {"weeks": 1, "times": 2}, "customer": Person().customer(), "sms_wanted": False}
    form = stack.client.form("visit", tenant=practice.tenant)
    stack.client.ask("POST", f"/tenants/{practice.tenant}/visits", wanted=201, json=wish, headers=form)

    mine, theirs = (
        [{"token": each} for each in re.findall(r"/confirmation#(\S+)", stack.mail(who, SEVERAL_WANTED)["text"])]
        for who in (owner, beat.person)
    )

    assert [decide(stack, "confirmation", each) for each in mine] == ["pending"] * 2
    assert decide(stack, "confirmation", theirs[0]) == "confirmed"
    assert decide(stack, "refusal", theirs[1]) == "declined"
    assert stack.mails(owner, WANTED) == stack.mails(beat.person, WANTED) == []
