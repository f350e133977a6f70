"""accounts, `registration-data`: what registering takes, and the proof of what was accepted."""

from typing import Any

import pytest

from infra.local.client import behind_hash
from infra.local.http_calls import HttpAnswer
from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("registration-data")]

ASKED = (
    *("given_name", "family_name", "company", "street", "postal_code", "city", "country", "email", "phone"),
    *("language", "zone", "terms_version", "notice_version"),
)
WRONG = {
    "given_name": "Anna\u202e",
    "family_name": "",
    "company": "x" * 201,
    "street": " ",
    "postal_code": "80020",
    "city": 8002,
    "country": "XX",
    "email": "regula at praxis",
    "phone": "+4144555010",
    "language": "rm",
    "zone": "Zurich",
    "terms_version": "2020-01-01",
    "notice_version": "2020-01-01",
}


def sent(stack: Stack, given: dict[str, Any]) -> HttpAnswer:
    """The answer to a registration that comes in a form of its own."""
    return stack.call("POST", "/registrations", json=given, headers=stack.client.form("registration"))


@pytest.mark.parametrize("field", ASKED)
def test_each_field_is_needed_and_checked(stack: Stack, field: str) -> None:
    """Missing, null or wrong: the answer names the field, and nothing is stored."""
    good = Person().owner(**stack.client.ask("GET", "/registrations", wanted=200))
    before = len(stack.stored("records", kind="Tenant"))

    missing = sent(stack, {name: good[name] for name in good if name != field})
    null, wrong = sent(stack, {**good, field: None}), sent(stack, {**good, field: WRONG[field]})

    assert kind_of(missing) == (403, "form-refused")
    for answer in (null, wrong):
        assert kind_of(answer) == (422, "invalid-input")
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert len(stack.stored("records", kind="Tenant")) == before


def test_what_was_accepted_is_kept_as_proof(stack: Stack) -> None:
    """Which version of terms and notice, when, and in which language; beside the person, for the person."""
    owner = Person(language="en")
    versions = stack.client.ask("GET", "/registrations", wanted=200)
    before = stack.cloud.now().timestamp()

    form = stack.client.form("registration")
    stack.client.ask("POST", "/registrations", wanted=202, json=owner.owner(**versions), headers=form)
    token = behind_hash(stack.mail(owner, "confirm")["text"])
    opened = stack.client.ask("POST", "/registrations/confirmation", wanted=201, json={"token": token})

    (proof,) = [one for one in stack.stored("records", kind="Acceptance") if opened["tenant"] in one["pk"]]
    assert proof["pk"] == f"TENANT#{opened['tenant']}#SUBJECT#{opened['staff']}"
    assert (proof["terms_version"], proof["notice_version"]) == (versions["terms_version"], versions["notice_version"])
    assert proof["language"] == "en"
    assert before - 1 <= proof["accepted_at"] <= stack.cloud.now().timestamp()


def test_nothing_more_is_asked_for(stack: Stack) -> None:
    """What the documentation lists is what the promise lists; anything else is refused."""
    schema = stack.client.cloud.call("GET", "/openapi.json").json()["components"]["schemas"]["Register"]
    versions = stack.client.ask("GET", "/registrations", wanted=200)

    refused = sent(stack, Person().owner(**versions, iban="CH93 0076 2011 6238 5295 7"))

    assert set(schema["properties"]) == set(schema["required"]) == set(ASKED)
    assert kind_of(refused) == (403, "form-refused")
