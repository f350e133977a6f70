"""When experts work, for staff."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Text, Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Instant, Query, whole
from chalicelib.api.http.request import Call
from chalicelib.api.offering._hours import (
    Hours,
    HoursSetView,
    HoursView,
    absences_sent,
    hours_set,
    hours_view,
    rules_of,
)
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, VersionMismatchError
from chalicelib.domain.roles import ADMIN, EXPERT

_CALENDAR = "text/calendar; charset=utf-8"

routes = Blueprint(__name__)


class RangeAsked(Query):
    """Which range: at most 62 days."""

    frm: Annotated[Instant, Field(alias="from")]
    to: Instant


@routes.route("/staff/{staff}/availability", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.AVAILABILITY_WRITE),
    takes=whole(Hours, HoursSetView),
    gives=HoursSetView,
    match=True,
    errors=(InvalidInputError, VersionMismatchError),
    ledger=(Action.AVAILABILITY_CHANGED,),
    summary="Set an expert's hours",
)
def set_availability(call: Call[Hours], staff: str) -> Versioned[HoursSetView]:
    """Weekly hours, dates that differ, travels and absences; experts set their own, admins all.

    The answer names what is booked in absences.
    """
    held = wiring.services().offering.set_hours(
        call.session,
        staff,
        rules_of(call.body),
        absences_sent(call.body),
        holidays=call.body.holidays,
        version=call.if_match,
        network=call.ip,
    )
    return Versioned(hours_set(held.hours, held.affected), int(held.hours.version or 1))


@routes.route("/staff/{staff}/availability", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.AVAILABILITY_READ),
    gives=HoursView,
    ledger=(Action.AVAILABILITY_READ,),
    summary="Read an expert's hours",
)
def read_availability(call: Call, staff: str) -> Versioned[HoursView]:
    """As they were set."""
    held = wiring.services().offering.availability(call.session, staff, network=call.ip)
    return Versioned(hours_view(held), int(held.version or 1))


@routes.route("/tenants/{tenant}/experts/{expert}/free-busy", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.AVAILABILITY_READ),
    query=RangeAsked,
    produces=_CALENDAR,
    errors=(InvalidInputError,),
    ledger=(Action.AVAILABILITY_READ,),
    summary="Read when an expert is busy, as a calendar",
)
def free_busy(call: Call[None, RangeAsked], tenant: str, expert: str) -> Text:
    """Times only (VFREEBUSY): BUSY is taken, BUSY-UNAVAILABLE outside of working hours. For one's own business."""
    from chalicelib.messages.free_busy_file import free_busy_file  # noqa: PLC0415 (icalendar is slow to load)

    asked, services = call.query, wiring.services()
    found = services.offering.busy_times(call.session, expert, frm=asked.frm, to=asked.to, network=call.ip)
    uid, stamp = f"{expert}.{tenant}", services.clock()
    made = free_busy_file(found.frm, found.to, busy=found.busy, off=found.off, uid=uid, stamp=stamp)
    return Text(made.decode(), _CALENDAR)
