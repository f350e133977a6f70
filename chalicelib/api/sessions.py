"""Sessions of staff: a link by mail opens one, signing out ends it."""

from typing import Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api._auth import Public, Staff
from chalicelib.api._endpoint import Unnoted, endpoint
from chalicelib.api._models import Body, Id, Instant, View, line
from chalicelib.api._people import EmailAddress
from chalicelib.api._request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, LinkUsedError

routes = Blueprint(__name__)


class AskForLink(Body):
    """The address of a staff member."""

    email: EmailAddress


class SignIn(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Annotated[str, line(300)]


class LinkAccepted(View):
    """What comes next; the same whether or not the address is known."""

    next: str


class SignedInView(View):
    """A session. The token is told once."""

    token: str
    tenant: Id
    staff: Id
    roles: list[str]
    expires_at: Instant


class WhoAmI(View):
    """Who is signed in."""

    tenant: Id
    staff: Id
    roles: list[str]
    zone: str


@routes.route("/sign-in-links", methods=["POST"])
@endpoint(
    auth=Public("who signs in is not known yet"),
    takes=AskForLink,
    gives=LinkAccepted,
    status=202,
    ledger=(Action.SIGN_IN_LINK_ASKED,),
    summary="Have a sign-in link sent",
)
def ask_for_link(call: Call[AskForLink]) -> LinkAccepted:
    """Answers the same for every address."""
    wiring.services().sessions.ask_for_link(call.body.email, network=call.ip)
    return LinkAccepted(next="If the address is known, a link is on its way.")


@routes.route("/sessions", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=SignIn,
    gives=SignedInView,
    status=201,
    errors=(LinkInvalidError, LinkExpiredError, LinkUsedError),
    ledger=(Action.SIGNED_IN,),
    summary="Sign in with a link",
)
def sign_in(call: Call[SignIn]) -> SignedInView:
    """A link works once."""
    opened = wiring.services().sessions.sign_in(call.body.token, network=call.ip)
    return SignedInView(**{**vars(opened), "roles": sorted(opened.roles)})


@routes.route("/session", methods=["GET"])
@endpoint(auth=Staff(), gives=WhoAmI, ledger=Unnoted("tells of one's own session"), summary="Who is signed in")
def who_am_i(call: Call) -> WhoAmI:
    """The tenant, the staff member and their roles."""
    return WhoAmI(
        tenant=call.session.tenant,
        staff=call.session.staff,
        roles=sorted(call.session.roles),
        zone=call.session.zone,
    )


@routes.route("/session", methods=["DELETE"])
@endpoint(auth=Staff(), ledger=(Action.SIGNED_OUT,), summary="Sign out")
def sign_out(call: Call) -> None:
    """The session ends at once."""
    wiring.services().sessions.sign_out(call.session, network=call.ip)
