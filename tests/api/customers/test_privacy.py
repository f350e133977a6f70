"""Restrictions, holds and the legal view over HTTP: for admins only, and field by field as the kinds declare it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.actions import Action
from chalicelib.domain.tokens import Token
from chalicelib.records._fields import Form
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.keys import SubjectKey
from chalicelib.records.session import Session
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.replacing import PREFIX
from infra.local.client import booking
from tests.builders import Business, booked
from tests.services.looking import ledger
from tests.services.prepared import open_business
from tests.services.privacy_builders import REASON, YearlyInvoice
from tests.stage import Stage

STRANGER = "f" * 32


class Desk:
    """An admin's requests about one customer."""

    def __init__(self, client: Client, on: Stage, of: Business) -> None:
        self._client, self.on, self.of = client, on, of
        self.customer = booked(on, of).subject
        self.token = of.token

    def ask(self, method: str, path: str, body: Any = None, *, customer: str = "", key: str = "") -> tuple[int, Any]:
        """Status and parsed answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        sent = json.dumps(body).encode() if body is not None else b""
        where = f"/v1/customers/{customer or self.customer}{path}"
        answer = self._client.http.request(method, where, headers=headers, body=sent)
        return answer.status_code, json.loads(answer.body) if answer.body else None

    def hold(self, *, days: int = 400, **changes: Any) -> dict[str, Any]:
        """What to send for a hold."""
        ends = f"{self.on.clock() + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        return {"ground": "legal-claim", "reason": REASON, "ends_at": ends, **changes}

    def as_role(self, role: str) -> None:
        """From now on the requests come from the portal of this role."""
        token, now = Token.new(self.of.tenant, self.of.expert), self.on.clock()
        ref = Session.ref(token)
        transaction = Transaction()
        transaction.create(Session(ref.pk, ref.sk, portal=role, means="link", started_at=now, seen_at=now))
        transaction.commit()
        self.token = token.spell(prefix=PREFIX)


@contextmanager
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A client of the real app whose services are those of a stage with an open business."""
    with open_business() as (on, of), Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        yield Desk(client, on, of)


def routes(at: Desk) -> dict[str, tuple[str, str, Any]]:
    """Every route."""
    return {
        "restrict": ("PUT", "/restriction", {"ground": "unlawful"}),
        "lift restriction": ("DELETE", "/restriction", None),
        "list": ("GET", "/holds", None),
        "place": ("POST", "/holds", at.hold()),
        "lift": ("DELETE", f"/holds/{STRANGER}?because=settled", None),
        "view": ("POST", "/legal-view", {"ground": "legal-claim"}),
    }


def test_admins_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expert is refused, and somebody without a session first of all."""
    with desk(monkeypatch) as at:
        at.as_role("expert")
        as_expert = {name: at.ask(*call)[0] for name, call in routes(at).items()}
        at.token = "nobodys"
        as_nobody = {name: at.ask(*call)[0] for name, call in routes(at).items()}

    assert set(as_expert.values()) == {403}
    assert set(as_nobody.values()) == {401}


def test_a_stranger_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are one's own colleagues, by these routes."""
    with desk(monkeypatch) as at:
        for customer in (STRANGER, at.of.expert):
            found = {name: at.ask(*call, customer=customer)[0] for name, call in routes(at).items()}
            assert set(found.values()) == {404}, found


def test_restricting_and_lifting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Since when it holds is said; twice is as good as once."""
    with desk(monkeypatch) as at:
        first = at.ask("PUT", "/restriction", {"ground": "objection-pending"})
        again = at.ask("PUT", "/restriction", {"ground": "unlawful"})
        lifted = at.ask("DELETE", "/restriction"), at.ask("DELETE", "/restriction")

    assert first == again == (200, {"restricted_since": "2026-11-02T08:00:00Z"})
    assert lifted == ((204, None), (204, None))


@pytest.mark.parametrize("ground", ["", "because", None])
def test_a_ground_is_one_of_the_law(monkeypatch: pytest.MonkeyPatch, ground: str | None) -> None:
    """Nothing else is taken, in any of the three."""
    with desk(monkeypatch) as at:
        statuses = {
            at.ask("PUT", "/restriction", {"ground": ground})[0],
            at.ask("POST", "/holds", at.hold(ground=ground))[0],
            at.ask("POST", "/legal-view", {"ground": ground})[0],
            at.ask("DELETE", f"/holds/{STRANGER}?because={ground}")[0],
        }

    assert statuses == {422}


def test_a_wish_of_the_person_is_no_ground_for_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consent is what a person gives by their own link."""
    with desk(monkeypatch) as at:
        assert at.ask("POST", "/legal-view", {"ground": "subject-consent"})[0] == 422


def test_holds_are_placed_listed_and_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several at once; the same request twice places one."""
    with desk(monkeypatch) as at:
        status, placed = at.ask("POST", "/holds", at.hold(), key="a-key-of-mine")
        again = at.ask("POST", "/holds", at.hold(), key="a-key-of-mine")
        other = at.ask("POST", "/holds", at.hold(days=9), key="a-key-of-mine")[0]
        (first,) = placed["holds"]
        at.ask("POST", "/holds", at.hold(ground="authority-order", days=20))
        _, listed = at.ask("GET", "/holds")
        status_lifted, lifted = at.ask("DELETE", f"/holds/{first['id']}?because=mistaken")

    assert (status, again, other) == (201, (201, placed), 422)
    assert (first["ground"], first["reason"], first["released_at"]) == ("legal-claim", REASON, None)
    assert [each["ground"] for each in listed["holds"]] == ["legal-claim", "authority-order"]
    assert status_lifted == 200
    assert [each["released_by"] for each in lifted["holds"]] == [at.of.expert, None]


@pytest.mark.parametrize("changes", [{"reason": ""}, {"reason": "x" * 2001}, {"ends_at": "2026-11-02T08:00:00Z"}])
def test_a_hold_has_a_reason_and_an_end(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]) -> None:
    """Neither can be left empty, and the end lies ahead."""
    with desk(monkeypatch) as at:
        assert at.ask("POST", "/holds", at.hold(**changes))[0] == 422
        assert at.ask("GET", "/holds") == (200, {"holds": []})


# The legal view


def kinds_of(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The records of a view, by kind; the last of each."""
    return {each["kind"]: each for each in view["records"]}


