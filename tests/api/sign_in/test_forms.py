"""Forms at the API: one declaration is enough for a new one, and no route that takes one can forget to use it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any
from unittest import mock

import pytest
from chalice.app import Blueprint, Chalice
from chalice.test import Client, HTTPResponse

from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.gateway import install
from chalicelib.api.http.models import Body, Id, line
from chalicelib.api.http.request import Call
from chalicelib.api.sign_in import forms
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError
from chalicelib.domain.forms import FORMS, Form
from chalicelib.observability import logger
from chalicelib.records.form_use import UsedForm
from chalicelib.records.writing import Transaction
from tests.builders import Business
from tests.services.looking import ledger, stored
from tests.services.meddling import before_commit
from tests.services.prepared import open_business
from tests.stage import Stage

routes = Blueprint(__name__)
TRIAL = Form("trial", frozenset({"text", "who.name", "service"}), fixed=frozenset({"tenant", "service"}))


class Who(Body):
    """Who writes."""

    name: Annotated[str, line(20)]


class Trial(Body):
    """A form like those to come."""

    text: Annotated[str, line(40)]
    who: Who
    service: Id


@routes.route("/tenants/{tenant}/trials", methods=["POST"])
@endpoint(auth=Public("a trial"), takes=Trial, form="trial", errors=(ConflictError,), summary="Try")
def trial(call: Call[Trial], tenant: str) -> None:
    """Uses the form, unless the text says otherwise."""
    assert call.form is not None
    if call.body.text == "refuse":
        raise ConflictError
    if call.body.text == "forget":
        return
    transaction = Transaction()
    call.form.use(transaction)
    transaction.commit()


@cache
def app() -> Chalice:
    """With the route that hands forms out."""
    made = Chalice("trial", configure_logs=False)
    made.log = logger
    install(made)
    made.register_blueprint(forms.routes, url_prefix="/v1")
    made.register_blueprint(routes, url_prefix="/v1")
    return made


@dataclass
class Desk:
    """A visitor of a business."""

    on: Stage
    of: Business
    client: Client

    def call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] = {}) -> HTTPResponse:
        """One request."""
        sent = b"" if body is None else json.dumps(body).encode()
        typed = {"Content-Type": "application/json", **headers}
        return self.client.http.request(method, f"/v1{path}", headers=typed, body=sent)

    def form(self, tenant: str = "") -> dict[str, Any]:
        """The form as it is handed out."""
        asked = f"tenant={tenant or self.of.tenant}&service={self.of.service.id}"
        answer = self.call("GET", f"/forms/trial?{asked}")
        assert answer.status_code == 200, answer.body
        return dict(json.loads(answer.body))

    def send(self, token: str | None, **changes: Any) -> tuple[int, str]:
        """How it is answered when it is sent with this token; a change to None leaves a field out."""
        good = {"text": "hello", "who": {"name": "Anna"}, "service": self.of.service.id, **changes}
        body = {name: value for name, value in good.items() if value is not None}
        headers = {} if token is None else {"Zusage-Form": token}
        answer = self.call("POST", f"/tenants/{self.of.tenant}/trials", body, headers)
        slug = json.loads(answer.body)["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
        return answer.status_code, slug


@contextmanager
def _desk() -> Iterator[Desk]:
    with (
        open_business() as (on, of),
        mock.patch.dict(FORMS, {"trial": TRIAL}),
        mock.patch("chalicelib.wiring.services", return_value=on.services),
        Client(app()) as client,
    ):
        yield Desk(on, of, client)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A business whose trial form can be sent."""
    with _desk() as at:
        yield at


def grounds() -> list[str]:
    """What the ledger says."""
    return [str(each.ground) for each in ledger(Action.FORM_REFUSED)]


def test_one_declaration_is_enough(desk: Desk) -> None:
    """The form is handed out as declared, comes back, is used once."""
    form = desk.form()

    assert form["form"] == "trial"
    assert form["fields"] == ["service", "text", "who.name"]
    assert form["fixed"] == {"tenant": desk.of.tenant, "service": desk.of.service.id}
    assert form["expires_at"] == "2026-11-02T09:00:00Z"
    assert desk.send(form["token"]) == (204, "")
    assert [each.form for each in stored(UsedForm)] == ["trial"]
    assert desk.send(form["token"]) == (403, "form-refused")
    assert grounds() == ["trial:used"]


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a field more": ({"price": 1}, "altered-fields"),
    "a field more inside": ({"who": {"name": "Anna", "admin": True}}, "altered-fields"),
    "a field less": ({"text": None}, "altered-fields"),
    "a value for an object": ({"who": "Anna"}, "altered-fields"),
    "a fixed value changed": ({"service": "f" * 32}, "altered-fixed"),
    "a fixed value of another type": ({"service": 7}, "altered-fixed"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_form_that_was_changed_is_refused(desk: Desk, case: str) -> None:
    """Before its values are looked at; the ledger says what it was."""
    changes, why = CHANGES[case]

    assert desk.send(desk.form()["token"], **changes) == (403, "form-refused")
    assert grounds() == [f"trial:{why}"]
    assert stored(UsedForm) == []


def test_a_form_has_to_come_with_its_token(desk: Desk) -> None:
    """Not without, and not with something else."""
    assert desk.send(None) == (403, "form-refused")
    assert desk.send("made-up") == (403, "form-refused")
    assert sorted(grounds()) == ["trial:forged", "trial:missing"]


def test_a_form_ends(desk: Desk) -> None:
    """To the second."""
    early, late = desk.form()["token"], desk.form()["token"]
    desk.on.clock.move(minutes=59, seconds=59)
    assert desk.send(early) == (204, "")
    desk.on.clock.move(seconds=1)

    assert desk.send(late) == (403, "form-refused")
    assert grounds() == ["trial:expired"]


def test_a_wrong_value_is_named_and_the_form_can_be_sent_again(desk: Desk) -> None:
    """A mistake is no attack."""
    token = desk.form()["token"]

    assert desk.send(token, text="") == (422, "invalid-input")
    assert desk.send(token, text="refuse") == (409, "conflict")
    assert desk.send(token) == (204, "")


def test_a_view_that_forgets_its_form_is_a_bug(desk: Desk) -> None:
    """Its answer is not given."""
    assert desk.send(desk.form()["token"], text="forget") == (500, "internal")


def test_whoever_loses_a_race_is_told_that_the_form_was_used(desk: Desk) -> None:
    """Not to try again, which would never help."""
    token = desk.form()["token"]
    answers = []

    with before_commit(lambda: answers.append(desk.send(token)), least=1):
        answers.append(desk.send(token))

    assert answers == [(204, ""), (403, "form-refused")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/forms/petition", 404),
        ("/forms/Trial", 404),
        ("/forms/trial", 422),
        ("/forms/registration?tenant=" + "f" * 32, 422),
        ("/forms/trial?tenant=x&service=y", 422),
        ("/forms/trial?tenant=" + "f" * 32 + "&service=" + "f" * 32, 404),
    ],
    ids=lambda it: str(it).replace("/", "."),
)
def test_what_is_asked_for_has_to_exist(desk: Desk, path: str, status: int) -> None:
    """Forms, businesses, and the values that a form fixes."""
    assert desk.call("GET", path).status_code == status
