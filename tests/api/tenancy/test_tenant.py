"""One's own business over HTTP: what is seen, changed, chosen, cancelled and taken along, by whom, and when."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.roles import EXPERT
from chalicelib.services.sign_in.sessions import Sessions
from chalicelib.services.tenancy import exporting
from tests.adapters.pictures import picture
from tests.builders import NETWORK, business, link_to, registered
from tests.fakes import MemoryFiles
from tests.services.meddling import calls
from tests.stage import Stage, stage

DAY = timedelta(days=1)
CARD = {
    "company": "Praxis am See",
    "street": "Seeweg 1",
    "country": "CH",
    "postal_code": "8002",
    "city": "Zürich",
    "contact_mail": "praxis@see.example",
    "contact_phone": "+41445550101",
    "language": "de",
}


@dataclass
class Desk:
    """An admin at the API."""

    on: Stage
    client: Client
    token: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; status and parsed answer."""
        sent = json.dumps(body).encode() if body is not None else b""
        told = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **headers}
        answer = self.client.http.request(method, f"/v1{path}", headers=told, body=sent)
        return answer.status_code, json.loads(answer.body) if answer.body else None, answer.headers

    def later(self, by: timedelta) -> None:
        """Time passes, and the admin is signed in anew."""
        self.on.clock.now += by
        self.on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network="203.0.113.0/24")
        self.on.pump()
        self.token = self.call("POST", "/sessions", {"token": link_to(self.on, "sign-in")})[1]["token"]


@contextmanager
def desk(monkeypatch: pytest.MonkeyPatch, *, trial: bool = True) -> Iterator[Desk]:
    """A business on trial."""
    with stage() as on, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: on.services)
        token = registered(on).token if trial else business(on).token
        yield Desk(on, client, token)


def kind(answer: Any) -> tuple[int, str]:
    """Status and kind of a refusal."""
    return answer[0], answer[1]["type"].rpartition(":")[2]


def test_an_admin_sees_where_the_business_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its version as the ETag."""
    with desk(monkeypatch) as at:
        status, seen, headers = at.call("GET", "/tenant")

        assert (status, seen["standing"], seen["company"], seen["plan"]) == (200, "trial", "Praxis Brunner", None)
        assert (seen["trial_ends_at"], seen["closes_at"]) == ("2026-12-02T08:00:00Z", "2027-01-01T08:00:00Z")
        assert seen["may"] == ["use", "export", "choose-plan", "cancel"]
        assert headers["ETag"] == '"2"'


def test_a_change_names_its_version_or_a_wrong_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is seen at once."""
    with desk(monkeypatch) as at:
        wrong = at.call("PUT", "/tenant", {**CARD, "postal_code": "80020"})
        old = at.call("PUT", "/tenant", CARD, **{"If-Match": '"1"'})
        right = at.call("PUT", "/tenant", CARD, **{"If-Match": '"2"'})

        assert (kind(wrong), [one["field"] for one in wrong[1]["errors"]]) == (
            (422, "invalid-input"),
            ["postal_code"],
        )
        assert kind(old) == (412, "changed")
        assert (right[0], right[1]["company"], right[2]["ETag"]) == (200, "Praxis am See", '"3"')


def test_who_is_read_only_reads_exports_and_decides_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second on at which the trial ends."""
    with desk(monkeypatch) as at:
        at.later(30 * DAY)

        assert at.call("GET", "/tenant")[1]["standing"] == "read-only"
        assert at.call("GET", "/tenant/export")[0] == 200
        assert kind(at.call("PUT", "/tenant", CARD)) == (403, "read-only")
        assert at.call("POST", "/tenant/cancellation")[1]["may"] == ["export", "choose-plan", "resume"]
        assert kind(at.call("POST", "/tenant/cancellation")) == (409, "conflict")
        assert at.call("DELETE", "/tenant/cancellation")[1]["standing"] == "read-only"
        assert at.call("POST", "/tenant/plan", {"plan": "standard"})[1]["standing"] == "on-plan"
        assert at.call("PUT", "/tenant", CARD)[0] == 200


def test_experts_have_nothing_to_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every route is for admins."""
    with desk(monkeypatch) as at:
        known = at.on.services.sessions.authenticate(at.token)
        expert = type(known)(**{**vars(known), "roles": frozenset({EXPERT})})
        monkeypatch.setattr(Sessions, "authenticate", lambda *_: expert)
        asked = [("GET", ""), ("POST", "/cancellation"), ("DELETE", "/cancellation"), ("GET", "/export")]

        assert {kind(at.call(method, f"/tenant{path}")) for method, path in asked} == {(403, "not-allowed")}
        assert kind(at.call("PUT", "/tenant", CARD)) == (403, "not-allowed")
        assert kind(at.call("POST", "/tenant/plan", {"plan": "standard"})) == (403, "not-allowed")


def test_only_plans_that_there_are_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no field about paying is taken."""
    with desk(monkeypatch) as at:
        assert kind(at.call("POST", "/tenant/plan", {"plan": "gold"})) == (422, "invalid-input")
        assert kind(at.call("POST", "/tenant/plan", {"plan": "standard", "iban": "CH93"})) == (422, "invalid-input")


def test_the_export_goes_on_where_its_cursor_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record once; a cursor that was not handed out is refused."""
    with desk(monkeypatch, trial=False) as at:
        monkeypatch.setattr(exporting, "PAGE", 4)
        of = at.on.services.sessions.authenticate(at.token)
        records, cursor = [], ""
        while True:
            _, page, _ = at.call("GET", f"/tenant/export{cursor}")
            assert len(page["records"]) <= 4
            records += page["records"]
            if page["cursor"] is None:
                break
            cursor = f"?cursor={page['cursor']}"

        assert len({(one["person"], one["id"]) for one in records}) == len(records) > 4
        assert {one["person"] for one in records} == {None, of.staff}
        assert kind(at.call("GET", "/tenant/export?cursor=AAAA")) == (422, "invalid-input")


def test_the_export_hands_out_photos_with_their_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """As text, so that what was taken along needs no further call."""
    with desk(monkeypatch, trial=False) as at:
        vars(at.on.services)["files"] = MemoryFiles()
        of = at.on.services.sessions.authenticate(at.token)
        at.on.services.profiles.set_photo(of, picture(), content_type="image/jpeg", network=NETWORK)
        _, page, _ = at.call("GET", "/tenant/export")

        (files,) = [one["files"] for one in page["records"] if one["files"]]
        content = base64.b64encode(at.on.services.profiles.own_photo(of)).decode()
        assert files == [{"name": "photo.jpg", "content_type": "image/jpeg", "content": content}]


@pytest.mark.parametrize(
    ("email", "hints"),
    [
        ("anna@gmial.com", [{"doubt": "typo", "suggestion": "gmail.com"}]),
        ("anna@mailinator.com", [{"doubt": "throw-away", "suggestion": None}]),
        ("anna@p\u0430ypal.com", [{"doubt": "mixed-scripts", "suggestion": None}]),
        ("regula@praxis-brunner.example", []),
        ("nobody@praxis-brunner.example", []),
    ],
    ids=["typo", "throw-away", "mixed", "known", "unknown"],
)
def test_hints_follow_from_the_address_alone(
    email: str, hints: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read or written for them, so that they can't tell whether an address is known."""
    with desk(monkeypatch) as at:
        with calls() as made:
            answer = at.call("POST", "/registrations/hints", {"email": email})

        assert (answer[0], answer[1]) == (200, {"hints": hints})
        assert made == []
