"""One's own sessions: where one is signed in, and the end of it."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._auth import Staff
from chalicelib.api._endpoint import endpoint
from chalicelib.api._models import Id, Instant, View
from chalicelib.api._request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotFoundError

routes = Blueprint(__name__)


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
    """Where one is signed in, the latest used first."""

    sessions: list[SessionView]


@routes.route("/staff/me/sessions", methods=["GET"])
@endpoint(
    auth=Staff(early=True),
    gives=SessionsView,
    ledger=(Action.SESSIONS_READ,),
    summary="One's own open sessions",
)
def own_sessions(call: Call) -> SessionsView:
    """All that have neither ended nor expired."""
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
            for each in held
        ]
    )


@routes.route("/staff/me/sessions/{session}", methods=["DELETE"])
@endpoint(
    auth=Staff(early=True, when_read_only=True),
    errors=(NotFoundError,),
    ledger=(Action.SESSIONS_ENDED,),
    summary="End one of one's own sessions",
)
def end_session(call: Call, session: str) -> None:
    """At once, the one of this call included."""
    wiring.services().sessions.end(call.session, session, network=call.ip)


@routes.route("/staff/me/sessions", methods=["DELETE"])
@endpoint(
    auth=Staff(early=True, when_read_only=True),
    ledger=(Action.SESSIONS_ENDED,),
    summary="End all of one's other sessions",
)
def end_other_sessions(call: Call) -> None:
    """All but the one of this call."""
    wiring.services().sessions.end_others(call.session, network=call.ip)
