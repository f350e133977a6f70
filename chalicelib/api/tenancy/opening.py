"""The change of the first password: the one thing that an installation does before it is open."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body
from chalicelib.api.http.people import EmailAddress
from chalicelib.api.http.proofs import Proof
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, CredentialsRefusedError, TooManyAttemptsError

routes = Blueprint(__name__)


class ReplaceFirstPassword(Body):
    """The account's address, the proof of its one-time password, and that of the new one."""

    email: EmailAddress
    proof: Proof
    new_proof: Proof


@routes.route("/operator/first-password", methods=["POST"])
@endpoint(
    auth=Public("the one-time password of the deployment proves who calls"),
    takes=ReplaceFirstPassword,
    errors=(CredentialsRefusedError, ConflictError, TooManyAttemptsError),
    ledger=(Action.INSTALLATION_OPENED, Action.SIGN_IN_REFUSED),
    before_setup=True,
    summary="Replace the first password, which opens the installation",
)
def replace_first_password(call: Call[ReplaceFirstPassword]) -> None:
    """Works once. The new password must be another one; afterwards it signs in like any other."""
    wiring.services().unlocking.replace(
        email=call.body.email, proof=call.body.proof, new_proof=call.body.new_proof, visitor=call.visitor
    )
