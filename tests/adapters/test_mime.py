"""Mails as bytes: 7-bit, an invitation as a part of its own, and no header that anyone smuggles in."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters import _mime
from chalicelib.services.ports import Attachment, Email
from tests.adapters.provider_builders import REFERENCE, an_email

ICS = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Zürich\r\nEND:VCALENDAR\r\n".encode()
INVITATION = Attachment(filename="termin.ics", content_type="text/calendar; method=REQUEST; charset=UTF-8", content=ICS)
HEADERS = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}


def built(mail: Email) -> bytes:
    """The mail's bytes at a fixed time."""
    return _mime.build(mail, date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), message_id=_mime.message_id_for(mail))


def read(raw: bytes) -> EmailMessage:
    """The mail as a mail program reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_headers() -> None:
    """Who, to whom, what, when; made by a machine; the id is the same each time the notification is handed over."""
    message = read(built(an_email()))

    assert set(message.keys()) == HEADERS
    assert message["From"].addresses[0].display_name == "Praxis Muster"
    assert message["To"].addresses[0].addr_spec == "anna@example.org"
    assert message["To"].addresses[0].display_name == "Anna Müller"
    assert message["Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert message["Message-ID"] == f"<{REFERENCE}@mail.example.ch>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_text_and_html_are_alternatives() -> None:
    """Without a file the mail is one alternative, the plain text first."""
    message = read(built(an_email()))

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    plain, _ = message.iter_parts()
    assert plain.get_content().strip() == "Grüezi Anna"


def test_text_alone_is_enough() -> None:
    """A mail without HTML is plain text; one without an address for answers has no such header."""
    message = read(built(an_email(html="", reply_to="")))

    assert message.get_content_type() == "text/plain"
    assert "Reply-To" not in message


def test_an_invitation_is_an_alternative_and_a_file() -> None:
    """The calendar part carries the method (RFC 6047); the same bytes are attached for old programs."""
    message = read(built(an_email(attachments=(INVITATION,))))
    alternative, attached = message.iter_parts()
    *_, calendar = alternative.iter_parts()

    assert message.get_content_type() == "multipart/mixed"
    assert calendar.get_content_type() == "text/calendar"
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST"}
    assert calendar.get_payload(decode=True) == ICS
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "termin.ics")
    assert attached.get_payload(decode=True) == ICS


def test_several_invitations_are_files_only() -> None:
    """A program that showed one of them as the invitation would hide the others."""
    files = tuple(replace(INVITATION, filename=f"{number}.ics") for number in (1, 2))
    body, *attached = read(built(an_email(attachments=files))).iter_parts()

    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    assert [(each.get_content_type(), each.get_filename()) for each in attached] == [
        ("application/ics", "1.ics"),
        ("application/ics", "2.ics"),
    ]


@pytest.mark.parametrize("content_type", ["text/calendar", 'text/calendar; method="x\r\ny: z"', "application/pdf"])
def test_a_file_without_a_method_is_only_a_file(content_type: str) -> None:
    """What is not an invitation does not become one."""
    file = Attachment(filename="file", content_type=content_type.replace("\r\n", " "), content=b"content")
    body, attached = read(built(an_email(attachments=(file,)))).iter_parts()

    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    assert attached.get_payload(decode=True) == b"content"


def test_long_headers_stay_readable() -> None:
    """A long link is not encoded or broken, or no mail program would offer to unsubscribe."""
    link = f"<https://api.example.ch/v1/unsubscribe/{'b' * 300}>"
    raw = built(an_email(headers={"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}))

    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in raw
    assert read(raw)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: evil@example.org", "x\nBcc: evil@example.org", "x\r\n\r\nbody", "x\u2028Bcc: e"]
)
def test_names_and_subjects_can_not_smuggle_headers(evil: str) -> None:
    """Line ends in what people type become spaces."""
    message = read(built(an_email(to_name=evil, sender_name=evil, subject=evil)))

    assert set(message.keys()) == HEADERS
    assert len(message["To"].addresses) == 1
    assert message["Subject"] == " ".join(evil.split())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Test", "a\r\nBcc: evil@example.org"),
        ("X-Test", "a\nb"),
        ("X-Test", "ä"),
        ("X-Test", ""),
        ("X-Test", "a" * 901),
        ("X-Test\r\nBcc", "evil@example.org"),
        ("X Test", "a"),
        ("", "a"),
        ("Bcc", "evil@example.org"),
        ("to", "evil@example.org"),
        ("Content-Type", "text/html"),
        ("Auto-Submitted", "no"),
        ("X-SES-MESSAGE-TAGS", "ref=other"),
        ("X-Mailgun-Variables", "{}"),
    ],
)
def test_headers_that_can_not_be_set(name: str, value: str) -> None:
    """Headers made of the mail's fields, headers that steer a provider, and headers of more than a line are refused."""
    with pytest.raises(ValueError, match="header") as refused:
        built(an_email(headers={name: value}))

    assert len(value) < 2 or value not in str(refused.value)


@pytest.mark.parametrize("field", ["to", "sender", "reply_to"])
@pytest.mark.parametrize("address", ["anna@example.org\r\nBcc: e@example.org", "a@example.org, b@example.org", "anna"])
def test_addresses_are_one_address(field: str, address: str) -> None:
    """An address that is none, or more than one, is refused."""
    with pytest.raises(ValueError, match="part"):
        built(an_email(**{field: address}))


names = st.text(max_size=60)


@given(name=names, subject=names, text=names)
def test_any_text_makes_a_sound_mail(name: str, subject: str, text: str) -> None:
    """Whatever names, subjects and texts hold: ASCII, CRLF only, short lines, and exactly our headers."""
    raw = built(an_email(to_name=name, sender_name=name, subject=subject, text=text, html=text))
    message = read(raw)

    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert set(message.keys()) - {"Content-Transfer-Encoding"} == HEADERS
    assert [each.addr_spec for each in message["To"].addresses] == ["anna@example.org"]


def test_reading_aids_can_not_turn_a_name_around() -> None:
    """Characters that reverse the direction of writing are dropped from names."""
    message = read(built(an_email(sender_name="Praxis\u202eretsuM", to_name="")))

    assert message["From"].addresses[0].display_name == "PraxisretsuM"
    assert str(message["To"]) == "anna@example.org"


def test_an_international_domain_is_written_in_ascii() -> None:
    """Every mail server understands the xn-- form."""
    message = read(built(an_email(to="anna@bücher.example")))

    assert message["To"].addresses[0].addr_spec == "anna@xn--bcher-kva.example"
