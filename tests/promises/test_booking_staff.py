"""booking, `services-staff-customers`: a business runs its appointments itself, and people can see that it did."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from infra.local.client import Business
from infra.local.http_calls import HttpAnswer
from tests.deployed.colleagues import join
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, MOVED, Stack, instant, kind_of, written

pytestmark = [pytest.mark.deployed, pytest.mark.promise("services-staff-customers")]


def entered(stack: Stack, of: Business, who: Person, starts_at: str, **wishes: Any) -> HttpAnswer:
    """An appointment that staff enter for somebody."""
    names = ("given_name", "family_name", "email", "phone", "language")
    wanted = {"person": {name: getattr(who, name) for name in names}, "service": of.service, "expert": of.expert}
    body = {**wanted, "starts_at": starts_at, **wishes}
    return stack.call("POST", "/appointments", json=body, headers=of.signed_in)


def about(held: dict[str, Any]) -> str:
    """Its path."""
    return f"/customers/{held['customer']}/appointments/{held['id']}"


def exported(stack: Stack, of: Business, day: str, kind: str) -> bytes:
    """The file of everybody's day, with names."""
    asked = f"/appointments/export?expert=all&day={day}&format={kind}&names=true"
    answer = stack.call("GET", asked, headers={**of.signed_in, "Accept": "*/*"})
    assert answer.status == 200, answer.text
    return answer.body


def test_staff_enter_move_hand_over_and_cancel(stack: Stack) -> None:
    """Each with the version seen before; the customer is told each time, and the time is free again in the end."""
    anna, practice = Person(), stack.business(buffer_after=0)
    beat = join(stack, practice, "expert", works=True)
    first, *_, last = stack.free(practice)
    held = entered(stack, practice, anna, first).json()
    stack.mail(anna, BOOKED)
    path, ask, header = about(held), stack.client.ask, practice.signed_in

    seen = stack.call("GET", path, headers=header)
    moved = ask(
        "POST",
        f"{path}/rescheduling",
        wanted=200,
        json={"starts_at": last},
        headers={**header, "If-Match": seen.headers["etag"]},
    )
    stale = stack.call("POST", f"{path}/cancellation", json={}, headers={**header, "If-Match": seen.headers["etag"]})
    stack.mail(anna, MOVED)
    given = ask("POST", f"{path}/hand-over", wanted=200, json={"to": beat.staff}, headers=header)
    stack.inbox.wait_for(3, to=anna.email)
    day = last[:10]
    theirs = ask("GET", f"/appointments?day={day}", wanted=200, headers=beat.signed_in)["appointments"]
    everybodys = ask("GET", f"/appointments?day={day}&expert=all", wanted=200, headers=header)["appointments"]
    mine = ask("GET", f"/appointments?day={day}", wanted=200, headers=header)["appointments"]
    ask("POST", f"{path}/cancellation", wanted=200, json={}, headers=beat.signed_in)
    stack.mail(anna, CANCELLED)

    assert (moved["starts_at"], given["expert"], kind_of(stale)) == (last, beat.staff, (412, "changed"))
    assert [[one["given_name"] for one in page] for page in (theirs, everybodys, mine)] == [[anna.given_name]] * 2 + [
        []
    ]
    assert {first, last} <= set(stack.free(practice))


def test_staff_write_down_what_they_know_of_the_answers(stack: Stack) -> None:
    """Sealed like those of customers; what has to be answered may be unknown, and what does not fit is named."""
    asked = {"label": "Worum geht es?", "answer": "text", "purpose": "Vorbereitung", "keep_days": 7}
    rest: dict[str, Any] = {"options": [], "when": None}
    questions = [
        {"id": "topic", "required": False, **asked, **rest},
        {"id": "since", "required": True, **asked, **rest},
    ]
    practice, anna = stack.business(questions=questions), Person()
    first, said = stack.free(practice)[0], f"Knie {anna.mark}"

    refused = entered(stack, practice, anna, first, answers=[{"question": "topic", "answer": 7}])
    held = entered(stack, practice, anna, first, answers=[{"question": "topic", "answer": said}]).json()
    seen = stack.client.ask("GET", about(held), wanted=200, headers=practice.signed_in)

    assert (kind_of(refused), "answers.topic" in refused.text) == ((422, "invalid-input"), True)
    assert seen["answers"] == [{"question": "Worum geht es?", "answer": said}]
    (kept,) = stack.stored("records", sk=f"ANSWER#{held['id']}#topic")
    assert said not in str(kept)


