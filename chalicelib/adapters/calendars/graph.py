"""Microsoft Graph: calendars of Microsoft 365 and Outlook.com.

Of the main calendar only times are asked for, by `$select`, and whether they count. Appointments are written into a
calendar of our own, and found again by a property of our own that holds nothing but their id; so is that calendar.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from chalicelib.adapters._http import Http, Reply, check_host
from chalicelib.adapters._provider import required
from chalicelib.adapters.calendars._calendar import NAME as OURS
from chalicelib.adapters.calendars._calendar import Around, OwnCalendar, checked
from chalicelib.adapters.calendars._oauth import OAuth, call
from chalicelib.adapters.calendars.graph_reports import GraphReports, id_in
from chalicelib.domain.errors import ProviderUnavailableError
from chalicelib.domain.own_calendars import MICROSOFT, Access, OwnEvent, Span

NAME = MICROSOFT
_PROPERTY = "String {6b1f2d0e-5c1a-4b7e-9d57-2f7c3a9e8b14} Name ZusageAppointment"
_LINK = "String {6b1f2d0e-5c1a-4b7e-9d57-2f7c3a9e8b14} Name ZusageLink"
_FREE = frozenset({"free", "workingElsewhere"})
_MOST_PAGES = 20
_EXISTS = 409
_A_DAY = timedelta(days=1)


class GraphCalendar(OwnCalendar):
    """Speaks with Graph in the name of one expert at a time."""

    name: ClassVar[str] = NAME

    def __init__(self, *, base_url: str, oauth: OAuth, http: Http, reports_to: str) -> None:
        self._url = f"{base_url}/v1.0"
        self.oauth = oauth
        self.reports = GraphReports(self._url, http=http, reports_to=reports_to)
        self._http = http

    def busy(self, access: Access, *, frm: datetime, to: datetime, zones: Callable[[date], ZoneInfo]) -> list[Span]:
        """What is taken between two instants, and around them. Whole days have no zone: they are where the expert is.

        So one may reach into the range from the day before or after it, as Microsoft counts days.
        """
        asked = {
            "startDateTime": f"{(frm - _A_DAY).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "endDateTime": f"{(to + _A_DAY).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "$select": "start,end,showAs,isCancelled,isAllDay",
            "$top": "1000",
        }
        entries = self._pages(access, f"{self._url}/me/calendar/calendarView?{urlencode(asked)}")
        taken = (each for each in entries if each.get("showAs") not in _FREE and each.get("isCancelled") is not True)
        return [_span(each, zones) for each in taken]

    def _pages(self, access: Access, url: str) -> Iterator[dict[str, Any]]:
        for _ in range(_MOST_PAGES):
            page = self._call("GET", url, access, headers={"prefer": 'outlook.timezone="UTC"'}).json()
            if not isinstance(page.get("value"), list):
                raise ProviderUnavailableError(NAME, "nonsense")
            yield from page["value"]
            url = str(page.get("@odata.nextLink") or "")
            if not url:
                return
        raise ProviderUnavailableError(NAME, "too-many")

    def create_own(self, access: Access, link: str) -> str:
        """The calendar that was made for this link, or a new one; another of that name is left alone."""
        return self.find_own(access, link) or self._create_own(access, link)

    def _create_own(self, access: Access, link: str) -> str:
        marked = {"singleValueExtendedProperties": [{"id": _LINK, "value": link}]}
        reply = self._post(access, "/me/calendars", {"name": OURS, **marked})
        if reply.status == _EXISTS:
            reply = self._post(access, "/me/calendars", {"name": f"{OURS} {link[-6:]}", **marked})
        return id_in(checked(NAME, reply))

    def find_own(self, access: Access, link: str) -> str | None:
        """The calendar that bears the link's mark; no other is told of."""
        return next(iter(self._marked(access, f"{self._url}/me/calendars", _LINK, link)), None)

    def delete_own(self, access: Access, own: str) -> None:
        """Deletes our calendar with what stands in it; nothing happens when it is gone."""
        self._gone(access, f"/me/calendars/{quote(own, safe='')}")

    def write(self, access: Access, own: str, event: OwnEvent) -> None:
        """Writes an appointment, or changes it. ThingGoneError when our calendar is gone."""
        self.admit(event)
        content = {
            "subject": event.title,
            "start": {"dateTime": f"{event.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
            "end": {"dateTime": f"{event.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
            "showAs": "busy",
        }
        known = self._find(access, own, event.key)
        for each in known:
            self._call("PATCH", f"{self._url}/me/events/{quote(each, safe='')}", access, content=content)
        if not known:
            marked = {"singleValueExtendedProperties": [{"id": _PROPERTY, "value": event.key}]}
            self._call("POST", self._events(own), access, content={**content, **marked})

    def remove(self, access: Access, own: str, key: str) -> None:
        """Takes an appointment out, if it is there."""
        for each in self._find(access, own, key):
            self._gone(access, f"/me/events/{quote(each, safe='')}")

    def _find(self, access: Access, own: str, key: str) -> list[str]:
        """The ids of what we wrote for an appointment into our own calendar; nothing else is read of it."""
        return self._marked(access, self._events(own), _PROPERTY, key)

    def _marked(self, access: Access, url: str, mark: str, value: str) -> list[str]:
        """The ids of what bears a mark of ours with this value."""
        wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{mark}' and ep/value eq '{value}')"
        asked = urlencode({"$filter": wanted, "$select": "id"}, quote_via=quote)
        found = self._call("GET", f"{url}?{asked}", access).json().get("value")
        return [str(each["id"]) for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def revoke(self, access: Access) -> None:
        """Microsoft has no way for that but to end all of somebody's sessions; without our tokens nobody gets in."""

    def _events(self, own: str) -> str:
        return f"{self._url}/me/calendars/{quote(own, safe='')}/events"

    def _post(self, access: Access, path: str, content: object) -> Reply:
        return call(self._http, "POST", f"{self._url}{path}", access, content=content)

    def _gone(self, access: Access, path: str) -> None:
        reply = call(self._http, "DELETE", f"{self._url}{path}", access)
        checked(NAME, reply, good=frozenset({200, 204, 404, 410}))

    def _call(
        self,
        method: str,
        url: str,
        access: Access,
        *,
        content: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        return checked(NAME, call(self._http, method, url, access, content=content, headers=headers))


def _span(entry: Mapping[str, Any], zones: Callable[[date], ZoneInfo]) -> Span:
    try:
        start, end = (datetime.fromisoformat(str(entry[each]["dateTime"])[:19]) for each in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        raise ProviderUnavailableError(NAME, "nonsense") from None
    if entry.get("isAllDay") is True:
        first, last = start.date(), end.date() - timedelta(days=1)
        return Span(_midnight(first, zones(first)), _midnight(end.date(), zones(max(first, last))))
    return Span(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def build(config: Mapping[str, str], secrets: Mapping[str, str], around: Around) -> GraphCalendar:
    """The adapter out of settings and secrets."""
    login, base = required(NAME, config, "microsoft_login_url"), required(NAME, config, "microsoft_graph_url")
    for url in (login, base):
        check_host(NAME, url.partition("://")[2].partition("/")[0].partition(":")[0], around.hosts)
    public = required(NAME, config, "public_base_url")
    http = Http(NAME, hosts=around.hosts, timeouts=around.timeouts)
    oauth = OAuth(
        provider=NAME,
        http=http,
        clock=around.clock,
        authorise_url=f"{login}/common/oauth2/v2.0/authorize",
        token_url=f"{login}/common/oauth2/v2.0/token",
        client_id=required(NAME, config, "microsoft_client_id"),
        client_secret=required(NAME, secrets, "microsoft_client_secret"),
        back_to=f"{public}/calendar",
        scope="offline_access Calendars.ReadWrite",
        asks={"response_mode": "query", "prompt": "select_account"},
    )
    return GraphCalendar(base_url=base, oauth=oauth, http=http, reports_to=f"{public}/v1/webhooks/microsoft-graph")
