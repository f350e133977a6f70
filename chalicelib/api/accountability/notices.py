"""The privacy notice, to read and for programs: the operator's, and that of each business; each version of it."""

from dataclasses import asdict

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api.accountability._notice_page import render
from chalicelib.api.accountability._notice_views import (
    VERSION,
    Asked,
    ChangesAsked,
    ChangesView,
    NoticeView,
    VersionsView,
)
from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.request import Call
from chalicelib.domain.errors import NotFoundError

routes = Blueprint(__name__)
pages = Blueprint(__name__)

_CSP = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WHY = Public("everybody may know what is done with data")
_PATH = {"version": VERSION}
_GONE = (NotFoundError,)


@routes.route("/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=NoticeView, summary="The operator's privacy notice")
def notice(call: Call[None, Asked]) -> NoticeView:
    """The version in force, made from the declarations that the program works by."""
    return _notice("", call.query.language)


@routes.route("/notice/versions", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=VersionsView, summary="The versions of the operator's privacy notice")
def versions(call: Call[None, Asked]) -> VersionsView:
    """The newest first, those that are announced included."""
    return _versions("", call.query.language)


@routes.route("/notice/versions/{version}", methods=["GET"])
@endpoint(
    auth=_WHY,
    query=Asked,
    gives=NoticeView,
    path=_PATH,
    errors=_GONE,
    summary="A version of the operator's privacy notice",
)
def version_of_notice(call: Call[None, Asked], version: str) -> NoticeView:
    """As it was published, in any of the languages."""
    return _notice("", call.query.language, version)


@routes.route("/notice/versions/{version}/changes", methods=["GET"])
@endpoint(
    auth=_WHY,
    query=ChangesAsked,
    gives=ChangesView,
    path=_PATH,
    errors=_GONE,
    summary="What is new in a version of the operator's privacy notice",
)
def changes(call: Call[None, ChangesAsked], version: str) -> ChangesView:
    """Compared with the version before, or with the one that is named."""
    return _changes("", call.query, version)


@routes.route("/tenants/{tenant}/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=NoticeView, summary="A business's privacy notice for its customers")
def notice_of_business(call: Call[None, Asked], tenant: str) -> NoticeView:
    """The same declarations, as far as they are about customers."""
    return _notice(tenant, call.query.language)


@routes.route("/tenants/{tenant}/notice/versions", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, gives=VersionsView, summary="The versions of a business's privacy notice")
def versions_of_business(call: Call[None, Asked], tenant: str) -> VersionsView:
    """Important is here what is so for its customers."""
    return _versions(tenant, call.query.language)


@routes.route("/tenants/{tenant}/notice/versions/{version}", methods=["GET"])
@endpoint(
    auth=_WHY,
    query=Asked,
    gives=NoticeView,
    path=_PATH,
    errors=_GONE,
    summary="A version of a business's privacy notice",
)
def version_of_business(call: Call[None, Asked], tenant: str, version: str) -> NoticeView:
    """As it was published, in any of the languages."""
    return _notice(tenant, call.query.language, version)


@routes.route("/tenants/{tenant}/notice/versions/{version}/changes", methods=["GET"])
@endpoint(
    auth=_WHY,
    query=ChangesAsked,
    gives=ChangesView,
    path=_PATH,
    errors=_GONE,
    summary="What is new in a version of a business's privacy notice",
)
def changes_of_business(call: Call[None, ChangesAsked], tenant: str, version: str) -> ChangesView:
    """Compared with the version before, or with the one that is named."""
    return _changes(tenant, call.query, version)


@pages.route("/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, produces="text/html", summary="The operator's privacy notice, to read")
def notice_page(call: Call[None, Asked]) -> Text:
    """Needs no script."""
    return _page("", call.query.language, up="", here="notice")


@pages.route("/notice/versions/{version}", methods=["GET"])
@endpoint(
    auth=_WHY,
    query=Asked,
    produces="text/html",
    path=_PATH,
    errors=_GONE,
    summary="A version of the operator's privacy notice, to read",
)
def version_page(call: Call[None, Asked], version: str) -> Text:
    """With what is new in it. Needs no script."""
    return _page("", call.query.language, version, up="../../", here="../../notice")


@pages.route("/tenants/{tenant}/notice", methods=["GET"])
@endpoint(auth=_WHY, query=Asked, produces="text/html", summary="A business's privacy notice, to read")
def notice_page_of_business(call: Call[None, Asked], tenant: str) -> Text:
    """Needs no script."""
    return _page(tenant, call.query.language, up="../../", here="notice")


@pages.route("/tenants/{tenant}/notice/versions/{version}", methods=["GET"])
@endpoint(
    auth=_WHY,
    query=Asked,
    produces="text/html",
    path=_PATH,
    errors=_GONE,
    summary="A version of a business's privacy notice, to read",
)
def version_page_of_business(call: Call[None, Asked], tenant: str, version: str) -> Text:
    """With what is new in it. Needs no script."""
    return _page(tenant, call.query.language, version, up="../../../../", here="../../notice")


def _notice(tenant: str, language: str, version: str = "") -> NoticeView:
    publishing = wiring.services().publishing
    made = publishing.of_tenant(tenant, language, version) if tenant else publishing.of_operator(language, version)
    return NoticeView.model_validate(asdict(made))


def _versions(tenant: str, language: str) -> VersionsView:
    held = wiring.services().publishing.history(language, tenant)
    return VersionsView.model_validate({"versions": [asdict(each) for each in held]})


def _changes(tenant: str, asked: ChangesAsked, version: str) -> ChangesView:
    publishing = wiring.services().publishing
    found = publishing.differences(version, asked.language, since=asked.since or "", tenant_id=tenant)
    return ChangesView.model_validate(asdict(found))


def _page(tenant: str, language: str, version: str = "", *, up: str, here: str) -> Text:
    publishing = wiring.services().publishing
    made = publishing.of_tenant(tenant, language, version) if tenant else publishing.of_operator(language, version)
    html = render(
        made,
        publishing.history(language, tenant),
        publishing.differences(made.version, language, tenant_id=tenant),
        up=up,
        here=here,
    )
    return Text(html, "text/html; charset=utf-8", {"Content-Security-Policy": _CSP})
