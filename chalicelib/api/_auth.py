"""Who may call: every endpoint names exactly one of these, "no one in particular" included, and says why."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import wiring
from chalicelib.domain.errors import LinkInvalidError, NotAllowedError, NotFoundError, NotSignedInError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.services.signing_in import StaffSession

LINK_HEADER = "Zusage-Link"
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,512})", re.IGNORECASE)
_TOKEN = re.compile(r"[\x21-\x7e]{1,2048}")


@dataclass(frozen=True)
class Public:
    """Anyone; `why` is the reason why that is right, for the documentation and the reviewer."""

    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise TypeError("Public needs its reason")


class Staff:
    """A signed-in member of staff who has at least one of `roles` (none named: any role will do)."""

    def __init__(self, *roles: str) -> None:
        self.roles = frozenset(roles)


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
    """Whoever holds the operator's key. Every call leaves an entry in the installation's ledger."""


Auth = Public | Staff | Link | Provider | Operator


def check_operator(headers: "Mapping[str, str]", *, route: str, network: str) -> None:
    """Refuses whoever does not hold the operator's key."""
    bearer = _BEARER.fullmatch(headers.get("authorization", ""))
    wiring.services().operating.admit(bearer.group(1) if bearer else "", route=route, network=network)


def staff_session(auth: Staff, headers: "Mapping[str, str]", path: "Mapping[str, str]") -> "StaffSession":
    """The caller's session; refuses strangers, the wrong role, and another tenant's path (as if it were not there)."""
    bearer = _BEARER.fullmatch(headers.get("authorization", ""))
    if bearer is None:
        raise NotSignedInError("Sign in and send the session's token as Authorization: Bearer <token>.")
    session = wiring.services().sessions.authenticate(bearer.group(1))
    if auth.roles and not auth.roles & session.roles:
        raise NotAllowedError("Ask someone with the role " + " or ".join(sorted(auth.roles)) + ".")
    if path.get("tenant", session.tenant) != session.tenant:
        raise NotFoundError
    return session


def link_token(headers: "Mapping[str, str]") -> str:
    """The token of the capability link, as it was sent."""
    token = headers.get(LINK_HEADER.lower(), "")
    if _TOKEN.fullmatch(token) is None:
        raise LinkInvalidError(f"Send the link's token in the header {LINK_HEADER}.")
    return token
