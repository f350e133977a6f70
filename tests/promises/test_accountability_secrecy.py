"""accountability, `data-secrecy`: the operator's people see a business's data for a reason, for a while, and told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.client import Business
from infra.local.cloud import LocalCloud
from infra.local.http_calls import HttpAnswer
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import Person
from tests.deployed.stack import Stack, instant, kind_of, written

pytestmark = [pytest.mark.deployed, pytest.mark.promise("data-secrecy")]

REASON = "Ticket 4711: the owner asks why a booking failed"
TOLD = "Zugriff des Betreibers auf Ihre Daten"


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One of its own: nobody has confirmed anything there yet, and hours go by."""
    with driven_cloud() as started:
        yield started


@dataclass
class Scene:
    """A business with a customer, and somebody who works for the operator."""

    stack: Stack
    owner: Person = field(default_factory=Person)
    customer: Person = field(default_factory=Person)

    def __post_init__(self) -> None:
        self.of: Business = self.stack.business(self.owner)
        self.held = self.stack.book(self.of, self.customer)

    def open(self, **changes: str) -> HttpAnswer:
        """Opens an access."""
        body = {"tenant": self.of.tenant, "reason": REASON, **changes}
        return self.stack.call("POST", "/operator/accesses", json=body, headers=self.stack.operator)

    def look(self, access: str, *, tenant: str = "") -> HttpAnswer:
        """Asks with an access for the day of the appointment."""
        start = instant(self.held["starts_at"])
        frm, to = written(start), written(start + timedelta(hours=1))
        asked = f"/appointments?expert={self.of.expert}&from={frm}&to={to}"
        headers = {**self.stack.operator, "Zusage-Access": f"{tenant or self.of.tenant}.{access}"}
        return self.stack.call("GET", asked, headers=headers)

    def entries(self, *kinds: str) -> list[dict[str, Any]]:
        """What stands in the business's ledger today, as it lies there."""
        partition = f"TENANT#{self.of.tenant}#{self.stack.cloud.now().astimezone(UTC):%Y-%m-%d}"
        found = self.stack.stored("ledger", pk=partition)
        return [each for each in found if each["action"] in kinds]


@pytest.fixture(scope="module")
def scene(cloud: LocalCloud) -> Scene:
    """In a morning, so that it is all one day of the ledger."""
    cloud.move_time(to=(cloud.now() + timedelta(days=1)).replace(hour=7, minute=0, second=0))
    return Scene(Stack(cloud))


def test_before_anything_else_they_confirm_data_secrecy(cloud: LocalCloud) -> None:
    """Which text, in which language, when; until then nothing of the operator's answers them."""
    assert cloud.operator is not None
    signed_in = cloud.operator.sign_in()
    header, stack = {"Authorization": f"Bearer {signed_in}"}, Stack(cloud)
    body = {"tenant": "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b", "reason": REASON}

    for answer in (
        stack.call("GET", "/operator/promises", headers=header),
        stack.call("POST", "/operator/accesses", json=body, headers=header),
    ):
        assert kind_of(answer) == (403, "secrecy-required")
    told = stack.client.ask("GET", "/operator/secrecy?language=de", wanted=200, headers=header)
    assert "Datengeheimnis" in told["text"]
    assert told["confirmed_at"] is None
    wrong = {"version": "2020-01-01", "language": "de"}
    assert stack.call("POST", "/operator/secrecy", json=wrong, headers=header).status == 422
    confirmed = {"version": told["version"], "language": "de"}
    stack.client.ask("POST", "/operator/secrecy", wanted=204, json=confirmed, headers=header)

    (held,) = stack.stored("records", kind="Secrecy")
    assert (held["wording"], held["language"]) == (told["version"], "de")
    at = datetime.fromtimestamp(int(held["confirmed_at"]), UTC)
    assert abs(cloud.now() - at) < timedelta(minutes=1)
    assert stack.call("GET", "/operator/promises", headers=header).status == 200


