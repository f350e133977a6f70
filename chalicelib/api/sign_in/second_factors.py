"""One's own second factors, and the rule of a business that everybody has one."""

from datetime import UTC, datetime
from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, many
from chalicelib.api.http.people import Name
from chalicelib.api.http.proofs import Proven
from chalicelib.api.http.request import Call
from chalicelib.api.sign_in._webauthn import MadePasskey, PasskeyOptions
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    CredentialsRefusedError,
    InvalidInputError,
    NotFoundError,
    SignInAnewError,
    TooManyAttemptsError,
    VersionMismatchError,
)
from chalicelib.domain.roles import ADMIN

routes = Blueprint(__name__)

_PROVEN = (InvalidInputError, CredentialsRefusedError, SignInAnewError, TooManyAttemptsError)
_EARLY = Staff(early=True, when_read_only=True)
_CHANGED = Staff(when_read_only=True)
Code = Annotated[str, Field(pattern="^[0-9]{6}$", examples=["123456"])]


class ConfirmApp(Body):
    """The code that the app shows now."""

    code: Code


class AddPasskey(Body):
    """A passkey that was just made, and what its owner calls it."""

    label: Name
    credential: MadePasskey


class RequireSecondFactor(Body):
    """Whether everybody who works for the business needs one."""

    required: bool


class PasskeyView(View):
    """A passkey as its owner knows it again."""

    id: Id
    label: str
    added_at: Instant


class FactorsView(View):
    """What one has to prove oneself with, and whether the business requires a second factor."""

    password: Annotated[bool, Field(description="Whether there is one: then its proof is asked for with each change.")]
    totp: bool
    passkeys: Annotated[list[PasskeyView], many(10)]
    recovery_codes: Annotated[int, Field(description="How many are left.")]
    required: bool


class SecretView(View):
    """What an app needs for its codes. Told once."""

    secret: str
    uri: Annotated[str, Field(description="otpauth://, for apps that read it, from a QR code for example.")]


class CodesView(View):
    """Recovery codes. Told once; empty when earlier ones are still good."""

    recovery_codes: Annotated[list[str], many(10)]


class RequiredView(View):
    """The rule as it is now."""

    required: bool


@routes.route("/staff/me/second-factors", methods=["GET"])
@endpoint(
    auth=Staff(early=True),
    gives=FactorsView,
    errors=(NotFoundError,),
    ledger=Unnoted("tells of one's own second factors, and none of what is secret"),
    summary="See one's own second factors",
)
def second_factors(call: Call) -> FactorsView:
    """Without secrets."""
    held = wiring.services().second_factors.shown(call.session)
    return FactorsView(
        password=held.password,
        totp=held.totp,
        passkeys=[
            PasskeyView(id=each.id, label=each.label, added_at=datetime.fromtimestamp(each.added_at, UTC))
            for each in held.passkeys
        ],
        recovery_codes=held.recovery_codes,
        required=held.required,
    )


@routes.route("/staff/me/totp", methods=["POST"])
@endpoint(
    auth=_EARLY,
    takes=Proven,
    gives=SecretView,
    errors=_PROVEN,
    ledger=(Action.SECOND_FACTOR_BEGUN,),
    summary="Begin to set up an authenticator app",
)
def begin_totp(call: Call[Proven]) -> SecretView:
    """The secret counts once a code was sent, within ten minutes and from this session."""
    begun = wiring.services().second_factors.begin_totp(call.session, call.body.proof, network=call.ip)
    return SecretView(secret=begun.secret, uri=begun.uri)


@routes.route("/staff/me/totp/confirmation", methods=["POST"])
@endpoint(
    auth=_EARLY,
    takes=ConfirmApp,
    gives=CodesView,
    status=201,
    errors=(InvalidInputError, ConflictError),
    ledger=(Action.SECOND_FACTOR_ADDED, Action.RECOVERY_CODES_MADE),
    summary="Finish setting up an authenticator app",
)
def confirm_totp(call: Call[ConfirmApp]) -> CodesView:
    """Replaces an earlier app, and ends all other sessions."""
    codes = wiring.services().second_factors.confirm_totp(call.session, call.body.code, network=call.ip)
    return CodesView(recovery_codes=codes)


