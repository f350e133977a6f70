"""What a business offers: services and hours for its staff, free times for everybody."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._answer import Versioned
from chalicelib.api._auth import Public, Staff
from chalicelib.api._endpoint import endpoint
from chalicelib.api._hours import Hours, hours_of, rules_of
from chalicelib.api._models import Body, Id, Instant, Query, View, many
from chalicelib.api._people import Line
from chalicelib.api._request import Call
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import IdempotencyMismatchError, InvalidInputError, VersionMismatchError
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.domain.terms import Terms

routes = Blueprint(__name__)

_DAY = 24 * 60
_WEEK = 7 * _DAY


class ServiceTerms(Body):
    """What a service is; times in minutes, the horizon in days."""

    name: Line
    duration: Annotated[int, Field(ge=1, le=_DAY)]
    step: Annotated[int, Field(ge=1, le=_DAY, description="Minutes from one possible start to the next.")]
    buffer_before: Annotated[int, Field(ge=0, le=_DAY)] = 0
    buffer_after: Annotated[int, Field(ge=0, le=_DAY)] = 0
    notice: Annotated[int, Field(ge=0, le=52 * _WEEK, description="How long before the start one can still book.")] = 0
    horizon_days: Annotated[int, Field(ge=0, le=730)] = 90
    reminder_minutes: Annotated[int, Field(ge=0, le=4 * _WEEK, description="0: no reminder.")] = _DAY
    experts: Annotated[list[Id], Field(min_length=1, max_length=50)]


class ServiceView(View):
    """A service."""

    id: Id
    name: str
    duration: int
    step: int
    buffer_before: int
    buffer_after: int
    notice: int
    horizon_days: int
    reminder_minutes: int
    experts: list[Id]


class ServiceList(View):
    """The services of a business."""

    services: list[ServiceView]


class ExpertView(View):
    """An expert as visitors see them."""

    id: Id
    name: str


class BusinessView(View):
    """A business as visitors see it."""

    id: Id
    name: str
    zone: str
    services: list[ServiceView]
    experts: list[ExpertView]


class SlotsAsked(Query):
    """Which expert, and which range: at most 62 days."""

    expert: Id
    frm: Annotated[Instant, Field(alias="from")]
    to: Instant


class Slots(View):
    """The starts that can be booked now."""

    starts: Annotated[list[Instant], many(100_000)]


@routes.route("/services", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=ServiceTerms,
    gives=ServiceView,
    status=201,
    idempotent=True,
    errors=(IdempotencyMismatchError, InvalidInputError),
    ledger=(Action.SERVICE_CREATED,),
    summary="Create a service",
)
def create_service(call: Call[ServiceTerms]) -> Versioned:
    """Can be booked at once if its experts have hours."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (loaded with the first call that needs it)

    scope = f"service|{call.session.tenant}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.model_dump_json())
    made = wiring.services().offering.create_service(call.session, _terms(call.body), network=call.ip, repeat=repeat)
    return Versioned(_view(made), int(made.version or 1))


@routes.route("/services", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.SERVICES_READ),
    gives=ServiceList,
    ledger=(Action.SERVICES_READ,),
    summary="List the services",
)
def list_services(call: Call) -> ServiceList:
    """The services of one's own business."""
    held = wiring.services().offering.services(call.session, network=call.ip)
    return ServiceList(services=[_view(each) for each in held])


@routes.route("/services/{service}", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=ServiceTerms,
    gives=ServiceView,
    match=True,
    errors=(InvalidInputError, VersionMismatchError),
    ledger=(Action.SERVICE_CHANGED,),
    summary="Change a service",
)
def change_service(call: Call[ServiceTerms], service: str) -> Versioned:
    """Appointments that are booked already stay as they are."""
    changed = wiring.services().offering.change_service(
        call.session, service, _terms(call.body), version=call.if_match, network=call.ip
    )
    return Versioned(_view(changed), int(changed.version or 1))


@routes.route("/staff/{staff}/availability", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.AVAILABILITY_WRITE),
    takes=Hours,
    gives=Hours.View,
    match=True,
    errors=(InvalidInputError, VersionMismatchError),
    ledger=(Action.AVAILABILITY_CHANGED,),
    summary="Set an expert's hours",
)
def set_availability(call: Call[Hours], staff: str) -> Versioned:
    """Weekly hours and the dates that differ, in the expert's own time zone; experts set their own, admins all."""
    held = wiring.services().offering.set_availability(
        call.session, staff, rules_of(call.body), version=call.if_match, network=call.ip
    )
    return Versioned(hours_of(held.rules()), int(held.version or 1))


@routes.route("/staff/{staff}/availability", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.AVAILABILITY_READ),
    gives=Hours.View,
    ledger=(Action.AVAILABILITY_READ,),
    summary="Read an expert's hours",
)
def read_availability(call: Call, staff: str) -> Versioned:
    """As they were set."""
    held = wiring.services().offering.availability(call.session, staff, network=call.ip)
    return Versioned(hours_of(held.rules()), int(held.version or 1))


@routes.route("/tenants/{tenant}", methods=["GET"])
@endpoint(auth=Public("visitors see what is offered"), gives=BusinessView, summary="See a business and its services")
def see_business(call: Call, tenant: str) -> BusinessView:
    """Name, services and experts."""
    seen = wiring.services().offering.published(tenant)
    return BusinessView(
        id=tenant,
        name=seen.tenant.company,
        zone=seen.tenant.zone,
        services=[_view(each) for each in seen.services],
        experts=[ExpertView(id=each.subject, name=each.display_name) for each in seen.experts],
    )


@routes.route("/tenants/{tenant}/services/{service}/slots", methods=["GET"])
@endpoint(
    auth=Public("visitors see free times"),
    query=SlotsAsked,
    gives=Slots,
    errors=(InvalidInputError,),
    summary="List free times",
)
def slots(call: Call[None, SlotsAsked], tenant: str, service: str) -> Slots:
    """The starts from `from` to before `to` that one expert can take; only the start counts."""
    asked = call.query
    found = wiring.services().offering.slots(tenant, service, asked.expert, frm=asked.frm, to=asked.to)
    return Slots(starts=found)


def _terms(body: ServiceTerms) -> "Terms":
    from chalicelib.domain.terms import Terms  # noqa: PLC0415 (loaded with the first call that needs it)

    return Terms(**{**body.model_dump(), "experts": frozenset(body.experts)})


def _view(service: object) -> ServiceView:
    names = (name for name in ServiceView.model_fields if name != "experts")
    plain = {name: getattr(service, name) for name in names}
    return ServiceView(**plain, experts=sorted(service.experts))  # type: ignore[attr-defined]
