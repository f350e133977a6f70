"""Signing in, in a real browser: the whole way, and what leaves the browser on it."""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyotp
import pytest

from infra.local.client import behind_hash
from tests.browser.chromium import Chromium, Page, Sent
from tests.deployed.people import KNOWN, Person
from tests.deployed.stack import Stack, until

pytestmark = pytest.mark.deployed

PASSWORD = "Fünf blaue Elefanten tanzen Ländler"
OTHER = "Keine sechs roten Nashörner schlafen"
CODE_SECONDS = 30
KNOWN.update({PASSWORD, OTHER})


@dataclass
class Visit:
    """A person before a browser, whose network address is their own: three sign-ins in five minutes are counted."""

    stack: Stack
    page: Page
    who: Person = field(default_factory=Person)

    def open(self, path: str) -> None:
        """Goes to one of our pages."""
        self.page.open(f"{self.stack.cloud.api_base}/{path}")

    def said(self, text: str) -> None:
        """Waits until the page says something."""
        self.page.until(f"document.getElementById('status').textContent.includes({json.dumps(text)})")

    def from_address(self, address: str) -> None:
        """Goes on from another network address."""
        self.page.send("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": address})

    def register(self) -> None:
        """Registers a business and confirms it by the link in the mail."""
        versions = self.stack.client.ask("GET", "/registrations", wanted=200)
        token = self.stack.client.ask("GET", "/forms/registration", wanted=200)["token"]
        self.stack.client.ask(
            "POST",
            "/registrations",
            wanted=202,
            json={**self.who.owner(), **versions},
            headers={"Zusage-Form": token},
        )
        mail = self.stack.inbox.wait_for(1, to=self.who.email)[-1]
        self.open(f"confirm#{behind_hash(mail['text'])}")
        self.page.click("#go")
        self.said("Sie sind angemeldet")

    def choose_password(self, password: str = PASSWORD) -> None:
        """Sets the first password on the page for it."""
        self.open("account")
        for field_ in ("#new", "#again"):
            self.page.fill(field_, password)
        self.page.click("#password-form button")
        self.said("Das Passwort gilt")

    def sign_out(self) -> None:
        """By the button."""
        self.page.click("#sign-out")
        self.said("Sie sind abgemeldet")

    def first_step(self, password: str = PASSWORD, *, portal: str = "admin") -> None:
        """Enters address and password."""
        self.open("sign-in")
        self.page.fill("#email", self.who.email)
        self.page.fill("#password", password)
        self.page.run(f"document.getElementById('portal').value = {json.dumps(portal)}")
        self.page.click("#go")

    def add_app(self) -> tuple[pyotp.TOTP, list[str]]:
        """Sets up codes of an app; it and the recovery codes."""
        self.page.fill("#confirm", PASSWORD)
        self.page.click("#add-app")
        secret = self.page.until("document.getElementById('secret').textContent").replace(" ", "")
        app = pyotp.TOTP(secret)
        self.page.fill("#app-code", app.at(self.stack.cloud.now()))
        self.page.click("#app-form button")
        self.said("ist eingerichtet")
        return app, self.page.text("#recovery-codes").split()

    def next_code(self, app: pyotp.TOTP) -> str:
        """A code that was not used yet."""
        self.stack.cloud.move_time(seconds=2 * CODE_SECONDS)
        return app.at(self.stack.cloud.now())


@pytest.fixture
def visit(stack: Stack, page: Page) -> Visit:
    """Somebody with a German browser."""
    made = Visit(stack, page)
    made.from_address(f"2001:db8:{made.who.mark[:4].encode().hex()[:4]}:{made.who.mark[4:8].encode().hex()[:4]}::1")
    return made


@pytest.fixture
def owner(visit: Visit) -> Visit:
    """Somebody who registered, has a password, and is signed in before their own account."""
    visit.register()
    visit.choose_password()
    return visit


