"""The XML of CalDAV, as much of it as we speak: where somebody's calendars are, when they are busy, a new calendar."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from chalicelib.domain.errors import ProviderUnavailableError
from chalicelib.domain.own_calendars import CALDAV

_XML = {"content-type": "application/xml; charset=utf-8"}
ITSELF: Mapping[str, str] = {**_XML, "depth": "0"}
ONE_BELOW: Mapping[str, str] = {**_XML, "depth": "1"}
CALENDAR_FILE: Mapping[str, str] = {"content-type": "text/calendar; charset=utf-8"}

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
_D, _C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
LOOK = (
    f"{_HEAD}<d:propfind {_SPACES}><d:prop><d:resourcetype/><d:current-user-principal/><c:calendar-home-set/></d:prop>"
    "</d:propfind>"
).encode()


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a server says of one address."""

    href: str = ""
    is_calendar: bool = False
    principal: str = ""
    home: str = ""


def free_busy(frm: datetime, to: datetime) -> bytes:
    """The question when a calendar is busy."""
    start, end = (f"{each.astimezone(UTC):%Y%m%dT%H%M%SZ}" for each in (frm, to))
    asked = f'<c:time-range start="{start}" end="{end}"/>'
    return f"{_HEAD}<c:free-busy-query {_SPACES}>{asked}</c:free-busy-query>".encode()


def make(name: str) -> bytes:
    """The order to make a calendar."""
    named = f"<d:set><d:prop><d:displayname>{escape(name)}</d:displayname></d:prop></d:set>"
    return f"{_HEAD}<c:mkcalendar {_SPACES}>{named}</c:mkcalendar>".encode()


def read(body: bytes) -> list[Seen]:
    """What an answer with many parts says. ProviderUnavailableError for anything else."""
    try:
        text = body.decode()
        if "<!" in text:  # a DOCTYPE, and with it the dangers of XML
            raise ValueError
        root = ET.fromstring(text)  # noqa: S314 (no DOCTYPE, so no entities)
    except (ET.ParseError, ValueError):
        raise ProviderUnavailableError(CALDAV, "nonsense") from None
    return list(_seen(root))


def _seen(root: ET.Element) -> Iterator[Seen]:
    for each in root.iter(f"{_D}response"):
        yield Seen(
            href=(each.findtext(f"{_D}href") or "").strip(),
            is_calendar=each.find(f".//{_D}resourcetype/{_C}calendar") is not None,
            principal=(each.findtext(f".//{_D}current-user-principal/{_D}href") or "").strip(),
            home=(each.findtext(f".//{_C}calendar-home-set/{_D}href") or "").strip(),
        )
