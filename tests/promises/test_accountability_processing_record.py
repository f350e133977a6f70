"""accountability, `processing-record`: what is stored is declared, field by field, and published in three forms."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.records._tables import TABLES
from chalicelib.records.catalogue import RECORDS
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, until
from tests.workbooks import sheets_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("processing-record")]

# What all records share: keys, version, expiry, states, the sealed blob, places in indexes. It says nothing by itself.
FRAME = frozenset().union(*(table.get_attributes() for table in TABLES))
FEWEST = 5


def record(stack: Stack, language: str = "en") -> Any:
    """The published record."""
    answer = stack.cloud.call("GET", f"/v1/processing-record?language={language}")
    assert answer.status == 200
    return answer.json()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_says_why_it_is_there_and_who_sees_it(stack: Stack, language: str) -> None:
    """Purpose, basis in both laws, persons, source, recipients, period and what follows; and who answers for it."""
    told = record(stack, language)

    assert {each["kind"] for each in told["activities"]} == {kind.kind_name() for kind in RECORDS}
    for each in told["activities"]:
        assert all(each[name] for name in ("what", "purposes", "about", "source", "kept", "afterwards", "measures"))
        assert each["gdpr"].startswith("Art. 6(1)(")
        assert each["fadp"].startswith("Art. 31(")
        assert "aws" in each["recipients"]
    for who in (told["controller"], told["officer"]):
        assert who["postal"]
        assert "@" in who["mail"]
    assert len(told["measures"]) >= len({*told["measures"]}) > 0


def test_what_lies_in_the_tables_is_what_is_declared(stack: Stack) -> None:
    """Every kind that a registration, a booking and messages leave behind, and each of its fields."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna, sms=True)
    stack.mail(anna, BOOKED)
    declared = {each["kind"]: {field["name"] for field in each["fields"]} for each in record(stack)["activities"]}

    stored: dict[str, set[str]] = {}
    for item in stack.everything_stored():
        if practice.tenant not in item["pk"]:
            continue  # another test's, which may have planted what is not declared
        stored.setdefault(str(item["kind"]), set()).update(item)

    assert {"Tenant", "Staff", "Customer", "Appointment", "Notification", "LedgerEntry", "SubjectKey"} <= set(stored)
    assert {kind: names - FRAME - declared[kind] for kind, names in stored.items()} == {kind: set() for kind in stored}


def test_recipients_are_those_that_got_something(stack: Stack) -> None:
    """Whoever was handed a confirmation is named for the appointment, with a place and a basis for the transfer."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna, sms=True)
    took = {stack.mail(anna, BOOKED)["provider"], stack.inbox.wait_for(1, to=anna.phone)[0]["provider"]}

    told = record(stack)

    (appointment,) = [each for each in told["activities"] if each["kind"] == "Appointment"]
    assert took <= set(appointment["recipients"])
    named = {each["name"]: each for each in told["processors"]}
    for name in {name for each in told["activities"] for name in each["recipients"]}:
        assert all(named[name][fact] for fact in ("company", "place", "country", "contract", "transfer", "receives"))


@pytest.mark.parametrize("language", ["en", "de"])
def test_page_and_workbook_say_the_same(stack: Stack, language: str) -> None:
    """Each kind and each processor, in words; the workbook opens and comes byte for byte."""
    told = record(stack, language)

    page = stack.cloud.call("GET", f"/processing-record?language={language}", headers={"Accept": "text/html"})
    book = stack.cloud.call("GET", f"/v1/processing-record.xlsx?language={language}", headers={"Accept": "text/html"})

    assert page.status == book.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script" not in page.headers["content-security-policy"]
    activities, fields, processors, _ = sheets_of(book.body).values()
    assert [row[0] for row in activities[1:]] == [each["kind"] for each in told["activities"]]
    assert [row[0] for row in processors[1:]] == [each["name"] for each in told["processors"]]
    assert len(fields) - 1 == sum(len(each["fields"]) for each in told["activities"])
    assert all(f'id="{each["kind"]}"' in page.text for each in told["activities"])
    assert all(f'id="processor-{each["name"]}"' in page.text for each in told["processors"])


def test_hand_overs_are_counted_and_name_nobody(stack: Stack) -> None:
    """Per processor and day, two days later; a day of fewer than five businesses is left out."""
    day = stack.cloud.now().date()
    owners = [Person() for _ in range(FEWEST)]
    tenants = [stack.business(owner).tenant for owner in owners]
    handed = sum(len(stack.mails(owner)) for owner in owners)
    until(lambda: counted(stack, day, tenants) >= handed, "the hand-overs are counted")

    stack.cloud.move_time(to=datetime.fromisoformat(f"{day}T02:00:00+00:00") + timedelta(days=2))
    told = record(stack)["hand_overs"]

    figures = {each["processor"]: each["count"] for each in told if each["day"] == day.isoformat()}
    assert figures["mailgun"] >= handed >= FEWEST
    assert {name for each in told for name in each} == {"processor", "day", "count"}
    assert not [each for each in told if each["day"] > day.isoformat()]


def counted(stack: Stack, day: Any, tenants: list[str]) -> int:
    """What was counted so far for these businesses."""
    found = [
        item for item in stack.stored("records", sk=f"LEDGER-DAY#{day}") if item["pk"][len("TENANT#") :] in tenants
    ]
    return sum(int(count) for item in found for count in _plain(item["processors"]).values())


def _plain(value: Any) -> dict[str, int]:
    return dict(json.loads(value) if isinstance(value, str) else value)
