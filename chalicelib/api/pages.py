"""The pages: documentation for whoever writes a client, and three for people who follow a link.

They load nothing from elsewhere and hold nothing personal: a link's token stands behind the # of the address, stays in
the browser, and only ever goes out in a header or a body.
"""

import functools
from collections.abc import Mapping
from pathlib import Path

from chalice.app import Blueprint

from chalicelib.api._answer import Text
from chalicelib.api._auth import Public
from chalicelib.api._endpoint import endpoint
from chalicelib.api._request import Call

routes = Blueprint(__name__)

_FOLDER = Path(__file__).parent / "assets"
_TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript"}
_ASSETS = (
    *("account.js", "appointment.js", "confirm.js", "customer.js", "docs.css", "docs.js", "email-change.js"),
    *("factors.js", "first-password.js", "invitation.js", "new-password.js", "page.css", "page.js", "passkey.js"),
    *("proof.js", "reset.js", "sign-in.js"),
)
_ONE_OF = "^(?:" + "|".join(_ASSETS).replace(".", r"\.") + ")$"
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_REVALIDATED = "no-cache"
_AN_HOUR = "public, max-age=3600"


@functools.cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _page(name: str) -> Text:
    return Text(_read(name), "text/html; charset=utf-8", {"Content-Security-Policy": _CSP})


@routes.route("/docs")
@endpoint(
    auth=Public("whoever writes a client needs it"),
    summary="The documentation to read",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def docs(call: Call) -> Text:
    """Shows `/openapi.json` for reading."""
    return _page("docs.html")


@routes.route("/appointment")
@endpoint(
    auth=Public("the page holds nothing; the link's token stays in the browser"),
    summary="The page for one's own appointment",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def appointment(call: Call) -> Text:
    """Where a customer looks at, moves or cancels an appointment."""
    return _page("appointment.html")


@routes.route("/confirm")
@endpoint(
    auth=Public("the page holds nothing; the link's token stays in the browser"),
    summary="The page that confirms a registration",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def confirm(call: Call) -> Text:
    """Where a business confirms its address. It takes a click: mail scanners open links, but press no buttons."""
    return _page("confirm.html")


@routes.route("/sign-in")
@endpoint(
    auth=Public("the page holds nothing; the link's token stays in the browser"),
    summary="The page for signing in, which a link by mail opens, too",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def sign_in(call: Call) -> Text:
    """Where staff sign in. The password stays in the browser, too; using a link takes a click."""
    return _page("sign-in.html")


@routes.route("/reset")
@endpoint(
    auth=Public("the page holds nothing; the link's token and the password stay in the browser"),
    summary="The page for a new password",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def reset(call: Call) -> Text:
    """Where whoever forgot a password asks for a link, and uses it."""
    return _page("reset.html")


@routes.route("/account")
@endpoint(
    auth=Public("the page holds nothing; it asks for the account with the session's cookie"),
    summary="The page for one's own account",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def account(call: Call) -> Text:
    """Where staff set their password and second factors, and see where they are signed in."""
    return _page("account.html")


@routes.route("/invitation")
@endpoint(
    auth=Public("the page holds nothing; the link's token stays in the browser"),
    summary="The page that an invitation opens",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def invitation(call: Call) -> Text:
    """Where somebody who is invited joins a business."""
    return _page("invitation.html")


@routes.route("/email-change")
@endpoint(
    auth=Public("the page holds nothing; the link's token stays in the browser"),
    summary="The page that agrees to another e-mail address",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
)
def email_change(call: Call) -> Text:
    """Where staff agree from both addresses; like the confirmation, it takes a click."""
    return _page("email-change.html")


@routes.route("/first-password")
@endpoint(
    auth=Public("the page holds nothing; what is typed there goes out as a proof"),
    summary="The page that opens an installation",
    produces="text/html",
    cache=_REVALIDATED,
    any_query=True,
    before_setup=True,
)
def first_password(call: Call) -> Text:
    """Where the operator replaces the one-time password of the deployment."""
    return _page("first-password.html")


@routes.route("/assets/{name}")
@endpoint(
    auth=Public("the pages need their scripts and styles"),
    before_setup=True,
    summary="A script or style sheet of the pages",
    path={"name": _ONE_OF},
    produces=("text/css", "text/javascript"),
    cache=_AN_HOUR,
    any_query=True,
)
def asset(call: Call, name: str) -> Text:
    """One of a fixed list of files."""
    return Text(_read(name), f"{_TYPES[Path(name).suffix]}; charset=utf-8")
