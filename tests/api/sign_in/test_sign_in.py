"""Signing in at the API: proofs and never passwords, cookies for portals, and refusals that tell nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import wiring
from chalicelib.domain.passwords import spell
from chalicelib.domain.visits import Visitor
from chalicelib.records.session import Session
from tests.builders import NETWORK, link_in
from tests.services.looking import stored
from tests.services.signers import EMAIL, OTHER, PROOF, UNKNOWN, WRONG, Signer, with_password


@dataclass
class Desk:
    """Somebody at a browser, each time at another address."""

    by: Signer
    client: Client

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One request."""
        sent = b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.http.request(
            method, f"/v1{path}", headers={"Content-Type": "application/json", **named}, body=sent
        )

    def sign_in(self, proof: bytes = PROOF, /, *, form: str | None = None, **changes: Any) -> HTTPResponse:
        """With a form of its own."""
        given = {"email": EMAIL, "proof": spell(proof), "portal": None, "keep": "token", **changes}
        return self.call("POST", "/sign-in", given, Zusage_Form=form or self.form("sign-in"))

    def form(self, name: str) -> str:
        """A fresh one."""
        return self.by.on.services.forms.hand_out(name, {}).token


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with with_password() as by, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: by.on.services)
        monkeypatch.setattr("chalicelib.api.http.request.Incoming.visitor", lambda _: by.somewhere())
        yield Desk(by, client)


def test_a_token_is_told_once(at: Desk) -> None:
    """With what it opens; no cookie."""
    answer = at.sign_in()

    assert answer.status_code == 201
    told = answer.json_body
    assert (told["roles"], told["portal"], told["second_factor"], told["pending"]) == (
        *(["admin", "expert"], "admin"),
        *([], None),
    )
    assert "Set-Cookie" not in answer.headers
    who = at.call("GET", "/session", Authorization=f"Bearer {told['token']}").json_body
    assert (who["staff"], who["portal"], who["standing"]) == (at.by.of.expert, "admin", "on-plan")
    assert who["second_factor_missing"] is False


@pytest.mark.parametrize("portal", ["admin", "expert"])
def test_a_cookie_keeps_the_token_from_scripts(at: Desk, portal: str) -> None:
    """The answer does not say it; the portal's page is signed in by it, and signed out for good."""
    answer = at.sign_in(portal=portal, keep="cookie")

    assert answer.json_body["token"] is None
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-zusage-{portal}=zs_")
    assert cookie.endswith("; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict")
    sent = {"Cookie": cookie.partition(";")[0], "Zusage_Portal": portal}
    assert at.call("GET", "/session", **sent).json_body["portal"] == portal
    gone = at.call("DELETE", "/session", **sent)
    assert (gone.status_code, gone.headers["Set-Cookie"].partition(";")[0]) == (204, f"__Host-zusage-{portal}=")
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'  # no other cookie: they are not this session's
    assert at.call("GET", "/session", **sent).status_code == 401


@pytest.mark.parametrize("portal", ["admin", "expert"])
def test_a_browser_gives_up_the_session_that_its_cookie_holds(at: Desk, portal: str) -> None:
    """As the next one takes its place; another browser stays signed in."""
    first, elsewhere = (at.sign_in(portal=portal, keep="cookie").headers["Set-Cookie"] for _ in range(2))
    before = len(stored(Session))

    form = at.form("sign-in")
    given = {"email": EMAIL, "proof": spell(PROOF), "portal": portal, "keep": "cookie"}
    second = at.call("POST", "/sign-in", given, Zusage_Form=form, Cookie=first.partition(";")[0])

    assert len(stored(Session)) == before
    statuses = [
        at.call("GET", "/session", Cookie=cookie.partition(";")[0], Zusage_Portal=portal).status_code
        for cookie in (first, elsewhere, second.headers["Set-Cookie"])
    ]
    assert statuses == [401, 200, 200]


def test_a_program_gives_up_the_session_whose_token_it_sends(at: Desk) -> None:
    """A cookie beside it is another session's: it is not replaced, and stays."""
    cookie = at.sign_in(portal="admin", keep="cookie").headers["Set-Cookie"].partition(";")[0]
    old = at.sign_in().json_body["token"]
    given = {"email": EMAIL, "proof": spell(PROOF), "portal": None, "keep": "token"}

    answer = at.call(
        "POST", "/sign-in", given, Zusage_Form=at.form("sign-in"), Authorization=f"Bearer {old}", Cookie=cookie
    )

    assert answer.status_code == 201
    assert at.call("GET", "/session", Authorization=f"Bearer {old}").status_code == 401
    assert at.call("GET", "/session", Cookie=cookie, Zusage_Portal="admin").status_code == 200


