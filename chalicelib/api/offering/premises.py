"""Where a business works: sites, closures, rooms and devices."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Query, View, many, refused, whole
from chalicelib.api.http.people import Line, Name, PostalCode
from chalicelib.api.http.request import Call
from chalicelib.api.offering._hours import Region, is_time_off
from chalicelib.domain import scopes
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    VersionMismatchError,
)
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.premises import Premises, Resource

routes = Blueprint(__name__)


class SiteTerms(Body):
    """A place where appointments take place; without an id it is a new one."""

    id: Id | None = None
    name: Line
    street: Line
    postal_code: PostalCode
    city: Name
    holidays: Region | None = None


class Closure(Body):
    """From when until when nobody works."""

    frm: Annotated[Instant, Field(alias="from")]
    until: Instant

    @model_validator(mode="after")
    def _forwards(self) -> "Closure":
        if not is_time_off(self.frm, self.until):
            raise refused("ends before it begins, or after years", "Send `until` as a later time than `from`.")
        return self


class PremisesTerms(Body):
    """All sites and closures at once; `holidays` is the region of whoever works at no site."""

    holidays: Region | None = None
    sites: Annotated[list[SiteTerms], many(50)]
    closures: Annotated[list[Closure], many(100)]


class SiteView(View):
    """A site."""

    id: Id
    name: str
    street: str
    postal_code: str
    city: str
    holidays: str | None


class PremisesView(View):
    """Where a business works, and when nobody does."""

    holidays: str | None
    sites: list[SiteView]
    closures: list[Closure]


class ResourceTerms(Body):
    """A room or a device; at a site if it is of use there only."""

    name: Line
    site: Id | None = None


class ResourceView(View):
    """A room or a device; `version` goes into If-Match when it is changed."""

    id: Id
    name: str
    site: Id | None
    archived_at: Instant | None
    version: int


class ResourcesAsked(Query):
    """Those in use unless the archived ones are asked for."""

    archived: bool = False


class ResourceList(View):
    """The rooms and devices of a business."""

    resources: Annotated[list[ResourceView], many(500)]


@routes.route("/premises", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.SERVICES_READ),
    gives=PremisesView,
    ledger=(Action.PREMISES_READ,),
    summary="Read sites and closures",
)
def read_premises(call: Call) -> Versioned[PremisesView]:
    """As they were set; closures that are over are left out once something is changed."""
    held = wiring.services().offering.premises(call.session, network=call.ip)
    return Versioned(_premises(held), int(held.version or 0))


@routes.route("/premises", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=PremisesTerms,
    gives=PremisesView,
    match=True,
    errors=(ConflictError, InvalidInputError, VersionMismatchError),
    ledger=(Action.PREMISES_CHANGED,),
    summary="Set sites and closures",
)
def set_premises(call: Call[PremisesTerms]) -> Versioned[PremisesView]:
    """All at once. Closures make no appointment disappear: what is booked then has to be moved or cancelled."""
    from chalicelib.services.offering.premises import Site  # noqa: PLC0415 (loaded with the first call that needs it)

    sites = [Site(**{**each.model_dump(), "id": each.id or ""}) for each in call.body.sites]
    held = wiring.services().offering.set_premises(
        call.session,
        sites,
        [(each.frm, each.until) for each in call.body.closures],
        holidays=call.body.holidays,
        version=call.if_match,
        network=call.ip,
    )
    return Versioned(_premises(held), int(held.version or 1))


@routes.route("/resources", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, key=scopes.SERVICES_READ),
    query=ResourcesAsked,
    gives=ResourceList,
    ledger=(Action.RESOURCES_READ,),
    summary="List rooms and devices",
)
def list_resources(call: Call[None, ResourcesAsked]) -> ResourceList:
    """The oldest first."""
    held = wiring.services().offering.resources(call.session, archived=call.query.archived, network=call.ip)
    return ResourceList(resources=[_resource(each) for each in held])


@routes.route("/resources", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=ResourceTerms,
    gives=ResourceView,
    status=201,
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, InvalidInputError),
    ledger=(Action.RESOURCE_CREATED,),
    summary="Add a room or a device",
)
def create_resource(call: Call[ResourceTerms]) -> Versioned[ResourceView]:
    """Services can ask for it from then on. There are at most 500, those that are archived among them."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (loaded with the first call that needs it)

    scope = f"resource|{call.session.tenant}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.model_dump_json())
    made = wiring.services().offering.create_resource(
        call.session, call.body.name, call.body.site, network=call.ip, repeat=repeat
    )
    return Versioned(_resource(made), int(made.version or 1))


@routes.route("/resources/{resource}", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    takes=whole(ResourceTerms, ResourceView),
    gives=ResourceView,
    match=True,
    errors=(ConflictError, InvalidInputError, VersionMismatchError),
    ledger=(Action.RESOURCE_CHANGED,),
    summary="Change a room or a device",
)
def change_resource(call: Call[ResourceTerms], resource: str) -> Versioned[ResourceView]:
    """Its name, or its site unless a service needs it where it is."""
    held = wiring.services().offering.change_resource(
        call.session, resource, call.body.name, call.body.site, version=call.if_match, network=call.ip
    )
    return Versioned(_resource(held), int(held.version or 1))


@routes.route("/resources/{resource}/archive", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    gives=ResourceView,
    match=True,
    errors=(ConflictError, VersionMismatchError),
    ledger=(Action.RESOURCE_ARCHIVED,),
    summary="Archive a room or a device",
)
def archive_resource(call: Call, resource: str) -> Versioned[ResourceView]:
    """Once no service needs it any more."""
    held = wiring.services().offering.archive_resource(call.session, resource, version=call.if_match, network=call.ip)
    return Versioned(_resource(held), int(held.version or 1))


@routes.route("/resources/{resource}/archive", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, key=scopes.SERVICES_WRITE),
    gives=ResourceView,
    match=True,
    errors=(VersionMismatchError,),
    ledger=(Action.RESOURCE_RESTORED,),
    summary="Use an archived room or device again",
)
def restore_resource(call: Call, resource: str) -> Versioned[ResourceView]:
    """Services can ask for it again."""
    held = wiring.services().offering.restore_resource(call.session, resource, version=call.if_match, network=call.ip)
    return Versioned(_resource(held), int(held.version or 1))


def _premises(held: "Premises") -> PremisesView:
    from datetime import datetime  # noqa: PLC0415

    times = ((datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in held.closures)
    return PremisesView(
        holidays=held.holidays,
        sites=[SiteView(**each) for each in held.sites],
        closures=[Closure(frm=since, until=until) for since, until in times],
    )


def _resource(held: "Resource") -> ResourceView:
    return ResourceView(
        id=held.id, name=held.name, site=held.site, archived_at=held.archived_at, version=int(held.version or 1)
    )
