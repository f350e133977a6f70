"""accounts, `login-throttle` and `password-never-in-clear`: signing in on the deployed stack, as browsers do."""

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from infra.local.client import behind_hash
from tests.deployed.people import Person, found, text_of
from tests.deployed.stack import Stack, kind_of, until

pytestmark = pytest.mark.deployed

throttle = pytest.mark.promise("login-throttle")
in_clear = pytest.mark.promise("password-never-in-clear")

PASSWORD = "Drei Zwetschgen im Rucksack, Grüezi!"
PROOF = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
CROWD = 12
_numbers = count(1)


def somewhere() -> dict[str, str]:
    """The header of an address that nobody has tried from yet."""
    number = next(_numbers)
    return {"X-Forwarded-For": f"192.0.2.{number}"}


def attempt(stack: Stack, here: dict[str, str], email: str, proof: str = PROOF) -> Any:
    """One attempt to sign in."""
    return stack.client.try_to_sign_in(email=email, proof=proof, headers=here)


@throttle
def test_the_fourth_attempt_in_five_minutes_waits(stack: Stack) -> None:
    """It hears how long; from another address it goes on; five minutes later here, too."""
    here, nobody = somewhere(), Person().email
    began = stack.cloud.now()

    first = [attempt(stack, here, nobody) for _ in range(3)]
    fourth = attempt(stack, here, nobody)

    assert [kind_of(answer) for answer in first] == [(401, "credentials-refused")] * 3
    assert kind_of(fourth) == (429, "too-many-attempts")
    wait = int(fourth.headers["retry-after"])
    assert 300 - (stack.cloud.now() - began).total_seconds() - 1 <= wait <= 300
    assert kind_of(attempt(stack, somewhere(), nobody)) == (401, "credentials-refused")
    stack.cloud.move_time(seconds=wait + 1)
    assert kind_of(attempt(stack, here, nobody)) == (401, "credentials-refused")


@throttle
def test_a_success_is_an_attempt_like_any_other(stack: Stack) -> None:
    """Nobody gets further attempts by signing in to an account of their own."""
    here, owner = somewhere(), Person()
    proof = with_password(stack, owner)

    statuses = [attempt(stack, here, owner.email, proof).status for _ in range(4)]

    assert statuses == [201, 201, 201, 429]


@throttle
def test_of_many_at_once_three_are_let_through(stack: Stack) -> None:
    """Requests from one address race, each with a form and an account of its own; fifty do in the benchmark."""
    here, gate = somewhere(), Barrier(CROWD)
    forms = [stack.client.form("sign-in") for _ in range(CROWD)]

    def enter(form: dict[str, str]) -> int:
        sent = {"email": Person().email, "proof": PROOF, "portal": None, "keep": "token"}
        gate.wait()
        status: int = stack.call("POST", "/sign-in", json=sent, headers={**form, **here}).status
        return status

    with ThreadPoolExecutor(CROWD) as crowd:
        statuses = list(crowd.map(enter, forms))

    assert sorted(statuses) == [401] * 3 + [429] * (CROWD - 3)


@throttle
def test_what_counts_attempts_tells_no_address(stack: Stack) -> None:
    """Neither in full nor shortened, in no table."""
    here = somewhere()
    attempt(stack, here, Person().email)

    held = [each for each in stack.stored("transient") if each["kind"] in {"AddressAttempts", "AddressKey"}]

    assert {each["kind"] for each in held} == {"AddressAttempts", "AddressKey"}
    assert found({here["X-Forwarded-For"]}, text_of(stack.everything_stored())) == []


@in_clear
def test_no_route_takes_a_password(stack: Stack) -> None:
    """In the whole documentation no field is called so; what proves one is the outcome of PBKDF2.

    What opens an expert's calendar elsewhere is no password of ours: servers of CalDAV know no proof of one.
    """
    document = stack.client.cloud.call("GET", "/openapi.json").json()

    ours = (told for path, told in document["paths"].items() if path != "/v1/calendars/caldav")
    bodies = [each["requestBody"] for told in ours for each in told.values() if "requestBody" in each]
    taken = {name for body in bodies for name in _fields(body, document["components"]["schemas"])}

    assert {name for name in taken if "password" in name.lower() or "passphrase" in name.lower()} == set()
    assert taken >= {"proof", "current_proof", "email", "token", "starts_at"}
    proofs = [schema["properties"]["proof"] for schema in _with_proof(document["components"]["schemas"])]
    assert len(proofs) >= 3
    assert all("PBKDF2" in text_of(proof) for proof in proofs)


def _fields(schema: Any, known: dict[str, Any]) -> Iterator[str]:
    """The names of everything in a schema, however deep."""
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each, known)
    elif isinstance(schema, dict):
        yield from schema.get("properties", {})
        for key, inner in schema.items():
            named = key == "$ref" and known.get(str(inner).rpartition("/")[2])
            yield from _fields(named or inner, known)


