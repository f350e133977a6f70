"""The services of a business, for its staff."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Query, whole
from chalicelib.api.http.request import Call
from chalicelib.api.offering._services import ServiceList, ServiceTerms, ServiceView, service_view, terms_of
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, IdempotencyMismatchError, InvalidInputError, VersionMismatchError
from chalicelib.domain.roles import ADMIN, EXPERT

routes = Blueprint(__name__)


class ServicesAsked(Query):
    """By a part of the name; those in use unless the archived ones are asked for."""

    name: Annotated[str, Field(max_length=200)] = ""
    archived: bool = False


@routes.route("/services", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=ServiceTerms,
    gives=ServiceView,
    status=201,
    location="services/{id}",
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, InvalidInputError),
    ledger=(Action.SERVICE_CREATED,),
    summary="Create a service",
)
def create_service(call: Call[ServiceTerms]) -> Versioned[ServiceView]:
    """Can be booked at once if its experts have hours. There are at most 500, those that are archived among them."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (loaded with the first call that needs it)

    scope = f"service|{call.session.tenant}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.model_dump_json())
    made = wiring.services().offering.create_service(call.session, terms_of(call.body), network=call.ip, repeat=repeat)
    return Versioned(service_view(made), int(made.version or 1))


@routes.route("/services", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.SERVICES_READ),
    query=ServicesAsked,
    gives=ServiceList,
    ledger=(Action.SERVICES_READ,),
    summary="List the services",
)
def list_services(call: Call[None, ServicesAsked]) -> ServiceList:
    """The services of one's own business, the oldest first."""
    asked = call.query
    held = wiring.services().offering.services(call.session, name=asked.name, archived=asked.archived, network=call.ip)
    return ServiceList(services=[service_view(each) for each in held])


@routes.route("/services/{service}", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.SERVICES_READ),
    gives=ServiceView,
    ledger=(Action.SERVICES_READ,),
    summary="Read a service",
)
def read_service(call: Call, service: str) -> Versioned[ServiceView]:
    """One service, archived or not."""
    held = wiring.services().offering.service(call.session, service, network=call.ip)
    return Versioned(service_view(held), int(held.version or 1))


@routes.route("/services/{service}", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=whole(ServiceTerms, ServiceView),
    gives=ServiceView,
    match=True,
    errors=(InvalidInputError, VersionMismatchError),
    ledger=(Action.SERVICE_CHANGED,),
    summary="Change a service",
)
def change_service(call: Call[ServiceTerms], service: str) -> Versioned[ServiceView]:
    """Appointments that are booked already stay as they are."""
    changed = wiring.services().offering.change_service(
        call.session, service, terms_of(call.body), version=call.if_match, network=call.ip
    )
    return Versioned(service_view(changed), int(changed.version or 1))


@routes.route("/services/{service}/archive", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    gives=ServiceView,
    match=True,
    errors=(VersionMismatchError,),
    ledger=(Action.SERVICE_ARCHIVED,),
    summary="Archive a service",
)
def archive_service(call: Call, service: str) -> Versioned[ServiceView]:
    """It is offered no more; appointments that are booked already stay as they are."""
    held = wiring.services().offering.archive_service(call.session, service, version=call.if_match, network=call.ip)
    return Versioned(service_view(held), int(held.version or 1))


@routes.route("/services/{service}/archive", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    gives=ServiceView,
    match=True,
    errors=(InvalidInputError, VersionMismatchError),
    ledger=(Action.SERVICE_RESTORED,),
    summary="Offer an archived service again",
)
def restore_service(call: Call, service: str) -> Versioned[ServiceView]:
    """As it was, if the people, rooms and sites that it names are still there."""
    held = wiring.services().offering.restore_service(call.session, service, version=call.if_match, network=call.ip)
    return Versioned(service_view(held), int(held.version or 1))
