"""Invitations: admins write to people, and whoever accepts joins the business and is signed in."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import WithCookie
from chalicelib.api.http.auth import Link, Public, Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, View, line, many
from chalicelib.api.http.people import EmailAddress, Name, Phone, Roles
from chalicelib.api.http.request import Call
from chalicelib.api.http.signed_in import Keep, SignedInView, arriving, shown
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    ReadOnlyError,
)
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.versions import TERMS_VERSION

if TYPE_CHECKING:
    from chalicelib.records.team import Invitation

routes = Blueprint(__name__)

Version = Annotated[str, line(20, example=TERMS_VERSION)]


class Invite(Body):
    """Whom to invite, as what, and the language of the mail."""

    email: EmailAddress
    roles: Roles
    language: Language


class AcceptInvitation(Body):
    """The token of the link in the mail, and who joins."""

    token: Annotated[str, line(300)]
    given_name: Name
    family_name: Name
    phone: Phone | None = None
    language: Language
    terms_version: Annotated[Version, Field(description="The version of the terms that was shown and accepted.")]
    notice_version: Annotated[Version, Field(description="The version of the privacy notice that was accepted.")]
    keep: Keep = "token"


class InvitationView(View):
    """An invitation that waits for an answer."""

    id: Id
    email: str
    roles: list[str]
    language: str
    invited_at: Instant
    expires_at: Instant


class InvitationList(View):
    """Those that wait for an answer, the oldest first."""

    invitations: Annotated[list[InvitationView], many(20)]


class OfferedView(View):
    """What somebody is invited to."""

    business: str
    roles: list[str]
    language: str
    expires_at: Instant


@routes.route("/invitations", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    takes=Invite,
    gives=InvitationView,
    status=201,
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError),
    ledger=(Action.STAFF_INVITED,),
    summary="Invite somebody",
)
def invite(call: Call[Invite]) -> InvitationView:
    """Sends a link that is valid for two days. Nothing tells whether the address is known."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415 (loaded with the first call that needs it)

    scope = f"invitation|{call.session.tenant}"
    repeat = Repeatable.of(call.idempotency_key, scope=scope, content=call.body.model_dump_json())
    given = {**call.body.model_dump(), "roles": set(call.body.roles)}
    return _view(wiring.services().inviting.invite(call.session, **given, network=call.ip, repeat=repeat))


@routes.route("/invitations", methods=["GET"])
@endpoint(auth=Staff(ADMIN), gives=InvitationList, ledger=(Action.TEAM_READ,), summary="List the invitations")
def list_invitations(call: Call) -> InvitationList:
    """Those that wait for an answer."""
    held = wiring.services().inviting.invitations(call.session, network=call.ip)
    return InvitationList(invitations=[_view(each) for each in held])


@routes.route("/invitations/{invitation}", methods=["DELETE"])
@endpoint(auth=Staff(ADMIN), ledger=(Action.INVITATION_REVOKED,), summary="Revoke an invitation")
def revoke(call: Call, invitation: str) -> None:
    """The link is void at once."""
    wiring.services().inviting.revoke(call.session, invitation, network=call.ip)


@routes.route("/invitation", methods=["GET"])
@endpoint(
    auth=Link("accept an invitation"),
    gives=OfferedView,
    errors=(ReadOnlyError,),
    ledger=Unnoted("whoever is invited looks at their own invitation"),
    summary="See an invitation",
)
def invitation(call: Call) -> OfferedView:
    """Who invites, and as what."""
    offered = wiring.services().inviting.offered(call.token)
    held = offered.invitation
    return OfferedView(
        business=offered.business,
        roles=sorted(held.roles),
        language=held.language,
        expires_at=held.expires_at or held.invited_at,
    )


@routes.route("/invitation/acceptance", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=AcceptInvitation,
    gives=SignedInView,
    status=201,
    errors=(ConflictError, InvalidInputError, LinkInvalidError, LinkExpiredError, LinkUsedError, ReadOnlyError),
    ledger=(Action.STAFF_JOINED, Action.SIGNED_IN, Action.SIGNED_OUT),
    summary="Accept an invitation and sign in",
)
def accept_invitation(call: Call[AcceptInvitation]) -> SignedInView | WithCookie:
    """Works once. To the portal of the first role: admins, else experts."""
    from chalicelib.services.staff.inviting import Joining  # noqa: PLC0415 (loaded with the first call that needs it)

    given = call.body.model_dump(exclude={"token", "keep"})
    visitor = arriving(call.visitor, call.body.keep)
    opened = wiring.services().inviting.accept(call.body.token, Joining(**given), visitor=visitor)
    return shown(opened, call.body.keep)


def _view(held: "Invitation") -> InvitationView:
    return InvitationView(
        id=held.id,
        email=held.email,
        roles=sorted(held.roles),
        language=held.language,
        invited_at=held.invited_at,
        expires_at=held.expires_at or held.invited_at,
    )