def test_without_an_access_there_is_no_way_to_a_businesss_data(scene: Scene) -> None:
    """Neither by a session of the operator's alone, nor by an access that nobody opened."""
    start = scene.held["starts_at"]
    asked = f"/appointments?expert={scene.of.expert}&from={start}&to={written(instant(start) + timedelta(hours=1))}"

    alone = scene.stack.call("GET", asked, headers=scene.stack.operator)

    assert scene.customer.mark not in alone.text
    for path in ("/tenant", "/staff", "/ledger/entries?day=2026-11-22", "/tenant/accesses"):
        assert kind_of(scene.stack.call("GET", path, headers=scene.stack.operator)) == (403, "not-allowed")
    assert kind_of(scene.look("f" * 32)) == (403, "not-allowed")


@pytest.mark.parametrize(
    "reason", ["", "support", "                    ", "x" * 501], ids=["none", "one word", "spaces", "too long"]
)
def test_it_takes_a_reason(scene: Scene, reason: str) -> None:
    """That says something, in a line that somebody reads."""
    answer = scene.open(reason=reason)

    assert answer.status == 422
    assert "reason" in answer.text


def test_with_a_reason_they_see_it_for_an_hour_and_everybody_sees_that(scene: Scene) -> None:
    """The admins are told by mail, each look stands in the ledger, and after 60 minutes it is over."""
    stack, begun = scene.stack, scene.stack.cloud.now()
    opened = scene.open().json()
    access, until = opened["access"], instant(opened["until"])
    assert timedelta(minutes=59, seconds=50) <= until - begun <= timedelta(minutes=60, seconds=10)

    seen = scene.look(access)
    assert [each["given_name"] for each in seen.json()["appointments"]] == [scene.customer.given_name]

    stack.wake()
    mail = stack.mail(scene.owner, TOLD)
    assert REASON not in mail["text"]  # it stays with us; the business reads it where it sees all accesses
    assert "der für den Betreiber von Zusage arbeitet" in mail["text"]
    begins, ends = (each for each in mail["text"].splitlines() if each.startswith(("Von: ", "Bis spätestens: ")))
    assert begins != ends
    (used,) = scene.entries("operator:tenant:accessed")
    assert (used["thing"], used["ground"], used["network"]) == (access, "GET /v1/appointments", "198.51.100.0/24")
    (noted,) = scene.entries("operator:access:opened")
    assert (noted["actor"], noted["thing"]) == (used["actor"], access)
    told = stack.client.ask("GET", "/tenant/accesses", wanted=200, headers=scene.of.signed_in)["accesses"]
    assert [(each["access"], each["reason"], instant(each["until"])) for each in told] == [(access, REASON, until)]

    stack.cloud.move_time(to=until - timedelta(seconds=5))
    assert scene.look(access).status == 200
    stack.cloud.move_time(to=until + timedelta(seconds=1))
    assert kind_of(scene.look(access)) == (403, "not-allowed")
    assert len(scene.entries("operator:tenant:accessed")) == 2


def test_they_change_nothing_and_leave_the_tenant_only(scene: Scene) -> None:
    """An access reads, and one business's data."""
    other = Scene(scene.stack)
    access = scene.open().json()["access"]
    header = {**scene.stack.operator, "Zusage-Access": f"{scene.of.tenant}.{access}"}

    for method, path in (
        ("POST", "/services"),
        ("PUT", f"/services/{scene.of.service}"),
        ("POST", "/tenant/cancellation"),
    ):
        assert kind_of(scene.stack.call(method, path, json={}, headers=header)) == (403, "not-allowed")
    assert kind_of(scene.look(access, tenant=other.of.tenant)) == (403, "not-allowed")
    assert scene.stack.call("GET", f"/services/{other.of.service}", headers=header).status in {403, 404, 405}
    assert other.entries("operator:tenant:accessed", "operator:access:opened") == []


def test_it_can_be_ended_before(scene: Scene) -> None:
    """And then it is over at once."""
    access = scene.open().json()["access"]
    assert scene.look(access).status == 200
    path = f"/operator/accesses/{scene.of.tenant}/{access}"

    assert scene.stack.call("DELETE", path, headers=scene.stack.operator).status == 204

    assert kind_of(scene.look(access)) == (403, "not-allowed")


def test_the_reason_lies_nowhere_in_the_clear(scene: Scene) -> None:
    """It may name somebody: it is sealed with the business's key, and stands neither in the ledger nor in a log."""
    scene.open()
    everything = json.dumps(scene.stack.everything_stored(), default=str) + scene.stack.cloud.logs()

    assert REASON.partition(": ")[2] not in everything  # its number alone may well stand in an id or an instant
