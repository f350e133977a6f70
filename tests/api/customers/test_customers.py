"""Customers at the API: what is taken, what is refused and how, what is shown to whom."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from chalice.test import Client, HTTPResponse
from xlsxwriter import Workbook

from app import app
from tests.api.driven.customers import ANNA, LENA
from tests.builders import Business, business
from tests.services.colleagues import BEAT, joined
from tests.stage import Stage, stage

BYTES = "application/octet-stream"


@dataclass
class Desk:
    """A business at the API."""

    on: Stage
    of: Business
    client: Client

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        """One request of the admin."""
        told = {"Content-Type": "application/json", "Authorization": f"Bearer {self.of.token}", **headers}
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.http.request(method, f"/v1{path}", headers=told, body=sent)


@contextmanager
def desk() -> Iterator[Desk]:
    """The application around a business."""
    with stage() as on, mock.patch("chalicelib.wiring.services", return_value=on.services), Client(app) as client:
        yield Desk(on, business(on), client)


def refused(answer: HTTPResponse) -> tuple[int, str]:
    """How a call was refused."""
    return answer.status_code, json.loads(answer.body)["type"].rpartition(":")[2]


def test_a_customer_is_entered_changed_and_found() -> None:
    """With a version that a change has to name; a repeated request changes nothing more."""
    with desk() as at:
        key = {"Idempotency-Key": "one-of-a-kind"}
        made = at.call("POST", "/customers", ANNA, **key)
        again = at.call("POST", "/customers", ANNA, **key)
        path = f"/customers/{made.json_body['id']}"

        assert (made.status_code, again.json_body) == (201, made.json_body)
        assert made.json_body["source"] == "business"
        assert made.json_body["entered_by"] == at.of.session.staff
        seen = at.call("GET", path)
        changed = at.call("PUT", path, {**LENA, "phone": ANNA["phone"]}, **{"If-Match": seen.headers["ETag"]})
        assert (changed.status_code, changed.json_body["email"]) == (200, None)
        late = at.call("PUT", path, LENA, **{"If-Match": seen.headers["ETag"]})
        assert refused(late) == (412, "changed")
        hits = at.call("POST", "/customer-search", {"phone": ANNA["phone"]}).json_body
        assert ([each["given_name"] for each in hits["customers"]], hits["more"]) == (["Lena"], False)
        assert at.call("POST", "/customer-search", {"email": ANNA["email"]}).json_body["customers"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "Anna", "phone": "+41795550123"}, {"name": "A"}, {"phone": "079 555 01 23"}, {"email": "anna"}],
    ids=["nothing", "two", "one-letter", "local-number", "no-address"],
)
def test_a_search_says_one_thing_to_look_for(body: dict[str, str]) -> None:
    """In a form that can be found."""
    with desk() as at:
        assert at.call("POST", "/customer-search", body).status_code in {400, 422}


def test_a_taken_address_names_the_field() -> None:
    """And not whose it is."""
    with desk() as at:
        at.call("POST", "/customers", ANNA)

        answer = at.call("POST", "/customers", {**LENA, "email": "ANNA@kundin.example"})

        assert refused(answer) == (409, "conflict")
        told = answer.body.decode()
        assert '"email"' in told
        assert "Muster" not in told


def test_merging_and_importing_are_for_admins() -> None:
    """Experts work with their own customers."""
    with desk() as at:
        token = joined(at.on, at.of.session, BEAT).token
        own = at.call("POST", "/customers", ANNA, Authorization=f"Bearer {token}").json_body["id"]
        calls = [
            ("GET", "/customer-duplicates", None),
            ("POST", f"/customers/{own}/merges", {"other": own}),
            ("POST", f"/customers/{own}/splits", {"appointments": [own], "person": LENA}),
            ("POST", "/customer-imports", b"a;b"),
        ]

        for method, path, body in calls:
            kind = BYTES if isinstance(body, bytes) else "application/json"
            answer = at.call(method, path, body, **{"Authorization": f"Bearer {token}", "Content-Type": kind})
            assert refused(answer) == (403, "not-allowed"), path


def test_a_workbook_is_imported() -> None:
    """Its headings are understood, formulas refused; JSON is no file."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Prénom", "Nom", "Téléphone"])
        sheet.write_row(1, 0, ["Anna", "Müller", 41795550123])
        sheet.write_row(2, 0, ["Bea"])
        sheet.write_formula(2, 1, "=A1")
    with desk() as at:
        seen = at.call("POST", "/customer-imports", out.getvalue(), **{"Content-Type": BYTES}).json_body

        assert [each["meaning"] for each in seen["columns"]] == ["given_name", "family_name", "phone"]
        assert [(each["row"], each["column"], each["problem"]) for each in seen["problems"]] == [
            (3, 1, "holds a formula")
        ]
        done = at.call("POST", f"/customer-imports/{seen['id']}/completion").json_body
        assert done == {"added": 1, "state": "finished"}
        (anna,) = at.call("POST", "/customer-search", {"name": "mueller"}).json_body["customers"]
        assert anna["phone"] == "+41795550123"
        for kind, status in (("text/csv", 201), ("text/vcard; charset=utf-8", 201), ("application/json", 415)):
            answer = at.call("POST", "/customer-imports", b"Vorname;Name", **{"Content-Type": kind})
            assert answer.status_code == status, kind


def test_a_file_that_is_too_large_is_refused() -> None:
    """At four million bytes and one."""
    with desk() as at:
        row = b"Anna;Muster;" + b"x" * 3988 + b"\n"
        sent = {"Content-Type": BYTES}

        most = (b"Vorname;Name;Rest\n" + row * 1000)[:4_000_000]
        assert at.call("POST", "/customer-imports", most, **sent).status_code == 201
        assert refused(at.call("POST", "/customer-imports", most + b"x", **sent)) == (413, "too-large")
