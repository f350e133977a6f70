"""Registrations: a business starts, and confirms its address."""

from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import WithCookie
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Language, View, line, many
from chalicelib.api.http.people import EmailAddress, Name, Phone, PostalAddress, Zone
from chalicelib.api.http.request import Call
from chalicelib.api.http.signed_in import Keep, SignedInView, arriving, shown
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import IdempotencyMismatchError, LinkExpiredError, LinkInvalidError, LinkUsedError
from chalicelib.domain.versions import TERMS_VERSION

routes = Blueprint(__name__)

Token = Annotated[str, line(300)]
Version = Annotated[str, line(20, example=TERMS_VERSION)]


class Register(PostalAddress):
    """What a business gives to register."""

    given_name: Name
    family_name: Name
    email: EmailAddress
    phone: Phone
    language: Language
    zone: Zone
    terms_version: Annotated[Version, Field(description="The version of the terms that was shown and accepted.")]
    notice_version: Annotated[Version, Field(description="The version of the privacy notice that was accepted.")]


class Confirm(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Token
    keep: Keep = "token"


class HintsAsked(Body):
    """An address as it was typed."""

    email: EmailAddress


class HintView(View):
    """One doubt about the address; for a typo with what probably should stand behind the @."""

    doubt: Literal["typo", "throw-away", "mixed-scripts"]
    suggestion: Annotated[str | None, Field(examples=["gmail.com"])]


class Hints(View):
    """What may be wrong with an address; none of it keeps anybody from registering."""

    hints: Annotated[list[HintView], many(3)]


class Accepted(View):
    """What comes next; the same whether or not the address was known."""

    next: Annotated[str, Field(examples=["Open the link in the mail."])]


class VersionsInForce(View):
    """The versions of terms and notice that a registration must accept."""

    terms_version: str
    notice_version: str


@routes.route("/registrations", methods=["GET"])
@endpoint(
    auth=Public("shown before registering"),
    gives=VersionsInForce,
    summary="See the versions of terms and notice to accept",
)
def versions(call: Call) -> VersionsInForce:
    """What has to be shown and accepted."""
    terms, notice = wiring.services().registering.versions_to_accept()
    return VersionsInForce(terms_version=terms, notice_version=notice)


@routes.route("/registrations", methods=["POST"])
@endpoint(
    auth=Public("this is how a business becomes known"),
    takes=Register,
    gives=Accepted,
    status=202,
    form="registration",
    idempotent=True,
    errors=(IdempotencyMismatchError,),
    ledger=(Action.REGISTERED, Action.SIGN_IN_LINK_ASKED),
    summary="Register a business",
)
def register(call: Call[Register]) -> Accepted:
    """Sends a link to the address; nothing tells whether the address was known."""
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415
    from chalicelib.services.tenancy.registering import Application  # noqa: PLC0415 (loaded with the first call that needs it)

    content = call.body.model_dump_json()
    repeat = Repeatable.of(call.idempotency_key, scope="registration", content=content)
    application = Application(**call.body.model_dump())
    wiring.services().registering.register(application, network=call.ip, repeat=repeat, form=call.form)
    return Accepted(next="Open the link in the mail that is on its way.")


@routes.route("/registrations/hints", methods=["POST"])
@endpoint(
    auth=Public("asked while somebody types who is not known yet"),
    takes=HintsAsked,
    gives=Hints,
    ledger=Unnoted("a rule is applied to what was sent; nothing is stored and nobody looked up"),
    summary="Check an e-mail address for likely mistakes",
)
def hint(call: Call[HintsAsked]) -> Hints:
    """Answers from the address alone; whether it is known is not looked at."""
    from chalicelib.domain.email_hints import hints  # noqa: PLC0415 (loaded with the first call that needs it)

    found = [HintView(doubt=each.doubt.value, suggestion=each.suggestion) for each in hints(call.body.email)]
    return Hints(hints=found)


@routes.route("/registrations/confirmation", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=Confirm,
    gives=SignedInView,
    status=201,
    errors=(LinkInvalidError, LinkExpiredError, LinkUsedError),
    ledger=(Action.CONFIRMED, Action.SIGNED_IN, Action.SIGNED_OUT),
    summary="Confirm the address and sign in",
)
def confirm(call: Call[Confirm]) -> SignedInView | WithCookie:
    """Works once; afterwards there is the sign-in link. A cookie is that of the admins' portal."""
    opened = wiring.services().registering.confirm(call.body.token, visitor=arriving(call.visitor, call.body.keep))
    return shown(opened, call.body.keep)
