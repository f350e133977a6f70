"""Customers see, cancel and move their appointment by link, and take it over into their calendar."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.booking._appointment_views import AppointmentView, Booked, booked, plain
from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Link
from chalicelib.api.http.by_link import LINK_ERRORS, OWN
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Instant, Query, View, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    ReadOnlyError,
    SlotTakenError,
)

if TYPE_CHECKING:
    from chalicelib.services.appointments.showing import Shown

routes = Blueprint(__name__)

_CALENDAR = "text/calendar"


class WhereView(View):
    """Where it takes place: an address, a number that is called (by the customer where it is `ours`), or a link."""

    place: Literal["on-site", "phone", "video", "customer"]
    address: str
    phone: str
    ours: bool
    link: str


class OwnAppointment(AppointmentView):
    """All that its customer may know. What can't be done (any more) has no instant; `refund` follows a cancellation."""

    service_name: str
    expert_name: str
    business: str
    where: WhereView
    lapses_at: Instant | None
    cancel_until: Instant | None
    move_until: Instant | None
    price: int | None
    currency: str | None
    refund: int | None


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
    auth=Link("see one's appointment"),
    gives=OwnAppointment,
    errors=LINK_ERRORS,
    ledger=OWN,
    summary="See one's own appointment by link",
)
def see(call: Call) -> OwnAppointment:
    """Whoever may cancel or move it may see it, too; an older link still shows how it stands."""
    return _own(wiring.services().showing.show(call.token, network=call.ip))


@routes.route("/appointment/calendar-file", methods=["GET"])
@endpoint(
    auth=Link("take one's appointment over into a calendar"),
    produces=_CALENDAR,
    errors=LINK_ERRORS,
    ledger=OWN,
    summary="Get one's own appointment as a calendar file",
)
def calendar_file(call: Call) -> Text:
    """The appointment as it stands. Its UID is that of the invitations by mail, so it never stands there twice."""
    content = wiring.services().showing.calendar_file(call.token, network=call.ip)
    named = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return Text(content.decode(), f"{_CALENDAR}; charset=utf-8; method=PUBLISH", named)


@routes.route("/appointment/slots", methods=["GET"])
@endpoint(
    auth=Link("move one's appointment"),
    query=RangeAsked,
    gives=FreeStarts,
    errors=(*LINK_ERRORS, InvalidInputError),
    ledger=OWN,
    summary="List times to move one's own appointment to",
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
    errors=LINK_ERRORS,
    ledger=(Action.APPOINTMENT_CANCELLED,),
    summary="Cancel one's own appointment by link",
)
def cancel(call: Call) -> AppointmentView:
    """Frees the time and takes back what was not sent yet. The second time answers 410."""
    return AppointmentView(**plain(wiring.services().changing.cancel(call.token, network=call.ip)))


@routes.route("/appointment/rescheduling", methods=["POST"])
@endpoint(
    auth=Link("move one's appointment"),
    takes=Move,
    gives=Booked,
    errors=(*LINK_ERRORS, SlotTakenError, ConflictError, ReadOnlyError, InvalidInputError),
    ledger=(Action.APPOINTMENT_MOVED,),
    summary="Move one's own appointment by link",
)
def move(call: Call[Move]) -> Booked:
    """The links of the time before end; new ones come with the answer and by mail."""
    return booked(wiring.services().changing.move(call.token, call.body.starts_at, network=call.ip))


def _own(shown: "Shown") -> OwnAppointment:
    meeting, where = shown.meeting, shown.where
    held = meeting.appointment
    expert = meeting.expert.display_name if meeting.expert else meeting.tenant.company
    return OwnAppointment.model_validate(
        {
            **plain(held),
            "service_name": meeting.service.name,
            "expert_name": expert,
            "business": meeting.tenant.company,
            "where": WhereView(**{**vars(where), "place": where.place.value}),
            "lapses_at": held.lapses_at if held.state.waits else None,
            "cancel_until": shown.cancel_until,
            "move_until": shown.move_until,
            "price": held.price,
            "currency": held.currency,
            "refund": shown.refund,
        }
    )
