"""accounts, `role-of-customer`: customers book, move and cancel with links; nobody ever asks them for a password."""

import json

import pytest

from tests.deployed.people import Person
from tests.deployed.stack import MOVED, Stack

pytestmark = [pytest.mark.deployed, pytest.mark.promise("role-of-customer")]

SECRETS = ("password", "passwort", "proof", "passkey", "totp", "code")


def test_a_customer_needs_no_account(stack: Stack) -> None:
    """Books with a form, sees, moves and cancels with links from mails; no session, and no record of staff, exists."""
    anna, practice = Person(), stack.business()
    before = len(stack.stored("transient", kind="Session"))
    booked = stack.book(practice, anna)

    links = stack.links(anna)
    seen = stack.client.ask("GET", "/appointment", wanted=200, headers=links["cancel"])
    to = {"starts_at": stack.free(practice)[-1]}
    stack.client.ask("POST", "/appointment/rescheduling", wanted=200, json=to, headers=links["reschedule"])
    links = stack.links(anna, MOVED)
    ended = stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=links["cancel"])

    assert seen["id"] == ended["id"] == booked["id"]
    assert ended["state"] == "cancelled"
    assert len(stack.stored("transient", kind="Session")) == before
    customers = {item["pk"] for item in stack.stored("records", kind="Customer") if practice.tenant in item["pk"]}
    held = {item["kind"] for item in stack.everything_stored() if item["pk"] in customers}
    assert held & {"Staff", "Credentials", "Session"} == set()


def test_no_route_for_customers_takes_a_password(stack: Stack) -> None:
    """Not by path, query, header or body: what they may call is open, a form, or behind a link."""
    served = stack.client.cloud.call("GET", "/openapi.json").json()
    theirs = {
        f"{method} {path}": operation
        for path, operations in served["paths"].items()
        for method, operation in operations.items()
        if {"link": []} in operation["security"] or ("/tenants/{tenant}/" in path and "/experts/" not in path)
    }

    assert "post /v1/tenants/{tenant}/appointments" in theirs
    for name, operation in theirs.items():
        refs = json.dumps([operation.get("requestBody", {}), operation["parameters"]])
        fields = [
            field.lower()
            for schema, told in served["components"]["schemas"].items()
            if f"schemas/{schema}" in refs
            for field in told.get("properties", {})
        ]
        assert [
            field for field in fields if any(secret in field for secret in SECRETS) and field != "postal_code"
        ] == []
        assert {"staff": []} not in operation["security"], name
