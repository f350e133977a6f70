"""Resources that few calls ask for: their routes are known at once, their modules loaded at the first call.

A module of resources makes its models when it is loaded, and that is most of what it costs. Each function would pay for
all of them at each start, though nearly every call is about appointments. What stands here is said a second time by the
`@routes.route(...)` of the modules; tests/contracts/test_seldom.py holds the two together.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.api._endpoint import Endpoint

Route = tuple[str, str, str]  # method, path, name of the view

ROUTES: Mapping[str, tuple[Route, ...]] = {
    "privacy": (
        ("PUT", "/customers/{customer}/restriction", "restrict"),
        ("DELETE", "/customers/{customer}/restriction", "lift_restriction"),
        ("GET", "/customers/{customer}/holds", "list_holds"),
        ("POST", "/customers/{customer}/holds", "place_hold"),
        ("DELETE", "/customers/{customer}/holds/{hold}", "lift_hold"),
        ("POST", "/customers/{customer}/legal-view", "legal_view"),
    ),
    "notices": (
        ("GET", "/notice", "notice"),
        ("GET", "/notice/versions", "versions"),
        ("GET", "/notice/versions/{version}", "version_of_notice"),
        ("GET", "/notice/versions/{version}/changes", "changes"),
        ("GET", "/tenants/{tenant}/notice", "notice_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions", "versions_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions/{version}", "version_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions/{version}/changes", "changes_of_business"),
    ),
    "contact": (("GET", "/contact", "contact"),),
    "acceptances": (
        ("GET", "/staff/me/acceptances", "acceptances"),
        ("POST", "/staff/me/acceptances", "accept"),
    ),
    "processing": (
        ("GET", "/processing-record", "processing_record"),
        ("GET", "/processing-record.xlsx", "processing_record_book"),
    ),
    "ledger": (
        ("GET", "/ledger/counts", "counts"),
        ("GET", "/ledger/hand-overs", "hand_overs"),
        ("GET", "/ledger/entries", "entries"),
        ("GET", "/ledger/verification", "verification"),
        ("GET", "/staff/me/ledger", "own"),
        ("GET", "/appointment/ledger", "told"),
        ("GET", "/operator/telemetry", "telemetry"),
    ),
    "operator": (("GET", "/operator/promises", "promises"),),
    "trust": (("GET", "/trust", "trust"),),
}
"""By module, what its blueprint `routes` holds."""

PAGES: Mapping[str, tuple[Route, ...]] = {
    "notices": (
        ("GET", "/notice", "notice_page"),
        ("GET", "/notice/versions/{version}", "version_page"),
        ("GET", "/tenants/{tenant}/notice", "notice_page_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions/{version}", "version_page_of_business"),
    ),
    "processing": (("GET", "/processing-record", "processing_page"),),
    "trust": (("GET", "/trust", "trust_page"),),
}
"""By module, what its blueprint `pages` holds."""


class Seldom:
    """A view whose module is loaded when it is first called, or when somebody asks what it declares."""

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = f"{__package__}.{module}"
        self.__name__ = self.__qualname__ = name

    @cached_property
    def view(self) -> Any:
        """The view itself."""
        return getattr(import_module(self.__module__), self.__name__)

    @property
    def __endpoint__(self) -> "Endpoint":
        """What the view declares."""
        declared: Endpoint = self.view.__endpoint__
        return declared

    def __call__(self, **path: str) -> "Response":
        """Answers the current request."""
        response: Response = self.view(**path)
        return response


def _blueprint(listed: Mapping[str, Iterable[Route]]) -> Blueprint:
    made = Blueprint(__name__)
    for module, held in listed.items():
        for method, path, name in held:
            made.route(path, methods=[method])(Seldom(module, name))
    return made


routes, pages = _blueprint(ROUTES), _blueprint(PAGES)
