"""accounts, `services-staff-customers`: a business keeps its customers, and finds, joins and brings them along."""

from io import BytesIO
from typing import Any

import pytest
from xlsxwriter import Workbook

from infra.local.client import Business
from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of

BYTES = "application/octet-stream"
pytestmark = [pytest.mark.deployed, pytest.mark.promise("services-staff-customers")]


def given(who: Person, **changes: Any) -> dict[str, Any]:
    """What staff enter of somebody."""
    names = ("given_name", "family_name", "email", "phone", "language")
    return {**{name: getattr(who, name) for name in names}, **changes}


def entered(stack: Stack, by: Business, who: Person, **changes: Any) -> str:
    """The id of a customer whom staff entered."""
    body = given(who, **changes)
    made = stack.client.ask("POST", "/customers", wanted=201, json=body, headers=by.signed_in)
    return str(made["id"])


def found(stack: Stack, by: Business, **asked: str) -> list[str]:
    """The ids of those who are found."""
    hits = stack.client.ask("POST", "/customer-search", wanted=200, json=asked, headers=by.signed_in)
    return [each["id"] for each in hits["customers"]]


def file_of(stack: Stack, by: Business, customer: str) -> Any:
    """Everything about a customer."""
    return stack.client.ask("GET", f"/customers/{customer}", wanted=200, headers=by.signed_in)


def listed(stack: Stack, by: Business, customer: str, what: str) -> Any:
    """The first page of what lies with a customer."""
    found = stack.client.ask("GET", f"/customers/{customer}/{what}", wanted=200, headers=by.signed_in)
    return found[what]


