"""Accesses of the operator's staff to a tenant's data: opened with a reason, ended, and shown to the tenant."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import AfterValidator

from chalicelib import wiring
from chalicelib.api.http.auth import ACCESS_HEADER, Operator, Staff
from chalicelib.api.http.cursor import Cursor, PageAsked, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, line, many, refused
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.roles import ADMIN

if TYPE_CHECKING:
    from chalicelib.records.installation import OperatorAccess

routes = Blueprint(__name__)

SHORTEST = 20


def _says_something(text: str) -> str:
    tidy = " ".join(text.split())
    if len(tidy) < SHORTEST:
        raise refused("is too short", f"Say in at least {SHORTEST} characters what you need to see, and why.")
    return tidy


Reason = Annotated[
    str, line(500, example="Ticket 4711: the owner asks why a booking failed"), AfterValidator(_says_something)
]


class OpenAccess(Body):
    """Whose data, and why. The tenant's admins read the reason."""

    tenant: Id
    reason: Reason


class AccessView(View):
    """An access: until when it holds, and what to send with each request as the header Zusage-Access."""

    access: Id
    until: Instant
    header: str


class AccessTold(View):
    """One access as the tenant is told of it."""

    access: Id
    reason: str
    started_at: Instant
    until: Instant


class AccessesTold(View):
    """Some of those that are kept, the newest first, and where the rest begins."""

    accesses: Annotated[list[AccessTold], many(100)]
    cursor: Cursor | None


@routes.route("/operator/accesses", methods=["POST"])
@endpoint(
    auth=Operator(),
    takes=OpenAccess,
    gives=AccessView,
    status=201,
    errors=(NotFoundError,),
    ledger=(Action.OPERATOR_CALLED, Action.ACCESS_OPENED),
    summary="Open an access to a tenant's data",
)
def open_access(call: Call[OpenAccess]) -> AccessView:
    """It ends by itself after an hour. The tenant's admins are told by mail, and each call with it is noted."""
    held = wiring.services().accessing.open(
        call.session, tenant=call.body.tenant, reason=call.body.reason, network=call.ip
    )
    return AccessView(access=held.id, until=held.until, header=f"{ACCESS_HEADER}: {held.tenant}.{held.id}")


@routes.route("/operator/accesses/{tenant}/{access}", methods=["DELETE"])
@endpoint(
    auth=Operator(),
    ledger=(Action.OPERATOR_CALLED, Action.ACCESS_CLOSED),
    summary="End an access before its time",
)
def close_access(call: Call, tenant: str, access: str) -> None:
    """It opens nothing from this moment on."""
    wiring.services().accessing.close(call.session, tenant=tenant, access=access, network=call.ip)


@routes.route("/tenant/accesses", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    query=PageAsked,
    gives=AccessesTold,
    errors=(InvalidInputError,),
    ledger=(Action.TENANT_READ,),
    summary="List when and why the operator could see the business's data",
)
def accesses(call: Call[None, PageAsked]) -> AccessesTold:
    """What they looked at stands in the ledger."""
    before = place_of(call.query.cursor, r"[0-9a-f]{32}")
    found, rest = wiring.services().accessing.listed(call.session, before=before, network=call.ip)
    return AccessesTold(accesses=[_told(each) for each in found], cursor=cursor_of(rest))


def _told(held: "OperatorAccess") -> AccessTold:
    return AccessTold(access=held.id, reason=held.reason, started_at=held.started_at, until=held.until)
