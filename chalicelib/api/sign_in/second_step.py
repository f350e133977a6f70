"""The second step of signing in."""

from typing import Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.answer import WithCookie
from chalicelib.api.http.auth import Public
from chalicelib.api.http.cookies import PORTALS
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, line
from chalicelib.api.http.request import Call
from chalicelib.api.http.signed_in import Keep, SignedInView, arriving, shown
from chalicelib.api.sign_in._webauthn import PasskeyOptions, UsedPasskey
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import CredentialsRefusedError, InvalidInputError, NotAllowedError, TooManyAttemptsError

routes = Blueprint(__name__)

PendingToken = Annotated[str, line(120, example="zp_AQID")]


class AskForChallenge(Body):
    """The sign-in that waits, as the first step called it."""

    pending: PendingToken


class SecondStep(AskForChallenge):
    """The sign-in that waits, and one of the second factors."""

    totp: Annotated[str | None, line(10, example="123456")] = None
    recovery_code: Annotated[str | None, line(40, example="abcd-efgh-2345-67ab")] = None
    passkey: UsedPasskey | None = None
    keep: Keep = "token"


@routes.route("/sign-in/second-factor/options", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves that the first step was made"),
    takes=AskForChallenge,
    gives=PasskeyOptions,
    errors=(CredentialsRefusedError,),
    ledger=(Action.SECOND_FACTOR_ASKED,),
    summary="Get what a passkey is asked with",
)
def passkey_options(call: Call[AskForChallenge]) -> PasskeyOptions:
    """Good for one answer."""
    options = wiring.services().second_step.ask(call.body.pending, network=call.ip)
    return PasskeyOptions(public_key=dict(options))


@routes.route("/sign-in/second-factor", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves that the first step was made"),
    takes=SecondStep,
    gives=SignedInView,
    status=201,
    errors=(CredentialsRefusedError, InvalidInputError, NotAllowedError, TooManyAttemptsError),
    ledger=(Action.SIGNED_IN, Action.SIGNED_OUT, Action.SIGN_IN_REFUSED),
    summary="Sign in with a second factor",
)
def prove_second_factor(call: Call[SecondStep]) -> SignedInView | WithCookie:
    """After five wrong ones the sign-in begins anew. A session that the call came with ends."""
    from chalicelib.services.second_factors import Given  # noqa: PLC0415 (loaded with the first call that needs it)

    sent = call.body
    if len([each for each in (sent.totp, sent.recovery_code, sent.passkey) if each is not None]) != 1:
        raise InvalidInputError("Send one of totp, recovery_code and passkey.", field="totp")
    passkey = sent.passkey.plain() if sent.passkey else None
    given = Given(totp=sent.totp, recovery_code=sent.recovery_code, passkey=passkey)
    visitor = arriving(call.visitor, sent.keep)
    signed_in = wiring.services().second_step.prove(sent.pending, given, visitor=visitor)
    return shown(signed_in, sent.keep if signed_in.portal in PORTALS else "token")