def workbook(who: Person) -> bytes:
    """One person in an Excel workbook."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Prénom", "Nom", "Courriel"])
        sheet.write_row(1, 0, [who.given_name, who.family_name, who.email])
    return out.getvalue()


def test_services_staff_and_customers_are_in_one_place(stack: Stack) -> None:
    """Each is listed, for this business only; what is entered of a customer lies sealed."""
    practice, other, anna = stack.business(), stack.business(), Person()
    customer = entered(stack, practice, anna)

    for path, kind, wanted in (("/services", "services", practice.service), ("/staff", "staff", practice.expert)):
        listed = stack.client.ask("GET", path, wanted=200, headers=practice.signed_in)[kind]
        assert wanted in {each["id"] for each in listed}
    listed = stack.client.ask("GET", "/customers", wanted=200, headers=practice.signed_in)["customers"]
    assert [(each["id"], each["source"]) for each in listed] == [(customer, "business")]
    assert stack.client.ask("GET", "/customers", wanted=200, headers=other.signed_in)["customers"] == []
    assert kind_of(stack.call("GET", f"/customers/{customer}", headers=other.signed_in)) == (404, "not-found")
    names = {"email": anna.email, "phone": anna.phone, "name": anna.family_name[:4]}
    for asked in names.items():
        assert found(stack, practice, **dict([asked])) == [customer]
        assert found(stack, other, **dict([asked])) == []
    lying = str([item for item in stack.everything_stored() if customer in str(item)])
    assert all(each not in lying for each in (anna.email, anna.phone, anna.given_name, anna.family_name))


def test_two_entries_become_one_and_two_again(stack: Stack) -> None:
    """The history shows both; both addresses lead to the one; a note is there until it is deleted."""
    practice, anna, work = stack.business(buffer_after=0), Person(), Person()
    booked = stack.book(practice, anna)
    (one,) = found(stack, practice, email=anna.email)
    other = entered(stack, practice, anna, email=work.email)
    header = practice.signed_in
    note = stack.client.ask("POST", f"/customers/{other}/notes", wanted=201, json={"text": "Notiz"}, headers=header)

    merged = stack.client.ask("POST", f"/customers/{one}/merges", wanted=201, json={"other": other}, headers=header)

    file = file_of(stack, practice, other)
    assert (file["id"], file["merged"]) == (one, [other])
    assert [each["id"] for each in listed(stack, practice, other, "appointments")] == [booked["id"]]
    assert [each["text"] for each in listed(stack, practice, other, "notes")] == ["Notiz"]
    assert found(stack, practice, email=work.email) == found(stack, practice, name=anna.family_name[:3]) == [one]
    stack.client.ask("DELETE", f"/customers/{one}/merges/{merged['id']}", wanted=204, headers=header)
    assert found(stack, practice, email=work.email) == [other]
    stack.client.ask("DELETE", f"/customers/{other}/notes/{note['id']}", wanted=204, headers=header)
    assert listed(stack, practice, other, "notes") == []


def test_an_appointment_goes_over_to_whose_it_is(stack: Stack) -> None:
    """Under their own key, with a mail of their own; and comes back."""
    practice, mother, child = stack.business(), Person(), Person()
    booked = stack.book(practice, mother)
    (customer,) = found(stack, practice, email=mother.email)
    body = {"appointments": [booked["id"]], "person": given(child)}

    split = stack.client.ask("POST", f"/customers/{customer}/splits", wanted=201, json=body, headers=practice.signed_in)

    assert split["done"]
    assert [each["id"] for each in listed(stack, practice, split["other"], "appointments")] == [booked["id"]]
    assert stack.mails(child) or stack.mail(child, "bestätigt")
    path = f"/customers/{customer}/splits/{split['id']}"
    stack.client.ask("DELETE", path, wanted=204, headers=practice.signed_in)
    assert [each["id"] for each in listed(stack, practice, customer, "appointments")] == [booked["id"]]
    assert found(stack, practice, email=child.email) == []


def test_customers_come_along_in_a_file(stack: Stack) -> None:
    """What is wrong is said by row before anybody is taken; a second time nobody is added; it lies there for a day."""
    practice, anna, beat, known = stack.business(), Person(), Person(), Person()
    entered(stack, practice, known)
    rows = [
        "Vorname;Nachname;E-Mail;Handy",
        f"{anna.given_name};{anna.family_name};{anna.email};{anna.phone}",
        f"{beat.given_name};;{beat.email};",
        f"{known.given_name};{known.family_name};{known.email};",
    ]
    sent = "\r\n".join(rows).encode("cp1252")
    header = practice.signed_in

    answer = stack.call("POST", "/customer-imports", body=sent, headers={**header, "Content-Type": "text/csv"})

    seen = answer.json()
    assert (answer.status, seen["rows"], seen["ready"], seen["known"]) == (201, 3, 1, [4])
    assert [(each["row"], each["column"]) for each in seen["problems"]] == [(3, 1)]
    assert [each["meaning"] for each in seen["columns"]] == ["given_name", "family_name", "email", "phone"]
    path = f"/customer-imports/{seen['id']}"
    assert found(stack, practice, email=anna.email) == []
    lying = str([item for item in stack.everything_stored() if seen["id"] in str(item)])
    assert lying != "[]"
    assert all(each not in lying for each in (anna.email, anna.given_name, beat.email))
    for _ in range(2):
        done = stack.client.ask("POST", f"{path}/completion", wanted=200, headers=header)
        assert done == {"added": 1, "state": "finished"}
    (customer,) = found(stack, practice, email=anna.email)
    told = stack.client.ask(
        "POST", f"/customers/{customer}/legal-view", wanted=200, json={"ground": "subject-request"}, headers=header
    )
    (record,) = [each for each in told["records"] if each["kind"] == "Customer"]
    assert record["source"] == "the business"
    assert {each["name"]: each["value"] for each in record["fields"]}["family_name"] == anna.family_name
    book = stack.call("POST", "/customer-imports", body=workbook(beat), headers={**header, "Content-Type": BYTES})
    assert (book.status, book.json()["ready"], book.json()["problems"]) == (201, 1, [])
    stack.client.ask("DELETE", path, wanted=204, headers=header)
    assert kind_of(stack.call("GET", path, headers=header)) == (404, "not-found")
