"""What a member of staff accepted of terms and privacy notice, and what is asked of them."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Instant, Language, LocalDate, View, line, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError, RestrictedError
from chalicelib.domain.versions import TERMS_VERSION

if TYPE_CHECKING:
    from chalicelib.services.notice.accepting import Acceptances

routes = Blueprint(__name__)

Version = Annotated[str, line(20, example=TERMS_VERSION)]


class Accept(Body):
    """The versions that were shown and accepted, and in which language."""

    terms_version: Version
    notice_version: Version
    language: Language


class AcceptanceView(View):
    """What was accepted, when, in which language."""

    terms_version: str
    notice_version: str
    language: str
    accepted_at: Instant


class ComingView(View):
    """A version of the notice that is announced: it may be accepted before it is in force."""

    version: str
    effective: LocalDate


class AcceptancesView(View):
    """What was accepted, the earliest first; what is in force; what is asked.

    `asks_acceptance` is true when something important has changed since. `asks_consent` names the kinds of data that
    rest on a consent given for other purposes or recipients.
    """

    accepted: Annotated[list[AcceptanceView], many(1000)]
    terms_version: str
    notice_version: str
    notice_effective: LocalDate
    announced: list[ComingView]
    asks_acceptance: bool
    asks_consent: Annotated[list[str], Field(examples=[[]])]


@routes.route("/staff/me/acceptances", methods=["GET"])
@endpoint(
    auth=Staff(),
    gives=AcceptancesView,
    ledger=Unnoted("people look at what they accepted themselves"),
    summary="See what one accepted, and what is asked",
)
def acceptances(call: Call) -> AcceptancesView:
    """Shows too what is in force, and what is announced."""
    return _view(wiring.services().accepting.standing(call.session))


@routes.route("/staff/me/acceptances", methods=["POST"])
@endpoint(
    auth=Staff(),
    takes=Accept,
    gives=AcceptancesView,
    status=201,
    errors=(InvalidInputError, NotFoundError, RestrictedError),
    ledger=(Action.NOTICE_ACCEPTED,),
    summary="Accept terms and notice",
)
def accept(call: Call[Accept]) -> AcceptancesView:
    """The versions in force, or a notice that is announced. What was accepted before stays as it was noted then."""
    given = call.body.model_dump()
    return _view(wiring.services().accepting.accept(call.session, network=call.ip, **given))


def _view(held: "Acceptances") -> AcceptancesView:
    names = ("terms_version", "notice_version", "language", "accepted_at")
    return AcceptancesView(
        accepted=[AcceptanceView(**{name: getattr(each, name) for name in names}) for each in held.accepted],
        terms_version=held.terms_version,
        notice_version=held.notice.version,
        notice_effective=held.notice.effective,
        announced=[ComingView(version=each.version, effective=each.effective) for each in held.announced],
        asks_acceptance=held.asks_acceptance,
        asks_consent=list(held.asks_consent),
    )
