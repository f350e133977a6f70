"""Registrations: a business starts, and confirms its address."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._auth import Public
from chalicelib.api._endpoint import endpoint
from chalicelib.api._models import Body, Id, Instant, Language, View, line
from chalicelib.api._people import Country, EmailAddress, Line, Name, Phone, Zone
from chalicelib.api._request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import IdempotencyMismatchError, LinkExpiredError, LinkInvalidError, LinkUsedError
from chalicelib.domain.versions import TERMS_VERSION

routes = Blueprint(__name__)

Token = Annotated[str, line(300)]
Version = Annotated[str, line(20, example=TERMS_VERSION)]


class Register(Body):
    """What a business gives to register."""

    given_name: Name
    family_name: Name
    company: Line
    street: Line
    postal_code: Annotated[str, line(12, example="8001")]
    city: Name
    country: Country
    email: EmailAddress
    phone: Phone
    language: Language
    zone: Zone
    terms_version: Annotated[Version, Field(description="The version of the terms that was shown and accepted.")]
    notice_version: Annotated[Version, Field(description="The version of the privacy notice that was accepted.")]


class Confirm(Body):
    """The token of the link in the mail: what stands behind the #."""

    token: Token


class Accepted(View):
    """What comes next; the same whether or not the address was known."""

    next: Annotated[str, Field(examples=["Open the link in the mail."])]


class VersionsInForce(View):
    """The versions of terms and notice that a registration must accept."""

    terms_version: str
    notice_version: str


class SessionOpened(View):
    """A session. The token is told once."""

    token: str
    tenant: Id
    staff: Id
    roles: list[str]
    expires_at: Instant


@routes.route("/registrations", methods=["GET"])
@endpoint(auth=Public("shown before registering"), gives=VersionsInForce, summary="The versions to accept")
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
    idempotent=True,
    errors=(IdempotencyMismatchError,),
    ledger=(Action.REGISTERED, Action.SIGN_IN_LINK_ASKED),
    summary="Register a business",
)
def register(call: Call[Register]) -> Accepted:
    """Sends a link to the address; nothing tells whether the address was known."""
    from chalicelib.services.registering import Application  # noqa: PLC0415 (loaded with the first call that needs it)
    from chalicelib.services.repeating import Repeatable  # noqa: PLC0415

    content = call.body.model_dump_json()
    repeat = Repeatable.of(call.idempotency_key, scope="registration", content=content)
    wiring.services().registering.register(Application(**call.body.model_dump()), network=call.ip, repeat=repeat)
    return Accepted(next="Open the link in the mail that is on its way.")


@routes.route("/registrations/confirmation", methods=["POST"])
@endpoint(
    auth=Public("the token in the body proves who calls"),
    takes=Confirm,
    gives=SessionOpened,
    errors=(LinkInvalidError, LinkExpiredError, LinkUsedError),
    ledger=(Action.CONFIRMED, Action.SIGNED_IN),
    summary="Confirm the address and sign in",
)
def confirm(call: Call[Confirm]) -> SessionOpened:
    """Works once; afterwards there is the sign-in link."""
    opened = wiring.services().registering.confirm(call.body.token, network=call.ip)
    return SessionOpened(**{**vars(opened), "roles": sorted(opened.roles)})