def values(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record, by name."""
    return {each["name"]: each["value"] for each in record["fields"]}


def test_the_view_tells_what_the_declarations_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field that the person is to be told of, and no other; with purpose, basis and end."""
    with desk(monkeypatch) as at:
        status, view = at.ask("POST", "/legal-view", {"ground": "subject-request"})

    found = kinds_of(view)
    assert status == 200
    assert found.keys() == {"Customer", "CustomerAddress", "CustomerName", "Appointment", "Notification"}
    for kind in RECORDS:
        if kind.kind_name() in found:
            said = {name: each.form for name, each in kind.declarations().items() if each.access}
            told = {each["name"]: Form(each["form"]) for each in found[kind.kind_name()]["fields"]}
            assert told == said
    customer = found["Customer"]
    assert values(customer)["email"] == "anna.muster@kundin.example"
    assert values(found["Appointment"])["starts_at"] == "2026-11-09T09:00:00Z"
    assert values(found["Appointment"])["state"] == "confirmed"
    assert (customer["standing"], customer["kept_until"]) == ("live", "2027-11-09T10:00:00Z")
    assert customer["basis"] == "Art. 6(1)(b) GDPR; Art. 31(2)(a) FADP: contract"


def test_the_look_is_noted_before_anything_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, about whom, on what ground, how many of which kind."""
    with desk(monkeypatch) as at:
        at.ask("POST", "/legal-view", {"ground": "legal-duty"})
        (entry,) = ledger(Action.PERSON_VIEWED)

    assert (entry.actor, entry.about, entry.ground) == (at.of.expert, at.customer, "legal-duty")
    assert entry.counts == {
        "Customer": 1,
        "CustomerAddress": 1,
        "CustomerName": 2,
        "Appointment": 1,
        "Notification": 2,
    }


def test_restricted_data_is_seen_on_a_legal_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that it was, is noted once more."""
    with desk(monkeypatch) as at:
        at.ask("PUT", "/restriction", {"ground": "needed-for-claim"})
        _, view = at.ask("POST", "/legal-view", {"ground": "legal-claim"})
        (entry,) = ledger(Action.STAFF_EXCEPTION_READ)

    assert {kinds_of(view)[name]["standing"] for name in ("Customer", "Appointment")} == {"restricted"}
    assert values(kinds_of(view)["Customer"])["family_name"] == "Muster"
    assert (entry.ground, entry.counts) == ("legal-claim", {"Customer": 1, "CustomerName": 2, "Appointment": 1})


def test_blocked_data_is_seen_on_a_legal_ground_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past its period and under a hold: in the view, and nowhere else."""
    with desk(monkeypatch) as at:
        at.ask("POST", "/holds", at.hold(days=800))
        at.on.clock.move(days=500)
        at.as_role("admin")
        _, view = at.ask("POST", "/legal-view", {"ground": "legal-claim"})

    assert kinds_of(view)["Customer"]["standing"] == "blocked"
    assert values(kinds_of(view)["Customer"])["given_name"] == "Anna"
    assert kinds_of(view)["Customer"]["held_until"] == values(kinds_of(view)["Holds"])["until"]
    assert values(kinds_of(view)["Holds"])["reasons"]


def test_what_was_shredded_is_shown_as_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a legal duty keeps has another key."""
    with desk(monkeypatch) as at:
        at.on.services.legal_years.year_ready(2026)
        transaction = Transaction()
        transaction.create(YearlyInvoice.to(at.of.tenant, at.customer, at=at.on.clock()))
        transaction.discard(SubjectKey.ref(at.of.tenant, at.customer))
        transaction.commit()
        at.on.vault.forget(at.of.tenant, at.customer)
        _, view = at.ask("POST", "/legal-view", {"ground": "legal-duty"})

    sealed = [each for each in kinds_of(view)["Customer"]["fields"] if each["form"] == "sealed"]
    assert {(each["value"], each["readable"]) for each in sealed} == {(None, False)}
    assert values(kinds_of(view)["YearlyInvoice"])["billed_to"] == "Anna Muster"


# Booking


def test_a_restricted_person_is_told_to_ask_the_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of any conflict: not that there is a restriction."""
    with desk(monkeypatch) as at:
        at.ask("PUT", "/restriction", {"ground": "unlawful"})
        who = {"given_name": "A", "family_name": "M", "email": "anna.muster@kundin.example", "phone": None}
        who |= {"language": "de", "zone": "Europe/Zurich"}
        wish = booking(at.of.service.id, at.of.expert, starts_at="2026-11-10T09:00:00Z", customer=who)
        path = f"/v1/tenants/{at.of.tenant}/appointments"
        form = at.on.services.forms.hand_out("booking", {"tenant": at.of.tenant, "service": at.of.service.id})
        headers = {"Content-Type": "application/json", "Zusage-Form": form.token}
        answer = at._client.http.post(path, headers=headers, body=json.dumps(wish).encode())

    assert answer.status_code == 409
    assert b"restrict" not in answer.body.lower()