def spellings(password: str) -> set[str]:
    """Every way in which a password could stand in a request, hashed without salt included."""
    found = set()
    for form in ("NFC", "NFD", "NFKC"):
        plain = unicodedata.normalize(form, password)
        raw = plain.encode()
        found |= {plain, raw.hex(), base64.b64encode(raw).decode().rstrip("=")}
        found |= {base64.urlsafe_b64encode(raw).decode().rstrip("="), json.dumps(plain)[1:-1]}
        found |= {hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256")}
        found |= {word for word in plain.split() if len(word) > 7}
    return found


def leaks(sent: list[Sent], password: str) -> list[Sent]:
    """The requests in which the password stands."""
    return [each for each in sent if any(spelling in each for spelling in spellings(password))]


def test_the_whole_way_and_the_password_stays_in_the_browser(visit: Visit) -> None:
    """Confirm, set a password, sign out, sign in with it, set up an app, sign in with both."""
    visit.register()
    assert [each["name"] for each in visit.page.cookies()] == ["__Host-zusage-admin"]
    visit.page.click("#opened a")
    visit.page.until("location.pathname === '/account' && document.getElementById('inside')?.hidden === false")
    visit.choose_password()
    visit.sign_out()
    assert visit.page.cookies() == []

    visit.first_step()
    visit.said("Sie sind angemeldet")
    visit.page.click("#account")
    visit.page.until("document.getElementById('inside')?.hidden === false")
    app, codes = visit.add_app()
    visit.sign_out()
    visit.first_step()
    visit.page.until("!document.getElementById('second').hidden")
    assert visit.page.cookies() == []
    visit.page.fill("#code", visit.next_code(app))
    visit.page.click("#use-code")
    visit.said("Sie sind angemeldet")

    assert len(codes) == 10
    (cookie,) = visit.page.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (
        *("__Host-zusage-admin", True, True),
        "Strict",
    )
    sent = visit.page.requests
    assert len([each for each in sent if '"proof"' in each]) >= 4
    assert leaks(sent, PASSWORD) == []
    assert {each.url.split("/v1/")[0].rstrip("/") for each in sent if "/v1/" in each.url} == {
        visit.stack.cloud.api_base
    }
    assert visit.page.complaints == []


def test_the_log_of_requests_would_show_a_password(visit: Visit) -> None:
    """What the test above looks through holds bodies: a page that sent the password would be found out."""
    visit.open("sign-in")
    body = json.dumps({"email": visit.who.email, "password": PASSWORD})
    how = f"{{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body: {json.dumps(body)}}}"
    visit.page.run(f"fetch('/v1/sign-in', {how}).then((answer) => answer.status)")

    assert len(leaks(visit.page.requests, PASSWORD)) == 1


def test_a_bad_password_is_refused_before_anything_is_sent(visit: Visit) -> None:
    """With the reasons, in the reader's language; one's own name is known to the page."""
    visit.register()
    visit.open("account")
    visit.page.until("document.getElementById('inside').hidden === false")
    before = len(visit.page.requests)

    visit.page.fill("#new", f"{visit.who.given_name}-2031!!")
    visit.page.click("#password-form button")
    visit.said("Dieses Passwort geht nicht")

    assert "aus Ihrem Namen" in visit.page.text("#reasons")
    assert [each.url.rpartition("/v1/")[2] for each in visit.page.requests[before:]] == ["password-blocklist"]


def test_two_different_entries_are_not_taken(visit: Visit) -> None:
    """Whoever mistypes would be locked out."""
    visit.register()
    visit.open("account")
    visit.page.until("document.getElementById('inside').hidden === false")
    visit.page.fill("#new", PASSWORD)
    visit.page.fill("#again", OTHER)
    visit.page.click("#password-form button")

    visit.said("sind verschieden")


def test_a_wrong_password_and_a_wrong_code(owner: Visit) -> None:
    """Both are told, and the next try goes on from there."""
    app, _ = owner.add_app()
    owner.sign_out()
    owner.first_step(OTHER)
    owner.said("Das stimmt nicht")
    owner.first_step()
    owner.page.until("!document.getElementById('second').hidden")
    owner.page.fill("#code", "000000")
    owner.page.click("#use-code")
    owner.said("Das stimmt nicht")
    owner.page.fill("#code", owner.next_code(app))
    owner.page.click("#use-code")
    owner.said("Sie sind angemeldet")


def test_a_recovery_code(owner: Visit) -> None:
    """In the same field as the app's codes; afterwards nine are left."""
    _, codes = owner.add_app()
    owner.sign_out()
    owner.first_step(portal="expert")
    owner.page.until("!document.getElementById('second').hidden")
    owner.page.fill("#code", codes[0].upper())
    owner.page.click("#use-code")
    owner.said("Sie sind angemeldet")
    assert [each["name"] for each in owner.page.cookies()] == ["__Host-zusage-expert"]
    owner.page.click("#account")
    owner.page.until("document.getElementById('inside')?.hidden === false")
    assert "9 Wiederherstellungscodes übrig" in owner.page.text("#factors")


@contextmanager
def authenticator(page: Page, **changes: Any) -> Iterator[str]:
    """A device that holds passkeys, as far as the page can tell."""
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **changes,
    }
    page.send("WebAuthn.enable")
    made = page.send("WebAuthn.addVirtualAuthenticator", options=options)["authenticatorId"]
    yield made
    page.send("WebAuthn.disable")