def _with_proof(schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (schema for schema in schemas.values() if "proof" in schema.get("properties", {}))


@in_clear
@pytest.mark.parametrize("path", ["/sign-in", "/password-resets/completion", "/staff/me/password"])
def test_a_password_that_is_sent_all_the_same_is_refused(stack: Stack, path: str) -> None:
    """As if a browser's module were broken: unknown field, or no proof."""
    owner = Person()
    opened = stack.client.register(email=owner.email, **_without_mail(owner))
    header = {"Authorization": f"Bearer {opened['token']}"}
    method = "PUT" if path.startswith("/staff") else "POST"
    body = {"/sign-in": {"email": owner.email, "portal": None, "keep": "token"}, "/staff/me/password": {}}
    given = body.get(path, {"token": "x"})

    as_proof = stack.call(method, path, json={**given, "proof": PASSWORD}, headers={**header, **_form(stack, path)})
    beside = stack.call(
        method, path, json={**given, "proof": PROOF, "password": PASSWORD}, headers={**header, **_form(stack, path)}
    )

    assert kind_of(as_proof) == (422, "invalid-input")
    assert [each["field"] for each in as_proof.json()["errors"]] == ["proof"]
    assert kind_of(beside) in {(422, "invalid-input"), (403, "form-refused")}
    assert PASSWORD not in as_proof.text + beside.text


@in_clear
def test_nothing_that_is_kept_shows_a_password(stack: Stack) -> None:
    """Neither it, nor its proof, nor the Argon2id of that, in any table, queue or log; the owner still gets in."""
    owner = Person()
    proof = with_password(stack, owner)

    assert attempt(stack, somewhere(), owner.email, proof).status == 201

    raw = urlsafe_b64decode(proof + "=")
    everything = text_of(stack.everything_stored()) + stack.cloud.logs()
    spellings = {proof, raw.hex(), b64encode(raw).decode(), PASSWORD, json.dumps(PASSWORD), "argon2"}
    assert found(spellings, everything) == []
    (kept,) = [each for each in stack.stored("records", kind="Credentials") if each["pk"].endswith(_ids[owner.email])]
    assert set(kept) >= {"sealed"}
    assert "proof_hash" not in kept


@in_clear
def test_an_address_without_an_account_has_a_salt_like_any_other(stack: Stack) -> None:
    """Always the same one, and not told apart by an account that comes later."""
    owner = Person()
    ask = lambda: stack.client.ask("POST", "/sign-in/parameters", wanted=200, json={"email": owner.email})  # noqa: E731
    before = ask()

    with_password(stack, owner)

    assert ask() == before
    assert before["iterations"] >= 600_000
    assert len(urlsafe_b64decode(before["salt"] + "==")) == 16


@in_clear
def test_a_forgotten_password_is_replaced_and_never_told(stack: Stack) -> None:
    """By a link in a mail; the old one opens nothing any more, and no session that was open still is."""
    owner = Person()
    old = with_password(stack, owner)
    signed_in = attempt(stack, somewhere(), owner.email, old).json()
    headers = stack.client.form("reset")
    stack.client.ask("POST", "/password-resets", wanted=202, json={"email": owner.email}, headers=headers)
    mail = stack.mail(owner, "Link für ein neues Passwort")
    new = stack.client.proof(owner.email, PASSWORD + " Nein, vier.")

    completed = {"token": behind_hash(mail["text"]), "proof": new}
    stack.client.ask("POST", "/password-resets/completion", wanted=204, json=completed)

    assert attempt(stack, somewhere(), owner.email, old).status == 401
    assert attempt(stack, somewhere(), owner.email, new).status == 201
    assert stack.call("GET", "/session", headers={"Authorization": f"Bearer {signed_in['token']}"}).status == 401
    until(lambda: len(stack.mails(owner, "Passwort wurde geändert")) == 2, "both changes are told")
    assert found({PASSWORD, old, new}, text_of([each["text"] for each in stack.mails(owner)])) == []


def with_password(stack: Stack, owner: Person) -> str:
    """Registers somebody who sets a password; its proof."""
    opened = stack.client.register(email=owner.email, **_without_mail(owner))
    proof = stack.client.proof(owner.email, PASSWORD)
    header = {"Authorization": f"Bearer {opened['token']}"}
    stack.client.ask("PUT", "/staff/me/password", wanted=204, json={"proof": proof}, headers=header)
    _ids[owner.email] = opened["staff"]
    return proof


_ids: dict[str, str] = {}


def _without_mail(owner: Person) -> dict[str, Any]:
    return {name: value for name, value in owner.owner().items() if name != "email"}


def _form(stack: Stack, path: str) -> dict[str, str]:
    return stack.client.form("sign-in") if path == "/sign-in" else {}
