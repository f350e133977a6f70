"""accounts, `form-tampering`: a form works once, in its time, as it was handed out, and nowhere else."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.client import Business, booking
from infra.local.http_calls import HttpAnswer
from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("form-tampering")]

REFUSED = (403, "form-refused")
UNKNOWN_ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"
INSTALLATION = "0" * 32
Body = dict[str, Any]


def wish(stack: Stack, of: Business, at: int = 0) -> Body:
    """What stands in a booking form."""
    return booking(of.service, of.expert, starts_at=stack.free(of)[at], customer=Person().customer())


def book(stack: Stack, of: Business, body: Body, form: dict[str, str]) -> HttpAnswer:
    """Sends it."""
    return stack.call("POST", f"/tenants/{of.tenant}/appointments", json=body, headers=form)


def grounds(stack: Stack, tenant: str) -> list[str]:
    """What the ledger says of refused forms."""
    noted = stack.stored("ledger", action="visitor:form:refused")
    return [str(each["ground"]) for each in noted if tenant in each["pk"]]


CHANGES: dict[str, tuple[Callable[[Body], Body], str]] = {
    "a field is added": (lambda body: {**body, "price": 0}, "altered-fields"),
    "a field is added inside": (lambda body: {**body, "customer": {**body["customer"], "vip": True}}, "altered-fields"),
    "a field is removed": (
        lambda body: {name: value for name, value in body.items() if name != "sms_wanted"},
        "altered-fields",
    ),
    "an object becomes a text": (lambda body: {**body, "customer": "Anna"}, "altered-fields"),
    "another service": (lambda body: {**body, "service": UNKNOWN_ID}, "altered-fixed"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_form_is_refused_and_noted(stack: Stack, case: str) -> None:
    """Nothing is booked; unchanged, the same form is accepted."""
    practice = stack.business()
    body, form = wish(stack, practice), stack.client.booking_form(practice)
    change, why = CHANGES[case]

    refused = book(stack, practice, change(body), form)

    assert kind_of(refused) == REFUSED
    assert grounds(stack, practice.tenant) == [f"booking:{why}"]
    assert [one for one in stack.stored("records", kind="Appointment") if practice.tenant in one["pk"]] == []
    assert book(stack, practice, body, form).status == 201


def test_a_form_works_once(stack: Stack) -> None:
    """Also for another time; whoever repeats the very request with its key gets the first answer again."""
    practice = stack.business()
    body, form = wish(stack, practice), {**stack.client.booking_form(practice), "Idempotency-Key": "once-and-again"}

    first, again = book(stack, practice, body, form), book(stack, practice, body, form)
    without = {"Zusage-Form": form["Zusage-Form"]}
    used = book(stack, practice, {**body, "starts_at": stack.free(practice)[-1]}, without)

    assert (first.status, again.status) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert kind_of(used) == REFUSED
    assert grounds(stack, practice.tenant) == ["booking:used"]


def test_a_form_is_of_one_business_and_one_kind(stack: Stack) -> None:
    """Not another's, not another, not made up, not missing."""
    practice, other = stack.business(), stack.business()
    body = wish(stack, practice)
    theirs = stack.client.booking_form(other)
    token = stack.client.booking_form(practice)["Zusage-Form"]
    spoiled = {"Zusage-Form": token[:50] + ("A" if token[50] != "A" else "B") + token[51:]}

    for form in (theirs, stack.client.form("registration"), spoiled, {"Zusage-Form": "x"}, {}):
        assert kind_of(book(stack, practice, body, form)) == REFUSED

    noted = grounds(stack, practice.tenant)
    assert sorted(noted) == sorted(
        f"booking:{why}" for why in ("other-tenant", "other-tenant", "forged", "forged", "missing")
    )
    assert grounds(stack, other.tenant) == []


def test_a_registration_is_a_form_too(stack: Stack) -> None:
    """Refusals of forms that belong to no business stand in the installation's ledger."""
    owner, before = Person(), len(grounds(stack, INSTALLATION))
    given = owner.owner(**stack.client.ask("GET", "/registrations", wanted=200))
    form = stack.client.form("registration")

    added = stack.call("POST", "/registrations", json={**given, "admin": True}, headers=form)
    missing = stack.call("POST", "/registrations", json=given)
    taken = stack.call("POST", "/registrations", json=given, headers=form)
    twice = stack.call("POST", "/registrations", json=given, headers=form)

    assert [kind_of(each) for each in (added, missing, twice)] == [REFUSED] * 3
    assert taken.status == 202
    words = {each.partition(":")[2] for each in grounds(stack, INSTALLATION)}
    assert {"altered-fields", "missing", "used"} <= words
    assert len(grounds(stack, INSTALLATION)) == before + 3


def test_a_form_holds_nothing_personal(stack: Stack) -> None:
    """Neither before nor after it was filled in; what is kept of it is that it was used."""
    practice = stack.business()
    told = stack.client.ask("GET", f"/forms/booking?tenant={practice.tenant}&service={practice.service}", wanted=200)
    book(stack, practice, wish(stack, practice), {"Zusage-Form": told["token"]})

    assert told["fixed"] == {"tenant": practice.tenant, "service": practice.service}
    kept = {"pk", "sk", "kind", "form", "valid_until", "version", "expires_at", "ttl", "zone"}
    for used in stack.stored("transient", kind="UsedForm"):
        assert set(used) <= kept


def test_a_form_goes_out_of_date(stack: Stack) -> None:
    """After two hours for a booking."""
    practice = stack.business()
    early, late = stack.client.booking_form(practice), stack.client.booking_form(practice)
    body = wish(stack, practice)
    stack.cloud.move_time(minutes=119)
    assert book(stack, practice, body, early).status == 201

    stack.cloud.move_time(minutes=2)

    assert kind_of(book(stack, practice, wish(stack, practice), late)) == REFUSED
    assert grounds(stack, practice.tenant) == ["booking:expired"]
