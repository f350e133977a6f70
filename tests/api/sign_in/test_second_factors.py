"""Second factors at the API: set up, used to sign in, and refused in the same words to everybody else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.passwords import spell
from tests.passkey_device import Device
from tests.services.factors import PROOF, WRONG, Member, member

GOOD, BAD = spell(PROOF), spell(WRONG)
EARLY = ("GET /staff/me/second-factors", "POST /staff/me/totp", "POST /staff/me/passkeys/options")


@dataclass
class Browser:
    """Whoever calls, and what the business behind it is."""

    of: Member
    client: Client

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None, **more: str) -> Any:
        """One request; `token` replaces the member's, an empty one sends none."""
        token = self.of.token if token is None else token
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **more,
        }
        sent = json.dumps(body).encode() if body is not None else b""
        return self.client.http.request(method, f"/v1{path}", headers=headers, body=sent)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        """One request that has to end like this; its answer."""
        answer = self.call(method, path, body, **more)
        assert answer.status_code == status, answer.body
        return json.loads(answer.body) if answer.body else None

    def add_app(self) -> tuple[pyotp.TOTP, list[str]]:
        """Sets an app up; it and the recovery codes."""
        app_ = pyotp.TOTP(self.ask("POST", "/staff/me/totp", {"proof": GOOD})["secret"])
        told = self.ask("POST", "/staff/me/totp/confirmation", {"code": app_.at(self.of.on.clock.now)}, status=201)
        self.of.on.clock.move(minutes=1)
        return app_, told["recovery_codes"]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """The real app over a stage."""
    with member() as of, Client(app) as client:
        monkeypatch.setattr(wiring, "services", lambda: of.on.services)
        yield Browser(of, client)


def test_an_app_from_the_secret_to_the_session(browser: Browser) -> None:
    """As a page does it."""
    app_, codes = browser.add_app()
    shown = browser.ask("GET", "/staff/me/second-factors")
    assert shown == {"password": True, "totp": True, "passkeys": [], "recovery_codes": 10, "required": False}
    assert len(codes) == 10

    body = {"pending": browser.of.first_step(), "totp": app_.at(browser.of.on.clock.now)}
    opened = browser.ask("POST", "/sign-in/second-factor", body, token="", status=201)

    assert (opened["portal"], opened["second_factor"], opened["pending"]) == ("admin", [], None)
    assert browser.ask("GET", "/session", token=opened["token"])["portal"] == "admin"
    browser.ask("POST", "/staff/me/totp/removal", {"proof": GOOD}, token=opened["token"], status=204)
    assert browser.ask("GET", "/staff/me/second-factors")["recovery_codes"] == 0


def test_a_passkey_from_the_options_to_the_session(browser: Browser) -> None:
    """Its answers are taken as browsers write them, with what we do not look at."""
    device = Device()
    options = browser.ask("POST", "/staff/me/passkeys/options", {"proof": GOOD})["public_key"]
    credential = device.create(options) | {"clientExtensionResults": {}, "authenticatorAttachment": "platform"}
    credential["response"] |= {"transports": ["internal"], "publicKeyAlgorithm": -7, "publicKey": "AQID"}
    browser.ask("POST", "/staff/me/passkeys", {"label": "Handy", "credential": credential}, status=201)
    (shown,) = browser.ask("GET", "/staff/me/second-factors")["passkeys"]
    assert shown["label"] == "Handy"

    pending = browser.of.first_step()
    asked = browser.ask("POST", "/sign-in/second-factor/options", {"pending": pending}, token="")["public_key"]
    used = device.sign(asked) | {"clientExtensionResults": {}}
    used["response"]["userHandle"] = "AQID"
    browser.ask("POST", "/sign-in/second-factor", {"pending": pending, "passkey": used}, token="", status=201)
    browser.ask("POST", f"/staff/me/passkeys/{shown['id']}/removal", {"proof": GOOD}, status=204)


def test_the_session_goes_into_a_cookie(browser: Browser) -> None:
    """Then the answer does not tell it, too."""
    _, codes = browser.add_app()
    body = {"pending": browser.of.first_step(), "recovery_code": codes[0], "keep": "cookie"}

    answer = browser.call("POST", "/sign-in/second-factor", body, token="")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-zusage-admin=zs_")
    assert json.loads(answer.body)["token"] is None
    by_cookie = {"Cookie": cookie.partition(";")[0], "Zusage-Portal": "admin"}
    assert browser.ask("GET", "/session", token="", **by_cookie)["portal"] == "admin"


