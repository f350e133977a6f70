"""The ledger over HTTP: who may see what of it, in pages, and what a wrong question gets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.api.http.cursor import cursor_of, place_of
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.roles import EXPERT
from chalicelib.services.ledger.tallying import Tallying
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, booked, business, link_to
from tests.services.ledgers import DAY, NEXT, Book, MemoryRoots, at, meddle, stream, write
from tests.services.operators import operators_token
from tests.stage import Stage, stage


@dataclass
class Desk:
    """A business with its admin at the API."""

    on: Stage
    of: Business
    client: Client
    roots: MemoryRoots

    def get(self, path: str, **headers: str) -> Any:
        """The answer to a GET as the admin, unless other headers say so."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.http.get(f"/v1{path}", headers=sent or {"Authorization": f"Bearer {self.of.token}"})

    def told(self, path: str, **headers: str) -> Any:
        """What a good answer says."""
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.body
        return json.loads(answer.body)

    def sign_in_again(self) -> None:
        """With a new link; the session before has ended."""
        self.on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
        self.on.pump()
        opened = self.on.services.signing_in.sign_in(link_to(self.on, "sign-in"), visitor=VISITOR)
        self.of = replace(self.of, token=opened.token)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A client of the real app whose services are those of a stage."""
    with stage() as on, Client(app) as client:
        roots = MemoryRoots()
        held: dict[str, Any] = vars(on.services)
        held["roots"] = roots
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        yield Desk(on, business(on), client, roots)


def tally(desk: Desk) -> None:
    """The stream is read."""
    Tallying().take(stream())


def test_counts_by_day_and_kind(desk: Desk) -> None:
    """For a dashboard."""
    booked(desk.on, desk.of)
    tally(desk)

    (day,) = desk.told("/ledger/counts?from=2026-11-01&to=2026-11-30")["days"]

    assert day["day"] == "2026-11-02"
    assert day["actions"][Action.APPOINTMENT_BOOKED.value] == 1
    assert day["total"] == sum(day["actions"].values())


@pytest.mark.parametrize("path", ["counts", "hand-overs"])
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2026-11-02&to=2026-11-02", 200),
        ("from=2026-01-01&to=2027-01-01", 200),
        ("from=2026-01-01&to=2027-01-02", 422),
        ("from=2026-11-02&to=2026-11-01", 422),
        ("from=2026-11-02", 422),
        ("from=today&to=tomorrow", 422),
    ],
)
def test_at_most_366_days(desk: Desk, path: str, asked: str, status: int) -> None:
    """Both ends included."""
    assert desk.get(f"/ledger/{path}?{asked}").status_code == status


def test_hand_overs_by_processor_and_day(desk: Desk) -> None:
    """Two mails went to the first provider: to confirm the registration, and the appointment."""
    booked(desk.on, desk.of)
    desk.on.pump()
    tally(desk)

    told = desk.told("/ledger/hand-overs?from=2026-11-02&to=2026-11-02")

    assert told == {"processors": [{"processor": "mailgun", "total": 2, "days": {"2026-11-02": 2}}]}


def test_entries_of_a_day_in_pages(desk: Desk) -> None:
    """The cursor leads on, and says nothing."""
    write(desk.of.tenant, NEXT, count=5)
    with mock.patch("chalicelib.services.ledger.telling.PAGE", 3):
        first = desk.told("/ledger/entries?day=2026-11-03")
        second = desk.told(f"/ledger/entries?day=2026-11-03&cursor={first['cursor']}")

    assert (len(first["entries"]), len(second["entries"]), second["cursor"]) == (3, 2, None)
    assert first["entries"][0] == {
        "at": "2026-11-03T10:00:00Z",
        "kind": "staff:session:started",
        "source": "staff",
        "actor": "a" * 32,
        "about": None,
        "thing": None,
        "network": "203.0.113.0/24",
        "ground": None,
        "processor": None,
        "counts": None,
    }


@pytest.mark.parametrize("cursor", ["AAAA", "%%%", "a", "x" * 300])
@pytest.mark.parametrize("path", ["/ledger/entries?day=2026-11-03&", "/staff/me/ledger?"])
def test_a_cursor_that_is_none_is_refused(desk: Desk, path: str, cursor: str) -> None:
    """Whatever it is."""
    assert desk.get(f"{path}cursor={cursor}").status_code == 422


def test_a_cursor_leads_back_to_its_place() -> None:
    """And to no other kind of place."""
    place = "120000#" + "0" * 32

    assert place_of(cursor_of(place), r"[0-9]{6}#[0-9a-f]{32}") == place
    assert cursor_of("") is None
    with pytest.raises(InvalidInputError):
        place_of(cursor_of(place), r"[0-9]{12}#[0-9a-f]{32}")


def test_staff_see_their_own_entries(desk: Desk) -> None:
    """With their own network, and without that of others."""
    write(
        desk.of.tenant,
        DAY,
        action=Action.AVAILABILITY_READ,
        actor="b" * 32,
        about=desk.of.expert,
        network="192.0.2.0/24",
    )

    entries = desk.told("/staff/me/ledger")["entries"]

    assert {(each["by_yourself"], each["network"] is None) for each in entries} == {(True, False), (False, True)}
    assert "192.0.2.0/24" not in json.dumps(entries)
    assert "b" * 32 not in json.dumps(entries)


def test_a_customer_sees_who_looked_by_role(desk: Desk) -> None:
    """What, when, in what role; no id of anybody."""
    held = booked(desk.on, desk.of)
    desk.on.clock.move(seconds=1)
    frm, to = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (MONDAY_10, MONDAY_10 + timedelta(hours=1)))
    desk.told(f"/appointments?from={frm}&to={to}")
    token = desk.on.services.linking.self_service(held)["cancel"]

    told = desk.told("/appointment/ledger", Zusage_Link=token)

    assert [(each["kind"], each["by"]) for each in told["entries"]] == [
        ("staff:appointments:read", "expert"),
        ("customer:appointment:booked", "customer"),
    ]
    assert {desk.of.expert, held.subject, desk.of.tenant} & set(json.dumps(told).replace('"', " ").split()) == set()


def test_verification_names_what_was_changed(desk: Desk) -> None:
    """By its key."""
    book = Book(desk.on)
    book.closing = type(book.closing)(desk.on.clock, desk.roots)
    (entry, *_) = write(desk.of.tenant, DAY, count=2)
    tally(desk)
    desk.on.clock.now = at(NEXT, 1)
    book.closing.run()
    desk.sign_in_again()
    path = "/ledger/verification?day=2026-11-02"
    assert desk.told(path)["ok"] is True

    meddle(entry.pk, entry.sk, network={"S": "192.0.2.0/24"})
    told = desk.told(path)

    assert (told["ok"], told["state"]) == (False, "entries-and-chain")
    assert told["findings"] == [{"problem": "altered", "pk": entry.pk, "sk": entry.sk}]


@pytest.mark.parametrize(
    "path",
    [
        "/ledger/counts?from=2026-11-02&to=2026-11-02",
        "/ledger/hand-overs?from=2026-11-02&to=2026-11-02",
        "/ledger/entries?day=2026-11-02",
        "/ledger/verification?day=2026-11-02",
    ],
)
def test_experts_see_their_own_entries_only(desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The business's ledger is for admins."""
    authenticate = type(desk.on.services.sessions).authenticate

    def as_expert(this: Any, token: str) -> Any:
        return type(desk.of.session)(**{**vars(authenticate(this, token)), "roles": frozenset({EXPERT})})

    monkeypatch.setattr(type(desk.on.services.sessions), "authenticate", as_expert)

    assert desk.get(path).status_code == 403
    assert desk.get("/staff/me/ledger").status_code == 200


def test_telemetry_is_the_operators(desk: Desk) -> None:
    """Nobody else gets it; one business alone is not told of."""
    tally(desk)
    desk.on.clock.now = at(NEXT, 0) + timedelta(days=1)

    operators = f"Bearer {operators_token(desk.on)}"
    told = desk.told("/operator/telemetry?day=2026-11-02", Authorization=operators)

    assert told == {"day": "2026-11-02", "businesses": None, "actions": {}}
    assert desk.get("/operator/telemetry?day=2026-11-02").status_code == 401
    assert desk.get("/operator/telemetry?day=2026-11-03", Authorization=operators).status_code == 422
