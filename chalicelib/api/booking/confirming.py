"""Appointments that wait for their experts are confirmed or declined: by staff, or by the links that experts got."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.booking._appointment_views import AppointmentView, plain
from chalicelib.api.http.auth import Public, Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, line, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    RestrictedError,
    SlotTakenError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment

routes = Blueprint(__name__)

_PATH = "/customers/{customer}/appointments/{appointment}"
_DECIDING = (NotFoundError, ConflictError, RestrictedError, SlotTakenError)
_BY_LINK = (*_DECIDING, LinkInvalidError, LinkExpiredError, LinkUsedError, ReadOnlyError)
_PROVEN = "the token in the body proves who calls"


class Decide(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Annotated[str, line(300)]


class Decided(View):
    """How it stands now: what is pending waits for other experts. Whom it is with stands behind the sign-in."""

    state: Literal["pending", "lapsed", "confirmed", "declined"]
    starts_at: Instant


class DecidedView(AppointmentView):
    """The appointment, all experts who take part, and which of them have agreed."""

    experts: Annotated[list[Id], many(51)]
    agreed: Annotated[list[Id], many(51)]


@routes.route(f"{_PATH}/confirmation", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=DecidedView,
    errors=(*_DECIDING, NotAllowedError),
    ledger=(Action.APPOINTMENT_AGREED, Action.APPOINTMENT_CONFIRMED),
    summary="Confirm an appointment that waits",
)
def confirm(call: Call, customer: str, appointment: str) -> DecidedView:
    """For its experts: it is confirmed once all who take part have agreed. An admin confirms it for all of them.

    What has lapsed is confirmed, too, as long as its time is free; else 409.
    """
    return _decided(wiring.services().deciding.confirm(call.session, customer, appointment, network=call.ip))


@routes.route(f"{_PATH}/refusal", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=DecidedView,
    errors=(*_DECIDING, NotAllowedError),
    ledger=(Action.APPOINTMENT_DECLINED,),
    summary="Decline an appointment that waits",
)
def decline(call: Call, customer: str, appointment: str) -> DecidedView:
    """One expert is enough. Its time is free again, what was paid goes back; the customer and the others are told."""
    return _decided(wiring.services().deciding.decline(call.session, customer, appointment, network=call.ip))


@routes.route("/pending/confirmation", methods=["POST"])
@endpoint(
    auth=Public(_PROVEN),
    takes=Decide,
    gives=Decided,
    errors=_BY_LINK,
    ledger=(Action.APPOINTMENT_AGREED, Action.APPOINTMENT_CONFIRMED),
    summary="Confirm an appointment by link",
)
def confirm_by_link(call: Call[Decide]) -> Decided:
    """By the link of an expert's own: they agree for themselves, admins too. It ends with the decision of all."""
    held = wiring.services().deciding.confirm_by_link(call.body.token, network=call.ip)
    return Decided.model_validate({"state": held.state.value, "starts_at": held.starts_at})


@routes.route("/pending/refusal", methods=["POST"])
@endpoint(
    auth=Public(_PROVEN),
    takes=Decide,
    gives=Decided,
    errors=_BY_LINK,
    ledger=(Action.APPOINTMENT_DECLINED,),
    summary="Decline an appointment by link",
)
def decline_by_link(call: Call[Decide]) -> Decided:
    """As the confirmation by link."""
    held = wiring.services().deciding.decline_by_link(call.body.token, network=call.ip)
    return Decided.model_validate({"state": held.state.value, "starts_at": held.starts_at})


def _decided(held: "Appointment") -> DecidedView:
    more = {"experts": [held.expert, *sorted(held.others or ())], "agreed": sorted(held.agreed or ())}
    return DecidedView.model_validate({**plain(held), **more})
