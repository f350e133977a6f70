"""Another e-mail address for a member of staff: asked for here, agreed to from both addresses."""

from typing import Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Public, Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, View, line
from chalicelib.api.http.people import EmailAddress
from chalicelib.api.http.proofs import Proof
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotFoundError,
    RestrictedError,
    SignInAnewError,
    TooManyAttemptsError,
)

routes = Blueprint(__name__)


class AskForChange(Body):
    """The new address. Who has a password proves it, and sends the proof that belongs to the new address."""

    email: EmailAddress
    proof: Proof | None = None
    new_proof: Proof | None = None


class Agree(Body):
    """The token of the link in either mail: what stands behind the #."""

    token: Annotated[str, line(300)]


class ChangeAsked(View):
    """What comes next; the same whether or not the new address is known."""

    next: str


@routes.route("/staff/me/email-change", methods=["POST"])
@endpoint(
    auth=Staff(),
    takes=AskForChange,
    gives=ChangeAsked,
    status=202,
    errors=(
        CredentialsRefusedError,
        InvalidInputError,
        NotFoundError,
        RestrictedError,
        SignInAnewError,
        TooManyAttemptsError,
    ),
    ledger=(Action.EMAIL_CHANGE_ASKED,),
    summary="Ask for another e-mail address",
)
def ask_for_change(call: Call[AskForChange]) -> ChangeAsked:
    """Writes to both addresses. Asking once more makes the links of before void."""
    asked = call.body
    wiring.services().changing_email.ask(
        call.session, asked.email, proof=asked.proof, new_proof=asked.new_proof, network=call.ip
    )
    return ChangeAsked(next="Agree by the links in the mails to both addresses, within 24 hours.")


@routes.route("/email-changes/agreement", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=Agree,
    gives=ChangeAsked,
    errors=(LinkInvalidError, LinkExpiredError, LinkUsedError, RestrictedError),
    ledger=(Action.EMAIL_CHANGE_AGREED, Action.EMAIL_CHANGED),
    summary="Agree to another e-mail address",
)
def agree(call: Call[Agree]) -> ChangeAsked:
    """As soon as both have agreed, all sessions end. The answer is the same whatever came of it."""
    wiring.services().changing_email.agree(call.body.token, network=call.ip)
    return ChangeAsked(next="As soon as both addresses have agreed, sign in with the new one.")
