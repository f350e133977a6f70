"""A simulated Microsoft Graph with its sign-in page: calendars of Microsoft 365 and Outlook.com."""

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode

from infra.local.providers.calendar_accounts import Account, Accounts, Entry, Made, new_id
from infra.local.providers.calendar_oauth import OAuthServer
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, json_response
from infra.local.providers.inbox import Message
from infra.local.providers.reporting import deliver
from infra.local.providers.setup import Setup

NAME = "microsoft-graph"
_LOGIN, _API = "/microsoft/common/oauth2/v2.0/", "/microsoft/v1.0"
_KEY = re.compile(r"ep/value eq '([0-9a-f]+)'")
_EMPTY = Response(204, b"")


class Graph:
    """Any number of accounts, each there as soon as somebody signs in."""

    name = NAME
    prefix = "/microsoft/"
    events: tuple[str, ...] = ()

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.accounts = Accounts()
        self.oauth = OAuthServer(setup, "MicrosoftClientId", "microsoft_client_secret", rotates=True)
        self._wordy = False

    def answer(self, request: Request) -> Response:
        """What Graph answers."""
        if request.path == f"{_LOGIN}authorize":
            return self.oauth.authorise(request)
        if request.path == f"{_LOGIN}token":
            return self.oauth.token(request)
        account = self.oauth.account_of(request)
        if not account:
            return _problem(401, "InvalidAuthenticationToken")
        return self._route(request, request.path.removeprefix(_API).split("/")[1:], self.accounts.of(account))

    def _route(self, request: Request, path: list[str], account: Account) -> Response:
        match request.method, *(unquote(each) for each in path):
            case "GET", "me", "calendar", "calendarView":
                answer = self._view(request, account)
            case "GET", "me", "calendars":
                answer = _listed(request, account)
            case "POST", "me", "calendars":
                answer = _make(request, account)
            case "DELETE", "me", "calendars", own:
                answer = _EMPTY if account.made.pop(own, None) else _problem(404, "ErrorItemNotFound")
            case "GET", "me", "calendars", own, "events":
                answer = _found(request, account.made.get(own))
            case "POST", "me", "calendars", own, "events":
                answer = _write(request, account.made.get(own))
            case (("PATCH" | "DELETE"), "me", "events", event):
                answer = _change(request, account, event)
            case _, "subscriptions", *rest:
                answer = self._subscription(request, account, rest)
            case _:
                answer = _problem(404, "ResourceNotFound")
        return answer

    def _view(self, request: Request, account: Account) -> Response:
        if 'outlook.timezone="UTC"' not in request.headers.get("prefer", ""):
            return _problem(400, "ThisSimulationSpeaksUtcOnly")
        frm, to = (datetime.fromisoformat(request.query[each]) for each in ("startDateTime", "endDateTime"))
        chosen = request.query.get("$select", "").split(",")
        fields = None if self._wordy or chosen == [""] else {*chosen, "id", "@odata.etag"}
        found, skip = account.taken(frm, to), int(request.query.get("$skip", 0))
        page = found[skip : skip + self.accounts.page]
        content: dict[str, Any] = {"value": [_event(each, fields) for each in page]}
        if len(found) > skip + len(page):
            following = urlencode({**request.query, "$skip": skip + len(page)})
            content["@odata.nextLink"] = f"{self._setup.own_url}{request.path}?{following}"
        return json_response(200, content)

    def _subscription(self, request: Request, account: Account, rest: list[str]) -> Response:
        if request.method == "POST":
            return self._subscribe(request.json(), account)
        if not rest or rest[0] not in account.subscriptions:
            return _problem(404, "ResourceNotFound")
        if request.method == "DELETE":
            del account.subscriptions[rest[0]]
            return _EMPTY
        account.subscriptions[rest[0]] |= request.json()
        return json_response(200, {"id": rest[0]})

    def _subscribe(self, wanted: dict[str, Any], account: Account) -> Response:
        """Asks the address first whether it wants to be told, as Graph does."""
        token = f"Validation: Testing client application reachability for subscription. Request-Id: {uuid.uuid4()}"
        url = f"{wanted['notificationUrl']}?{urlencode({'validationToken': token})}"
        heard = deliver(
            Call("POST", url, {"Content-Type": "text/plain; charset=utf-8"}), event="", clock=self._setup.clock
        )
        if heard.status != 200 or heard.answer != token:
            return _problem(400, "ValidationError")
        number = str(uuid.uuid4())
        account.subscriptions[number] = dict(wanted)
        return json_response(201, {**wanted, "id": number})

    def notify(self, account: Account) -> list[int]:
        """Tells everybody who subscribed that something has changed; what was answered."""
        return [
            deliver(_notice(number, each), event="", clock=self._setup.clock).status
            for number, each in account.subscriptions.items()
        ]

    def obey(self, orders: dict[str, Any]) -> None:
        """`revoke`: the person takes back what they agreed to. `wordy`: more is told than was asked for."""
        account = self.accounts.obey(orders)
        self._wordy = bool(orders.get("wordy", self._wordy))
        if orders.get("revoke"):
            self.oauth.revoke_all(str(orders.get("account", "expert")))
        if orders.get("notify"):
            self.notify(account)

    def error(self, status: int, code: int) -> Response:
        """How Graph says that it failed."""
        answer = _problem(status, "TooManyRequests" if status == 429 else "ServiceNotAvailable")
        headers = {"Retry-After": str(code or 120)} if status in {429, 503} else {}
        return Response(answer.status, answer.body, headers=headers)

    def report(self, message: Message, event: str) -> Call:
        """Nothing: no message is sent here."""
        raise UnknownEventError(event)


