"""The nightly audit on the deployed bundle: it sees what is there, and says so to the operator and to everybody."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.services.auditing.declared import Place, declared_for
from infra.tools.fragments import logical_id
from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of

pytestmark = pytest.mark.deployed

# The local cloud makes no backups, has no second region, and speaks plain HTTP within this machine: all true, and so
# found. Everything else is as on AWS.
TRUE_HERE = {"backups-young", "copies-young", "modern-tls"}
PLACE = Place("local", "000000000000", "eu-central-2")


@pytest.fixture
def audited(stack: Stack) -> Stack:
    """A stack with a business and an appointment, on which every job has run."""
    owner, customer = Person(), Person()
    stack.book(stack.business(owner), customer)
    for function in declared_for(PLACE).schedules:
        stack.cloud.invoke(logical_id(function))
    return stack


def audit(stack: Stack) -> dict[str, Any]:
    """Runs the audit; what the operator is told of each check."""
    stack.cloud.invoke("Audit")
    told = stack.client.ask("GET", "/operator/promises", wanted=200, headers=stack.operator)
    return {check["check"]: check for promise in told["promises"] for check in promise["checks"]}


def standings(stack: Stack) -> dict[str, str]:
    """Where each promise stands, as everybody is told."""
    return {one["id"]: one["status"] for one in stack.client.ask("GET", "/trust", wanted=200)["promises"]}


def not_fine(found: Mapping[str, Any]) -> dict[str, list[str]]:
    """What was found, by check."""
    return {name: one["wrong"] for name, one in found.items() if one["outcome"] != "fine"}


@contextmanager
def planted(stack: Stack, **attributes: Any) -> Iterator[None]:
    """An item written past the program, for as long as this lasts."""
    tables, table = stack.cloud.client("dynamodb"), "zusage-local-records"
    key = {"pk": {"S": f"TENANT#{'1' * 32}#SUBJECT#{'2' * 32}"}, "sk": {"S": f"APPOINTMENT#{'3' * 32}"}}
    tables.put_item(TableName=table, Item={**key, "kind": {"S": "Appointment"}, **attributes})
    try:
        yield
    finally:
        tables.delete_item(TableName=table, Key=key)


def test_what_the_audit_says_of_this_cloud(audited: Stack) -> None:
    """Exactly what is not as promised here, and nothing else: it may look at everything, with the rights it has."""
    found = audit(audited)

    assert {name: one["outcome"] for name, one in found.items() if one["outcome"] != "fine"} == dict.fromkeys(
        TRUE_HERE, "wrong"
    )
    assert found["nothing-in-the-clear"]["counts"]["items"] > 5


def test_what_is_overdue_and_what_lies_in_the_clear_is_found(audited: Stack) -> None:
    """Two planted faults: both are named to the operator and shown to everybody, until they are gone."""
    ended = {"N": str(int(audited.cloud.now().timestamp()) - 49 * 3600)}
    someone = Person()
    overdue = {"due_shard": {"S": "EXPIRY#0"}, "due_at": ended, "expires_at": ended}

    with planted(audited, **overdue, given_name={"S": someone.given_name}):
        found = not_fine(audit(audited))
        shown = standings(audited)
        page = audited.cloud.call("GET", "/trust").text

    assert set(found) - TRUE_HERE == {"nothing-overdue", "nothing-too-old", "nothing-in-the-clear"}
    assert found["nothing-too-old"] == ["Appointment"]
    assert found["nothing-in-the-clear"] == ["Appointment.given_name"]
    assert (shown["sealed-at-rest"], shown["policy-is-program"]) == ("broken", "broken")
    assert "broken" in page
    assert someone.given_name not in page
    assert set(not_fine(audit(audited))) == TRUE_HERE
    assert standings(audited)["sealed-at-rest"] == "kept"


def test_a_setting_that_was_turned_off_is_found(audited: Stack) -> None:
    """Somebody switches the recovery of a table off by hand: the next audit says which one."""
    tables = audited.cloud.client("dynamodb")

    def switch(*, on: bool) -> None:
        tables.update_continuous_backups(
            TableName="zusage-local-ledger",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on},
        )

    switch(on=False)
    try:
        assert not_fine(audit(audited))["tables-restorable"] == ["ledger"]
    finally:
        switch(on=True)


def test_the_page_in_two_languages(stack: Stack) -> None:
    """It needs no script, loads nothing from elsewhere, and says what its words mean."""
    for language, word in (("en", "checked at release"), ("de", "vor der Auslieferung geprüft")):
        page = stack.cloud.call("GET", f"/trust?language={language}")

        assert page.status == 200
        assert f'<html lang="{language}">' in page.text
        assert word in page.text
        assert "<script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
    assert kind_of(stack.cloud.call("GET", "/v1/trust?language=xx")) == (422, "invalid-input")


def test_the_operators_door(stack: Stack) -> None:
    """Sessions of the operator's staff open it, nothing else does, and each call is in the installation's ledger."""
    signed_in, session = stack.operator, {"Authorization": f"Bearer {stack.business().token}"}
    before = len(stack.stored("ledger", action="operator:installation:called"))

    for headers in ({}, {"Authorization": "Bearer " + "x" * 64}):
        assert kind_of(stack.call("GET", "/operator/promises", headers=headers)) == (401, "not-signed-in")
    assert kind_of(stack.call("GET", "/operator/promises", headers=session)) == (403, "not-allowed")
    assert stack.call("GET", "/operator/promises", headers=signed_in).status == 200

    entries = stack.stored("ledger", action="operator:installation:called")
    assert len(entries) == before + 1
    assert entries[-1]["pk"].startswith(f"TENANT#{'0' * 32}#")
    assert all(str(entry["network"]).endswith((".0/24", "::/48")) for entry in entries)
