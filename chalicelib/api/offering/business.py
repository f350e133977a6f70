"""A business as its visitors see it."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Id, View
from chalicelib.api.http.request import Call
from chalicelib.api.offering._services import Offered, offered

routes = Blueprint(__name__)


class ExpertView(View):
    """An expert as visitors see them."""

    id: Id
    name: str


class PlaceView(View):
    """A site as visitors see it."""

    id: Id
    name: str
    street: str
    postal_code: str
    city: str


class BusinessView(View):
    """A business as visitors see it."""

    id: Id
    name: str
    zone: str
    sites: list[PlaceView]
    services: list[Offered]
    experts: list[ExpertView]


@routes.route("/tenants/{tenant}", methods=["GET"])
@endpoint(auth=Public("visitors see what is offered"), gives=BusinessView, summary="See a business and its services")
def see_business(call: Call, tenant: str) -> BusinessView:
    """Name, sites, services and experts; what is archived is not shown."""
    seen = wiring.services().offering.published(tenant)
    shown = PlaceView.model_fields
    sites = seen.premises.sites if seen.premises else []
    return BusinessView(
        id=tenant,
        name=seen.tenant.company,
        zone=seen.tenant.zone,
        sites=[PlaceView(**{name: each[name] for name in shown}) for each in sites],
        services=[offered(each) for each in seen.services],
        experts=[ExpertView(id=each.subject, name=each.display_name) for each in seen.experts],
    )
