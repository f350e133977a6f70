"""Booking: customers book without an account, one appointment or several together."""

from typing import TYPE_CHECKING, Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.booking._answers import Answers, by_question
from chalicelib.api.booking._appointment_views import Booked, booked
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, many
from chalicelib.api.http.people import CustomerGiven, Line
from chalicelib.api.http.request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotFoundError,
    ReadOnlyError,
    SlotTakenError,
)

if TYPE_CHECKING:
    from chalicelib.services.repeating import Repeatable

routes = Blueprint(__name__)

_ERRORS = (SlotTakenError, ConflictError, ReadOnlyError, InvalidInputError, IdempotencyMismatchError, NotFoundError)
Duration = Annotated[int, Field(ge=1, le=24 * 60, description="Minutes; one of those that the service has.")]


class Book(Body):
    """What is wished for: `expert` null for any, `duration` null for the usual one. Text messages need a phone number.

    The address is where to come to, for what takes place at the customer's. A reservation is the id of a time that is
    kept for whoever sends it.
    """

    service: Id
    expert: Id | None = None
    starts_at: Instant
    duration: Duration | None = None
    reservation: Id | None = None
    answers: Answers = Field(default_factory=list)
    customer: CustomerGiven
    address: Line | None = None
    sms_wanted: bool = False


class ItemWanted(Body):
    """One service of a visit."""

    service: Id
    expert: Id | None = None
    duration: Duration | None = None
    answers: Answers = Field(default_factory=list)


class RepeatWanted(Body):
    """How often the visit takes place, and every how many weeks."""

    weeks: Annotated[int, Field(ge=1, le=8)] = 1
    times: Annotated[int, Field(ge=1, le=52)] = 1


class BookVisit(Body):
    """Services one after the other from `starts_at` on, once or several times at the same time on the wall."""

    items: Annotated[list[ItemWanted], Field(min_length=1, max_length=8)]
    starts_at: Instant
    repeat: RepeatWanted
    customer: CustomerGiven
    address: Line | None = None
    sms_wanted: bool = False


class BookedVisit(View):
    """The appointments in order of time, each with its own links."""

    appointments: Annotated[list[Booked], many(52)]


@routes.route("/tenants/{tenant}/appointments", methods=["POST"])
@endpoint(
    auth=Public("customers book without an account", key=scopes.APPOINTMENTS_WRITE),
    takes=Book,
    gives=Booked,
    status=201,
    form="booking",
    idempotent=True,
    errors=_ERRORS,
    ledger=(Action.APPOINTMENT_BOOKED,),
    summary="Book an appointment",
)
def book(call: Call[Book], tenant: str) -> Booked:
    """A time is given to one customer only; who comes second gets 409, as does who has to ask the business.

    A server of the business needs no form.
    """
    from chalicelib.services.booking.wishing import Wish  # noqa: PLC0415 (loaded with the first call that needs it)

    body = call.body
    wish = Wish(
        tenant=tenant,
        service=body.service,
        expert=body.expert,
        starts_at=body.starts_at,
        duration=body.duration,
        reservation=body.reservation,
        answers=by_question(body.answers),
        address=body.address,
        sms_wanted=body.sms_wanted,
        **body.customer.model_dump(),
    )
    made = wiring.services().booking.book(
        wish, network=call.ip, repeat=_repeat(call, f"book|{tenant}"), form=call.form, by=_server(call)
    )
    return booked(made)


@routes.route("/tenants/{tenant}/visits", methods=["POST"])
@endpoint(
    auth=Public("customers book without an account", key=scopes.APPOINTMENTS_WRITE),
    takes=BookVisit,
    gives=BookedVisit,
    status=201,
    form="visit",
    idempotent=True,
    errors=_ERRORS,
    ledger=(Action.APPOINTMENT_BOOKED,),
    summary="Book several appointments together",
)
def book_visit(call: Call[BookVisit], tenant: str) -> BookedVisit:
    """All of them or none: 409 names the time that is not free, 422 says how often a visit can be repeated at most.

    One mail tells of all; each can be moved and cancelled by itself.
    """
    from chalicelib.services.booking.wishing import Item, Repeat, Wish  # noqa: PLC0415 (as above)

    body = call.body
    first, *further = (
        Item(service=each.service, expert=each.expert, duration=each.duration, answers=by_question(each.answers))
        for each in body.items
    )
    wish = Wish(
        tenant=tenant,
        **vars(first),
        further=tuple(further),
        repeat=Repeat(weeks=body.repeat.weeks, times=body.repeat.times) if body.repeat.times > 1 else None,
        starts_at=body.starts_at,
        address=body.address,
        sms_wanted=body.sms_wanted,
        **body.customer.model_dump(),
    )
    made = wiring.services().booking.book_all(
        wish, network=call.ip, repeat=_repeat(call, f"visit|{tenant}"), form=call.form, by=_server(call)
    )
    return BookedVisit(appointments=[booked(each) for each in made])


def _repeat(call: Call[Any], scope: str) -> "Repeatable | None":
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (as above)

    return Repeatable.of(call.idempotency_key, scope=scope, content=call.body.model_dump_json())


def _server(call: Call[Any]) -> str:
    """The key of a server that books for a customer, if one does."""
    return call.caller.staff if call.caller else ""
