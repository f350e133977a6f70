"""notifications, `sms-only-if-wanted`: a phone number reaches an SMS provider only for who asked for it."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.client import booking
from infra.local.http_calls import HttpAnswer
from tests.deployed.offers import FREE, join
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, MOVED, REMINDED, Stack, instant, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("sms-only-if-wanted")]


def texted(stack: Stack, who: Person, count: int) -> None:
    """Waits until so many text messages have come; none need no waiting for."""
    stack.inbox.wait_for(count, to=who.phone)


@pytest.mark.parametrize("wanted", [False, True])
def test_the_number_goes_out_with_the_wish_only(stack: Stack, wanted: bool) -> None:
    """Booked, moved, reminded and cancelled: four messages, or none, though the number was given both times."""
    anna, practice = Person(), stack.business(reminder_minutes=60)
    booked = stack.book(practice, anna, sms=wanted)
    stack.mail(anna, BOOKED)
    texted(stack, anna, 1 if wanted else 0)  # or moving would take it back
    day_time = next(one for one in stack.free(practice, days=4) if one[11:] >= "10:00")
    moved = stack.client.ask(
        "POST",
        "/appointment/rescheduling",
        wanted=200,
        json={"starts_at": day_time},
        headers=stack.links(anna)["reschedule"],
    )
    link = stack.links(anna, MOVED)["cancel"]
    texted(stack, anna, 2 if wanted else 0)
    stack.cloud.move_time(to=instant(moved["starts_at"]) - timedelta(minutes=59))
    stack.wake()
    stack.mail(anna, REMINDED)
    texted(stack, anna, 3 if wanted else 0)  # or cancelling would take the third back
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=link)
    stack.mail(anna, CANCELLED)

    texted(stack, anna, 4 if wanted else 0)
    stack.wake()

    assert len(stack.texts(anna)) == (4 if wanted else 0)
    channels = {one["channel"] for one in stack.notifications(booked["id"])}
    assert channels == ({"email", "sms"} if wanted else {"email"})


def test_the_wish_holds_for_one_appointment(stack: Stack) -> None:
    """Who wanted text messages last time is not texted this time."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna, sms=True)
    stack.inbox.wait_for(1, to=anna.phone)

    second = stack.book(practice, anna, sms=False)
    stack.mail(anna, BOOKED, count=2)

    assert {one["channel"] for one in stack.notifications(second["id"])} == {"email"}
    assert len(stack.texts(anna)) == 1


@pytest.mark.parametrize("wanted", [False, True])
def test_a_freed_time_is_offered_by_text_message_with_the_wish_only(stack: Stack, wanted: bool) -> None:
    """Also where the number is known anyhow, since it is by phone that people meet."""
    anna, beat = Person(), Person()
    practice = stack.business(offer_minutes=120, place="phone")
    stack.book(practice, beat)
    assert join(stack, practice, anna, sms_wanted=wanted).status == 202

    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(beat)["cancel"])
    stack.cloud.invoke("Upkeep")
    stack.mail(anna, FREE)
    texted(stack, anna, int(wanted))
    stack.wake()

    assert len(stack.texts(anna)) == int(wanted)


def test_the_wish_is_asked_for_and_never_assumed(stack: Stack) -> None:
    """The form asks; without an answer it is refused, and so is a wish without a number."""
    anna, practice = Person(), stack.business()
    free = stack.free(practice)
    body = booking(practice.service, practice.expert, starts_at=free[0], customer=anna.customer())
    del body["sms_wanted"]

    def send(**changes: Any) -> HttpAnswer:
        form, path = stack.client.booking_form(practice), f"/tenants/{practice.tenant}/appointments"
        return stack.call("POST", path, json={**body, **changes}, headers=form)

    silent, asked = send(), send(sms_wanted=False)
    refused = send(starts_at=free[-1], sms_wanted=True, customer=Person().customer(phone=None))
    stack.mail(anna, BOOKED)

    assert kind_of(silent) == (403, "form-refused")
    assert asked.json()["sms_wanted"] is False
    assert kind_of(refused) == (422, "invalid-input")
    assert stack.texts(anna) == []
