"""The privacy notice, to read and for programs: the operator's, and that of each business."""

from dataclasses import asdict
from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._answer import Text
from chalicelib.api._auth import Public
from chalicelib.api._endpoint import endpoint
from chalicelib.api._models import Query, View
from chalicelib.api._notice_page import render
from chalicelib.api._request import Call

routes = Blueprint(__name__)
pages = Blueprint(__name__)

_CSP = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WHY = Public("everybody may know what is done with data")


class Asked(Query):
    """In which language; English governs."""

    language: Annotated[Literal["en", "de", "fr", "it"], Field()] = "en"


class PartyView(View):
    """Whom to write to."""

    name: str
    postal: str
    mail: str


class StoredKindView(View):
    """One kind of data: what, why, on what basis, how long, who gets it."""

    kind: str
    what: str
    purposes: list[str]
    basis: str
    source: str
    kept: list[str]
    afterwards: str
    recipients: list[str]
    sealed: bool


class RecipientView(View):
    """A processor."""

    name: str
    company: str
    place: str
    purpose: str
    receives: list[str]


class NoticeView(View):
    """The whole notice in one language."""

    language: str
    version: str
    title: str
    intro: str
    controller: PartyView
    officer: PartyView
    kinds: list[StoredKindView]
    recipients: list[RecipientView]
    rights: list[str]
    ask: str
    authority: str
    automated_decisions: str
    cookies: str
    security: str
    governing: str


@routes.route("/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=NoticeView, summary="The operator's privacy notice")
def notice(call: Call[None, Asked]) -> NoticeView:
    """Made from the declarations that the program works by."""
    return NoticeView.model_validate(asdict(wiring.services().publishing.of_operator(call.query.language)))


@routes.route("/tenants/{tenant}/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=NoticeView, summary="A business's privacy notice for its customers")
def notice_of_business(call: Call[None, Asked], tenant: str) -> NoticeView:
    """The same declarations, as far as they are about customers."""
    return NoticeView.model_validate(asdict(wiring.services().publishing.of_tenant(tenant, call.query.language)))


@pages.route("/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, produces="text/html", summary="The operator's privacy notice, to read")
def notice_page(call: Call[None, Asked]) -> Text:
    """Needs no script."""
    return _page(render(wiring.services().publishing.of_operator(call.query.language), up=""))


@pages.route("/tenants/{tenant}/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, produces="text/html", summary="A business's privacy notice, to read")
def notice_page_of_business(call: Call[None, Asked], tenant: str) -> Text:
    """Needs no script."""
    return _page(render(wiring.services().publishing.of_tenant(tenant, call.query.language), up="../../"))


def _page(html: str) -> Text:
    return Text(html, "text/html; charset=utf-8", {"Content-Security-Policy": _CSP})