def test_a_passkey(owner: Visit) -> None:
    """Made on the account's page, used at the next sign-in, removed again."""
    with authenticator(owner.page) as device:
        owner.page.fill("#confirm", PASSWORD)
        owner.page.fill("#label", "Mein Telefon")
        owner.page.click("#passkey-form button")
        owner.said("ist eingerichtet")
        assert "Passkey: Mein Telefon" in owner.page.text("#factors")
        assert len(owner.page.text("#recovery-codes").split()) == 10
        (held,) = owner.page.send("WebAuthn.getCredentials", authenticatorId=device)["credentials"]
        assert held["rpId"] == "app.localhost"

        owner.sign_out()
        owner.first_step()
        owner.page.click("#use-passkey")
        owner.said("Sie sind angemeldet")
        (used,) = owner.page.send("WebAuthn.getCredentials", authenticatorId=device)["credentials"]
        assert used["signCount"] > held["signCount"]

        owner.page.click("#account")
        owner.page.until("document.getElementById('inside')?.hidden === false")
        owner.page.fill("#confirm", PASSWORD)
        owner.page.click("#factors button")
        owner.said("Entfernt")
        assert "Kein zweiter Faktor" in owner.page.text("#factors")
    assert leaks(owner.page.requests, PASSWORD) == []


def test_a_device_that_knows_nobody_makes_no_passkey(owner: Visit) -> None:
    """Somebody has to be verified; being there is not enough."""
    with authenticator(owner.page, hasUserVerification=False, isUserVerified=False):
        owner.page.fill("#confirm", PASSWORD)
        owner.page.fill("#label", "Fremd")
        owner.page.click("#passkey-form button")
        owner.said("wurde nicht erstellt")


def test_a_forgotten_password(owner: Visit) -> None:
    """By a link in a mail; the old one is no more, and every session has ended."""
    owner.open("reset")
    owner.page.fill("#email", owner.who.email)
    owner.page.click("#send")
    owner.said("ist ein Link unterwegs")
    mail = owner.stack.inbox.wait_for(1, to=owner.who.email, wanted=lambda each: "/reset#" in each["text"])[-1]
    owner.open(f"reset#{behind_hash(mail['text'])}")
    for each in ("#new", "#again"):
        owner.page.fill(each, OTHER)
    owner.page.click("#go")
    owner.said("Das neue Passwort gilt")
    owner.open("account")
    owner.said("Bitte melden Sie sich an")

    owner.first_step()
    owner.said("Das stimmt nicht")
    owner.first_step(OTHER)
    owner.said("Sie sind angemeldet")
    assert leaks(owner.page.requests, OTHER) == []


def test_a_link_by_mail_still_signs_in(owner: Visit) -> None:
    """Without a password: to the portal that is chosen, or with a token for the API."""
    owner.sign_out()
    owner.open("sign-in")
    owner.page.fill("#email", owner.who.email)
    owner.page.click("#send-link")
    owner.said("ist ein Link unterwegs")
    mail = owner.stack.inbox.wait_for(1, to=owner.who.email, wanted=lambda each: "/sign-in#" in each["text"])[-1]
    owner.open(f"sign-in#{behind_hash(mail['text'])}")
    owner.page.run("document.getElementById('portal').value = ''")
    owner.page.click("#go")
    owner.said("Sie sind angemeldet")

    token = owner.page.text("#token").removeprefix("Authorization: ")
    assert owner.stack.call("GET", "/session", headers={"Authorization": token}).status == 200
    assert owner.page.cookies() == []
    assert owner.page.run("location.hash") == ""


def test_ending_another_session(owner: Visit, chromium: Chromium) -> None:
    """From the list, with the password once more some minutes later; the other browser is a stranger then."""
    other = Visit(owner.stack, chromium.page(language="en"), owner.who)
    other.from_address("2001:db8:feed::1")
    other.first_step()
    other.said("You are signed in")
    owner.stack.cloud.move_time(seconds=600)
    owner.open("account")
    owner.page.click("#sessions button")
    owner.said("zur Bestätigung Ihr Passwort")
    owner.page.fill("#confirm", PASSWORD)
    owner.page.click("#sessions button")
    owner.said("Beendet")

    other.open("account")
    other.said("Please sign in")


def test_everybody_has_to_have_one(owner: Visit) -> None:
    """An admin requires it; whoever signs in by a link then can do nothing else but set one up."""
    owner.add_app()
    owner.page.click("#require")
    owner.said("Geändert")
    owner.open("account")
    owner.page.until("document.getElementById('inside').hidden === false")
    assert owner.page.sees("#missing")
    assert "Nicht mehr von allen" in owner.page.text("#require")
    until(lambda: owner.stack.mails(owner.who, "zweiten Faktoren") != [], "the mail about it")
