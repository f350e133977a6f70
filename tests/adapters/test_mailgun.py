"""Mailgun: what goes out, and what each answer means."""

import email
import email.policy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.adapters._http import Timeouts
from chalicelib.adapters.mailgun import MailgunEmail
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from tests.adapters.provider_builders import ADDRESS, NOW, REFERENCE, an_email, now
from tests.adapters.provider_server import (
    IMPATIENT,
    PATIENT,
    Behaviour,
    ProviderServer,
    answers,
    provider,
    resets,
    stays_silent,
    trickles,
)

TAKEN = answers(200, '{"id": "<2026.1@mail.example.ch>", "message": "Queued. Thank you."}')


def mailgun(server: ProviderServer, timeouts: Timeouts = PATIENT) -> MailgunEmail:
    """The provider, speaking to the server of the test."""
    return MailgunEmail(
        base_url=server.url, domain="mail.example.ch", api_key="key-1", clock=now, http=server.http(timeouts)
    )


def fields_of(server: ProviderServer) -> dict[str, bytes]:
    """The fields of the form that was posted."""
    head = f"Content-Type: {server.seen[0].headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + server.seen[0].body, policy=email.policy.HTTP)
    return {part["content-disposition"].params["name"]: content_of(part) for part in form.iter_parts()}


def content_of(part: Any) -> bytes:
    """The bytes of a field; a mail in it is a message of its own."""
    content: bytes = part.get_payload(0).as_bytes() if part.is_multipart() else part.get_payload(decode=True)
    return content


def test_a_mail_goes_out_as_mime() -> None:
    """To the EU host's messages.mime, untracked, encrypted, with the reference; the id comes back bare."""
    with provider(TAKEN) as server:
        sent = mailgun(server).send(an_email())
    fields = fields_of(server)
    mime = email.message_from_bytes(fields.pop("message"), policy=email.policy.default)

    assert sent == "2026.1@mail.example.ch"
    assert (server.seen[0].method, server.seen[0].target) == ("POST", "/v3/mail.example.ch/messages.mime")
    assert server.seen[0].headers["authorization"] == "Basic YXBpOmtleS0x"
    assert {name: value.decode() for name, value in fields.items()} == {
        "to": ADDRESS,
        "v:ref": REFERENCE,
        "o:tracking": "no",
        "o:tracking-clicks": "no",
        "o:tracking-opens": "no",
        "o:require-tls": "yes",
        "o:skip-verification": "yes",
    }
    assert mime["To"].addresses[0].addr_spec == ADDRESS
    assert mime["Date"].datetime == NOW


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (answers(400, '{"message": "from parameter is missing"}'), ProviderMisconfiguredError),
        (answers(400, '{"message": "\'to\' parameter is not a valid address. please check"}'), RecipientRefusedError),
        (answers(401, "Forbidden"), ProviderMisconfiguredError),
        (answers(402, "{}"), ProviderMisconfiguredError),
        (answers(404, "{}"), ProviderMisconfiguredError),
        (answers(302, "", Location="http://127.0.0.1:9/"), ProviderMisconfiguredError),
        (answers(429, '{"message": "request limit exceeded, try again after ..."}'), ProviderUnavailableError),
        (answers(500, "<html>"), ProviderUnavailableError),
        (answers(200, "<html>"), OutcomeUnknownError),
        (answers(200, '{"id": 7}'), OutcomeUnknownError),
        (answers(200, "[]"), OutcomeUnknownError),
        (stays_silent, OutcomeUnknownError),
        (resets, OutcomeUnknownError),
        (trickles(b"HTTP/1.1 200 OK\r\n\r\n"), OutcomeUnknownError),
    ],
)
def test_what_an_answer_means(behaviour: Behaviour, error: type[Exception]) -> None:
    """Not taken, in doubt, our fault or the recipient's; never with an address in the error."""
    with provider(behaviour) as server, pytest.raises(error) as raised:
        mailgun(server, IMPATIENT).send(an_email())

    assert type(raised.value) is error
    assert ADDRESS not in str(raised.value)
    assert len(server.seen) == 1


def test_an_address_that_can_not_be_delivered_to_is_not_handed_over() -> None:
    """It is refused here, before anything goes out."""
    with provider(TAKEN) as server, pytest.raises(RecipientRefusedError):
        mailgun(server).send(an_email(to="anna@example.org, eve@example.org"))

    assert server.seen == []


def an_event(reference: str, message_id: str = "2026.1@mail.example.ch") -> dict[str, object]:
    """An event of a mail."""
    return {"user-variables": {"ref": reference}, "message": {"headers": {"message-id": message_id}}}


def a_page(*events: object, following: str = "") -> Behaviour:
    """A page of events."""
    return answers(200, json.dumps({"items": events, "paging": {"next": following}}))


def test_a_mail_in_doubt_is_found_by_its_reference() -> None:
    """The events since then are read page by page; no address is in any URL."""
    with provider() as server:
        server.behaviours += [a_page(an_event("other"), "nonsense", {}, following=f"{server.url}/v3/next")]
        server.behaviours += [a_page(an_event(REFERENCE))]
        found = mailgun(server).find(an_email(), since=datetime(2026, 3, 2, 7, 0, tzinfo=UTC))

    assert found == "2026.1@mail.example.ch"
    assert server.seen[0].path == "/v3/mail.example.ch/events"
    assert server.seen[0].query == {"begin": "1772434800", "ascending": "yes", "limit": "300", "event": "accepted"}
    assert server.seen[1].target == "/v3/next"
    assert all(ADDRESS.partition("@")[0] not in seen.target for seen in server.seen)


def test_a_mail_that_is_not_there() -> None:
    """An empty page is the end."""
    with provider(a_page()) as server:
        assert mailgun(server).find(an_email(), since=NOW) is None


def test_the_key_goes_to_no_other_server() -> None:
    """A next page elsewhere is not asked for; the search has then failed, which is not the same as not found."""
    with provider(a_page()) as other, provider() as server:
        for following in (f"{other.url}/v3/next", f"{server.url}@{other.url[7:]}/v3/next", ""):
            server.behaviours[:] = [a_page(an_event("other"), following=following)]
            with pytest.raises(ProviderUnavailableError):
                mailgun(server).find(an_email(), since=NOW)

    assert other.seen == []
    assert len(server.seen) == 3


def test_a_search_has_an_end() -> None:
    """After ten pages the search gives up instead of calling the mail lost."""
    with provider() as server:
        server.behaviours += [a_page(an_event("other"), following=f"{server.url}/v3/next")]
        with pytest.raises(ProviderUnavailableError):
            mailgun(server).find(an_email(), since=NOW)

    assert len(server.seen) == 10


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (answers(500), ProviderUnavailableError),
        (stays_silent, ProviderUnavailableError),
        (answers(401), ProviderMisconfiguredError),
    ],
)
def test_a_search_that_fails(behaviour: Behaviour, error: type[Exception]) -> None:
    """It says so; it does not say that the mail is not there."""
    with provider(behaviour) as server, pytest.raises(error):
        mailgun(server, IMPATIENT).find(an_email(), since=NOW)
