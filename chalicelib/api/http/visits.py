"""Visits of pages are noted in the access log; calls of programs are not.

The log is made ready while the page is being made. The line itself needs the status, so it follows; it is one quick
call, and a page is shown whether or not it went well.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib import wiring
from chalicelib.api.http.request import current

if TYPE_CHECKING:
    from chalice.app import Response

PAGE = "text/html"


def noted(respond: Callable[[], "Response"]) -> "Response":
    """The page, its visit noted."""
    from chalicelib.domain.visits import visit  # noqa: PLC0415 (loaded with the first page)
    from chalicelib.services.side_by_side import side_by_side  # noqa: PLC0415

    services, incoming = wiring.services(), current.get()
    response, _ = side_by_side(respond, services.access_log.ready)
    services.access_log.write(
        visit(
            at=services.clock(),
            route=incoming.request.path,
            status=response.status_code,
            network=incoming.ip(),
            headers=incoming.headers,
        )
    )
    return response
