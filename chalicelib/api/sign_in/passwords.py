"""One's own password, and a new one by link for whoever forgot it."""

from typing import Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Public, Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, View, line
from chalicelib.api.http.people import EmailAddress
from chalicelib.api.http.proofs import Proof, ProofParameters, parameters
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotFoundError,
    SignInAnewError,
    TooManyAttemptsError,
)

routes = Blueprint(__name__)

Token = Annotated[str, line(300)]
_LINK = (LinkInvalidError, LinkExpiredError, LinkUsedError)


class SetPassword(Body):
    """The proof of the new password, and that of the one there is, if there is one."""

    proof: Proof
    current_proof: Proof | None = None


class AskForReset(Body):
    """The address of a staff member."""

    email: EmailAddress


class ResetLink(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Token


class ResetPassword(ResetLink):
    """The link's token, and the proof of the new password."""

    proof: Proof


class ResetAccepted(View):
    """What comes next; the same whether or not the address is known."""

    next: str


@routes.route("/staff/me/password/parameters", methods=["GET"])
@endpoint(
    auth=Staff(early=True),
    gives=ProofParameters,
    ledger=Unnoted("computed from one's own address"),
    summary="Get what the proof of one's own password is made with",
)
def own_parameters(call: Call) -> ProofParameters:
    """The same as at signing in."""
    return parameters(wiring.services().passwords.own_salt(call.session))


@routes.route("/staff/me/password", methods=["PUT"])
@endpoint(
    auth=Staff(early=True, when_read_only=True),
    takes=SetPassword,
    errors=(InvalidInputError, CredentialsRefusedError, NotFoundError, SignInAnewError, TooManyAttemptsError),
    ledger=(Action.PASSWORD_SET,),
    summary="Set or change one's own password",
)
def set_password(call: Call[SetPassword]) -> None:
    """Ends all other sessions, and tells the owner by mail. Proving the old one counts as an attempt to sign in.

    The first one takes a sign-in of minutes ago, and who has a second factor must have proven it minutes ago.
    """
    wiring.services().passwords.change(call.session, call.body.proof, call.body.current_proof, visitor=call.visitor)


@routes.route("/password-resets", methods=["POST"])
@endpoint(
    auth=Public("whoever forgot a password can't sign in"),
    takes=AskForReset,
    gives=ResetAccepted,
    status=202,
    form="reset",
    ledger=(Action.PASSWORD_RESET_ASKED,),
    summary="Ask for a link by mail to set a new password",
)
def ask_for_reset(call: Call[AskForReset]) -> ResetAccepted:
    """Answers the same for every address."""
    wiring.services().passwords.ask_for_reset(call.body.email, network=call.ip, form=call.form)
    return ResetAccepted(next="If the address is known, a link is on its way.")


@routes.route("/password-resets/parameters", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=ResetLink,
    gives=ProofParameters,
    errors=_LINK,
    ledger=Unnoted("computed from the address that the link was sent to"),
    summary="Get what the proof of a new password is made with",
)
def reset_parameters(call: Call[ResetLink]) -> ProofParameters:
    """The link stays good."""
    return parameters(wiring.services().passwords.reset_salt(call.body.token))


@routes.route("/password-resets/completion", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=ResetPassword,
    errors=_LINK,
    ledger=(Action.PASSWORD_RESET,),
    summary="Set a new password with a link",
)
def complete_reset(call: Call[ResetPassword]) -> None:
    """Works once and ends all sessions. A second factor is asked for as before."""
    wiring.services().passwords.reset(call.body.token, call.body.proof, visitor=call.visitor)
