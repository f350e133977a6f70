"""Google Calendar. The main calendar is only asked what is free and what is busy: titles never come.

Two narrow rights suffice: to see free and busy times, which includes that changes are reported, and to keep a calendar
of our own.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from chalicelib.adapters._http import Http, Reply, check_host
from chalicelib.adapters._provider import required
from chalicelib.adapters.calendars._calendar import NAME as OURS
from chalicelib.adapters.calendars._calendar import Around, OwnCalendar, checked
from chalicelib.adapters.calendars._oauth import FORM, OAuth, call
from chalicelib.adapters.calendars.google_reports import GoogleReports, is_throttled
from chalicelib.domain.errors import OutcomeUnknownError, ProviderUnavailableError
from chalicelib.domain.own_calendars import GOOGLE, Access, OwnEvent, Span

NAME = GOOGLE
SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.freebusy",
    "https://www.googleapis.com/auth/calendar.app.created",
)
_AT_ONCE = timedelta(days=62)  # Google refuses ranges of more than about 90 days
_EXISTS = 409


class GoogleCalendar(OwnCalendar):
    """Speaks with Google in the name of one expert at a time."""

    name: ClassVar[str] = NAME

    def __init__(self, *, base_url: str, oauth: OAuth, http: Http, revoke_url: str, reports_to: str) -> None:
        self._url = f"{base_url}/calendar/v3"
        self.oauth = oauth
        self.reports = GoogleReports(self._url, http=http, reports_to=reports_to)
        self._http = http
        self._revoke_url = revoke_url

    def busy(self, access: Access, *, frm: datetime, to: datetime, zones: object) -> list[Span]:
        """What is taken between two instants; whole days are days of the calendar's own zone."""
        return [span for since, until in _ranges(frm, to) for span in self._busy(access, since, until)]

    def _busy(self, access: Access, frm: datetime, to: datetime) -> list[Span]:
        """An error about the calendar means that nobody knows, and not: free."""
        asked = {"timeMin": _text(frm), "timeMax": _text(to), "timeZone": "UTC", "items": [{"id": "primary"}]}
        said = self._call("POST", "/freeBusy", access, asked).json()
        found = said.get("calendars")
        main = next(iter(found.values()), None) if isinstance(found, dict) else None
        if not isinstance(main, dict) or main.get("errors") or not isinstance(main.get("busy"), list):
            raise ProviderUnavailableError(NAME, _reason(main))
        return [_span(each) for each in main["busy"]]

    def create_own(self, access: Access, link: str) -> str:
        """A calendar of ours."""
        found = self._call("POST", "/calendars", access, {"summary": OURS}).json().get("id")
        if not isinstance(found, str) or not found:
            raise OutcomeUnknownError(NAME, "no-id")
        return found

    def find_own(self, access: Access, link: str) -> None:
        """Only who may see all of somebody's calendars may list any: we may not, and do without."""

    def delete_own(self, access: Access, own: str) -> None:
        """Deletes our calendar with what stands in it; nothing happens when it is gone."""
        self._gone(access, f"/calendars/{quote(own, safe='')}")

    def write(self, access: Access, own: str, event: OwnEvent) -> None:
        """Writes an appointment under its own id, or changes it, one that was taken out before included."""
        self.admit(event)
        content = {
            "id": event.key,  # 32 hexadecimal digits are base32hex, as Google wants it
            "summary": event.title,
            "start": {"dateTime": _text(event.starts_at)},
            "end": {"dateTime": _text(event.ends_at)},
            "status": "confirmed",
            "reminders": {"useDefault": False},
        }
        reply = call(self._http, "POST", self._events(own), access, content=content)
        if reply.status == _EXISTS:
            reply = call(self._http, "PUT", f"{self._events(own)}/{event.key}", access, content=content)
        checked(NAME, reply, throttled=is_throttled)

    def remove(self, access: Access, own: str, key: str) -> None:
        """Takes an appointment out, if it is there."""
        self._gone(access, f"/calendars/{quote(own, safe='')}/events/{key}")

    def revoke(self, access: Access) -> None:
        """Ends all that the expert agreed to. A token that is not valid any more was revoked before."""
        body = urlencode({"token": access.refresh or access.token}).encode()
        reply = self._http.post(self._revoke_url, headers=FORM, body=body)
        if reply.status == 400 and reply.json().get("error") == "invalid_token":
            return
        checked(NAME, reply)

    def _events(self, own: str) -> str:
        return f"{self._url}/calendars/{quote(own, safe='')}/events"

    def _gone(self, access: Access, path: str) -> None:
        reply = call(self._http, "DELETE", f"{self._url}{path}", access)
        checked(NAME, reply, good=frozenset({200, 204, 404, 410}), throttled=is_throttled)

    def _call(self, method: str, path: str, access: Access, content: object) -> Reply:
        reply = call(self._http, method, f"{self._url}{path}", access, content=content)
        return checked(NAME, reply, throttled=is_throttled)


def _ranges(frm: datetime, to: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The range cut into such as may be asked for at once."""
    while frm < to:
        yield frm, min(frm + _AT_ONCE, to)
        frm += _AT_ONCE


def _reason(main: Any) -> str:
    """Google's word for what is wrong with the calendar; only its own words are passed on."""
    try:
        reason = str(main["errors"][0]["reason"])
    except (KeyError, IndexError, TypeError):
        return "nonsense"
    return reason if reason in {"notFound", "groupTooBig", "tooManyCalendarsRequested", "internalError"} else "errors"


def _span(entry: Any) -> Span:
    try:
        start, end = (datetime.fromisoformat(str(entry[each])) for each in ("start", "end"))
        return Span(start.astimezone(UTC), end.astimezone(UTC))
    except (KeyError, TypeError, ValueError):
        raise ProviderUnavailableError(NAME, "nonsense") from None


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def build(config: Mapping[str, str], secrets: Mapping[str, str], around: Around) -> GoogleCalendar:
    """The adapter out of settings and secrets."""
    names = ("google_accounts_url", "google_oauth_url", "google_calendar_url")
    accounts, tokens, base = (required(NAME, config, each) for each in names)
    for url in (accounts, tokens, base):
        check_host(NAME, url.partition("://")[2].partition("/")[0].partition(":")[0], around.hosts)
    public = required(NAME, config, "public_base_url")
    http = Http(NAME, hosts=around.hosts, timeouts=around.timeouts)
    oauth = OAuth(
        provider=NAME,
        http=http,
        clock=around.clock,
        authorise_url=f"{accounts}/o/oauth2/v2/auth",
        token_url=f"{tokens}/token",
        client_id=required(NAME, config, "google_client_id"),
        client_secret=required(NAME, secrets, "google_client_secret"),
        back_to=f"{public}/calendar",
        scope=" ".join(SCOPES),
        asks={"access_type": "offline", "prompt": "consent"},
    )
    return GoogleCalendar(
        base_url=base,
        oauth=oauth,
        http=http,
        revoke_url=f"{tokens}/revoke",
        reports_to=f"{public}/v1/webhooks/google-calendar",
    )
