"""booking, `availability`: what is reserved or waits is nobody else's, and is free again to the second."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.client import Business, behind_hash, booking
from infra.local.http_calls import HttpAnswer
from tests.deployed.people import Person
from tests.deployed.stack import Stack, instant, kind_of, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("availability")]

REQUESTED, LAPSED, WANTED, MISSED = (
    "Anfrage ist eingegangen",
    "ist verfallen",
    "wartet auf Sie",
    "Anfrage ist verfallen",
)


def reserve(stack: Stack, of: Business, starts_at: str) -> HttpAnswer:
    """Asks for a time to be kept, in a form of its own."""
    wanted = {"service": of.service, "expert": None, "starts_at": starts_at, "duration": None}
    form = stack.client.form("reservation", tenant=of.tenant, service=of.service)
    return stack.call("POST", f"/tenants/{of.tenant}/reservations", json=wanted, headers=form)


def offers(stack: Stack, of: Business, starts_at: str) -> bool:
    """Whether a time is offered."""
    at = instant(starts_at)
    return starts_at in stack.client.slots(of, frm=at, to=at + timedelta(minutes=1))


def book(stack: Stack, of: Business, who: Person, starts_at: str, reservation: str | None = None) -> HttpAnswer:
    """Books, perhaps what was reserved."""
    sent = booking(of.service, None, starts_at=starts_at, customer=who.customer(), reservation=reservation)
    return stack.call("POST", f"/tenants/{of.tenant}/appointments", json=sent, headers=stack.client.booking_form(of))


def state(stack: Stack, booked: dict[str, Any]) -> str:
    """How the customer sees it by the first link."""
    shown = stack.client.ask("GET", "/appointment", wanted=200, headers={"Zusage-Link": booked["links"]["view"]})
    return str(shown["state"])


def test_a_reserved_time_is_whose_it_is_for_five_minutes(stack: Stack) -> None:
    """Nobody else is shown it or gets it; given back, used or over it is what it was."""
    practice = stack.business(buffer_after=0)
    first, second, third = stack.free(practice)[0:6:2]
    kept, returned, forgotten = (reserve(stack, practice, each).json() for each in (first, second, third))

    assert not any(offers(stack, practice, each) for each in (first, second, third))
    assert kind_of(book(stack, practice, Person(), first)) == (409, "slot-taken")
    assert kind_of(reserve(stack, practice, first)) == (409, "slot-taken")
    link = {"Zusage-Link": returned["id"]}
    assert stack.call("DELETE", f"/tenants/{practice.tenant}/reservation", headers=link).status == 204
    assert book(stack, practice, Person(), first, kept["id"]).status == 201

    stack.cloud.move_time(to=instant(forgotten["until"]) + timedelta(seconds=1))

    assert [offers(stack, practice, each) for each in (first, second, third)] == [False, True, True]
    assert kind_of(book(stack, practice, Person(), first, kept["id"])) == (409, "slot-taken")


def test_a_pending_appointment_is_confirmed_by_the_link_of_its_expert(stack: Stack) -> None:
    """Until then it holds its time and says so; then it stands for good. The link works once."""
    anna, owner = Person(), Person()
    practice = stack.business(owner, confirm_within=120)
    booked = stack.book(practice, anna)

    assert (booked["state"], state(stack, booked)) == ("pending", "pending")
    assert not offers(stack, practice, booked["starts_at"])
    calendar = stack.calendar(stack.mail(anna, REQUESTED))
    assert [str(event["STATUS"]) for event in calendar.walk("VEVENT")] == ["TENTATIVE"]
    wanted = stack.mail(owner, WANTED)
    assert anna.given_name not in wanted["text"]
    token = {"token": behind_hash(wanted["text"])}
    assert stack.client.ask("POST", "/pending/confirmation", wanted=200, json=token)["state"] == "confirmed"

    assert state(stack, booked) == "confirmed"
    assert kind_of(stack.call("POST", "/pending/refusal", json=token)) == (410, "link-used")
    calendar = stack.calendar(stack.mail(anna, "bestätigt"))
    assert [(str(event["STATUS"]), int(str(event["SEQUENCE"]))) for event in calendar.walk("VEVENT")] == [
        ("CONFIRMED", 1)
    ]
    assert len(stack.notifications(booked["id"], message="appointment-reminder")) == 1


def test_what_nobody_confirms_is_free_to_the_second_and_everybody_is_told(stack: Stack) -> None:
    """Before anything ran the time is offered and goes to somebody else, whom a late confirmation can't push out."""
    anna, beat, owner = Person(), Person(), Person()
    practice = stack.business(owner, confirm_within=60)
    booked = stack.book(practice, anna)
    path = _of_staff(stack, booked)

    stack.cloud.move_time(to=stack.cloud.now() + timedelta(minutes=61))

    assert offers(stack, practice, booked["starts_at"])
    assert book(stack, practice, beat, booked["starts_at"]).status == 201
    stack.cloud.invoke("Upkeep")
    assert state(stack, booked) == "lapsed"
    assert "CANCEL" in str(stack.calendar(stack.mail(anna, LAPSED))["METHOD"])
    stack.mail(owner, MISSED)
    assert kind_of(stack.call("POST", f"{path}/confirmation", headers=practice.signed_in)) == (409, "slot-taken")
    assert state(stack, booked) == "lapsed"


def test_who_declines_gives_the_time_back(stack: Stack) -> None:
    """By the list of appointments; the customer is told."""
    anna, practice = Person(), stack.business(confirm_within=60)
    booked = stack.book(practice, anna)
    path = _of_staff(stack, booked)

    assert stack.client.ask("POST", f"{path}/refusal", wanted=200, headers=practice.signed_in)["state"] == "declined"

    stack.mail(anna, "abgelehnt")
    assert offers(stack, practice, booked["starts_at"])
    until(lambda: state(stack, booked) == "declined", "the customer sees it")


def _of_staff(stack: Stack, booked: dict[str, Any]) -> str:
    """Where staff decide about it."""
    (held,) = stack.stored("records", sk=f"APPOINTMENT#{booked['id']}")
    return f"/customers/{held['pk'].rpartition('#')[2]}/appointments/{booked['id']}"
