"""The appointments of one customer, page by page."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.customers._customer_views import PLACE
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.cursor import Cursor, PageAsked, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Id, Instant, View, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment

routes = Blueprint(__name__)


class PastView(View):
    """An appointment in somebody's history; `customer` is the entry that it lies under."""

    id: Id
    customer: Id
    service: Id
    expert: Id
    state: str
    booked_at: Instant
    starts_at: Instant
    ends_at: Instant


class PastList(View):
    """Some appointments of a customer, and where the rest begins."""

    appointments: Annotated[list[PastView], many(50)]
    cursor: Cursor | None


@routes.route("/customers/{customer}/appointments", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    query=PageAsked,
    gives=PastList,
    errors=(InvalidInputError, NotFoundError),
    ledger=(Action.CUSTOMER_READ,),
    summary="List the appointments of a customer",
)
def customer_appointments(call: Call[None, PageAsked], customer: str) -> PastList:
    """Past and coming ones, the one booked last first, whichever of their entries it lies under.

    Experts see their own. A page may hold less, and others follow.
    """
    after = place_of(call.query.cursor, PLACE)
    found, rest = wiring.services().history.appointments(call.session, customer, after=after, network=call.ip)
    return PastList(appointments=[_past(each) for each in found], cursor=cursor_of(rest))


def _past(held: "Appointment") -> PastView:
    names = ("id", "service", "expert", "booked_at", "starts_at", "ends_at")
    return PastView(customer=held.subject, state=held.state.value, **{name: getattr(held, name) for name in names})
