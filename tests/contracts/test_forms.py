"""The forms that are declared are those that routes take, and have the fields that their bodies have."""

from collections.abc import Iterator
from typing import get_args, get_origin

import pytest
from chalice.app import RouteEntry

from app import app
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import Endpoint
from chalicelib.api.http.models import Body
from chalicelib.api.openapi.document import document
from chalicelib.api.tenancy.api_keys import Scope
from chalicelib.domain.forms import FORMS, TENANT
from chalicelib.domain.scopes import SCOPES

# Not forms that somebody fills in: a press of a button on a page that a link opened, or with a session.
NO_FORMS = {
    "POST /v1/registrations/confirmation": "the token of the mailed link is the whole body, and works once",
    "POST /v1/registrations/hints": "an answer about a domain and a country, while somebody types; changes nothing",
    "POST /v1/sign-in/second-factor": "the token of the first factor stands beside the code, and ends with it",
    "POST /v1/sign-in/second-factor/options": "the token of the first factor is the whole body",
    "POST /v1/email-changes/agreement": "the token of the mailed link is the whole body, and works once",
    "POST /v1/invitation/acceptance": "the token of the mailed link stands beside the names, and works once",
    "POST /v1/operator/first-password": "the one-time password is the proof, and works once",
    "POST /v1/sign-in-links": "answers the same for every address and changes nothing but the outbox",
    "POST /v1/sign-in/parameters": "computed from the address; changes nothing",
    "POST /v1/password-resets/parameters": "the token of the mailed link is the whole body; changes nothing",
    "POST /v1/password-resets/completion": "the token of the mailed link stands beside the proof, and works once",
    "POST /v1/pending/confirmation": "the token of the mailed link is the whole body, and works once",
    "POST /v1/pending/refusal": "the token of the mailed link is the whole body, and works once",
    "POST /v1/sessions": "the token of the mailed link is the whole body, and works once",
}


def entries() -> Iterator[RouteEntry]:
    """All routes."""
    for methods in app.routes.values():
        yield from methods.values()


def declared(entry: RouteEntry) -> Endpoint:
    """What a route declares."""
    found: Endpoint = entry.view_function.__endpoint__
    return found


TAKING = {declared(entry).form: entry for entry in entries() if declared(entry).form}


def fields(model: type[Body], prefix: str = "") -> Iterator[str]:
    """The dotted names of a model; a list is one field, however much stands in it."""
    for name, info in model.model_fields.items():
        kinds = () if get_origin(info.annotation) is list else (info.annotation, *get_args(info.annotation))
        inner = next((one for one in kinds if _is_body(one)), None)
        yield from fields(inner, f"{prefix}{name}.") if inner else [prefix + name]


def _is_body(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Body)


def test_every_form_is_taken_by_one_route() -> None:
    """And no route takes one that is not declared."""
    assert set(TAKING) == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_the_fields_of_the_body(name: str) -> None:
    """All of them: what a page shows is what the route reads."""
    model = declared(TAKING[name]).takes

    assert model is not None
    assert set(fields(model)) == set(FORMS[name].fields)


@pytest.mark.parametrize("name", FORMS)
def test_what_is_fixed_stands_in_the_path_or_the_body(name: str) -> None:
    """Where the door looks for it; whose the form is stands in the path."""
    path, form = set(TAKING[name].view_args), FORMS[name]

    assert form.fixed <= path | form.fields
    assert (TENANT in form.fixed) == (TENANT in path)


def test_what_anybody_may_send_is_a_form() -> None:
    """Or stands above with the reason."""
    public = {
        f"{entry.method} {entry.uri_pattern}"
        for entry in entries()
        if isinstance(declared(entry).auth, Public) and declared(entry).takes and not declared(entry).form
    }

    assert public == set(NO_FORMS)


def test_the_document_tells_of_the_header() -> None:
    """Whoever writes a client reads of it where it is needed."""
    booking = document(app)["paths"]["/v1/tenants/{tenant}/appointments"]["post"]

    assert {"$ref": "#/components/parameters/Zusage-Form"} in booking["parameters"]
    assert any("form-refused" in response["$ref"] for response in booking["responses"].values() if "$ref" in response)


def test_the_scopes_of_keys_are_those_that_are_declared() -> None:
    """In the same order."""
    assert get_args(Scope) == SCOPES