@routes.route("/staff/me/totp/removal", methods=["POST"])
@endpoint(
    auth=_CHANGED,
    takes=Proven,
    errors=(*_PROVEN, ConflictError, NotFoundError),
    ledger=(Action.SECOND_FACTOR_REMOVED,),
    summary="Remove the authenticator app",
)
def remove_totp(call: Call[Proven]) -> None:
    """Not the last factor while the business requires one."""
    wiring.services().second_factors.remove_totp(call.session, call.body.proof, network=call.ip)


@routes.route("/staff/me/passkeys/options", methods=["POST"])
@endpoint(
    auth=_EARLY,
    takes=Proven,
    gives=PasskeyOptions,
    errors=(*_PROVEN, ConflictError),
    ledger=(Action.SECOND_FACTOR_BEGUN,),
    summary="Begin to set up a passkey",
)
def begin_passkey(call: Call[Proven]) -> PasskeyOptions:
    """Good for one answer, within ten minutes and from this session."""
    options = wiring.services().second_factors.begin_passkey(call.session, call.body.proof, network=call.ip)
    return PasskeyOptions(public_key=dict(options))


@routes.route("/staff/me/passkeys", methods=["POST"])
@endpoint(
    auth=_EARLY,
    takes=AddPasskey,
    gives=CodesView,
    status=201,
    errors=(InvalidInputError, ConflictError),
    ledger=(Action.SECOND_FACTOR_ADDED, Action.RECOVERY_CODES_MADE),
    summary="Finish setting up a passkey",
)
def add_passkey(call: Call[AddPasskey]) -> CodesView:
    """Ends all other sessions."""
    codes = wiring.services().second_factors.add_passkey(
        call.session, call.body.label, call.body.credential.plain(), network=call.ip
    )
    return CodesView(recovery_codes=codes)


@routes.route("/staff/me/passkeys/{passkey}/removal", methods=["POST"])
@endpoint(
    auth=_CHANGED,
    takes=Proven,
    errors=(*_PROVEN, ConflictError, NotFoundError),
    ledger=(Action.SECOND_FACTOR_REMOVED,),
    summary="Remove a passkey",
)
def remove_passkey(call: Call[Proven], passkey: str) -> None:
    """Not the last factor while the business requires one."""
    wiring.services().second_factors.remove_passkey(call.session, passkey, call.body.proof, network=call.ip)


@routes.route("/staff/me/recovery-codes", methods=["POST"])
@endpoint(
    auth=_CHANGED,
    takes=Proven,
    gives=CodesView,
    status=201,
    errors=(*_PROVEN, ConflictError),
    ledger=(Action.RECOVERY_CODES_MADE,),
    summary="Make new recovery codes",
)
def make_recovery_codes(call: Call[Proven]) -> CodesView:
    """Each works once; the earlier ones work no more."""
    codes = wiring.services().second_factors.make_recovery_codes(call.session, call.body.proof, network=call.ip)
    return CodesView(recovery_codes=codes)


@routes.route("/tenant/second-factor", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN),
    takes=RequireSecondFactor,
    gives=RequiredView,
    match=True,
    errors=(ConflictError, VersionMismatchError),
    ledger=(Action.TENANT_CHANGED,),
    summary="Require a second factor of everybody",
)
def require_second_factor(call: Call[RequireSecondFactor]) -> Versioned[RequiredView]:
    """From now on whoever has none can do nothing but set one up. The ETag is that of the business."""
    tenant = wiring.services().second_factors.require(
        call.session, required=call.body.required, version=call.if_match, network=call.ip
    )
    return Versioned(RequiredView(required=bool(tenant.second_factor_required)), int(tenant.version or 0))
