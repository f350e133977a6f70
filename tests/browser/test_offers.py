"""The pages behind customers' links in a browser: one's appointment, a kept place, proposed times, leaving a list."""

from datetime import timedelta

import pytest

from infra.local.client import tokens
from tests.browser.chromium import Page
from tests.deployed.offers import FREE, JOINED, PROPOSED, join, propose
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, instant

pytestmark = pytest.mark.deployed

QUESTION = {"id": "why", "label": "Weshalb kommen Sie?", "answer": "text", "purpose": "Vorbereitung", "keep_days": 30}


def opened(stack: Stack, page: Page, path: str, held: dict[str, str]) -> None:
    """The page behind a link, once it shows something."""
    pairs = "&".join(f"{name}={token}" for name, token in held.items())
    page.open(f"{stack.cloud.api_base}/{path}#{pairs}")
    page.until("document.querySelector('dd') !== null")


def test_one_sees_moves_and_cancels_ones_appointment(stack: Stack, page: Page) -> None:
    """With where it is and until when it can be changed; tokens are in no address that was sent."""
    anna, practice = Person(), stack.business(cancel_until=60, price=12050)
    stack.book(practice, anna)
    held = tokens(stack.mail(anna, BOOKED)["text"])

    opened(stack, page, "appointment", held)
    facts = page.text("#facts")
    for part in ("Erstgespräch", "CHF", "120.50", "8002", "vereinbart", "Absagen bis"):
        assert part in facts
    page.click("#calendar")
    page.until("document.getElementById('status').textContent === ''")

    page.click("#move")
    page.until("document.querySelector('#days button') !== null")
    page.run("document.querySelector('#days li:last-child button').click()")
    page.until("document.getElementById('status').textContent === 'Der Termin ist verschoben.'")
    page.click("#cancel")
    page.click("#cancel-yes")
    page.until("document.getElementById('status').textContent === 'Der Termin ist abgesagt.'")
    assert "abgesagt" in page.text("#facts")
    assert not page.sees("#choices")


def test_who_may_only_look_is_offered_nothing_else(stack: Stack, page: Page) -> None:
    """The page shows what the link is for."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna)
    held = tokens(stack.mail(anna, BOOKED)["text"])

    opened(stack, page, "appointment", {"view": held["view"]})

    for button in ("#move", "#cancel", "#calendar"):
        assert not page.sees(button)


def test_one_chooses_a_proposed_time(stack: Stack, page: Page) -> None:
    """With the message, and an answer to what the service asks; then one sees the appointment."""
    anna, practice = Person(), stack.business(questions=[{**QUESTION, "required": True}])
    free = stack.free(practice)
    propose(stack, practice, anna, [free[0], free[4]])

    opened(stack, page, "proposal", tokens(stack.mail(anna, PROPOSED)["text"]))
    page.until("!document.getElementById('offer').hidden")
    assert page.text("#message") == "Bitte nüchtern kommen."
    assert page.run("document.querySelectorAll('#times input').length") == 2
    page.fill("#question-why", "Knie")
    page.run("document.querySelectorAll('#times input')[1].click()")
    page.click("#take")
    page.until("location.pathname.endsWith('/appointment') && document.querySelector('dd') !== null")

    booked = tokens(stack.mail(anna, BOOKED)["text"])
    seen = stack.client.ask("GET", "/appointment", wanted=200, headers={"Zusage-Link": booked["view"]})
    assert instant(seen["starts_at"]) - instant(free[4]) == timedelta(0)


def test_one_takes_a_kept_place_and_leaves_a_list(stack: Stack, page: Page) -> None:
    """It takes a click: whatever opens links takes nothing."""
    anna, beat, cleo, practice = Person(), Person(), Person(), stack.business(offer_minutes=60)
    stack.book(practice, cleo)
    for who in (anna, beat):
        join(stack, practice, who)
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(cleo)["cancel"])
    stack.cloud.invoke("Upkeep")

    opened(stack, page, "place", tokens(stack.mail(anna, FREE)["text"]))
    page.click("#decline")
    page.until("document.getElementById('offer').hidden")
    stack.cloud.invoke("Upkeep")
    opened(stack, page, "place", tokens(stack.mail(beat, FREE)["text"]))
    page.click("#accept")
    page.until("location.pathname.endsWith('/appointment') && document.querySelector('dd') !== null")

    page.open(f"{stack.cloud.api_base}/waiting#leave={tokens(stack.mail(anna, JOINED)['text'])['leave']}")
    page.click("#leave")
    page.until("document.getElementById('ask').hidden")
    left = f"/services/{practice.service}/waiting-list"
    assert stack.client.ask("GET", left, wanted=200, headers=practice.signed_in)["entries"] == []
