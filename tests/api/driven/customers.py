"""How the routes about customers are driven where what they leave in the ledger is compared with what they declare."""

from collections.abc import Callable
from typing import Any

from tests.builders import booked

ANNA = {
    "given_name": "Anna",
    "family_name": "Muster",
    "email": "anna@kundin.example",
    "phone": "+41795550123",
    "language": "de",
}
LENA = {"given_name": "Lena", "family_name": "Muster", "language": "de"}
FILE = b"Vorname;Nachname\nAnna;Muster\nBeat;Kunz\n"
COLUMNS = {"columns": [{"meaning": "family_name"}, {"meaning": "given_name"}], "language": "en"}
Drive = Callable[[Any], object]


def entered(at: Any, who: dict[str, str]) -> str:
    """The id of a customer whom staff entered."""
    made: dict[str, str] = at.call("POST", "/customers", who)
    return made["id"]


def of_one(method: str, path: str = "", body: Any = None) -> Callable[[Any], Drive]:
    """Something about a customer."""

    def ready(at: Any) -> Drive:
        customer = entered(at, ANNA)
        return lambda _: at.call(method, f"/customers/{customer}{path}", body)

    return ready


def of_note(method: str, body: Any = None) -> Callable[[Any], Drive]:
    """Something about a note."""

    def ready(at: Any) -> Drive:
        customer = entered(at, ANNA)
        note = at.call("POST", f"/customers/{customer}/notes", {"text": "Notiz"})["id"]
        return lambda _: at.call(method, f"/customers/{customer}/notes/{note}", body)

    return ready


def merge(at: Any) -> Drive:
    """Of two."""
    customer, other = entered(at, ANNA), entered(at, LENA)
    return lambda _: at.call("POST", f"/customers/{customer}/merges", {"other": other})


def undo_merge(at: Any) -> Drive:
    """One that was made."""
    made = merge(at)(at)
    return lambda _: at.call("DELETE", f"/customers/{made['customer']}/merges/{made['id']}")  # type: ignore[index]


def split(at: Any) -> Drive:
    """Of an appointment."""
    held = booked(at.on, at.of)
    body = {"appointments": [held.id], "person": LENA}
    return lambda _: at.call("POST", f"/customers/{held.subject}/splits", body)


def undo_split(at: Any) -> Drive:
    """One that was made."""
    made = split(at)(at)
    return lambda _: at.call("DELETE", f"/customers/{made['customer']}/splits/{made['id']}")  # type: ignore[index]


def duplicates(at: Any) -> Drive:
    """Of two with one name; they are in one of the first buckets or in a later one."""
    entered(at, LENA)
    entered(at, LENA)

    def drive(_: Any) -> None:
        place: str | None = ""
        while place is not None:
            query = f"?cursor={place}" if place else ""
            place = at.call("GET", f"/customer-duplicates{query}")["cursor"]

    return drive


def upload(at: Any) -> Any:
    """A file; a body of its own type."""
    headers = {"Content-Type": "application/octet-stream", "Authorization": f"Bearer {at.of.token}"}
    answer = at.client.http.request("POST", "/v1/customer-imports", headers=headers, body=FILE)
    assert answer.status_code == 201, answer.body
    return answer.json_body


def of_import(method: str, path: str = "", body: Any = None) -> Callable[[Any], Drive]:
    """Something about a file."""

    def ready(at: Any) -> Drive:
        held = upload(at)["id"]
        return lambda _: at.call(method, f"/customer-imports/{held}{path}", body)

    return ready


CUSTOMERS: dict[str, Callable[[Any], Drive]] = {
    "GET /v1/customers": lambda at: entered(at, ANNA) and (lambda _: at.call("GET", "/customers")),
    "POST /v1/customers": lambda at: lambda _: entered(at, ANNA),
    "POST /v1/customer-search": lambda at: (
        entered(at, ANNA) and (lambda _: at.call("POST", "/customer-search", {"name": "mus"}))
    ),
    "GET /v1/customers/{customer}": of_one("GET"),
    "PUT /v1/customers/{customer}": of_one("PUT", body=LENA),
    "GET /v1/customers/{customer}/appointments": of_one("GET", "/appointments"),
    "GET /v1/customers/{customer}/notes": of_one("GET", "/notes"),
    "POST /v1/customers/{customer}/notes": of_one("POST", "/notes", {"text": "Notiz"}),
    "PUT /v1/customers/{customer}/notes/{note}": of_note("PUT", {"text": "Andere"}),
    "DELETE /v1/customers/{customer}/notes/{note}": of_note("DELETE"),
    "GET /v1/customer-duplicates": duplicates,
    "POST /v1/customers/{customer}/merges": merge,
    "DELETE /v1/customers/{customer}/merges/{merge}": undo_merge,
    "POST /v1/customers/{customer}/splits": split,
    "DELETE /v1/customers/{customer}/splits/{split}": undo_split,
    "POST /v1/customer-imports": lambda at: lambda _: upload(at),
    "GET /v1/customer-imports/{upload}": of_import("GET"),
    "PUT /v1/customer-imports/{upload}": of_import("PUT", body=COLUMNS),
    "POST /v1/customer-imports/{upload}/completion": of_import("POST", "/completion"),
    "DELETE /v1/customer-imports/{upload}": of_import("DELETE"),
}
