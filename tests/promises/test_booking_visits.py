"""Several appointments are booked together, by the public API: all of them or none, told in one mail."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from infra.local.client import Business
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, instant, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("availability")]

ZURICH = ZoneInfo("Europe/Zurich")


def second_service(stack: Stack, of: Business, **changes: Any) -> str:
    """The id of one service more, of half an hour, for groups of two in the one room there is."""
    room = stack.client.ask("POST", "/resources", wanted=201, json={"name": "Saal"}, headers=of.signed_in)
    terms = {"name": "Rückenkurs", "duration": 30, "step": 30, "experts": [of.expert], "notice": 60, **changes}
    terms |= {"seats": 2, "resources": [[room["id"]]], "occurrences": 3, "price": 4500, "payment": "on-site"}
    made = stack.client.ask("POST", "/services", wanted=201, json=terms, headers=of.signed_in)
    return str(made["id"])


def visit(stack: Stack, of: Business, who: Person, services: list[str], start: str, *, times: int = 1) -> Any:
    """Asks for services one after the other, every week."""
    items: list[dict[str, Any]] = [
        {"service": each, "expert": None, "duration": None, "answers": []} for each in services
    ]
    body: dict[str, Any] = {"items": items, "starts_at": start, "repeat": {"weeks": 1, "times": times}, "address": None}
    body |= {"customer": who.customer(), "sms_wanted": False}
    form = stack.client.form("visit", tenant=of.tenant)
    return stack.call("POST", f"/tenants/{of.tenant}/visits", json=body, headers=form)


def _here(text: str) -> datetime:
    """The time on the wall of the place: every week at the same time, whether or not clocks change in between."""
    return instant(text).astimezone(ZURICH).replace(tzinfo=None)


def test_a_course_is_booked_as_a_whole_and_has_its_seats(stack: Stack) -> None:
    """Three weeks for two people; the third gets nothing, and a time in the middle that is taken takes all away."""
    of = stack.business()
    course = second_service(stack, of)
    start = stack.free(of)[0]
    people = [Person() for _ in range(3)]

    first, second, third = (visit(stack, of, each, [course], start, times=3) for each in people)

    assert [each.status for each in (first, second, third)] == [201, 201, 409]
    assert start in third.json()["detail"] or start in third.text
    made = first.json()["appointments"]
    assert [(_here(each["starts_at"]) - _here(start)) / timedelta(weeks=1) for each in made] == [0, 1, 2]
    assert len({each["series"] for each in made}) == 1
    assert {each["price"] for each in made} == {4500}
    mail = stack.mail(people[0], BOOKED)
    files = [Calendar.from_ical(stack.inbox.file(mail, number)) for number in range(3)]
    assert len(stack.mails(people[0])) == 1
    assert len(mail["attachments"]) == mail["text"].count("/appointment#") == 3
    invited = [instant(each.walk("VEVENT")[0].decoded("DTSTART").isoformat()) for each in files]
    assert invited == [instant(each["starts_at"]) for each in made]
    for each in made:
        assert each["links"]["cancel"] in mail["text"]
    gone = stack.call("POST", "/appointment/cancellation", headers={"Zusage-Link": made[0]["links"]["cancel"]})
    assert gone.status == 200
    assert kind_of(visit(stack, of, people[2], [course], start, times=3)) == (409, "slot-taken")
    assert visit(stack, of, people[2], [course], start).status == 201


def test_services_of_a_visit_follow_each_other(stack: Stack) -> None:
    """The quarter of an hour that the first asks for afterwards lies between them; whoever is free does it."""
    of = stack.business()
    course = second_service(stack, of)
    anna, beat = Person(), Person()
    start = stack.free(of)[0]

    one, two = visit(stack, of, anna, [of.service, course], start).json()["appointments"]

    assert (instant(two["starts_at"]) - instant(one["ends_at"])).total_seconds() == 15 * 60
    assert (one["expert"], two["expert"]) == (of.expert, of.expert)
    stack.mail(anna, BOOKED)
    assert len(stack.mails(anna)) == 1
    refused = visit(stack, of, beat, [course, of.service], start)
    assert kind_of(refused) == (409, "slot-taken")
