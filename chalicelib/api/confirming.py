"""Appointments that wait for their expert are confirmed or declined, by staff or by the link that experts are sent."""

from typing import Annotated, Literal

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api._appointment_views import AppointmentView, plain
from chalicelib.api._auth import Public, Staff
from chalicelib.api._endpoint import endpoint
from chalicelib.api._models import Body, Instant, View, line
from chalicelib.api._request import Call
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

routes = Blueprint(__name__)

_PATH = "/customers/{customer}/appointments/{appointment}"
_DECIDING = (NotFoundError, ConflictError, RestrictedError, SlotTakenError)
_BY_LINK = (*_DECIDING, LinkInvalidError, LinkExpiredError, LinkUsedError, ReadOnlyError)
_PROVEN = "the token in the body proves who calls"


class Decide(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Annotated[str, line(300)]


class Decided(View):
    """How it stands now. Whom it is with stands behind the sign-in."""

    state: Literal["confirmed", "declined"]
    starts_at: Instant


@routes.route(f"{_PATH}/confirmation", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=AppointmentView,
    errors=(*_DECIDING, NotAllowedError),
    ledger=(Action.APPOINTMENT_CONFIRMED,),
    summary="Confirm an appointment that waits",
)
def confirm(call: Call, customer: str, appointment: str) -> AppointmentView:
    """For its expert and for admins. What has lapsed is confirmed, too, as long as its time is free; else 409."""
    held = wiring.services().deciding.confirm(call.session, customer, appointment, network=call.ip)
    return AppointmentView.model_validate(plain(held))


@routes.route(f"{_PATH}/refusal", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=AppointmentView,
    errors=(*_DECIDING, NotAllowedError),
    ledger=(Action.APPOINTMENT_DECLINED,),
    summary="Decline an appointment that waits",
)
def decline(call: Call, customer: str, appointment: str) -> AppointmentView:
    """Its time is free again, what was paid goes back, and the customer is told."""
    held = wiring.services().deciding.decline(call.session, customer, appointment, network=call.ip)
    return AppointmentView.model_validate(plain(held))


@routes.route("/pending/confirmation", methods=["POST"])
@endpoint(
    auth=Public(_PROVEN),
    takes=Decide,
    gives=Decided,
    errors=_BY_LINK,
    ledger=(Action.APPOINTMENT_CONFIRMED,),
    summary="Confirm an appointment by link",
)
def confirm_by_link(call: Call[Decide]) -> Decided:
    """By the link that its expert was sent. It works once, and for the appointment as it stood."""
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
