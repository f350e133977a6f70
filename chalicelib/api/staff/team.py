"""Who works for a business, and what they may do."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, many
from chalicelib.api.http.people import Roles
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, NotFoundError, RestrictedError, VersionMismatchError
from chalicelib.domain.roles import ADMIN

if TYPE_CHECKING:
    from chalicelib.records.staff import Staff as StaffRecord

routes = Blueprint(__name__)


class GiveRoles(Body):
    """What a member of staff may do from now on."""

    roles: Roles


class MemberView(View):
    """A member of staff; `version` goes into If-Match when their roles are changed."""

    id: Id
    given_name: str
    family_name: str
    email: str
    roles: list[str]
    language: str
    joined_at: Instant
    version: int


class TeamView(View):
    """Those who work there, the longest first."""

    staff: Annotated[list[MemberView], many(500)]
    leaving: Annotated[list[Id], Field(description="Whose deletion was begun and is to be called once more.")]


@routes.route("/staff", methods=["GET"])
@endpoint(auth=Staff(ADMIN), gives=TeamView, ledger=(Action.TEAM_READ,), summary="List the staff")
def list_staff(call: Call) -> TeamView:
    """Everybody who works for one's own business."""
    team = wiring.services().teams.members(call.session, network=call.ip)
    return TeamView(staff=[_view(each) for each in team.present], leaving=list(team.leaving))


@routes.route("/staff/{staff}/roles", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN),
    takes=GiveRoles,
    gives=MemberView,
    match=True,
    errors=(ConflictError, RestrictedError, VersionMismatchError),
    ledger=(Action.ROLES_CHANGED,),
    summary="Give a member of staff other roles",
)
def give_roles(call: Call[GiveRoles], staff: str) -> Versioned:
    """Holds from the member's next call on. The last admin stays one."""
    changed = wiring.services().teams.give_roles(
        call.session, staff, set(call.body.roles), version=call.if_match, network=call.ip
    )
    return Versioned(_view(changed), int(changed.version or 1))


@routes.route("/staff/{staff}/sessions", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, when_read_only=True),
    errors=(ConflictError, NotFoundError),
    ledger=(Action.SESSIONS_ENDED,),
    summary="Sign a member of staff out everywhere",
)
def end_sessions_of(call: Call, staff: str) -> None:
    """Also what they only began to open. They can sign in again: to keep them out, delete them."""
    wiring.services().ending.all_of(call.session, staff, network=call.ip)


def _view(staff: "StaffRecord") -> MemberView:
    names = ("given_name", "family_name", "email", "language", "joined_at")
    told = {name: getattr(staff, name) for name in names}
    return MemberView(id=staff.subject, roles=sorted(staff.roles), version=int(staff.version or 1), **told)
