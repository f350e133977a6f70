"""What comes of signing in, by whatever means: a token in the answer or in a cookie, or a second step."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.api.http.answer import WithCookie
from chalicelib.api.http.auth import bearer_token
from chalicelib.api.http.cookies import PORTALS, SetCookie, session_tokens
from chalicelib.api.http.models import Id, Instant, View
from chalicelib.api.http.request import Call, current
from chalicelib.domain.errors import InvalidInputError

if TYPE_CHECKING:
    from chalicelib.domain.visits import Visitor
    from chalicelib.services.sign_in.admitting import Pending
    from chalicelib.services.sign_in.sessions import SignedIn

COOKIE_SECONDS = 7 * 24 * 60 * 60  # as long as a session can last; whether it still does, the server knows

Portal = Annotated[
    Literal["admin", "expert", "operator"],
    Field(description="Where to; in the experts' portal one is an expert and nothing else."),
]
Keep = Annotated[
    Literal["token", "cookie"],
    Field(description="Whether the answer tells the session's token, or sets the cookie of a portal that is named."),
]


class SignedInView(View):
    """A session; or the second factors one of which is still to be proven, with a token for that."""

    token: Annotated[str | None, Field(description="Told once; null when a cookie holds it.")] = None
    tenant: Id | None = None
    staff: Id | None = None
    roles: list[str] = Field(default_factory=list)
    portal: str | None = None
    expires_at: Instant
    second_factor: list[str] = Field(default_factory=list)
    pending: Annotated[str | None, Field(description="Names this sign-in in the second step, for five minutes.")] = None


def check_keep(keep: str, portal: str | None) -> None:
    """A cookie belongs to a portal with pages of its own. InvalidInputError for any other."""
    if keep == "cookie" and portal not in PORTALS:
        raise InvalidInputError("Name the portal whose cookie it is: admin or expert.", field="portal")


def arriving(visitor: "Visitor", keep: str) -> "Visitor":
    """Who signs in, and with which sessions: that of a token sent along, and those of cookies that may be replaced."""
    headers = current.get().headers
    sent = bearer_token(headers)
    cookies = session_tokens(headers) if keep == "cookie" else ()
    return replace(visitor, came_with=(*cookies, *((sent,) if sent else ())))


def shown(admitted: "SignedIn | Pending", keep: str) -> SignedInView | WithCookie:
    """The answer."""
    from chalicelib.services.sign_in.admitting import Pending  # noqa: PLC0415 (who signs in has loaded it; most calls have not)

    if isinstance(admitted, Pending):
        return SignedInView(expires_at=admitted.expires_at, second_factor=list(admitted.kinds), pending=admitted.token)
    by_cookie = keep == "cookie" and admitted.portal in PORTALS
    view = SignedInView(
        token=None if by_cookie else admitted.token,
        tenant=admitted.tenant,
        staff=admitted.staff,
        roles=sorted(admitted.roles),
        portal=admitted.portal,
        expires_at=admitted.expires_at,
    )
    if not by_cookie:
        return view
    return WithCookie(view, SetCookie(admitted.portal, admitted.token, COOKIE_SECONDS))


def forgotten(call: Call) -> WithCookie | None:
    """The order to forget the cookie that the call came with; None when it came with a token of its own."""
    portal = call.session.portal
    return WithCookie(None, SetCookie(portal, "")) if call.by_cookie and portal in PORTALS else None
