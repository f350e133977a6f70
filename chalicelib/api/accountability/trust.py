"""Where each promise stands, for everybody: a page, and the same for programs."""

from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.accountability._trust_page import render
from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Instant, Query, View
from chalicelib.api.http.request import Call

routes = Blueprint(__name__)
pages = Blueprint(__name__)

_CSP = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WHY = Public("everybody may know whether promises are kept")
Standing = Literal["kept", "checked-at-release", "broken", "open"]


class TrustAsked(Query):
    """In which language."""

    language: Annotated[Literal["en", "de"], Field()] = "en"


class PromiseStandingView(View):
    """One promise: what is promised, where it stands, and when it was last looked at in this installation."""

    id: str
    area: str
    says: str
    status: Standing
    audited_at: Instant | None


class TrustView(View):
    """All promises, and when the installation was last audited."""

    audited_at: Instant | None
    promises: list[PromiseStandingView]


@routes.route("/trust", methods=["GET"])
@endpoint(auth=_WHY, query=TrustAsked, gives=TrustView, summary="Where each promise stands")
def trust(call: Call[None, TrustAsked]) -> TrustView:
    """Kept is only what the audit of this installation found in order within the last 48 hours."""
    shown = wiring.services().trusting.show()
    told = [
        PromiseStandingView(
            id=one.promise.id,
            area=one.promise.area,
            says=one.promise.says(call.query.language),
            status=one.standing.value,
            audited_at=one.audited_at,
        )
        for one in shown.promises
    ]
    return TrustView(audited_at=shown.audited_at, promises=told)


@pages.route("/trust", methods=["GET"])
@endpoint(auth=_WHY, query=TrustAsked, produces="text/html", summary="Where each promise stands, to read")
def trust_page(call: Call[None, TrustAsked]) -> Text:
    """Needs no script."""
    html = render(wiring.services().trusting.show(), language=call.query.language)
    return Text(html, "text/html; charset=utf-8", {"Content-Security-Policy": _CSP})
