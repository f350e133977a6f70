"""An e-mail as MIME bytes, 7-bit throughout, with a calendar file as a part of its own (RFC 6047) and as an attachment.

Several calendar files are attachments only: a mail program would take the one that is a part for all there is.

The headers are written here and not by the standard library, for two reasons: it encodes long ASCII values such as
List-Unsubscribe into something no mail program understands, and this way one place decides what a header may hold.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from chalicelib.domain.email_address import ascii_address
from chalicelib.services.ports import Attachment, Email

_POLICY = SMTP.clone(cte_type="7bit")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{1,900}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_INVISIBLE = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

OURS = frozenset({"from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id", "mime-version"})
"""Headers that are made of the mail's own fields and can't be set besides."""

STEERING = ("content-", "auto-submitted", "x-ses-", "x-mailgun-")
"""How names begin that change how the mail is read or what a provider does with it."""


def build(email: Email, *, date: datetime, message_id: str) -> bytes:
    """The whole mail. `message_id` is without angle brackets. ValueError for a header that must not be set."""
    head = [
        ("From", _mailbox(email.sender_name, email.sender)),
        ("To", _mailbox(email.to_name, email.to)),
        *([("Reply-To", _mailbox("", email.reply_to))] if email.reply_to else []),
        ("Subject", _words(_clean(email.subject), "Subject")),
        ("Date", format_datetime(date)),
        ("Message-ID", _plain(f"<{message_id}>")),
        ("Auto-Submitted", "auto-generated"),
        *_extra(email.headers),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in head).encode("ascii") + _body(email).as_bytes()


def message_id_for(email: Email) -> str:
    """The same id for the same notification, so that a mail handed over twice is recognised as one."""
    return f"{email.reference}@{ascii_address(email.sender).rpartition('@')[2]}"


def _extra(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        taken = name.lower() in OURS or name.lower().startswith(STEERING)
        if taken or not _HEADER_NAME.fullmatch(name):
            raise ValueError("this header can't be set")
        yield name, _plain(value)


def _plain(value: str) -> str:
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError("a header value is one line of ASCII")
    return value


def _clean(text: str) -> str:
    """One line without control characters; people's names come with line ends and worse."""
    visible = _INVISIBLE.sub("", text)
    return " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in visible).split())


def _mailbox(name: str, address: str) -> str:
    target = ascii_address(address)
    display = _clean(name)[:120]
    if not display:
        return target
    if not display.isascii() or "=?" in display:
        return f"{_encoded(display, 'Reply-To')}\r\n <{target}>"
    quoted = display.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"\r\n <{target}>'


def _words(text: str, header: str) -> str:
    return text if text.isascii() and "=?" not in text and len(text) <= 200 else _encoded(text, header)


def _encoded(text: str, header: str) -> str:
    return Header(text, charset="utf-8", header_name=header).encode(linesep="\r\n")


def _body(email: Email) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message.set_content(_writable(email.text), subtype="plain")
    if email.html:
        message.add_alternative(_writable(email.html), subtype="html")
    invitations = [one for one in email.attachments if _method(one)]
    if len(invitations) == 1:
        (invitation,) = invitations
        calendar = invitation.content.decode("utf-8")
        message.add_alternative(calendar, subtype="calendar", params={"method": _method(invitation)}, cte="base64")
    for attachment in email.attachments:
        _attach(message, attachment)
    return message


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    """A calendar file goes as application/ics, so that no program takes it for a second, different invitation."""
    kind = attachment.content_type.partition(";")[0].strip().lower()
    maintype, _, subtype = ("application/ics" if kind == "text/calendar" else kind).partition("/")
    message.add_attachment(
        attachment.content, maintype=maintype, subtype=subtype, filename=_clean(attachment.filename), cte="base64"
    )


def _method(attachment: Attachment) -> str:
    """The iTIP method of a calendar file (REQUEST, CANCEL); empty for every other file."""
    parsed = EmailMessage(policy=_POLICY)
    parsed["Content-Type"] = attachment.content_type
    method = str(parsed["Content-Type"].params.get("method", "")).upper()
    return method if parsed.get_content_type() == "text/calendar" and _METHOD.fullmatch(method) else ""
