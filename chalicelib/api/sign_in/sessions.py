"""Sessions of staff: a link by mail opens one, signing out ends it."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import WithCookie
from chalicelib.api.http.auth import Public, Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Id, View, line
from chalicelib.api.http.people import EmailAddress
from chalicelib.api.http.request import Call
from chalicelib.api.http.signed_in import Keep, Portal, SignedInView, arriving, check_keep, forgotten, shown
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, LinkUsedError, NotAllowedError
from chalicelib.domain.tenancy import Standing

routes = Blueprint(__name__)


class AskForLink(Body):
    """The address of a staff member."""

    email: EmailAddress


class SignInByLink(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Annotated[str, line(300)]
    portal: Portal | None = None
    keep: Keep = "token"


class LinkAccepted(View):
    """What comes next; the same whether or not the address is known."""

    next: str


class WhoAmI(View):
    """Who is signed in, where, and where their business stands."""

    tenant: Id
    staff: Id
    roles: list[str]
    zone: str
    portal: str
    standing: Annotated[str, Field(examples=[each.value for each in Standing])]
    second_factor_missing: Annotated[bool, Field(description="The business requires one; little else works without.")]


@routes.route("/sign-in-links", methods=["POST"])
@endpoint(
    auth=Public("who signs in is not known yet"),
    takes=AskForLink,
    gives=LinkAccepted,
    status=202,
    ledger=(Action.SIGN_IN_LINK_ASKED,),
    summary="Ask for a sign-in link by mail",
)
def ask_for_link(call: Call[AskForLink]) -> LinkAccepted:
    """Answers the same for every address."""
    wiring.services().signing_in.ask_for_link(call.body.email, network=call.ip)
    return LinkAccepted(next="If the address is known, a link is on its way.")


@routes.route("/sessions", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=SignInByLink,
    gives=SignedInView,
    status=201,
    errors=(LinkInvalidError, LinkExpiredError, LinkUsedError, NotAllowedError),
    ledger=(Action.SIGNED_IN, Action.SIGNED_OUT),
    summary="Sign in with a link",
)
def sign_in(call: Call[SignInByLink]) -> SignedInView | WithCookie:
    """A link works once. Whoever has a second factor proves it next. A session that the call came with ends."""
    check_keep(call.body.keep, call.body.portal)
    admitted = wiring.services().signing_in.sign_in(
        call.body.token, portal=call.body.portal or "", visitor=arriving(call.visitor, call.body.keep)
    )
    return shown(admitted, call.body.keep)


@routes.route("/session", methods=["GET"])
@endpoint(
    auth=Staff(early=True), gives=WhoAmI, ledger=Unnoted("tells of one's own session"), summary="See who is signed in"
)
def who_am_i(call: Call) -> WhoAmI:
    """The tenant, the staff member and their roles."""
    return WhoAmI(
        tenant=call.session.tenant,
        staff=call.session.staff,
        roles=sorted(call.session.roles),
        zone=call.session.zone,
        portal=call.session.portal,
        standing=call.session.standing.value,
        second_factor_missing=call.session.needs_second_factor,
    )


@routes.route("/session", methods=["DELETE"])
@endpoint(
    auth=Staff(early=True, when_read_only=True), ledger=(Action.SIGNED_OUT,), ends_session=True, summary="Sign out"
)
def sign_out(call: Call) -> WithCookie | None:
    """The session ends at once; the browser forgets its cookie, if there is one, and what it kept of our answers."""
    wiring.services().sessions.sign_out(call.session, network=call.ip)
    return forgotten(call)
