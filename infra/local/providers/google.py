"""A simulated Google Calendar with its sign-in page, as far as free/busy, pushes and a calendar of one's own go."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from infra.local.providers.calendar_accounts import Account, Accounts, Made, new_id
from infra.local.providers.calendar_oauth import OAuthServer
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError, json_response
from infra.local.providers.google_channels import Channels
from infra.local.providers.inbox import Message
from infra.local.providers.setup import Setup

NAME = "google-calendar"
_API = "/google/calendar/v3"
_EMPTY = Response(204, b"")
_LONGEST = timedelta(days=90)


class Google:
    """Any number of accounts, each there as soon as somebody signs in."""

    name = NAME
    prefix = "/google/"
    events: tuple[str, ...] = ()

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.accounts = Accounts()
        self.oauth = OAuthServer(setup, "GoogleClientId", "google_client_secret", rotates=False)
        self.channels = Channels(setup.clock)

    def answer(self, request: Request) -> Response:
        """What Google answers."""
        if request.path == "/google/o/oauth2/v2/auth":
            return self.oauth.authorise(request)
        if request.path == "/google/token":
            return self.oauth.token(request)
        if request.path == "/google/revoke":
            known = self.oauth.revoke(request.form().get("token", ""))
            return json_response(200, {}) if known else json_response(400, {"error": "invalid_token"})
        account = self.oauth.account_of(request)
        if not account:
            return _problem(401, "authError")
        path = request.path.removeprefix(_API).split("/")[1:]
        if path[-1:] in (["watch"], ["stop"], ["freeBusy"]) and not self.oauth.allows(
            request, "calendar.events.freebusy"
        ):
            return _problem(403, "insufficientPermissions")
        return self._route(request, path, self.accounts.of(account))

    def _route(self, request: Request, path: list[str], account: Account) -> Response:
        match request.method, *path:
            case "POST", "calendars", "primary", "events", "watch":
                status, said = self.channels.watch(account, request.json())
                return json_response(status, said) if status == 200 else _problem(status, said["reason"])
            case "POST", "channels", "stop":
                known = self.channels.stop(account, request.json())
                return _EMPTY if known else _problem(404, "channelUnknown")
        return _route(request, path, account)

    def obey(self, orders: dict[str, Any]) -> None:
        """`revoke`: the person takes back what they agreed to. `watch`: status and reason by which pushes are refused.

        `notify`: everybody who watches is told that something has changed, so many times over.
        """
        account = self.accounts.obey(orders)
        if "watch" in orders:
            self.channels.refusal = tuple(orders["watch"] or ()) or None
        if orders.get("revoke"):
            self.oauth.revoke_all(str(orders.get("account", "expert")))
        if orders.get("notify"):
            self.channels.push(account, times=int(orders["notify"]))

    def error(self, status: int, code: int) -> Response:
        """How Google says that it failed; too many requests may be a 403, too."""
        return _problem(status, "rateLimitExceeded" if status in {403, 429} else "backendError")

    def report(self, message: Message, event: str) -> Call:
        """Nothing: no message is sent here."""
        raise UnknownEventError(event)


def _route(request: Request, path: list[str], account: Account) -> Response:
    match request.method, *(unquote(each) for each in path):
        case "POST", "freeBusy":
            return _free_busy(request.json(), account)
        case "POST", "calendars":
            own = f"{new_id()}@group.calendar.google.com"
            account.made[own] = Made(request.json()["summary"])
            return json_response(200, {"id": own, "summary": request.json()["summary"]})
        case "DELETE", "calendars", own:
            return _EMPTY if account.made.pop(own, None) else _problem(404, "notFound")
        case method, "calendars", own, "events", *rest if own in account.made:
            return _event(method, rest, request, account.made[own])
    return _problem(404, "notFound")


def _event(method: str, rest: list[str], request: Request, made: Made) -> Response:
    """Ids of what was deleted stay taken, as at Google."""
    number = rest[0] if rest else request.json()["id"]
    known = made.events.get(number)
    if method == "POST" and known is not None:
        return _problem(409, "duplicate")
    if method == "DELETE":
        if known is None or known["status"] == "cancelled":
            return _problem(410 if known else 404, "deleted")
        known["status"] = "cancelled"
        return _EMPTY
    if method == "PUT" and known is None:
        return _problem(404, "notFound")
    made.events[number] = dict(request.json())
    return json_response(200, made.events[number])


def _free_busy(asked: dict[str, Any], account: Account) -> Response:
    frm, to = (datetime.fromisoformat(asked[each]) for each in ("timeMin", "timeMax"))
    if to - frm > _LONGEST:
        return _problem(400, "timeRangeTooLong")
    if account.error:
        main: dict[str, Any] = {"errors": [{"domain": "global", "reason": account.error}], "busy": []}
    else:
        taken = (each for each in account.taken(frm, to) if each.shows == "busy" and not each.cancelled)
        main = {"busy": [{"start": _text(each.start), "end": _text(each.end)} for each in taken]}
    return json_response(200, {"kind": "calendar#freeBusy", "calendars": {asked["items"][0]["id"]: main}})


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _problem(status: int, reason: str) -> Response:
    errors = [{"domain": "global", "reason": reason, "message": reason}]
    return json_response(status, {"error": {"code": status, "message": reason, "errors": errors}})