def test_a_client_that_has_the_token_gets_no_cookie(at: Desk) -> None:
    """Not even an empty one when it signs out."""
    answer = at.call("DELETE", "/session", Authorization=f"Bearer {at.by.of.token}")

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (204, False)
    assert "Clear-Site-Data" in answer.headers


def test_nobody_is_made_to_forget_by_a_refusal(at: Desk) -> None:
    """Whoever proves no session has none to end; and nothing but signing out has a browser drop what it keeps."""
    assert "Clear-Site-Data" not in at.call("DELETE", "/session").headers
    assert "Clear-Site-Data" not in at.call("GET", "/session", Authorization=f"Bearer {at.by.of.token}").headers


@pytest.mark.parametrize("portal", [None, "operator"])
def test_a_cookie_needs_a_portal_with_pages(at: Desk, portal: str | None) -> None:
    """The operator's has none; and nothing was opened."""
    before = len(stored(Session))

    answer = at.sign_in(portal=portal, keep="cookie")

    assert (answer.status_code, [each["field"] for each in answer.json_body["errors"]]) == (422, ["portal"])
    assert len(stored(Session)) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"proof": spell(PROOF[:31])}, "proof"),
        ({"proof": spell(PROOF + b"x")}, "proof"),
        ({"proof": spell(PROOF) + "="}, "proof"),
        ({"proof": ""}, "proof"),
        ({"proof": 1}, "proof"),
        ({"proof": None}, "proof"),
        ({"email": "x" * 300 + "@praxis.example"}, "email"),
        ({"email": "nobody at home"}, "email"),
        ({"portal": "customer"}, "portal"),
        ({"keep": "both"}, "keep"),
    ],
    ids=["short", "long", "padded", "empty", "number", "null", "long-address", "no-address", "portal", "keep"],
)
def test_what_is_wrong_is_named(at: Desk, changes: dict[str, Any], field: str) -> None:
    """And not counted as an attempt by anybody who mistyped."""
    answer = at.sign_in(**changes)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json_body["errors"]] == [field]
    assert str(changes[field]) == "" or str(changes[field]) not in json.dumps(answer.json_body["errors"])


def test_a_field_called_password_is_refused(at: Desk) -> None:
    """Somebody's client sends it: it is told so, and nothing keeps it."""
    answer = at.sign_in(password="hunter2")

    assert answer.status_code in {403, 422}
    assert b"hunter2" not in answer.body


