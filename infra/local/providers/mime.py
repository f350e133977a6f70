"""Reads an e-mail or a multipart form into its parts."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import icalendar

from infra.local.providers.inbox import File

CALENDAR = "text/calendar"


@dataclass(frozen=True)
class Mail:
    """An e-mail, decoded."""

    subject: str
    sender: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    files: tuple[File, ...]

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def read_mail(raw: bytes) -> Mail:
    """The parts of an e-mail as a mail program shows them."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return Mail(
        subject=str(message.get("subject", "")),
        sender=str(message.get("from", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple((name, str(value)) for name, value in message.items()),
        files=tuple(_files(message)),
    )


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return "" if part is None else str(part.get_content())


def _files(message: EmailMessage) -> Iterator[File]:
    for part in message.walk():
        named = part.get_filename()
        if named or part.get_content_type() == CALENDAR:
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)  # noqa: S101 - a part with a file is no multipart
            yield File(named or "invite.ics", part.get_content_type(), content)


def calendar_summary(content: bytes) -> dict[str, Any]:
    """What a calendar file asks for, ready to be read: its method and its first event."""
    calendar = icalendar.Calendar.from_ical(content)
    event = next(iter(calendar.walk("VEVENT")), icalendar.Event())
    summary = {"method": str(calendar.get("method", ""))}
    for name in ("summary", "location", "status", "uid", "sequence", "organizer"):
        summary[name] = str(event.get(name, ""))
    for name in ("dtstart", "dtend"):
        value: Any = event.get(name)
        summary[name] = value.dt.isoformat() if value else ""
    return summary


_NAME = re.compile(rb'\bname="([^"]*)"', re.IGNORECASE)


def read_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a multipart form; of a repeated field the last."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if boundary is None:
        return {}
    fields = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name:
            fields[name[1].decode()] = content
    return fields
