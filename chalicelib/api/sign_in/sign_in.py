"""Signing in with the proof of a password."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.answer import WithCookie
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body
from chalicelib.api.http.people import EmailAddress
from chalicelib.api.http.proofs import Proof, ProofParameters, parameters
from chalicelib.api.http.request import Call
from chalicelib.api.http.signed_in import Keep, Portal, SignedInView, arriving, check_keep, shown
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import CredentialsRefusedError, NotAllowedError, TooManyAttemptsError

routes = Blueprint(__name__)


class AskForParameters(Body):
    """The address that somebody is about to sign in with."""

    email: EmailAddress


class SignIn(Body):
    """Address and proof; no portal means the first that the account's roles open."""

    email: EmailAddress
    proof: Proof
    portal: Portal | None
    keep: Keep


@routes.route("/sign-in/parameters", methods=["POST"])
@endpoint(
    auth=Public("who signs in is not known yet"),
    takes=AskForParameters,
    gives=ProofParameters,
    ledger=Unnoted("computed from the address alone: nothing is read about anybody"),
    before_setup=True,
    summary="Get what the proof of a password is made with",
)
def sign_in_parameters(call: Call[AskForParameters]) -> ProofParameters:
    """Each address has parameters, and always the same, whether or not there is such an account."""
    return parameters(wiring.services().password_sign_in.salt(call.body.email))


@routes.route("/sign-in", methods=["POST"])
@endpoint(
    auth=Public("the proof says who calls"),
    takes=SignIn,
    gives=SignedInView,
    status=201,
    form="sign-in",
    errors=(CredentialsRefusedError, TooManyAttemptsError, NotAllowedError),
    ledger=(Action.SIGNED_IN, Action.SIGNED_OUT, Action.SIGN_IN_REFUSED),
    summary="Sign in with a password",
)
def sign_in_by_password(call: Call[SignIn]) -> SignedInView | WithCookie:
    """Three attempts in five minutes from one address. Whoever has a second factor proves it next.

    A session that the call came with ends as the new one opens.
    """
    check_keep(call.body.keep, call.body.portal)
    visitor = arriving(call.visitor, call.body.keep)
    admitted = wiring.services().password_sign_in.sign_in(
        call.body.email, call.body.proof, portal=call.body.portal or "", visitor=visitor, form=call.form
    )
    return shown(admitted, call.body.keep)
