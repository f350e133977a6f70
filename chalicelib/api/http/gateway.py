"""The middleware around every HTTP request.

It makes the request known to `@endpoint`, gives what Chalice refuses by itself (wrong method, wrong content type) the
same shape as our own refusals, and writes the one log line and the one metric.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalice.app import CaseInsensitiveMapping, Request, Response

from chalicelib.api.http.answer import REQUEST_ID_HEADER, problem_answer
from chalicelib.api.http.problem import INTERNAL, ROUTER
from chalicelib.api.http.request import Incoming, current
from chalicelib.observability import Asking, asking, count, logger

if TYPE_CHECKING:
    from chalice.app import Chalice


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BINARY_TYPES = (XLSX, "image/jpeg", "image/png", "image/webp")


def install(app: "Chalice") -> None:
    """Puts the middleware around the routes of `app`, and says which answers are bytes; called once, in app.py."""
    app.register_middleware(around, "http")
    app.api.binary_types = [*BINARY_TYPES]


def around(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Answers one request, counts and logs it."""
    incoming = Incoming.of(request)
    # Nothing here depends on what is accepted; Chalice would refuse bytes to whoever does not ask for them by name.
    request.headers = CaseInsensitiveMapping({**request.headers, "accept": "*/*"})
    token, who = current.set(incoming), Asking()
    known = asking.set(who)
    started = time.perf_counter()
    try:
        response = _ours(incoming, get_response(request))
    finally:
        current.reset(token)
        asking.reset(known)
    _record(incoming, who, response, round((time.perf_counter() - started) * 1000))
    return response


def _ours(incoming: Incoming, response: Response) -> Response:
    if REQUEST_ID_HEADER in response.headers:
        return response
    problem = ROUTER.get(response.status_code, INTERNAL)
    incoming.problem = problem.slug
    allow = {name: str(value) for name, value in response.headers.items() if name == "Allow"}
    return problem_answer(problem, incoming.request_id, allow)


def _record(incoming: Incoming, who: Asking, response: Response, milliseconds: int) -> None:
    told = {
        "request_id": incoming.request_id,
        "route": incoming.route,
        "status": response.status_code,
        "ms": milliseconds,
    }
    if incoming.problem:
        told["problem"] = incoming.problem
    if incoming.problem and who.actor:  # whoever is let in stands in the ledger
        told["actor"] = who.actor
    if tenant := incoming.tenant or who.tenant:
        told["tenant"] = tenant
    logger.info("request", extra=told)
    count("Requests", route=incoming.route, status_class=f"{response.status_code // 100}xx")
