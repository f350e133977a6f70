"""CalDAV (RFC 4791): calendars of Infomaniak, Nextcloud, mailbox.org and other servers that an expert names.

Busy times come from the server's own free/busy report, so no entry is ever read. A server that does not answer it can't
be linked: what nobody can tell is not taken for free.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urljoin, urlsplit

from chalicelib.adapters._http import Reply
from chalicelib.adapters._public_http import PublicHttp
from chalicelib.adapters.calendars import _dav
from chalicelib.adapters.calendars._calendar import NAME as OURS
from chalicelib.adapters.calendars._calendar import Around, OwnCalendar, checked
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ProviderMisconfiguredError, ProviderUnavailableError, ThingGoneError
from chalicelib.domain.own_calendars import CALDAV, Access, OwnEvent, Span

NAME = CALDAV
_PREFIX = "zusage-"
_EXISTS = 405
_MOST = 30


class CaldavCalendar(OwnCalendar):
    """Speaks with one expert's server at a time."""

    name: ClassVar[str] = NAME
    oauth: ClassVar[None] = None
    reports: ClassVar[None] = None

    def __init__(self, *, http: PublicHttp, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def find(self, *, address: str, user: str, password: str) -> Access:
        """The calendars behind an address: that of a calendar, of a person, or of a server that names the person.

        AccessEndedError for a wrong password, ProviderMisconfiguredError where there are no calendars or one may not
        look.
        """
        access = Access(token=password, user=user, address=address)
        seen = self._look(address, access)
        if seen.is_calendar:
            parent = urljoin(address.rstrip("/") + "/", "..")
            return Access(token=password, user=user, address=parent, main=address)
        home = seen.home or (self._look(urljoin(address, seen.principal), access).home if seen.principal else "")
        if not home:
            raise ProviderMisconfiguredError(NAME, "no-calendars")
        return Access(token=password, user=user, address=urljoin(address, home))

    def busy(self, access: Access, *, frm: datetime, to: datetime, zones: object) -> list[Span]:
        """What is taken between two instants, in the calendar that was named, or in all but ours."""
        spans: list[Span] = []
        for url in [access.main] if access.main else self._calendars(access):
            reply = self._call("REPORT", url, access, body=_dav.free_busy(frm, to), headers=_dav.ONE_BELOW)
            spans += _spans(reply.body)
        return spans

    def _calendars(self, access: Access) -> list[str]:
        reply = self._call("PROPFIND", access.address, access, body=_dav.LOOK, headers=_dav.ONE_BELOW)
        found = [each.href for each in _dav.read(reply.body) if each.is_calendar]
        others = [urljoin(access.address, each) for each in found if not _is_ours(each)]
        if len(others) > _MOST:
            raise ProviderUnavailableError(NAME, "too-many")
        return others

    def create_own(self, access: Access, link: str) -> str:
        """A calendar of ours, beside the others; its address follows from the link, so there is never a second one."""
        url = self.find_own(access, link)
        reply = self._send("MKCALENDAR", url, access, body=_dav.make(OURS))
        checked(NAME, reply, good=frozenset({200, 201, 204, _EXISTS}))
        return url

    def find_own(self, access: Access, link: str) -> str:
        """Where it is, if it was made."""
        return urljoin(access.address.rstrip("/") + "/", f"{_PREFIX}{link}/")

    def delete_own(self, access: Access, own: str) -> None:
        """Deletes our calendar with what stands in it; nothing happens when it is gone."""
        self._gone(own, access)

    def write(self, access: Access, own: str, event: OwnEvent) -> None:
        """Writes an appointment under an address that follows from its id. ThingGoneError when our calendar is gone."""
        self.admit(event)
        reply = self._send("PUT", _place(own, event.key), access, body=self._file(event), headers=_dav.CALENDAR_FILE)
        if reply.status == 409:  # the collection is not there
            raise ThingGoneError(NAME, "409")
        checked(NAME, reply)

    def remove(self, access: Access, own: str, key: str) -> None:
        """Takes an appointment out, if it is there."""
        self._gone(_place(own, key), access)

    def revoke(self, access: Access) -> None:
        """A password is the expert's to revoke; we have forgotten it."""

    def _file(self, event: OwnEvent) -> bytes:
        from icalendar import Calendar, Event  # noqa: PLC0415 (60 ms, which no start of a function has to spare)

        calendar, entry = Calendar(), Event()
        calendar.add("prodid", "-//Zusage//DE")
        calendar.add("version", "2.0")
        entry.add("uid", event.key)
        entry.add("dtstamp", self._clock().astimezone(UTC))
        entry.add("dtstart", event.starts_at.astimezone(UTC))
        entry.add("dtend", event.ends_at.astimezone(UTC))
        entry.add("summary", event.title)
        calendar.add_component(entry)
        return bytes(calendar.to_ical())

    def _look(self, url: str, access: Access) -> "_dav.Seen":
        reply = self._call("PROPFIND", url, access, body=_dav.LOOK, headers=_dav.ITSELF)
        return next(iter(_dav.read(reply.body)), _dav.Seen())

    def _gone(self, url: str, access: Access) -> None:
        checked(NAME, self._send("DELETE", url, access), good=frozenset({200, 204, 404, 410}))

    def _call(self, method: str, url: str, access: Access, *, body: bytes, headers: Mapping[str, str]) -> Reply:
        return checked(NAME, self._send(method, url, access, body=body, headers=headers))

    def _send(
        self,
        method: str,
        url: str,
        access: Access,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] = _dav.ITSELF,
    ) -> Reply:
        proof = b64encode(f"{access.user}:{access.token}".encode()).decode()
        return self._http.send(method, url, headers={"authorization": f"Basic {proof}", **headers}, body=body)


def _is_ours(href: str) -> bool:
    return urlsplit(href).path.rstrip("/").rpartition("/")[2].startswith(_PREFIX)


def _place(own: str, key: str) -> str:
    return urljoin(own.rstrip("/") + "/", f"{quote(key, safe='')}.ics")


def _spans(body: bytes) -> list[Span]:
    from icalendar import Calendar  # noqa: PLC0415 (as said above)

    try:
        calendar = Calendar.from_ical(body)
        found = [each.get("FREEBUSY") for each in calendar.walk("VFREEBUSY")]
        listed: list[Any] = [one for each in found for one in (each if isinstance(each, list) else [each]) if one]
        return [_span(*each.dt) for each in listed if each.params.get("FBTYPE", "BUSY").upper() != "FREE"]
    except (ValueError, TypeError, AttributeError, IndexError):
        raise ProviderUnavailableError(NAME, "nonsense") from None


def _span(start: datetime, end: datetime | timedelta) -> Span:
    if start.tzinfo is None:
        raise ValueError("the report's times are UTC")
    return Span(start, start + end if isinstance(end, timedelta) else end)


def build(config: Mapping[str, str], secrets: Mapping[str, str], around: Around) -> CaldavCalendar:
    """The adapter; it has no account of ours, and goes where experts say."""
    private = frozenset(each.strip() for each in config["caldav_private_origins"].split(",") if each.strip())
    return CaldavCalendar(http=PublicHttp(NAME, private=private, timeouts=around.timeouts), clock=around.clock)
