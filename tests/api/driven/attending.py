"""How the routes of staff about appointments are driven where what they leave in the ledger is compared."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.records.writing import Transaction
from tests.builders import MONDAY_10, booked
from tests.services.colleagues import working

Drive = Callable[[Any], object]
BERTA = {"given_name": "Berta", "family_name": "Keller", "email": "berta@kundin.example"}


def enter(at: Any) -> Drive:
    """For somebody new."""
    wanted = {"person": BERTA, "service": at.of.service.id, "expert": at.of.expert, "starts_at": "2026-11-09T09:00:00Z"}
    return lambda _: at.call("POST", "/appointments", wanted)


def of_one(method: str, path: str, body: Any = None) -> Callable[[Any], Drive]:
    """About one appointment."""

    def ready(at: Any) -> Drive:
        held = booked(at.on, at.of)
        return lambda _: at.call(method, f"/customers/{held.subject}/appointments/{held.id}{path}", body)

    return ready


def hand_over(at: Any) -> Drive:
    """To somebody who does the service."""
    beat = working(at.on, at.of).staff
    return of_one("POST", "/hand-over", {"to": beat})(at)


def begun(at: Any) -> tuple[str, str]:
    """An appointment that has begun while everybody is still signed in: right after it was entered."""
    held = booked(at.on, at.of, starts_at=MONDAY_10)
    held.starts_at = held.starts_at - timedelta(days=8)
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()
    return held.subject, held.id


def no_show(at: Any) -> Drive:
    """Once it has begun."""
    customer, appointment = begun(at)
    return lambda _: at.call("PUT", f"/customers/{customer}/appointments/{appointment}/no-show")


def undo(at: Any) -> Drive:
    """What was noted."""
    customer, appointment = begun(at)
    at.call("PUT", f"/customers/{customer}/appointments/{appointment}/no-show")
    return lambda _: at.call("DELETE", f"/customers/{customer}/appointments/{appointment}/no-show")


_ONE = "/v1/customers/{customer}/appointments/{appointment}"

ATTENDING: dict[str, Callable[[Any], Drive]] = {
    "POST /v1/appointments": enter,
    "GET /v1/appointments/export": lambda _: lambda at: at.call("GET", "/appointments/export?month=2026-11"),
    f"GET {_ONE}": of_one("GET", ""),
    f"POST {_ONE}/rescheduling": of_one("POST", "/rescheduling", {"starts_at": "2026-11-09T12:00:00Z"}),
    f"POST {_ONE}/hand-over": hand_over,
    f"POST {_ONE}/cancellation": of_one("POST", "/cancellation", {}),
    f"PUT {_ONE}/no-show": no_show,
    f"DELETE {_ONE}/no-show": undo,
    f"PUT {_ONE}/note": of_one("PUT", "/note", {"text": "Knie links"}),
}
