"""The operator's own staff: who they are, and who is asked to join them. They leave as everybody's staff does."""

from typing import Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Operator
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, View, many
from chalicelib.api.http.people import EmailAddress
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, IdempotencyMismatchError, NotFoundError

routes = Blueprint(__name__)


class InviteColleague(Body):
    """Whom to ask, and the language of the mail."""

    email: EmailAddress
    language: Language


class ColleagueInvitedView(View):
    """An invitation, and until when it holds."""

    id: Id
    expires_at: Instant


class OperatorView(View):
    """Somebody who works for the operator."""

    id: Id
    given_name: str
    family_name: str
    email: str
    joined_at: Instant


class OperatorsView(View):
    """All of them, the longest first."""

    staff: Annotated[list[OperatorView], many(500)]


@routes.route("/operator/staff", methods=["GET"])
@endpoint(
    auth=Operator(),
    gives=OperatorsView,
    ledger=(Action.OPERATOR_CALLED, Action.TEAM_READ),
    summary="List who works for the operator",
)
def operators(call: Call) -> OperatorsView:
    """Whoever leaves is deleted with `POST /v1/staff/{staff}/deletion`; the last one stays."""
    team = wiring.services().teams.members(call.session, network=call.ip)
    names = ("given_name", "family_name", "email", "joined_at")
    return OperatorsView(
        staff=[OperatorView(id=each.subject, **{name: getattr(each, name) for name in names}) for each in team.present]
    )


@routes.route("/operator/staff/{staff}/sessions", methods=["DELETE"])
@endpoint(
    auth=Operator(),
    errors=(ConflictError, NotFoundError),
    ledger=(Action.OPERATOR_CALLED, Action.SESSIONS_ENDED),
    summary="Sign a colleague out everywhere",
)
def end_sessions_of_colleague(call: Call, staff: str) -> None:
    """Also what they only began to open. They can sign in again: to keep them out, delete them."""
    wiring.services().ending.all_of(call.session, staff, network=call.ip)


@routes.route("/operator/staff", methods=["POST"])
@endpoint(
    auth=Operator(),
    takes=InviteColleague,
    gives=ColleagueInvitedView,
    status=201,
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, NotFoundError),
    ledger=(Action.OPERATOR_CALLED, Action.STAFF_INVITED),
    summary="Invite somebody to work for the operator",
)
def invite_colleague(call: Call[InviteColleague]) -> ColleagueInvitedView:
    """Sends a link that is valid for two days. Whoever accepts it confirms data secrecy before anything else."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (loaded with the first call that needs it)

    scope = f"invitation|{call.session.tenant}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.model_dump_json())
    held = wiring.services().inviting.invite_colleague(
        call.session, **call.body.model_dump(), network=call.ip, repeat=repeat
    )
    return ColleagueInvitedView(id=held.id, expires_at=held.expires_at or held.invited_at)