def test_what_is_wrong_is_refused_in_the_same_words(browser: Browser) -> None:
    """Whether the code is wrong, of another kind than there is, or the sign-in unknown: 401, and no hint which."""
    browser.add_app()
    told = set()
    for given in ({"totp": "000000"}, {"recovery_code": "aaaa"}, {"totp": "x"}):
        answer = browser.call("POST", "/sign-in/second-factor", {"pending": browser.of.first_step(), **given}, token="")
        told.add((answer.status_code, json.loads(answer.body)["type"], json.loads(answer.body)["detail"]))

    assert len(told) == 1
    answer = browser.call("POST", "/sign-in/second-factor", {"pending": "zp_AQID", "totp": "000000"}, token="")
    assert (answer.status_code, json.loads(answer.body)["type"]) == next(iter(told))[:2]


@pytest.mark.parametrize(
    "given",
    [{}, {"totp": "123456", "recovery_code": "aaaa"}, {"totp": None, "passkey": None}],
    ids=["none", "two", "null"],
)
def test_one_factor_is_sent(browser: Browser, given: dict[str, Any]) -> None:
    """Not two at once, which would be two tries in one; and it costs none."""
    browser.add_app()
    pending = browser.of.first_step()

    told = browser.ask("POST", "/sign-in/second-factor", {"pending": pending, **given}, token="", status=422)

    assert "totp" in json.dumps(told)


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/staff/me/totp", {"proof": "short"}, "proof"),
        ("POST", "/staff/me/totp", {"password": "correct horse battery staple"}, "password"),
        ("POST", "/staff/me/totp/confirmation", {"code": "12345"}, "code"),
        ("POST", "/staff/me/totp/confirmation", {"code": "１２３４５６"}, "code"),
        ("POST", "/staff/me/passkeys", {"label": "", "credential": {}}, "label"),
        ("POST", "/staff/me/passkeys", {"label": "x", "credential": {"id": "é"}}, "credential.id"),
        ("PUT", "/tenant/second-factor", {"required": "yes"}, "required"),
    ],
)
def test_bad_input_names_its_field(browser: Browser, method: str, path: str, body: Any, field: str) -> None:
    """And says nothing of what was sent."""
    answer = browser.call(method, path, body)

    assert answer.status_code == 422
    assert field in [each["field"] for each in json.loads(answer.body)["errors"]]
    assert "horse" not in answer.body.decode()


def test_a_wrong_password_changes_nothing(browser: Browser) -> None:
    """401, and the right kind of it: one is still signed in."""
    for method, path in (
        ("POST", "/staff/me/totp"),
        ("POST", "/staff/me/totp/removal"),
        ("POST", "/staff/me/passkeys/options"),
    ):
        told = browser.ask(method, path, {"proof": BAD}, status=401)
        assert told["type"].endswith(":credentials-refused")
    assert browser.ask("GET", "/session")


def test_who_has_to_set_one_up_can_do_that_and_nothing_else(browser: Browser) -> None:
    """Until they signed in with it."""
    app_, _ = browser.add_app()
    etag = browser.call("PUT", "/tenant/second-factor", {"required": True}).headers["ETag"]

    for each in EARLY:
        method, path = each.split(" ")
        browser.ask(method, path, {"proof": GOOD} if method == "POST" else None)
    for method, path in (("POST", "/staff/me/totp/removal"), ("POST", "/staff/me/recovery-codes")):
        told = browser.ask(method, path, {"proof": GOOD}, status=403)
        assert told["type"].endswith(":second-factor-required")
    browser.ask("GET", "/services", status=403)

    body = {"pending": browser.of.first_step(), "totp": app_.at(browser.of.on.clock.now)}
    token = browser.ask("POST", "/sign-in/second-factor", body, token="", status=201)["token"]
    browser.ask("GET", "/services", token=token)
    browser.ask("PUT", "/tenant/second-factor", {"required": False}, token=token, **{"If-Match": '"1"'}, status=412)
    browser.ask("PUT", "/tenant/second-factor", {"required": False}, token=token, **{"If-Match": etag})


def test_new_recovery_codes(browser: Browser) -> None:
    """Ten others."""
    _, codes = browser.add_app()

    fresh = browser.ask("POST", "/staff/me/recovery-codes", {"proof": GOOD}, status=201)["recovery_codes"]

    assert len(set(fresh) | set(codes)) == 20
