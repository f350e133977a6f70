"""How the routes about what waits and what is reserved are driven, to compare what they leave and what they declare."""

from collections.abc import Callable
from typing import Any

from tests.builders import booked, link_to
from tests.services.waiting_builders import offer, reserved

Drive = Callable[[Any], object]


def by_staff(at: Any, what: str) -> Drive:
    """Of an appointment that waits."""
    offer(at.on, at.of, confirm_within=120)
    held = booked(at.on, at.of)
    return lambda _: at.call("POST", f"/customers/{held.subject}/appointments/{held.id}/{what}")


def by_link(at: Any, what: str) -> Drive:
    """By the link in the expert's mail."""
    offer(at.on, at.of, confirm_within=120)
    booked(at.on, at.of)
    at.on.pump()
    token = link_to(at.on, "confirmation")
    return lambda _: at.call("POST", f"/pending/{what}", {"token": token})


def reserve(at: Any) -> Drive:
    """In a form."""
    form = at.form("reservation", tenant=at.of.tenant, service=at.of.service.id)
    wanted = {"service": at.of.service.id, "expert": None, "starts_at": "2026-11-09T09:00:00Z", "duration": None}
    return lambda _: at.call("POST", f"/tenants/{at.of.tenant}/reservations", wanted, form=form)


def give_back(at: Any) -> Drive:
    """What was reserved."""
    held = reserved(at.on, at.of)
    return lambda _: at.call("DELETE", f"/tenants/{at.of.tenant}/reservation", link=held.id)


_OF_CUSTOMER = "POST /v1/customers/{customer}/appointments/{appointment}"

PENDING: dict[str, Callable[[Any], Drive]] = {
    f"{_OF_CUSTOMER}/confirmation": lambda at: by_staff(at, "confirmation"),
    f"{_OF_CUSTOMER}/refusal": lambda at: by_staff(at, "refusal"),
    "POST /v1/pending/confirmation": lambda at: by_link(at, "confirmation"),
    "POST /v1/pending/refusal": lambda at: by_link(at, "refusal"),
    "POST /v1/tenants/{tenant}/reservations": reserve,
    "DELETE /v1/tenants/{tenant}/reservation": give_back,
}
