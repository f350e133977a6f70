"""The SMTP server behind the emulator's SES."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.providers.mime import read_mail
from infra.local.providers.smtp import SmtpSink
from tests.local.simulator_builders import CALENDAR_FILE, a_mail

Taken = list[tuple[str, list[str], bytes]]


@contextmanager
def a_sink() -> Iterator[tuple[SmtpSink, Taken]]:
    """A running sink and what it took."""
    taken: Taken = []
    sink = SmtpSink(lambda sender, recipients, raw: taken.append((sender, list(recipients), raw)))
    threading.Thread(target=lambda: sink.serve_forever(poll_interval=0.01), daemon=True).start()
    try:
        yield sink, taken
    finally:
        sink.shutdown()
        sink.server_close()


def test_takes_a_mail_for_several_recipients() -> None:
    """Byte for byte, attachments included."""
    with a_sink() as (sink, taken), smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@example.ch", ["b@example.ch", "c@example.ch"], a_mail().as_bytes())

    sender, recipients, raw = taken[0]
    assert (sender, recipients) == ("a@example.ch", ["b@example.ch", "c@example.ch"])
    assert read_mail(raw).files[0].content == CALENDAR_FILE


def test_takes_several_mails_in_one_connection() -> None:
    """The second knows nothing of the first's recipients."""
    with a_sink() as (sink, taken), smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@example.ch", ["b@example.ch"], "Subject: 1\r\n\r\none")
        client.sendmail("a@example.ch", ["c@example.ch"], "Subject: 2\r\n\r\ntwo")

    assert [recipients for _, recipients, _ in taken] == [["b@example.ch"], ["c@example.ch"]]


def test_gives_lines_back_their_dots() -> None:
    """A line that begins with a dot is sent with two, and a dot alone ends the mail."""
    with a_sink() as (sink, taken), smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@example.ch", ["b@example.ch"], "Subject: 1\r\n\r\n.\r\n..x\r\n.y")

    assert taken[0][2].endswith(b"\r\n.\r\n..x\r\n.y\r\n")


def test_refuses_what_comes_at_the_wrong_time_or_is_unknown() -> None:
    """With the codes of the protocol."""
    with a_sink() as (sink, taken), smtplib.SMTP("127.0.0.1", sink.port) as client:
        early, unknown, fine = client.docmd("DATA"), client.docmd("MAKE", "COFFEE"), client.noop()

    assert (early[0], unknown[0], fine[0]) == (503, 500, 250)
    assert taken == []


def test_outlives_a_client_that_hangs_up() -> None:
    """The next client is served."""
    with a_sink() as (sink, taken):
        with socket.create_connection(("127.0.0.1", sink.port)) as rude:
            rude.sendall(b"EHLO x\r\nMAIL FROM:<a@example.ch>\r\n")
        with smtplib.SMTP("127.0.0.1", sink.port) as client:
            client.sendmail("a@example.ch", ["b@example.ch"], "Subject: 1\r\n\r\none")

    assert len(taken) == 1
