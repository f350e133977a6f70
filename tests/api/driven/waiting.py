"""How the routes about waiting lists and proposals are driven where what they note is compared."""

from collections.abc import Callable
from typing import Any

from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.services.booking.proposed import choice_link
from chalicelib.services.waiting.listing import leave_link
from tests.builders import booked
from tests.services.looking import the
from tests.services.offer_builders import BEAT, cancel, change_service, join, person, place_links, propose

Drive = Callable[[Any], object]
ANNA = {
    "given_name": "Anna",
    "family_name": "Muster",
    "email": "anna@kundin.example",
    "phone": None,
    "language": "de",
    "zone": "Europe/Zurich",
}
NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30", "earliest": "00:00", "latest": "24:00"}
STARTS = ["2026-11-09T09:00:00Z", "2026-11-10T09:00:00Z"]


def joining(at: Any) -> Drive:
    """In a form."""
    change_service(at.of, offer_minutes=120)
    form = at.form("waiting", tenant=at.of.tenant, service=at.of.service.id)
    wish = {"service": at.of.service.id, "expert": None, "weekdays": [], "sms_wanted": False, "customer": ANNA}
    return lambda _: at.call("POST", f"/tenants/{at.of.tenant}/waiting-list", {**wish, **NOVEMBER}, form=form)


def waiting(at: Any) -> WaitingListEntry:
    """Somebody on the list."""
    change_service(at.of, offer_minutes=120)
    join(at.on, at.of, who=person())
    return the(WaitingListEntry)


def leaving(at: Any) -> Drive:
    """By link."""
    token = at.on.services.linking.token(leave_link(waiting(at)))
    return lambda _: at.call("POST", "/waiting-list/departure", link=token)


def listing(at: Any) -> Drive:
    """Of the one service."""
    return lambda _: at.call("GET", f"/services/{at.of.service.id}/waiting-list")


def removing(at: Any) -> Drive:
    """Of somebody who waits."""
    customer = waiting(at).subject
    return lambda _: at.call("DELETE", f"/services/{at.of.service.id}/waiting-list/{customer}")


def offered(at: Any, name: str) -> str:
    """The link to a place that is kept."""
    waiting(at)
    cancel(at.on, booked(at.on, at.of, **BEAT))
    at.on.services.offering_freed.run()
    return place_links(at.on)[name]


def accepting(at: Any) -> Drive:
    """By link."""
    token = offered(at, "accept")
    return lambda _: at.call("POST", "/waiting-place/acceptance", {}, link=token)


def declining(at: Any) -> Drive:
    """By link."""
    token = offered(at, "decline")
    return lambda _: at.call("POST", "/waiting-place/refusal", link=token)


def proposing(at: Any) -> Drive:
    """To a new customer."""
    known = {name: ANNA[name] for name in ("given_name", "family_name", "email")}
    wish = {"service": at.of.service.id, "starts": STARTS, "person": known}
    return lambda _: at.call("POST", "/proposals", wish)


def withdrawing(at: Any) -> Drive:
    """One that is open."""
    held = propose(at.on, at.of)
    return lambda _: at.call("DELETE", f"/customers/{held.subject}/proposals/{held.id}")


def choosing(at: Any) -> Drive:
    """By link."""
    token = at.on.services.linking.token(choice_link(propose(at.on, at.of)))
    return lambda _: at.call("POST", "/proposal/choice", {"starts_at": STARTS[0]}, link=token)


WAITING: dict[str, Callable[[Any], Drive]] = {
    "POST /v1/tenants/{tenant}/waiting-list": joining,
    "POST /v1/waiting-list/departure": leaving,
    "GET /v1/services/{service}/waiting-list": listing,
    "DELETE /v1/services/{service}/waiting-list/{customer}": removing,
    "POST /v1/waiting-place/acceptance": accepting,
    "POST /v1/waiting-place/refusal": declining,
    "POST /v1/proposals": proposing,
    "GET /v1/proposals": lambda _: lambda at: at.call("GET", "/proposals"),
    "DELETE /v1/customers/{customer}/proposals/{proposal}": withdrawing,
    "POST /v1/proposal/choice": choosing,
}
