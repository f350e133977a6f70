"""Data secrecy, which whoever works for the operator confirms before anything else."""

from typing import Annotated, Literal

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.http.auth import Operator
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Instant, Query, View, line, text
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError
from chalicelib.messages.secrecy_words import SECRECY_VERSION, secrecy_text

routes = Blueprint(__name__)

TextLanguage = Literal["de", "en", "fr", "it"]


class SecrecyAsked(Query):
    """The language of the text."""

    language: TextLanguage = "en"


class ConfirmSecrecy(Body):
    """The version of the text that was read, and in which language."""

    version: Annotated[str, line(20, example=SECRECY_VERSION)]
    language: TextLanguage


class SecrecyView(View):
    """The text that holds now, and when the caller confirmed it; null: not yet."""

    version: str
    language: TextLanguage
    text: Annotated[str, text(10_000)]
    confirmed_at: Instant | None


@routes.route("/operator/secrecy", methods=["GET"])
@endpoint(
    auth=Operator(early=True),
    query=SecrecyAsked,
    gives=SecrecyView,
    ledger=(Action.OPERATOR_CALLED,),
    summary="Read what is confirmed about data secrecy",
)
def secrecy(call: Call[None, SecrecyAsked]) -> SecrecyView:
    """In four languages; whether it is confirmed does not depend on the one that is asked for."""
    confirmed = wiring.services().pledging.confirmed(call.session)
    return SecrecyView(
        version=SECRECY_VERSION,
        language=call.query.language,
        text=secrecy_text(call.query.language),
        confirmed_at=confirmed.confirmed_at if confirmed else None,
    )


@routes.route("/operator/secrecy", methods=["POST"])
@endpoint(
    auth=Operator(early=True),
    takes=ConfirmSecrecy,
    errors=(InvalidInputError,),
    ledger=(Action.OPERATOR_CALLED, Action.SECRECY_CONFIRMED),
    summary="Confirm data secrecy",
)
def confirm_secrecy(call: Call[ConfirmSecrecy]) -> None:
    """Once a text and person. Until then nothing else of the operator's can be called."""
    wiring.services().pledging.confirm(
        call.session, version=call.body.version, language=call.body.language, network=call.ip
    )
