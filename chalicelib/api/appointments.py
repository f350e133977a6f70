"""Appointments as staff see them."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._appointment_views import AppointmentView, plain
from chalicelib.api._auth import Staff
from chalicelib.api._endpoint import endpoint
from chalicelib.api._models import Id, Instant, Query, View, many
from chalicelib.api._request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    InvalidInputError,
    NotAllowedError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment

routes = Blueprint(__name__)


class AgendaEntry(AppointmentView):
    """An appointment as staff see it; who comes is left out where the person had the processing restricted."""

    customer: Id
    restricted: bool
    given_name: str | None
    family_name: str | None
    email: str | None
    phone: str | None


class AgendaView(View):
    """Appointments in order of their start."""

    appointments: Annotated[list[AgendaEntry], many(100_000)]


class AgendaAsked(Query):
    """Whose appointments (one's own, unless said otherwise), in which range of at most 62 days."""

    frm: Annotated[Instant, Field(alias="from")]
    to: Instant
    expert: Id | None = None


@routes.route("/appointments", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.APPOINTMENTS_READ),
    query=AgendaAsked,
    gives=AgendaView,
    errors=(InvalidInputError, NotAllowedError),
    ledger=(Action.APPOINTMENTS_READ,),
    summary="List an expert's appointments",
)
def agenda(call: Call[None, AgendaAsked]) -> AgendaView:
    """Every look is noted in the ledger."""
    asked = call.query
    if call.session.scopes is not None and asked.expert is None:
        raise InvalidInputError("A server has no appointments of its own: name an expert.", field="expert")
    expert = asked.expert or call.session.staff
    found = wiring.services().agenda.of_expert(call.session, expert, frm=asked.frm, to=asked.to, network=call.ip)
    return AgendaView(appointments=[_entry(each) for each in found])


def _entry(held: "Appointment") -> AgendaEntry:
    names, restricted = ("given_name", "family_name", "email", "phone"), held.restricted_since is not None
    person = {name: None if restricted else getattr(held, name) for name in names}
    return AgendaEntry.model_validate({**plain(held), **person, "customer": held.subject, "restricted": restricted})
