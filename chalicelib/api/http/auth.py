"""Who may call: every endpoint names exactly one of these, "no one in particular" included, and says why."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import wiring
from chalicelib.api.http.cookies import session_token
from chalicelib.domain.errors import (
    LinkInvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    ReadOnlyError,
    SecondFactorRequiredError,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import OPERATOR
from chalicelib.domain.tenancy import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.api.http.request import Incoming
    from chalicelib.services.sign_in.sessions import StaffSession

LINK_HEADER = "Zusage-Link"
ACCESS_HEADER = "Zusage-Access"
KEY_PREFIX = "zk_"
SAFE = frozenset({"GET", "HEAD"})
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,512})", re.IGNORECASE)
_TOKEN = re.compile(r"[\x21-\x7e]{1,2048}")
_ACCESS = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})")


@dataclass(frozen=True)
class Public:
    """Anyone; `why` is the reason why that is right, for the documentation and the reviewer.

    `key` is the scope with which a server of the tenant may call without the form that people have to send.
    """

    why: str
    key: str = ""

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise TypeError("Public needs its reason")


class Staff:
    """A signed-in member of staff who has at least one of `roles` (none named: any role will do).

    `key` is the scope with which a server of the tenant may call, too; without one only people may. `early` lets those
    in who have yet to set up a second factor that their business requires. `when_read_only` lets a change through
    although the trial is over or the tenancy cancelled; what only reads always goes through.
    """

    def __init__(self, *roles: str, key: str = "", early: bool = False, when_read_only: bool = False) -> None:
        self.roles = frozenset(roles)
        self.key = key
        self.early = early
        self.when_read_only = when_read_only


@dataclass(frozen=True)
class Link:
    """Whoever holds a capability link made for `purpose`; the service checks it, since it knows what it opens."""

    purpose: str


@dataclass(frozen=True)
class Provider:
    """A message provider calling back; its service checks the proof on the raw bytes.

    `header` is the one that carries the signature, for providers that use one; others sign inside the body or know
    a secret part of the path.
    """

    name: str
    header: str = ""


@dataclass(frozen=True)
class Operator:
    """Signed-in staff of the operator. Every call leaves an entry in the installation's ledger.

    `early` lets those in who have yet to confirm data secrecy.
    """

    early: bool = False


Auth = Public | Staff | Link | Provider | Operator


def operator_session(auth: Operator, incoming: "Incoming") -> "StaffSession":
    """The session of somebody who works for the operator; refuses everybody else."""
    session = wiring.services().sessions.authenticate(_bearer(incoming))
    if session.tenant != INSTALLATION or OPERATOR not in session.roles:
        raise NotAllowedError("This is for the operator's staff.")
    if not auth.early:
        _check_second_factor(session)
    wiring.services().operating.admit(session, early=auth.early, route=incoming.route, network=incoming.ip())
    return session


def staff_session(auth: Staff, incoming: "Incoming", path: "Mapping[str, str]") -> "StaffSession":
    """The caller's session; refuses strangers, the wrong role, and another tenant's path (as if it were not there)."""
    session = _caller(incoming)
    _check_scope(session, auth.key)
    if auth.roles and not auth.roles & session.roles:
        raise NotAllowedError(_remedy(auth, session))
    if path.get("tenant", session.tenant) != session.tenant:
        raise NotFoundError
    if not auth.early:
        _check_second_factor(session)
    if not auth.when_read_only:
        _check_standing(session, incoming)
    return session


def _remedy(auth: Staff, session: "StaffSession") -> str:
    if session.tenant == INSTALLATION:
        return f"Open an access to a tenant's data, and send it in the header {ACCESS_HEADER}."
    return "Ask someone with the role " + " or ".join(sorted(auth.roles)) + "."


def key_session(auth: Public, incoming: "Incoming", path: "Mapping[str, str]") -> "StaffSession | None":
    """Which tenant's server calls by its key, where anybody may call; None for everybody else."""
    bearer = _BEARER.fullmatch(incoming.headers.get("authorization", "")) if auth.key else None
    if bearer is None or not bearer.group(1).startswith(KEY_PREFIX):
        return None
    session = wiring.services().api_keys.authenticate(bearer.group(1), network=incoming.ip())
    _check_scope(session, auth.key)
    if path.get("tenant", session.tenant) != session.tenant:
        raise NotFoundError
    _check_standing(session, incoming)
    incoming.tenant = session.tenant
    return session


def _check_scope(session: "StaffSession", key: str) -> None:
    if session.scopes is not None and (not key or key not in session.scopes):
        raise NotAllowedError("This key's scopes do not cover that.")


def _check_standing(session: "StaffSession", incoming: "Incoming") -> None:
    if session.standing is Standing.READ_ONLY and incoming.request.method not in SAFE:
        raise ReadOnlyError("Choose a plan to go on; until everything is deleted you can read and export it.")


def _caller(incoming: "Incoming") -> "StaffSession":
    """Whoever calls: a person by session, a tenant's server by its key, the operator's staff by an access of theirs."""
    text = _bearer(incoming)
    if text.startswith(KEY_PREFIX):
        return wiring.services().api_keys.authenticate(text, network=incoming.ip())
    session = wiring.services().sessions.authenticate(text)
    access = incoming.headers.get(ACCESS_HEADER.lower())
    if access is None:  # the operator's staff have sessions, passwords and profiles of their own, too
        return session
    named = _ACCESS.fullmatch(access)
    if named is None or session.tenant != INSTALLATION:
        raise NotAllowedError(f"Only the operator's staff send {ACCESS_HEADER}, as <tenant>.<access>.")
    _check_second_factor(session)
    if incoming.request.method not in SAFE:
        raise NotAllowedError("The operator's staff look at a tenant's data; they do not change it.")
    return wiring.services().operating.enter(
        session, tenant=named.group(1), access=named.group(2), route=incoming.route, network=incoming.ip()
    )


def _bearer(incoming: "Incoming") -> str:
    """The session's token, from the header or, for our own pages, from the cookie of the portal that the page names."""
    token = bearer_token(incoming.headers) or session_token(incoming.headers)
    if token is None:
        raise NotSignedInError("Sign in and send the session's token as Authorization: Bearer <token>.")
    return token


def bearer_token(headers: "Mapping[str, str]") -> str | None:
    """The token in the header Authorization, if there is one."""
    bearer = _BEARER.fullmatch(headers.get("authorization", ""))
    return bearer.group(1) if bearer is not None else None


def by_cookie(headers: "Mapping[str, str]") -> bool:
    """Whether the session of a caller that was let in came in a cookie."""
    return _BEARER.fullmatch(headers.get("authorization", "")) is None


def _check_second_factor(session: "StaffSession") -> None:
    if session.needs_second_factor:
        raise SecondFactorRequiredError("Your business requires one: set it up, then sign in with it.")


def link_token(headers: "Mapping[str, str]") -> str:
    """The token of the capability link, as it was sent."""
    token = headers.get(LINK_HEADER.lower(), "")
    if _TOKEN.fullmatch(token) is None:
        raise LinkInvalidError(f"Send the link's token in the header {LINK_HEADER}.")
    return token
