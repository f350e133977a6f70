"""Every cookie of the product, and the only place where one is set or read.

The browser sends a session's cookie with every request to us, so a cookie alone proves no intent: a request counts only
if it names the portal in a header, which no other site can make a browser send, and if the browser does not say that
another site sent it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http.cookies import CookieError, SimpleCookie

from chalicelib.domain.errors import CrossSiteError

PORTAL_HEADER = "Zusage-Portal"
_OURS = frozenset({"same-origin", "none"})


class Cookie(Enum):
    """All of them. The last one is written and read by the visitor's page alone; we never store what it holds."""

    ADMIN = "__Host-zusage-admin"
    EXPERT = "__Host-zusage-expert"
    CUSTOMER = "__Host-zusage-customer"


PORTALS: Mapping[str, Cookie] = {"admin": Cookie.ADMIN, "expert": Cookie.EXPERT}


@dataclass(frozen=True)
class SetCookie:
    """A session's token for the browser of a portal, or the order to forget it (`token` empty)."""

    portal: str
    token: str
    seconds: int = 0

    def header(self) -> str:
        """The value of Set-Cookie: host only, encrypted connections only, our own pages only, no script."""
        life = self.seconds if self.token else 0
        name = PORTALS[self.portal].value
        return f"{name}={self.token}; Path=/; Max-Age={life}; Secure; HttpOnly; SameSite=Strict"


def session_token(headers: Mapping[str, str]) -> str | None:
    """The token in the cookie of the portal that the request names; CrossSiteError when it comes from elsewhere."""
    portal = headers.get(PORTAL_HEADER.lower(), "")
    if portal not in PORTALS or "cookie" not in headers:
        return None
    if headers.get("sec-fetch-site", "same-origin") not in _OURS:
        raise CrossSiteError("Send the request from a page of this installation.")
    return _tokens(headers).get(portal)


def session_tokens(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The tokens in the cookies of all portals, of a request that our own pages sent; of any other, none."""
    ours = headers.get("sec-fetch-site", "same-origin") in _OURS
    return tuple(_tokens(headers).values()) if ours else ()


def _tokens(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {portal: cookies[name.value].value for portal, name in PORTALS.items() if name.value in cookies}
