"""The times that can be booked, for everybody."""

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.booking._slots import (
    POLLED,
    FirstAsked,
    Leg,
    Slots,
    SlotsAsked,
    VisitAsked,
    VisitSlots,
    in_zone,
    slots_view,
)
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.request import Call
from chalicelib.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.services.offering.reading import Search

routes = Blueprint(__name__)


@routes.route("/tenants/{tenant}/services/{service}/slots", methods=["GET"])
@endpoint(
    auth=Public("visitors see free times"),
    query=SlotsAsked,
    gives=Slots,
    errors=(InvalidInputError,),
    cache=POLLED,
    summary="List free times",
)
def slots(call: Call[None, SlotsAsked], tenant: str, service: str) -> Slots:
    """The starts from `from` to before `to` that can be booked now; only the start counts.

    With `If-None-Match` an answer that did not change is not sent again.
    """
    asked = call.query
    search = _search(tenant, service, asked, asked.frm, asked.to)
    return slots_view(wiring.services().offering.free(search), asked.zone)


@routes.route("/tenants/{tenant}/services/{service}/slots/first", methods=["GET"])
@endpoint(
    auth=Public("visitors see free times"),
    query=FirstAsked,
    gives=Slots,
    errors=(InvalidInputError,),
    cache=POLLED,
    summary="Find the first free time",
)
def first_slot(call: Call[None, FirstAsked], tenant: str, service: str) -> Slots:
    """The first start that can be booked, as far ahead as the service is offered; none when all is taken."""
    asked, offering = call.query, wiring.services().offering
    frm = asked.frm or offering.clock()
    return slots_view(offering.first_free(_search(tenant, service, asked, frm, frm)), asked.zone)


@routes.route("/tenants/{tenant}/visits/slots", methods=["GET"])
@endpoint(
    auth=Public("visitors see free times"),
    query=VisitAsked,
    gives=VisitSlots,
    errors=(InvalidInputError,),
    cache=POLLED,
    summary="List free times for several services in one visit",
)
def visit_slots(call: Call[None, VisitAsked], tenant: str) -> VisitSlots:
    """The starts at which all of them fit one after the other, each by whoever does it and for its usual duration."""
    asked = call.query
    found = wiring.services().offering.visit_times(tenant, asked.services.split(","), frm=asked.frm, to=asked.to)
    legs = [Leg(**vars(each)) for each in found.legs]
    return VisitSlots(starts=in_zone(list(found.starts), asked.zone), legs=legs)


def _search(tenant: str, service: str, asked: SlotsAsked | FirstAsked, frm: "datetime", to: "datetime") -> "Search":
    from chalicelib.services.offering.reading import Search  # noqa: PLC0415 (loaded with the first call that needs it)

    return Search(tenant=tenant, service=service, frm=frm, to=to, expert=asked.expert, duration=asked.duration)
