"""Reservations: a time is kept for five minutes, while somebody fills in the form."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Link, Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, View
from chalicelib.api.http.request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    IdempotencyMismatchError,
    InvalidInputError,
    LinkInvalidError,
    NotFoundError,
    ReadOnlyError,
    SlotTakenError,
    TooManyAttemptsError,
)
from chalicelib.services.booking.reserving import Pick
from chalicelib.services.repeating import Repeatable

routes = Blueprint(__name__)


class Reserve(Body):
    """Which time; `expert` null for any of the service, `duration` null for the usual one."""

    service: Id
    expert: Id | None = None
    starts_at: Instant
    duration: Annotated[int, Field(ge=1, le=1440)] | None = None


class Reserved(View):
    """What is kept, until when, and with whom. Whoever knows the id may book it or give it back."""

    id: Id
    expert: Id
    until: Instant


@routes.route("/tenants/{tenant}/reservations", methods=["POST"])
@endpoint(
    auth=Public("whoever may book may reserve", key=scopes.APPOINTMENTS_WRITE),
    takes=Reserve,
    gives=Reserved,
    status=201,
    form="reservation",
    idempotent=True,
    errors=(
        *(IdempotencyMismatchError, InvalidInputError, NotFoundError, ReadOnlyError, SlotTakenError),
        TooManyAttemptsError,
    ),
    ledger=(Action.TIME_RESERVED,),
    summary="Reserve a time",
)
def reserve(call: Call[Reserve], tenant: str) -> Reserved:
    """It counts as busy for everybody else, and is free again after five minutes. From one address five in ten minutes.

    A server of the business needs no form, and is not counted.
    """
    body = call.body
    repeat = Repeatable.of(call.idempotency_key, scope=f"reserve|{tenant}", content=body.model_dump_json())
    pick = Pick(tenant=tenant, **body.model_dump())
    by = call.caller.staff if call.caller else ""
    held = wiring.services().reserving.reserve(pick, visitor=call.visitor, repeat=repeat, form=call.form, by=by)
    return Reserved(id=held.id, expert=held.expert, until=held.until)


@routes.route("/tenants/{tenant}/reservation", methods=["DELETE"])
@endpoint(
    auth=Link("give back a reservation"),
    errors=(LinkInvalidError,),
    ledger=(Action.RESERVATION_RETURNED,),
    summary="Give back a reservation",
)
def give_back(call: Call, tenant: str) -> None:
    """The reservation's id is the link's token: it stands in a header, since addresses end up in logs."""
    wiring.services().reserving.give_back(tenant, call.token, network=call.ip)
