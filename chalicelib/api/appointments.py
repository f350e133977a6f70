"""Appointments: customers book without an account, and see, cancel and move by link; staff list them."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._auth import Link, Public, Staff
from chalicelib.api._endpoint import Unnoted, endpoint
from chalicelib.api._models import Body, Id, Instant, Language, Query, View, many
from chalicelib.api._people import EmailAddress, Name, Phone, Zone
from chalicelib.api._request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    SlotTakenError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.appointment import Appointment

routes = Blueprint(__name__)

_OWN = Unnoted("people look at what is their own; where it is restricted, the exception is noted")
_LINK_ERRORS = (LinkInvalidError, LinkExpiredError, LinkUsedError, NotFoundError)


class CustomerGiven(Body):
    """Who books, as given by themselves."""

    given_name: Name
    family_name: Name
    email: EmailAddress
    phone: Phone | None = None
    language: Language = "de"
    zone: Zone = "Europe/Zurich"


class Book(Body):
    """What is wished for. Text messages are sent only if wanted here, and then need a phone number."""

    service: Id
    expert: Id
    starts_at: Instant
    customer: CustomerGiven
    sms_wanted: bool = False


class Move(Body):
    """The new time."""

    starts_at: Instant


class Links(View):
    """One token for each thing the customer may do, to be sent in the header `Zusage-Link`."""

    cancel: str
    reschedule: str


class AppointmentView(View):
    """An appointment as its customer sees it."""

    id: Id
    tenant: Id
    service: Id
    expert: Id
    state: Literal["confirmed", "cancelled"]
    starts_at: Instant
    ends_at: Instant
    zone: str
    sms_wanted: bool


class Booked(AppointmentView):
    """A fresh or moved appointment, with the links that hold from now on."""

    links: Links


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


class RangeAsked(Query):
    """A range of at most 62 days."""

    frm: Annotated[Instant, Field(alias="from")]
    to: Instant


class FreeStarts(View):
    """The starts to which the appointment can be moved now."""

    starts: Annotated[list[Instant], many(100_000)]


@routes.route("/tenants/{tenant}/appointments", methods=["POST"])
@endpoint(
    auth=Public("customers book without an account", key=scopes.APPOINTMENTS_WRITE),
    takes=Book,
    gives=Booked,
    status=201,
    form="booking",
    idempotent=True,
    errors=(SlotTakenError, ConflictError, ReadOnlyError, InvalidInputError, IdempotencyMismatchError),
    ledger=(Action.APPOINTMENT_BOOKED,),
    summary="Book an appointment",
)
def book(call: Call[Book], tenant: str) -> Booked:
    """A time is given to one customer only; who comes second gets 409, as does who has to ask the business.

    A server of the business needs no form.
    """
    from chalicelib.services.booking import Wish  # noqa: PLC0415 (loaded with the first call that needs it)
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415

    body = call.body
    repeat = Repeatable.of(call.idempotency_key, scope=f"book|{tenant}", content=body.model_dump_json())
    given = body.customer.model_dump()
    wish = Wish(
        tenant=tenant,
        service=body.service,
        expert=body.expert,
        starts_at=body.starts_at,
        sms_wanted=body.sms_wanted,
        **given,
    )
    by = call.caller.staff if call.caller else ""
    return _booked(wiring.services().booking.book(wish, network=call.ip, repeat=repeat, form=call.form, by=by))


@routes.route("/appointment", methods=["GET"])
@endpoint(
    auth=Link("see one's appointment"), gives=AppointmentView, errors=_LINK_ERRORS, ledger=_OWN, summary="See by link"
)
def see(call: Call) -> AppointmentView:
    """Any of the appointment's links will do, and an older one still shows how it stands."""
    return AppointmentView(**_plain(wiring.services().changing.show(call.token, network=call.ip)))


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
    return AppointmentView(**_plain(wiring.services().changing.cancel(call.token, network=call.ip)))


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
    return _booked(wiring.services().changing.move(call.token, call.body.starts_at, network=call.ip))


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


def _plain(held: "Appointment") -> dict[str, object]:
    return {
        "id": held.id,
        "tenant": held.tenant,
        "service": held.service,
        "expert": held.expert,
        "state": held.state.value,
        "starts_at": held.starts_at,
        "ends_at": held.ends_at,
        "zone": held.customer_zone,
        "sms_wanted": held.sms_wanted,
    }


def _booked(held: "Appointment") -> Booked:
    return Booked.model_validate({**_plain(held), "links": wiring.services().linking.self_service(held)})


def _entry(held: "Appointment") -> AgendaEntry:
    names, restricted = ("given_name", "family_name", "email", "phone"), held.restricted_since is not None
    person = {name: None if restricted else getattr(held, name) for name in names}
    return AgendaEntry.model_validate({**_plain(held), **person, "customer": held.subject, "restricted": restricted})