def _make(request: Request, account: Account) -> Response:
    name = request.json()["name"]
    if any(each.name == name for each in account.made.values()):
        return _problem(409, "ErrorFolderExists")
    own = f"AQMk{new_id()}=="
    marks = request.json().get("singleValueExtendedProperties", [])
    account.made[own] = Made(name, "".join(each["value"] for each in marks))
    return json_response(201, {"id": own, "name": name})


def _listed(request: Request, account: Account) -> Response:
    """Those that bear the mark that is asked for, or all, the person's own among them."""
    wanted = _KEY.search(request.query.get("$filter", ""))
    every = {"AQMkmain==": Made("Calendar"), **account.made}
    found = {own: made for own, made in every.items() if wanted is None or made.mark == wanted[1]}
    chosen = request.query.get("$select") == "id"
    return json_response(
        200, {"value": [{"id": own, **({} if chosen else {"name": made.name})} for own, made in found.items()]}
    )


def _found(request: Request, made: Made | None) -> Response:
    if made is None:
        return _problem(404, "ErrorItemNotFound")
    wanted = _KEY.search(request.query.get("$filter", ""))
    found = [each for each in made.events.values() if wanted and each["_key"] == wanted[1]]
    return json_response(200, {"value": [{"id": each["id"], "@odata.etag": "x"} for each in found]})


def _write(request: Request, made: Made | None) -> Response:
    if made is None:
        return _problem(404, "ErrorItemNotFound")
    content = request.json()
    (marked,) = content["singleValueExtendedProperties"]
    event = {**content, "id": f"AAMk{new_id()}=", "_key": marked["value"]}
    made.events[event["id"]] = event
    return json_response(201, event)


def _change(request: Request, account: Account, event: str) -> Response:
    made = next((each for each in account.made.values() if event in each.events), None)
    if made is None:
        return _problem(404, "ErrorItemNotFound")
    if request.method == "DELETE":
        del made.events[event]
        return _EMPTY
    made.events[event] |= request.json()
    return json_response(200, made.events[event])


def _event(entry: Entry, fields: set[str] | None) -> dict[str, Any]:
    """The whole of it, or what was chosen; a whole day stands as midnight, in no zone."""
    form = "%Y-%m-%dT00:00:00.0000000" if entry.all_day else "%Y-%m-%dT%H:%M:%S.0000000"
    times = (
        (name, at if entry.all_day else at.astimezone(UTC)) for name, at in (("start", entry.start), ("end", entry.end))
    )
    whole = {
        "@odata.etag": "x",
        "id": f"AAMk{new_id()}=",
        "subject": entry.title,
        "bodyPreview": entry.body,
        "body": {"contentType": "text", "content": entry.body},
        "location": {"displayName": entry.place},
        "attendees": [{"emailAddress": {"address": each, "name": each}} for each in entry.guests],
        "showAs": entry.shows,
        "isAllDay": entry.all_day,
        "isCancelled": entry.cancelled,
        **{name: {"dateTime": at.strftime(form), "timeZone": "UTC"} for name, at in times},
    }
    return whole if fields is None else {name: value for name, value in whole.items() if name in fields}


def _notice(number: str, wanted: dict[str, Any]) -> Call:
    notice = {
        "subscriptionId": number,
        "clientState": wanted["clientState"],
        "changeType": "updated",
        "resource": f"Users/{new_id()}/Events/{new_id()}",
        "tenantId": str(uuid.uuid4()),
        "resourceData": {"@odata.type": "#Microsoft.Graph.Event", "id": new_id()},
    }
    body = json.dumps({"value": [notice]}).encode()
    return Call("POST", wanted["notificationUrl"], {"Content-Type": "application/json"}, body)


def _problem(status: int, code: str) -> Response:
    return json_response(
        status, {"error": {"code": code, "message": code, "innerError": {"date": "2026-11-22T00:00:00"}}}
    )
