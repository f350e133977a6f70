"""Reading mails and forms as mail programs and servers do."""

from email.message import EmailMessage

from infra.local.providers.mime import calendar_summary, read_mail, read_multipart
from tests.local.simulator_builders import a_mail


def test_reads_a_mail_with_one_body() -> None:
    """What is missing is empty."""
    mail = EmailMessage()
    mail["Subject"] = "Hallo"
    mail.set_content("Text")

    read = read_mail(mail.as_bytes())

    assert (read.subject, read.text.strip(), read.html, read.files) == ("Hallo", "Text", "", ())
    assert (read.header("subject"), read.header("x-none")) == ("Hallo", "")


def test_finds_an_invitation_without_a_name() -> None:
    """As an alternative body, which is how invitations travel."""
    mail = a_mail()
    mail.clear_content()
    mail.set_content("Text")
    mail.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", params={"method": "CANCEL"})

    files = read_mail(mail.as_bytes()).files

    assert [(file.name, file.content_type) for file in files] == [("invite.ics", "text/calendar")]


def test_summarises_a_calendar_without_an_event() -> None:
    """All empty, no error."""
    summary = calendar_summary(b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n")

    assert summary.pop("method") == "CANCEL"
    assert set(summary.values()) == {""}


def test_reads_a_form_byte_for_byte() -> None:
    """Line ends and dashes inside of a field stay."""
    content = b"a\r\n--not the edge\r\n\x00\xff\r\n"
    body = (
        b'--e\r\nContent-Disposition: form-data; name="message"; filename="m"\r\nContent-Type: message/rfc2822\r\n\r\n'
        + content
        + b'\r\n--e\r\nContent-Disposition: form-data; name="to"\r\n\r\nb@example.ch\r\n--e--\r\n'
    )

    fields = read_multipart('multipart/form-data; boundary="e"', body)

    assert fields == {"message": content, "to": b"b@example.ch"}


def test_a_form_without_an_edge_has_no_fields() -> None:
    """Nothing can be read from it."""
    assert read_multipart("multipart/form-data", b"--e\r\n\r\nx\r\n--e--") == {}
