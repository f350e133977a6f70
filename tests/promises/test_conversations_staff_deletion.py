"""conversations, `staff-deletion`: with a member of staff, everything that was theirs is removed for good."""

from datetime import timedelta

import pytest

from infra.local.client import tokens
from tests.adapters.pictures import picture
from tests.deployed.colleagues import Colleague, join
from tests.deployed.offers import PROPOSED, propose
from tests.deployed.people import Person, found, text_of
from tests.deployed.stack import CANCELLED, Stack, a_week_after, kind_of
from tests.promises.test_accounts_staff import files_bucket

pytestmark = [pytest.mark.deployed, pytest.mark.promise("staff-deletion")]

PROOF = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"


def left_of(stack: Stack, who: Colleague) -> list[str]:
    """Everything in any table or bucket, in whatever version, that names somebody; the ledger holds their id only."""
    rows = [
        f"{table} {item['pk']} {item['sk']}"
        for table in ("records", "keys", "transient")
        for item in stack.stored(table)
        if who.staff in text_of(item)
    ]
    listed = stack.cloud.client("s3").list_object_versions(Bucket=files_bucket(stack))
    files = [each["Key"] for kind in ("Versions", "DeleteMarkers") for each in listed.get(kind, [])]
    return sorted([*rows, *(name for name in files if who.staff in name)])


def with_everything(stack: Stack, who: Colleague) -> None:
    """Password, photo, description."""
    header = {**who.signed_in, "Content-Type": "image/png"}
    assert stack.call("PUT", "/staff/me/photo", body=picture("PNG"), headers=header).status == 204
    names = {name: getattr(who.person, name) for name in ("given_name", "family_name", "language")}
    said = {**names, "description": f"Seit 1999 {who.person.mark}"}
    stack.client.ask("PUT", "/staff/me", wanted=200, json=said, headers=who.signed_in)
    stack.client.ask("PUT", "/staff/me/password", wanted=204, json={"proof": PROOF}, headers=who.signed_in)


def test_nothing_is_left_and_what_is_ahead_goes_to_a_colleague(stack: Stack) -> None:
    """Sign-in data, photo, description, hours, past appointments and key; the customer is told who takes over."""
    practice, anna = stack.business(), Person()
    beat = join(stack, practice, "expert", works=True)
    with_everything(stack, beat)
    start = stack.free(practice)[0]
    practice_of_beat = type(practice)(practice.tenant, beat.staff, practice.service, practice.token)
    booked = stack.book(practice_of_beat, anna, starts_at=start)
    (key,) = [item["sk"] for item in stack.stored("keys") if beat.staff in item["sk"]]
    assert any("photo" in name for name in left_of(stack, beat))

    choice = {"future_appointments": {"hand_over_to": practice.expert}}
    path = f"/staff/{beat.staff}/deletion"
    gone = stack.client.ask("POST", path, wanted=200, json=choice, headers=practice.signed_in)["deleted"]

    assert gone["STAFF"] == 1
    assert left_of(stack, beat) == []
    assert key not in [item["sk"] for item in stack.stored("keys")]
    (held,) = stack.stored("records", sk=f"APPOINTMENT#{booked['id']}")
    assert held["expert"] == practice.expert
    assert "von jemand anderem übernommen" in stack.mail(anna, "jemand anderem")["text"]
    person = beat.person
    personal = {person.given_name, person.family_name, person.email, person.phone, person.mark}
    assert found(personal, text_of(stack.everything_stored())) == []
    assert kind_of(stack.call("GET", "/session", headers=beat.signed_in)) == (401, "not-signed-in")
    assert kind_of(stack.call("POST", path, json=choice, headers=practice.signed_in)) == (404, "not-found")


def test_what_is_ahead_is_cancelled_by_choice(stack: Stack) -> None:
    """The customer is told; a week later the appointment is gone as well."""
    practice, anna = stack.business(), Person()
    beat = join(stack, practice, "expert", works=True)
    practice_of_beat = type(practice)(practice.tenant, beat.staff, practice.service, practice.token)
    stack.book(practice_of_beat, anna)

    choice, path = {"future_appointments": "cancel"}, f"/staff/{beat.staff}/deletion"
    stack.client.ask("POST", path, wanted=200, json=choice, headers=beat.signed_in)

    mail = stack.mail(anna, CANCELLED)
    assert found({beat.person.given_name, beat.person.family_name}, mail["text"]) == []
    stack.cloud.move_time(to=a_week_after(stack.cloud.now()) + timedelta(minutes=1))
    stack.cloud.invoke("Sweep")
    assert left_of(stack, beat) == []


def test_what_can_not_be_handed_over_is_listed_first(stack: Stack) -> None:
    """And nothing is done; nor is the last admin ever deleted."""
    practice, anna, berta = stack.business(), Person(), Person()
    beat = join(stack, practice, "expert", works=True)
    start = stack.free(practice)[0]
    practice_of_beat = type(practice)(practice.tenant, beat.staff, practice.service, practice.token)
    held = stack.book(practice_of_beat, anna, starts_at=start)
    stack.book(practice, berta, starts_at=start)
    choice = {"future_appointments": {"hand_over_to": practice.expert}}

    refused = stack.call("POST", f"/staff/{beat.staff}/deletion", json=choice, headers=practice.signed_in)
    last = stack.call(
        "POST",
        f"/staff/{practice.expert}/deletion",
        json={"future_appointments": "cancel"},
        headers=practice.signed_in,
    )

    assert kind_of(refused) == (409, "not-handed-over")
    assert [each["field"] for each in refused.json()["errors"]] == [f"appointments.{held['id']}"]
    assert kind_of(last) == (409, "conflict")
    assert stack.client.ask("GET", "/staff/me", wanted=200, headers=beat.signed_in)["id"] == beat.staff


def test_what_they_proposed_is_withdrawn(stack: Stack) -> None:
    """The times are free, the customer is told, and the link opens nothing any more."""
    practice, anna = stack.business(), Person()
    beat = join(stack, practice, "expert", works=True)
    starts = stack.free(practice)[:1] + stack.free(practice)[4:5]
    propose(stack, type(practice)(practice.tenant, beat.staff, practice.service, beat.token), anna, starts)
    link = {"Zusage-Link": tokens(stack.mail(anna, PROPOSED)["text"])["choose"]}
    stack.client.ask("GET", "/proposal", wanted=200, headers=link)

    choice, path = {"future_appointments": "cancel"}, f"/staff/{beat.staff}/deletion"
    stack.client.ask("POST", path, wanted=200, json=choice, headers=practice.signed_in)

    assert kind_of(stack.call("GET", "/proposal", headers=link)) == (410, "link-used")
    assert beat.person.family_name not in stack.mail(anna, "gelten nicht mehr")["text"]
