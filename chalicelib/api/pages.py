"""The pages: documentation for whoever writes a client, and those for people, each in four languages.

They load nothing from elsewhere and hold nothing personal: a link's token stands behind the # of the address, stays in
the browser, and only ever goes out in a header or a body.
"""

import functools
from collections.abc import Mapping
from pathlib import Path

from chalice.app import Blueprint

from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.request import Call

routes = Blueprint(__name__)

_FOLDER = Path(__file__).parent / "assets"
_TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript"}
_ASSETS = sorted(path.name for path in _FOLDER.iterdir() if path.suffix in _TYPES)
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


_LINK = "the page holds nothing; the link's token stays in the browser"


def _page(name: str, *, summary: str, says: str, why: str = _LINK, before_setup: bool = False) -> None:
    """Serves `assets/<name>.html` at `/<name>`."""

    def page(call: Call) -> Text:
        return Text(_read(f"{name}.html"), "text/html; charset=utf-8", {"Content-Security-Policy": _CSP})

    page.__name__ = page.__qualname__ = name.replace("-", "_")
    page.__doc__ = says
    declared = endpoint(
        auth=Public(why),
        summary=summary,
        produces="text/html",
        cache=_REVALIDATED,
        any_query=True,
        before_setup=before_setup,
    )
    routes.route(f"/{name}")(declared(page))


_page(
    "docs",
    summary="The documentation to read",
    says="Shows `/openapi.json` for reading.",
    why="whoever writes a client needs it",
)
_page(
    "appointment",
    summary="The page for one's own appointment",
    says="Where a customer looks at, moves or cancels an appointment.",
)
_page(
    "pay",
    summary="The page that leads to the payment",
    says="Where a customer goes on to the page of the payment provider; it takes a click.",
)
_page(
    "confirm",
    summary="The page that confirms a registration",
    says="Where a business confirms its address. It takes a click: mail scanners open links, but press no buttons.",
)
_page(
    "sign-in",
    summary="The page for signing in, which a link by mail opens, too",
    says="Where staff sign in. The password stays in the browser, too; using a link takes a click.",
)
_page(
    "reset",
    summary="The page for a new password",
    says="Where whoever forgot a password asks for a link, and uses it.",
    why="the page holds nothing; the link's token and the password stay in the browser",
)
_page(
    "account",
    summary="The page for one's own account",
    says="Where staff set their password and second factors, and see where they are signed in.",
    why="the page holds nothing; it asks for the account with the session's cookie",
)
_page(
    "calendar",
    summary="The page for one's own linked calendars",
    says="Where experts link calendars, and where Microsoft and Google lead back to.",
    why="the page holds nothing; it asks for the account with the session's cookie",
)
_page(
    "invitation",
    summary="The page that an invitation opens",
    says="Where somebody who is invited joins a business.",
)
_page(
    "email-change",
    summary="The page that agrees to another e-mail address",
    says="Where staff agree from both addresses; like the confirmation, it takes a click.",
)
_page(
    "confirmation",
    summary="The page that confirms or declines an appointment",
    says="Where experts decide about what waits for them; like the confirmation of an address, it takes a click.",
)
_page(
    "first-password",
    summary="The page that opens an installation",
    says="Where the operator replaces the one-time password of the deployment.",
    why="the page holds nothing; what is typed there goes out as a proof",
    before_setup=True,
)
_page(
    "waiting",
    summary="The page that leaves a waiting list",
    says="Where somebody leaves a waiting list; like the confirmation of an address, it takes a click.",
)
_page(
    "place",
    summary="The page of a place that is kept for somebody who waits",
    says="Where a customer takes or declines a place that became free.",
)
_page(
    "proposal",
    summary="The page of proposed times",
    says="Where a customer chooses one of the times that an expert proposes.",
)


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
