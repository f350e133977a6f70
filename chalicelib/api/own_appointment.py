"""Customers see, cancel and move their appointment by link."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._appointment_views import AppointmentView, Booked, booked, plain
from chalicelib.api._auth import Link
from chalicelib.api._endpoint import Unnoted, endpoint
from chalicelib.api._models import Body, Instant, Query, View, many
from chalicelib.api._request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotFoundError,
    ReadOnlyError,
    SlotTakenError,
)

routes = Blueprint(__name__)

_OWN = Unnoted("people look at what is their own; where it is restricted, the exception is noted")
_LINK_ERRORS = (LinkInvalidError, LinkExpiredError, LinkUsedError, NotFoundError)


class Move(Body):
    """The new time."""

    starts_at: Instant


class RangeAsked(Query):
    """A range of at most 62 days."""

    frm: Annotated[Instant, Field(alias="from")]
    to: Instant


class FreeStarts(View):
    """The starts to which the appointment can be moved now."""

    starts: Annotated[list[Instant], many(100_000)]


@routes.route("/appointment", methods=["GET"])
@endpoint(
    auth=Link("see one's appointment"), gives=AppointmentView, errors=_LINK_ERRORS, ledger=_OWN, summary="See by link"
)
def see(call: Call) -> AppointmentView:
    """Any of the appointment's links will do, and an older one still shows how it stands."""
    return AppointmentView(**plain(wiring.services().changing.show(call.token, network=call.ip)))


@routes.route("/appointment/slots", methods=["GET"])
@endpoint(
    auth=Link("move one's appointment"),
    query=RangeAsked,
    gives=FreeStarts,
    errors=(*_LINK_ERRORS, InvalidInputError),
    ledger=_OWN,
    summary="List times to move to",
)
def free(call: Call[None, RangeAsked]) -> FreeStarts:
    """The appointment's own time counts as free."""
    asked = call.query
    starts = wiring.services().changing.slots(call.token, frm=asked.frm, to=asked.to, network=call.ip)
    return FreeStarts(starts=starts)


@routes.route("/appointment/cancellation", methods=["POST"])
@endpoint(
    auth=Link("cancel one's appointment"),
    gives=AppointmentView,
    errors=_LINK_ERRORS,
    ledger=(Action.APPOINTMENT_CANCELLED,),
    summary="Cancel by link",
)
def cancel(call: Call) -> AppointmentView:
    """Frees the time and takes back what was not sent yet. The second time answers 410."""
    return AppointmentView(**plain(wiring.services().changing.cancel(call.token, network=call.ip)))


@routes.route("/appointment/rescheduling", methods=["POST"])
@endpoint(
    auth=Link("move one's appointment"),
    takes=Move,
    gives=Booked,
    errors=(*_LINK_ERRORS, SlotTakenError, ConflictError, ReadOnlyError, InvalidInputError),
    ledger=(Action.APPOINTMENT_MOVED,),
    summary="Move by link",
)
def move(call: Call[Move]) -> Booked:
    """The links of the time before end; new ones come with the answer and by mail."""
    return booked(wiring.services().changing.move(call.token, call.body.starts_at, network=call.ip))
