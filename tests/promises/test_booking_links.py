"""booking, `reschedule-cancel`: each link does one thing, and a real calendar follows the appointment."""

import pytest

from tests.calendar_client import CalendarClient
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, MOVED, Stack, instant, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("reschedule-cancel")]

USES = {
    "view": ("GET", "/appointment", None),
    "cancel": ("POST", "/appointment/cancellation", None),
    "reschedule": ("POST", "/appointment/rescheduling", {"starts_at": "2030-01-07T09:00:00Z"}),
    "calendar": ("GET", "/appointment/calendar-file", None),
}
ALSO = {"cancel": {"view"}, "reschedule": {"view"}}  # who changes an appointment sees what it is


def test_each_link_of_the_mail_does_one_thing(stack: Stack) -> None:
    """All four stand in it; what a link is not for answers that it is not valid."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna)
    links = stack.links(anna)

    assert set(links) == set(USES)
    for name, headers in links.items():
        for use in USES.keys() - {name} - ALSO.get(name, set()):
            method, path, body = USES[use]
            assert kind_of(stack.call(method, path, json=body, headers=headers)) == (403, "link-invalid"), (name, use)
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=links["cancel"])


def test_a_link_says_where_it_is_and_until_when_it_can_be_changed(stack: Stack) -> None:
    """By the rules of the service; once it is cancelled, nothing is possible any more and it still can be seen."""
    anna, practice = Person(), stack.business(cancel_until=1440, move_until=120, price=9000)
    booked = stack.book(practice, anna)
    links = stack.links(anna)

    seen = stack.client.ask("GET", "/appointment", wanted=200, headers=links["view"])
    start = instant(booked["starts_at"])
    assert (start - instant(seen["cancel_until"])).total_seconds() == 1440 * 60
    assert (start - instant(seen["move_until"])).total_seconds() == 120 * 60
    assert (seen["price"], seen["currency"], seen["refund"]) == (9000, "CHF", None)
    assert seen["where"]["place"] == "on-site"
    assert seen["where"]["address"]

    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=links["cancel"])
    seen = stack.client.ask("GET", "/appointment", wanted=200, headers=links["view"])
    assert (seen["state"], seen["cancel_until"], seen["move_until"]) == ("cancelled", None, None)


def test_a_real_calendar_follows(stack: Stack) -> None:
    """Entered by the mail, the same entry when taken over by hand, moved and removed by the mails that follow."""
    anna, practice, calendar = Person(), stack.business(), CalendarClient()
    booked = stack.book(practice, anna)
    links = stack.links(anna)

    def take(about: str) -> None:
        calendar.take(stack.inbox.file(stack.mail(anna, about)))

    take(BOOKED)
    assert calendar.times() == [(instant(booked["starts_at"]), instant(booked["ends_at"]))]
    file = stack.call("GET", "/appointment/calendar-file", headers=links["calendar"])
    assert file.headers["content-type"].startswith("text/calendar")
    calendar.take(file.body)
    assert len(calendar.events()) == 1

    new = {"starts_at": stack.free(practice)[-1]}
    moved = stack.client.ask("POST", "/appointment/rescheduling", wanted=200, json=new, headers=links["reschedule"])
    take(MOVED)
    assert calendar.times() == [(instant(moved["starts_at"]), instant(moved["ends_at"]))]

    headers = {"Zusage-Link": moved["links"]["cancel"]}
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=headers)
    take(CANCELLED)
    assert calendar.events() == []
