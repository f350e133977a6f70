"""Booking: customers book without an account."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api._appointment_views import Booked, booked
from chalicelib.api._auth import Public
from chalicelib.api._endpoint import endpoint
from chalicelib.api._models import Body, Id, Instant, Language
from chalicelib.api._people import EmailAddress, Name, Phone, Zone
from chalicelib.api._request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    ReadOnlyError,
    SlotTakenError,
)

routes = Blueprint(__name__)


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
    return booked(wiring.services().booking.book(wish, network=call.ip, repeat=repeat, form=call.form, by=by))
