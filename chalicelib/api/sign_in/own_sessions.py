"""One's own sessions: where one is signed in, and the end of it."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Id, Instant, View, many
from chalicelib.api.http.proofs import Proven
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    NotFoundError,
    SignInAnewError,
    TooManyAttemptsError,
)

routes = Blueprint(__name__)

MOST = 100
_PROVEN = (InvalidInputError, CredentialsRefusedError, NotFoundError, SignInAnewError, TooManyAttemptsError)


class SessionView(View):
    """A session as its owner knows it again: families of browser and system, and the shortened address."""

    id: Id
    portal: str
    means: Annotated[str, Field(examples=["password+totp"])]
    browser: str
    system: str
    network: str
    started_at: Instant
    seen_at: Instant
    current: bool


class SessionsView(View):
    """Where one is signed in, the latest used first; `more` when others were left out."""

    sessions: Annotated[list[SessionView], many(MOST)]
    more: bool


@routes.route("/staff/me/sessions", methods=["GET"])
@endpoint(
    auth=Staff(early=True),
    gives=SessionsView,
    ledger=(Action.SESSIONS_READ,),
    summary="List one's own open sessions",
)
def own_sessions(call: Call) -> SessionsView:
    """Those that have neither ended nor expired. All of them can be ended, however many there are."""
    caller = call.session
    held = wiring.services().sessions.listed(caller, network=call.ip)
    return SessionsView(
        sessions=[
            SessionView(
                id=each.id,
                portal=each.portal,
                means=each.means,
                browser=each.browser,
                system=each.system,
                network=each.network,
                started_at=each.started_at,
                seen_at=each.seen_at,
                current=caller.session is not None and each.sk == caller.session.sk,
            )
            for each in held[:MOST]
        ],
        more=len(held) > MOST,
    )


@routes.route("/staff/me/sessions/{session}/ending", methods=["POST"])
@endpoint(
    auth=Staff(early=True, when_read_only=True),
    takes=Proven,
    errors=_PROVEN,
    ledger=(Action.SESSIONS_ENDED,),
    summary="End one of one's own sessions",
)
def end_session(call: Call[Proven], session: str) -> None:
    """At once. The one of this call ends without a proof; others with a sign-in of minutes ago, or the password's."""
    wiring.services().ending.one(call.session, session, call.body.proof, network=call.ip)


@routes.route("/staff/me/sessions/ending", methods=["POST"])
@endpoint(
    auth=Staff(early=True, when_read_only=True),
    takes=Proven,
    errors=_PROVEN,
    ledger=(Action.SESSIONS_ENDED,),
    summary="End all of one's other sessions",
)
def end_other_sessions(call: Call[Proven]) -> None:
    """All but the one of this call, which was opened minutes ago, or else with the password's proof."""
    wiring.services().ending.others(call.session, call.body.proof, network=call.ip)
