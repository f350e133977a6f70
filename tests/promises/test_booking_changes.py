"""booking, `reschedule-cancel`: customers move and cancel by link, and calendars follow."""

import pytest
from icalendar import Calendar, Event

from infra.local.client import tokens
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, MOVED, Stack, instant, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("reschedule-cancel")]


def the_event(calendar: Calendar) -> Event:
    """The one event of a calendar file."""
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return event


def said(stack: Stack, who: Person, about: str) -> tuple[str, str, int, str]:
    """Method, UID, sequence and status of the calendar file in the mail."""
    calendar = stack.calendar(stack.mail(who, about))
    event = the_event(calendar)
    return str(calendar["METHOD"]), str(event["UID"]), int(str(event["SEQUENCE"])), str(event["STATUS"])


def test_each_change_is_told_to_the_calendar(stack: Stack) -> None:
    """REQUEST, REQUEST, CANCEL for one and the same entry, each with a higher sequence and the times that hold."""
    anna, practice = Person(), stack.business()
    booked = stack.book(practice, anna)
    free = stack.free(practice)
    new = {"starts_at": free[-1]}

    moved = stack.client.ask(
        "POST", "/appointment/rescheduling", wanted=200, json=new, headers=stack.links(anna)["reschedule"]
    )
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(anna, MOVED)["cancel"])

    first, second, third = (said(stack, anna, about) for about in (BOOKED, MOVED, CANCELLED))
    uid = f"{booked['id']}@mail.example.ch"
    assert first == ("REQUEST", uid, 0, "CONFIRMED")
    assert second == ("REQUEST", uid, 1, "CONFIRMED")
    assert third == ("CANCEL", uid, 2, "CANCELLED")
    for about, view in ((BOOKED, booked), (MOVED, moved), (CANCELLED, moved)):
        event = the_event(stack.calendar(stack.mail(anna, about)))
        assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (
            instant(view["starts_at"]),
            instant(view["ends_at"]),
        )
        assert str(event["ATTENDEE"]).removeprefix("mailto:") == anna.email


def test_moving_frees_the_old_time_and_takes_the_new_one(stack: Stack) -> None:
    """The appointment's own time counts as free while choosing; the old links end, the new ones come by mail."""
    anna, practice = Person(), stack.business(buffer_after=0)
    booked = stack.book(practice, anna)
    link = stack.links(anna)["reschedule"]
    half_an_hour_on = stack.client.ask(
        "GET",
        f"/appointment/slots?from={booked['starts_at']}&to={booked['ends_at']}",
        wanted=200,
        headers=link,
    )["starts"]

    new = {"starts_at": half_an_hour_on[1]}
    moved = stack.client.ask("POST", "/appointment/rescheduling", wanted=200, json=new, headers=link)

    assert half_an_hour_on[0] == booked["starts_at"]
    assert moved["id"] == booked["id"]
    assert kind_of(stack.call("POST", "/appointment/rescheduling", json=new, headers=link)) == (410, "link-used")
    assert tokens(stack.mail(anna, MOVED)["text"]) == moved["links"]
    assert moved["starts_at"] not in stack.free(practice)
    other = stack.client.try_to_book(practice, starts_at=moved["starts_at"], **Person().customer())
    assert kind_of(other) == (409, "slot-taken")


def test_cancelling_frees_the_time_and_takes_back_the_reminder(stack: Stack) -> None:
    """Once; the next customer can have the time, and nobody is reminded of what is off."""
    anna, beat, practice = Person(), Person(), stack.business()
    booked = stack.book(practice, anna, sms=True)
    link = stack.links(anna)["cancel"]
    stack.inbox.wait_for(1, to=anna.phone)  # what is cancelled before it was confirmed is not confirmed any more

    cancelled = stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=link)
    again = stack.call("POST", "/appointment/cancellation", headers=link)
    stack.mail(anna, CANCELLED)

    assert cancelled["state"] == "cancelled"
    assert kind_of(again) == (410, "link-used")
    assert stack.notifications(booked["id"], message="appointment-reminder") == []
    assert stack.book(practice, beat, starts_at=booked["starts_at"])["starts_at"] == booked["starts_at"]
    assert "abgesagt" in stack.inbox.wait_for(2, to=anna.phone)[-1]["text"]


def test_the_link_in_a_text_message_cancels_and_does_not_move(stack: Stack) -> None:
    """It is kept short: the right to move stays with the e-mail."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna, sms=True)
    (text,) = stack.inbox.wait_for(1, to=anna.phone)

    held = tokens(text["text"])
    answer = stack.call("POST", "/appointment/cancellation", headers={"Zusage-Link": held["cancel"]})

    assert set(held) == {"cancel"}
    assert answer.json()["state"] == "cancelled"