def test_rules_can_be_passed_and_overlaps_cannot(stack: Stack) -> None:
    """Past hours and notice where staff say so, and they are told; over something else never."""
    practice = stack.business(buffer_after=0)
    first = stack.free(practice)[0]
    early = written(instant(first) - timedelta(hours=3))
    entered(stack, practice, Person(), first)

    refused = entered(stack, practice, Person(), early)
    passed = entered(stack, practice, Person(), early, anyway=True, quiet=True)
    over = entered(stack, practice, Person(), written(instant(first) + timedelta(minutes=30)), anyway=True)

    assert (kind_of(refused), "hours" in refused.json()["detail"]) == ((409, "conflict"), True)
    assert (passed.status, passed.json()["ignored"]) == (201, ["hours"])
    assert kind_of(over) == (409, "slot-taken")


def test_files_of_a_day_hold_it_in_three_forms(stack: Stack) -> None:
    """A spreadsheet, a calendar and a workbook say the same; people see in the ledger that they were in them."""
    anna, practice = Person(), stack.business()
    first = stack.free(practice)[0]
    held = entered(stack, practice, anna, first, note="=1+1").json()
    link = stack.links(anna)["cancel"]

    rows = list(csv.DictReader(io.StringIO(exported(stack, practice, first[:10], "csv").decode("utf-8-sig"))))
    (event,) = Calendar.from_ical(exported(stack, practice, first[:10], "ics")).walk("VEVENT")
    book = load_workbook(io.BytesIO(exported(stack, practice, first[:10], "xlsx"))).worksheets[0]
    told = stack.client.ask("GET", "/appointment/ledger", wanted=200, headers=link)["entries"]

    assert [(row["Termin"], row["Vorname"], row["Notiz"]) for row in rows] == [(held["id"], anna.given_name, "'=1+1")]
    assert (str(event["UID"]), event.decoded("DTSTART")) == (f"{held['id']}@mail.example.ch", instant(first))
    assert (book["A2"].value, book["W2"].value, book["W2"].data_type) == (held["id"], "=1+1", "s")
    assert [one["kind"] for one in told].count("staff:appointments:exported") == 3


def test_a_no_show_and_a_note_are_told_to_the_person(stack: Stack) -> None:
    """Counted for staff, taken back if it was wrong, and part of what is held about the person."""
    practice = stack.business(notice=0)
    header = practice.signed_in
    began = written((stack.cloud.now() - timedelta(minutes=10)).replace(second=0, microsecond=0))
    held = entered(stack, practice, Person(), began, anyway=True, quiet=True).json()
    path, ask = about(held), stack.client.ask

    ask("PUT", f"{path}/no-show", wanted=200, headers=header)
    missed = ask("GET", path, wanted=200, headers=header)
    ask("PUT", f"{path}/note", wanted=200, json={"text": "Rief an"}, headers=header)
    view = ask(
        "POST", f"/customers/{held['customer']}/legal-view", wanted=200, json={"ground": "legal-claim"}, headers=header
    )
    ask("DELETE", f"{path}/no-show", wanted=200, headers=header)
    came = ask("GET", path, wanted=200, headers=header)

    assert [(one["no_shows"], one["no_show_at"] is None) for one in (missed, came)] == [(1, False), (0, True)]
    (told,) = [one["fields"] for one in view["records"] if one["kind"] == "Appointment"]
    said = {one["name"]: one["value"] for one in told}
    assert (said["note"], said["no_show_at"]) == ("Rief an", missed["no_show_at"])


def test_a_colleagues_appointments_are_not_an_experts(stack: Stack) -> None:
    """Neither to see nor to change; everybody's are for admins."""
    practice = stack.business()
    beat = join(stack, practice, "expert", works=True)
    held = entered(stack, practice, Person(), stack.free(practice)[0]).json()

    answers = [
        stack.call("GET", about(held), headers=beat.signed_in),
        stack.call("POST", f"{about(held)}/cancellation", json={}, headers=beat.signed_in),
        stack.call("PUT", f"{about(held)}/note", json={"text": "x"}, headers=beat.signed_in),
        stack.call("GET", "/appointments?expert=all", headers=beat.signed_in),
        stack.call("GET", "/appointments/export?expert=all", headers=beat.signed_in),
    ]

    assert [kind_of(each)[0] for each in answers] == [404, 404, 404, 403, 403]
