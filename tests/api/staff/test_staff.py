"""The routes about staff: bodies of bytes, problems with lists, and who may call."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api.staff.profile import MOST_BYTES
from chalicelib.domain.actions import Action
from chalicelib.records.logs import REQUEST_LOG
from tests.adapters.pictures import opened, picture
from tests.api.test_ledgered import Desk, desk
from tests.builders import booked, registered
from tests.fakes import MemoryFiles
from tests.services.colleagues import invited, joined, joining, working
from tests.services.looking import ledger

_OF_EVERY_LINE = {"level", "location", "message", "service", "cold_start", "function_name", "function_memory_size"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A business at the real app, with a bucket."""
    with desk(monkeypatch) as made:
        vars(made.on.services)["files"] = MemoryFiles()
        yield made


def ask(at: Desk, method: str, path: str, body: Any = b"", *, token: str = "", **headers: str) -> Any:
    """One request, whatever comes of it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if not isinstance(body, bytes):
        body, named["Content-Type"] = json.dumps(body).encode(), "application/json"
    sent = {"Authorization": f"Bearer {token or at.of.token}", **named}
    return at.client.http.request(method, f"/v1{path}", headers=sent, body=body)


def kind(answer: Any) -> tuple[int, str]:
    """Status and kind of a refusal."""
    return answer.status_code, json.loads(answer.body)["type"].rpartition(":")[2]


def show(at: Desk, body: bytes, content_type: str = "image/jpeg") -> Any:
    """Uploads a photo."""
    return ask(at, "PUT", "/staff/me/photo", body, Content_Type=content_type)


def test_a_photo_goes_in_and_comes_out_as_bytes(at: Desk) -> None:
    """For everybody, to be kept for an hour."""
    assert show(at, picture("PNG"), "image/png").status_code == 204

    seen = at.client.http.get(f"/v1/tenants/{at.of.tenant}/staff/{at.of.expert}/photo")
    assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/jpeg")
    assert seen.headers["Cache-Control"] == "public, max-age=3600"
    assert opened(seen.body).size == (512, 384)
    again = at.client.http.get(
        f"/v1/tenants/{at.of.tenant}/staff/{at.of.expert}/photo", headers={"If-None-Match": seen.headers["ETag"]}
    )
    assert again.status_code == 304
    assert ask(at, "GET", "/staff/me/photo").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("extra", "refusal"), [(-1, 422), (0, 422), (1, 413)])
def test_a_photo_has_five_megabytes_at_most(at: Desk, extra: int, refusal: int) -> None:
    """Counted before anything else is done with it."""
    assert MOST_BYTES == 5_000_000

    assert show(at, b"\xff\xd8" + bytes(MOST_BYTES - 2 + extra)).status_code == refusal


@pytest.mark.parametrize("content_type", ["image/gif", "image/svg+xml", "application/json", "text/plain", ""])
def test_other_types_are_not_taken(at: Desk, content_type: str) -> None:
    """Whatever is in them."""
    assert kind(show(at, picture(), content_type)) == (415, "unsupported-type")


def test_what_is_no_photo_is_named(at: Desk) -> None:
    """As a field of the input."""
    answer = show(at, b"<svg/>")

    assert kind(answer) == (422, "invalid-input")
    assert [each["field"] for each in json.loads(answer.body)["errors"]] == ["photo"]


def test_an_expert_neither_sees_the_team_nor_invites(at: Desk) -> None:
    """Admins do."""
    token = joined(at.on, at.of.session).token
    someone = {"email": "x@x.example", "roles": ["admin"], "language": "de"}

    assert kind(ask(at, "GET", "/staff", token=token)) == (403, "not-allowed")
    assert kind(ask(at, "GET", "/invitations", token=token)) == (403, "not-allowed")
    assert kind(ask(at, "POST", "/invitations", someone, token=token)) == (403, "not-allowed")
    roles = ask(at, "PUT", f"/staff/{at.of.expert}/roles", {"roles": ["expert"]}, token=token)
    assert kind(roles) == (403, "not-allowed")


def test_who_is_invited_sees_it_and_joins(at: Desk) -> None:
    """By the token in a header, then in the body; the session works."""
    token = invited(at.on, at.of.session, roles=("admin", "expert"))
    offered = json.loads(ask(at, "GET", "/invitation", Zusage_Link=token).body)
    assert (offered["business"], offered["roles"]) == ("Praxis Brunner", ["admin", "expert"])

    answer = ask(at, "POST", "/invitation/acceptance", {"token": token, **vars(joining())})

    opened_session = json.loads(answer.body)
    assert (answer.status_code, opened_session["portal"]) == (201, "admin")
    assert len(json.loads(ask(at, "GET", "/staff", token=opened_session["token"]).body)["staff"]) == 2
    assert kind(ask(at, "GET", "/invitation", Zusage_Link=token)) == (410, "link-used")


def test_the_profile_goes_by_versions(at: Desk) -> None:
    """What was read is what is changed."""
    read = ask(at, "GET", "/staff/me")
    given = {"given_name": "Regula", "family_name": "Meier", "language": "de", "own_zone": "Europe/Lisbon"}

    changed = ask(at, "PUT", "/staff/me", given, If_Match=read.headers["ETag"])
    assert (changed.status_code, json.loads(changed.body)["phone"]) == (200, None)
    assert kind(ask(at, "PUT", "/staff/me", given, If_Match=read.headers["ETag"])) == (412, "changed")


@pytest.mark.parametrize("name", ["Beat\r\nBcc: x@x.example", "Be\tat", "", " ", "x" * 101])
def test_names_that_reach_mails_are_one_clean_line(at: Desk, name: str) -> None:
    """Nothing is written into a header by a name."""
    token = invited(at.on, at.of.session)

    answer = ask(at, "POST", "/invitation/acceptance", {"token": token, **vars(joining()), "given_name": name})

    assert kind(answer) == (422, "invalid-input")


def test_what_can_not_be_handed_over_is_listed(at: Desk) -> None:
    """One entry an appointment, with what to do."""
    beat = working(at.on, at.of)
    held = booked(at.on, at.of, expert=beat.staff)
    booked(at.on, at.of, email="b@kundin.example")
    choice = {"future_appointments": {"hand_over_to": at.of.expert}}

    answer = ask(at, "POST", f"/staff/{beat.staff}/deletion", choice)

    assert kind(answer) == (409, "not-handed-over")
    assert [each["field"] for each in json.loads(answer.body)["errors"]] == [f"appointments.{held.id}"]
    done = ask(at, "POST", f"/staff/{beat.staff}/deletion", {"future_appointments": "cancel"})
    assert json.loads(done.body)["deleted"]["STAFF"] == 1


@pytest.mark.parametrize("choice", [{}, {"future_appointments": "keep"}, {"future_appointments": {}}])
def test_a_deletion_needs_a_choice(at: Desk, choice: Any) -> None:
    """Nothing becomes of appointments by default."""
    beat = working(at.on, at.of)

    assert kind(ask(at, "POST", f"/staff/{beat.staff}/deletion", choice)) == (422, "invalid-input")


def test_an_admin_signs_a_member_out_everywhere(at: Desk) -> None:
    """At once; not an expert, not oneself, and nobody of another business."""
    beat, other = joined(at.on, at.of.session), registered(at.on, email="neu@praxis-neu.example")
    path = f"/staff/{beat.staff}/sessions"

    assert ask(at, "DELETE", f"/staff/{at.of.expert}/sessions", token=beat.token).status_code == 403
    assert ask(at, "DELETE", path, token=other.token).status_code == 404
    assert kind(ask(at, "DELETE", f"/staff/{at.of.expert}/sessions")) == (409, "conflict")
    assert ask(at, "GET", "/session", token=beat.token).status_code == 200
    assert ask(at, "DELETE", path).status_code == 204
    assert ask(at, "GET", "/session", token=beat.token).status_code == 401
    (entry,) = ledger(Action.SESSIONS_ENDED)
    assert (entry.actor, entry.about) == (at.of.expert, beat.staff)


def line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the log says of the last request."""
    lines = [each for each in capsys.readouterr().out.splitlines() if '"message":"request"' in each.replace(" ", "")]
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def test_the_line_of_a_refused_request_says_who_asked(at: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """By ids, as soon as it is proven: a member, a server, the holder of a link, whoever is half signed in."""
    beat = joined(at.on, at.of.session)
    ask(at, "GET", "/staff", token=beat.token)
    seen = line(capsys)
    assert (seen["status"], seen["tenant"], seen["actor"]) == (403, at.of.tenant, beat.staff)
    assert set(seen) - _OF_EVERY_LINE <= set(REQUEST_LOG.fields)

    until = (at.on.clock.now + timedelta(days=3)).isoformat()
    key = at.call("POST", "/api-keys", {"label": "Server", "scopes": ["services:read"], "valid_until": until})
    ask(at, "GET", "/staff", token=key["key"])
    assert (line(capsys)["actor"], key["id"]) == (key["id"], key["id"])

    held = booked(at.on, at.of)
    link = at.on.services.linking.self_service(held)["cancel"]
    at.on.clock.now = held.starts_at
    ask(at, "POST", "/appointment/cancellation", Zusage_Link=link)
    seen = line(capsys)
    assert (seen["problem"], seen["tenant"], seen["actor"]) == ("link-expired", at.of.tenant, held.subject)


@pytest.mark.parametrize("token", ["zs_made-up", "zk_made-up"])
def test_nobody_is_named_who_did_not_prove_it(at: Desk, token: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is somebody who was let in: they stand in the ledger."""
    ask(at, "GET", "/staff", token=token)
    seen = line(capsys)
    assert (seen["status"], "actor" in seen, "tenant" in seen) == (401, False, False)

    ask(at, "GET", "/staff")
    seen = line(capsys)
    assert (seen["status"], "actor" in seen, seen["tenant"]) == (200, False, at.of.tenant)
