"""The inbox over HTTP: its page, its messages as JSON, their files, reports sent back, and the failure switches."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local.providers.exchange import Request, Response, UnknownEventError, json_response
from infra.local.providers.inbox import Message
from infra.local.providers.simulator import Simulator
from infra.local.providers.view import message_json

_PAGE = Path(__file__).with_name("page")
_STATIC = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
# The frames that show mails inherit this: a mail loads nothing from anywhere.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MESSAGE = re.compile(r"/inbox/(\d+)(?:/(report|files/(\d+)))?")
_MOST_TIMES = 10


class InboxApi:
    """What is served beside the providers' own addresses."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def answer(self, request: Request) -> Response:
        """The page, the JSON, a file, or what an order led to."""
        answer = self._route(request)
        return Response(answer.status, answer.body, answer.content_type, {**_HEADERS, **answer.headers})

    def _route(self, request: Request) -> Response:
        if request.method == "GET" and request.path in _STATIC:
            name, content_type = _STATIC[request.path]
            return Response(200, (_PAGE / name).read_bytes(), content_type)
        if request.method == "GET" and request.path == "/inbox.json":
            return self._list(request)
        if request.method == "GET" and request.path == "/calendars.json":
            return json_response(200, {n: each.accounts.told() for n, each in self._simulator.calendars.items()})
        if request.method == "POST" and request.headers.get("content-type") != "application/json":
            # A page of another site can send a form without asking, but no JSON.
            return json_response(415, {"problem": "Content-Type must be application/json"})
        if request.method == "POST" and request.path == "/_control":
            return self._control(request)
        return self._of_message(request)

    def _list(self, request: Request) -> Response:
        query = request.query
        try:
            since = datetime.fromisoformat(query["since"]) if "since" in query else None
            after = int(query.get("after", 0))
        except ValueError:
            return json_response(400, {"problem": "since is an instant in ISO 8601, after is a number"})
        if since and since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        found = self._simulator.inbox.find(to=query.get("to", ""), since=since, after=after, kind=query.get("kind", ""))
        return json_response(200, {"messages": [message_json(self._simulator, message) for message in found]})

    def _control(self, request: Request) -> Response:
        try:
            self._simulator.control(request.json())
        except (ValueError, AttributeError) as problem:
            return json_response(400, {"problem": str(problem)})
        return json_response(200, {})

    def _of_message(self, request: Request) -> Response:
        match = _MESSAGE.fullmatch(request.path)
        message = self._simulator.inbox.get(int(match[1])) if match else None
        if match is None or message is None:
            return json_response(404, {"problem": "there is nothing here"})
        if request.method == "GET" and match[3]:
            return _file(message, int(match[3]))
        if request.method == "GET" and not match[2]:
            return json_response(200, message_json(self._simulator, message))
        if request.method == "POST" and match[2] == "report":
            return self._report(message, request)
        return json_response(405, {"problem": f"{request.method} is not possible here"})

    def _report(self, message: Message, request: Request) -> Response:
        try:
            event, times, late = _report_order(request.json())
            reports = self._simulator.report(message, event, times=times, late_seconds=late)
        except UnknownEventError:
            possible = ", ".join(self._simulator.events_for(message))
            return json_response(400, {"problem": f"event must be one of {possible}"})
        except (ValueError, TypeError, AttributeError):
            return json_response(400, {"problem": f"times is 1 to {_MOST_TIMES}, late_seconds is 0 or more"})
        answered = [{"status": report.status, "answer": report.answer} for report in reports]
        return json_response(202 if late else 200, {"reports": answered})


def _report_order(order: dict[str, Any]) -> tuple[str, int, float]:
    times, late = int(order.get("times", 1)), float(order.get("late_seconds", 0))
    if not 1 <= times <= _MOST_TIMES or late < 0:
        raise ValueError
    return str(order.get("event")), times, late


def _file(message: Message, index: int) -> Response:
    files = message.captured.files
    if index >= len(files):
        return json_response(404, {"problem": "there is no such file"})
    name = re.sub(r"[^\w.-]", "_", files[index].name, flags=re.ASCII)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(200, files[index].content, files[index].content_type, disposition)
