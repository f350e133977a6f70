"""A simulated CalDAV server: principals, homes, calendars, free/busy reports. Every user has the same password."""

from datetime import UTC, datetime
from re import findall
from typing import Any

from infra.local.providers.calendar_accounts import Account, Accounts, Made
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, text_response
from infra.local.providers.inbox import Message
from infra.local.providers.setup import Setup

NAME = "caldav"
PASSWORD = "insecure-app-password"  # noqa: S105 (nothing is behind it)
_XML = "application/xml; charset=utf-8"
_SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'


class Caldav:
    """Any number of users, each with a calendar `personal`."""

    name = NAME
    prefix = "/caldav/"
    events: tuple[str, ...] = ()

    def __init__(self, setup: Setup) -> None:
        self.accounts = Accounts()
        self._locked: set[str] = set()

    def answer(self, request: Request) -> Response:
        """What such a server answers."""
        user, password = request.basic_auth()
        if password != PASSWORD or user in self._locked:
            return text_response(401, "Unauthorized")
        account, home = self.accounts.of(user), f"/caldav/calendars/{user}/"
        if request.method == "PROPFIND":
            return _look(request, account, user, home)
        if not request.path.startswith(home):
            return text_response(403, "Forbidden")
        return _act(request, account, request.path.removeprefix(home).split("/"))

    def obey(self, orders: dict[str, Any]) -> None:
        """`revoke`: the password is changed."""
        self.accounts.obey(orders)
        if orders.get("revoke"):
            self._locked.add(str(orders.get("account", "expert")))

    def error(self, status: int, code: int) -> Response:
        """How such a server says that it failed."""
        headers = {"Retry-After": str(code)} if code else {}
        return Response(status, b"", "text/plain", headers)

    def report(self, message: Message, event: str) -> Call:
        """Nothing: no message is sent here."""
        raise UnknownEventError(event)


def _look(request: Request, account: Account, user: str, home: str) -> Response:
    principal = f"/caldav/principals/{user}/"
    homed = f"<c:calendar-home-set><d:href>{home}</d:href></c:calendar-home-set>"
    named = f"<d:current-user-principal><d:href>{principal}</d:href></d:current-user-principal>"
    if request.path == principal:
        return _several({principal: homed})
    if not request.path.startswith(home):
        return _several({request.path: named})
    calendars = {f"{home}{each}/": _type("<c:calendar/>") for each in ("personal", *account.made)}
    if request.path in calendars:
        return _several({request.path: calendars[request.path]})
    return _several({home: _type("") + named} | (calendars if request.headers.get("depth") == "1" else {}))


def _act(request: Request, account: Account, path: list[str]) -> Response:
    made = account.made.get(path[0])
    match request.method, *path:
        case "REPORT", "personal", "":
            return _free_busy(request, account)
        case "MKCALENDAR", name, "":
            if made is not None:
                return text_response(405, "Method Not Allowed")
            account.made[name] = Made("".join(findall(r"displayname>([^<]*)<", request.body.decode())))
            return text_response(201, "Created")
        case "PUT", _, file if file:
            return text_response(409, "Conflict") if made is None else _put(made, file, request)
        case "DELETE", name, *rest if made is not None:
            gone = made.events.pop(rest[0], None) if rest and rest[0] else account.made.pop(name)
            return Response(204, b"") if gone else text_response(404, "Not Found")
    return text_response(404, "Not Found")


def _put(made: Made, file: str, request: Request) -> Response:
    status = 204 if file in made.events else 201
    made.events[file] = {"file": file, "content": request.body.decode()}
    return Response(status, b"")


def _free_busy(request: Request, account: Account) -> Response:
    """Periods in both forms that the format allows, and one that says that a time is free."""
    frm, to = (
        datetime.strptime(each, "%Y%m%dT%H%M%S%z")
        for each in findall(r'(?:start|end)="([^"]*)"', request.body.decode())
    )
    if account.error:
        return text_response(403, account.error)
    taken = [each for each in account.taken(frm, to) if each.shows == "busy" and not each.cancelled]
    periods = [f"{_text(each.start)}/PT{int((each.end - each.start).total_seconds())}S" for each in taken[::2]]
    periods += [f"{_text(each.start)}/{_text(each.end)}" for each in taken[1::2]]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Simulated//EN", "BEGIN:VFREEBUSY", f"DTSTAMP:{_text(frm)}"]
    lines += [f"FREEBUSY;FBTYPE=BUSY:{','.join(periods)}"] if periods else []
    lines += [f"FREEBUSY;FBTYPE=FREE:{_text(frm)}/PT15M", "END:VFREEBUSY", "END:VCALENDAR", ""]
    return Response(200, "\r\n".join(lines).encode(), "text/calendar; charset=utf-8")


def _several(found: dict[str, str]) -> Response:
    parts = "".join(
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{said}</d:prop><d:status>HTTP/1.1 200 OK</d:status>"
        "</d:propstat></d:response>"
        for href, said in found.items()
    )
    return Response(207, f'<?xml version="1.0"?><d:multistatus {_SPACES}>{parts}</d:multistatus>'.encode(), _XML)


def _type(more: str) -> str:
    return f"<d:resourcetype><d:collection/>{more}</d:resourcetype>"


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