def test_refusals_are_the_same_to_the_byte(at: Desk) -> None:
    """But for the number of the request."""
    answers = [at.sign_in(WRONG, email=email) for email in (EMAIL, UNKNOWN)]

    assert {answer.status_code for answer in answers} == {401}
    bodies = [{**answer.json_body, "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["type"] == "urn:zusage:problem:credentials-refused"
    assert sorted(answers[0].headers) == sorted(answers[1].headers)


def test_whoever_has_to_wait_hears_how_long(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """429, with Retry-After in seconds."""
    monkeypatch.setattr("chalicelib.api.http.request.Incoming.visitor", lambda _: Visitor.of("203.0.113.7", ""))
    statuses = [at.sign_in(WRONG, email=UNKNOWN).status_code for _ in range(3)]

    answer = at.sign_in()

    assert (statuses, answer.status_code, answer.headers["Retry-After"]) == ([401] * 3, 429, "300")


def test_a_form_signs_in_once(at: Desk) -> None:
    """After a typing mistake it may come again, after a sign-in not."""
    form = at.form("sign-in")

    statuses = [at.sign_in(proof, form=form).status_code for proof in (WRONG, PROOF, PROOF)]

    assert statuses == [401, 201, 403]


def test_parameters_are_the_same_for_everybody(at: Desk) -> None:
    """A salt of 16 bytes, however the address is typed."""
    told = [
        at.call("POST", "/sign-in/parameters", {"email": email}).json_body for email in (EMAIL, EMAIL.upper(), UNKNOWN)
    ]

    assert told[0] == told[1]
    assert told[0]["salt"] != told[2]["salt"]
    assert {(each["algorithm"], each["iterations"], len(each["salt"])) for each in told} == {
        ("PBKDF2-SHA-256", 600_000, 22)
    }


def test_a_second_factor_is_asked_for(at: Desk) -> None:
    """Instead of a session, whatever it was to be kept in."""
    at.by.change(at.by.credentials, totp_secret="JBSWY3DPEHPK3PXP")

    answer = at.sign_in(portal="admin", keep="cookie")

    told = answer.json_body
    assert (told["token"], told["tenant"], told["second_factor"]) == (None, None, ["totp"])
    assert told["pending"].startswith("zp_")
    assert "Set-Cookie" not in answer.headers
    assert at.call("GET", "/session", Authorization=f"Bearer {told['pending']}").status_code == 401


def test_a_link_can_open_a_portal_of_our_own(at: Desk) -> None:
    """As a password can."""
    at.by.on.services.signing_in.ask_for_link(EMAIL, network=NETWORK)
    at.by.on.pump()
    token = link_in(next(mail.text for mail in reversed(at.by.on.mails()) if "/sign-in#" in mail.text))

    answer = at.call("POST", "/sessions", {"token": token, "portal": "expert", "keep": "cookie"})

    assert (answer.status_code, answer.json_body["roles"], answer.json_body["token"]) == (201, ["expert"], None)
    assert answer.headers["Set-Cookie"].startswith("__Host-zusage-expert=zs_")


def test_one_s_own_password(at: Desk) -> None:
    """Its parameters, and its change."""
    header = {"Authorization": f"Bearer {at.by.of.token}"}
    same = at.call("POST", "/sign-in/parameters", {"email": EMAIL}).json_body

    wrong = at.call("PUT", "/staff/me/password", {"proof": spell(OTHER), "current_proof": spell(WRONG)}, **header)
    missing = at.call("PUT", "/staff/me/password", {"proof": spell(OTHER)}, **header)
    right = at.call("PUT", "/staff/me/password", {"proof": spell(OTHER), "current_proof": spell(PROOF)}, **header)

    assert at.call("GET", "/staff/me/password/parameters", **header).json_body == same
    assert (wrong.status_code, missing.status_code, right.status_code) == (401, 422, 204)
    assert [each["field"] for each in missing.json_body["errors"]] == ["current_proof"]
    assert at.sign_in(OTHER).status_code == 201


def test_a_forgotten_password(at: Desk) -> None:
    """The same answer for everybody, parameters by the link, and a new password once."""
    asked = [
        at.call("POST", "/password-resets", {"email": email}, Zusage_Form=at.form("reset"))
        for email in (EMAIL, UNKNOWN)
    ]
    at.by.on.pump()
    token = link_in(next(mail.text for mail in at.by.on.mails() if "/reset#" in mail.text))
    parameters = at.call("POST", "/password-resets/parameters", {"token": token}).json_body
    statuses = [
        at.call("POST", "/password-resets/completion", {"token": token, "proof": spell(OTHER)}).status_code
        for _ in range(2)
    ]

    assert [(each.status_code, each.body) for each in asked] == [(202, asked[0].body)] * 2
    assert parameters == at.call("POST", "/sign-in/parameters", {"email": EMAIL}).json_body
    assert statuses == [204, 410]
    assert at.sign_in(OTHER).status_code == 201


@pytest.mark.parametrize("email", [EMAIL, UNKNOWN])
def test_a_form_for_a_reset_works_once_for_everybody(at: Desk, email: str) -> None:
    """Or it would tell whether there is such an account."""
    form = at.form("reset")

    statuses = [at.call("POST", "/password-resets", {"email": email}, Zusage_Form=form).status_code for _ in range(2)]

    assert statuses == [202, 403]


def test_one_s_own_sessions(at: Desk) -> None:
    """Listed, ended one by one or all others at once."""
    for _ in range(2):
        at.sign_in()
    header = {"Authorization": f"Bearer {at.by.of.token}"}

    listed = at.call("GET", "/staff/me/sessions", **header).json_body["sessions"]
    other = next(each["id"] for each in listed if not each["current"])

    assert [each["current"] for each in listed].count(True) == 1
    assert {each["means"] for each in listed} == {"link", "password"}
    assert at.call("POST", f"/staff/me/sessions/{other}/ending", {}, **header).status_code == 204
    assert at.call("POST", f"/staff/me/sessions/{other}/ending", {}, **header).status_code == 404
    assert at.call("POST", "/staff/me/sessions/ending", {}, **header).status_code == 204
    left = at.call("GET", "/staff/me/sessions", **header).json_body["sessions"]
    assert [each["current"] for each in left] == [True]


def test_other_sessions_end_with_a_proof_once_one_s_own_is_older(at: Desk) -> None:
    """One's own ends without any."""
    other = at.sign_in().json_body["token"]
    at.by.on.clock.move(minutes=10)
    header = {"Authorization": f"Bearer {at.by.of.token}"}

    statuses = [
        at.call("POST", "/staff/me/sessions/ending", {"proof": spell(proof)} if proof else {}, **header).status_code
        for proof in (None, WRONG, PROOF)
    ]

    assert statuses == [422, 401, 204]
    assert at.call("GET", "/session", Authorization=f"Bearer {other}").status_code == 401
    assert at.call("DELETE", "/session", **header).status_code == 204
