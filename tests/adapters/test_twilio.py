"""Twilio: what goes out, what each answer means, and how a message in doubt is found."""

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chalicelib.adapters._http import Timeouts
from chalicelib.adapters.twilio import TwilioSms
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from tests.adapters.provider_builders import NOW, PHONE, REFERENCE, an_sms
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

PATH = "/2010-04-01/Accounts/AC1/Messages.json"
TAKEN = answers(201, '{"sid": "SM1", "status": "queued"}')


def twilio(server: ProviderServer, timeouts: Timeouts = PATIENT, sender: str = "+41790000001") -> TwilioSms:
    """The provider, speaking to the server of the test."""
    return TwilioSms(
        base_url=server.url,
        account_sid="AC1",
        user="SK1",
        password="secret",
        sender=sender,
        public_base_url="https://api.example.ch",
        http=server.http(timeouts),
    )


def test_a_message_goes_out() -> None:
    """Number, text, sender, and where to report; the text survives with its umlauts, plus and ampersand."""
    with provider(TAKEN) as server:
        sent = twilio(server).send(an_sms())

    assert sent == "SM1"
    assert (server.seen[0].method, server.seen[0].target) == ("POST", PATH)
    assert server.seen[0].headers["authorization"] == "Basic U0sxOnNlY3JldA=="
    assert server.seen[0].form == {
        "From": "+41790000001",
        "To": PHONE,
        "Body": "Grüezi + bis morgen & danke",
        "StatusCallback": f"https://api.example.ch/v1/webhooks/twilio/status/{REFERENCE}",
    }


def test_a_messaging_service_as_sender() -> None:
    """A service's id goes into its own field."""
    with provider(TAKEN) as server:
        twilio(server, sender="MG" + "0" * 32).send(an_sms())

    assert server.seen[0].form["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in server.seen[0].form


@pytest.mark.parametrize(
    ("status", "code", "error", "suppress"),
    [
        (400, 21211, RecipientRefusedError, True),
        (400, 21610, RecipientRefusedError, True),
        (400, 21614, RecipientRefusedError, True),
        (400, 21612, RecipientRefusedError, False),
        (401, 20003, ProviderMisconfiguredError, None),
        (400, 21408, ProviderMisconfiguredError, None),
        (400, 21606, ProviderMisconfiguredError, None),
        (400, 21617, ProviderMisconfiguredError, None),
        (400, 21663, ProviderMisconfiguredError, None),
        (400, 99999, ProviderMisconfiguredError, None),
        (429, 20429, ProviderUnavailableError, None),
        (400, 20429, ProviderUnavailableError, None),
        (429, 99999, ProviderUnavailableError, None),
        (500, 20500, ProviderUnavailableError, None),
    ],
)
def test_what_a_code_means(status: int, code: int, error: type[ProviderError], suppress: bool | None) -> None:
    """About the recipient, about us, or passing; Twilio's text, which holds the number, is dropped."""
    body = json.dumps({"code": code, "message": f"The number {PHONE} is wrong", "status": status})
    with provider(answers(status, body)) as server, pytest.raises(ProviderError) as raised:
        twilio(server).send(an_sms())

    assert (type(raised.value), raised.value.code) == (error, str(code))
    assert getattr(raised.value, "suppress", None) is suppress
    assert PHONE not in str(raised.value)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (answers(500, "<html>"), ProviderUnavailableError),
        (answers(429, ""), ProviderUnavailableError),
        (answers(403, "<html>"), ProviderMisconfiguredError),
        (answers(400, '{"code": "21211"}'), ProviderMisconfiguredError),
        (answers(307, "", Location="http://127.0.0.1:9/"), ProviderMisconfiguredError),
        (answers(201, "<html>"), OutcomeUnknownError),
        (answers(201, '{"sid": null}'), OutcomeUnknownError),
        (stays_silent, OutcomeUnknownError),
        (resets, OutcomeUnknownError),
        (trickles(b"HTTP/1.1 201 Created\r\n"), OutcomeUnknownError),
    ],
)
def test_what_other_answers_mean(behaviour: Behaviour, error: type[ProviderError]) -> None:
    """Not taken, ours to mend, or in doubt; and never a second request."""
    with provider(behaviour) as server, pytest.raises(ProviderError) as raised:
        twilio(server, IMPATIENT).send(an_sms())

    assert type(raised.value) is error
    assert len(server.seen) == 1


def listed(**changes: Any) -> dict[str, Any]:
    """Our message as Twilio lists it."""
    created = format_datetime(NOW)
    return {"sid": "SM1", "to": PHONE, "body": "Grüezi + bis morgen & danke", "date_created": created, **changes}


def a_page(*messages: object, following: str | None = None) -> Behaviour:
    """A page of the list."""
    return answers(200, json.dumps({"messages": messages, "next_page_uri": following}))


def test_a_message_in_doubt_is_found() -> None:
    """By number, text and time, over several pages; no number is in any URL."""
    others = [listed(sid="SM2", to="+41790000003"), listed(sid="SM3", body="other"), {}, None, "nonsense"]
    with provider(a_page(*others, following=f"{PATH}?Page=1"), a_page(listed())) as server:
        found = twilio(server).find(an_sms(), since=NOW)

    assert found == "SM1"
    assert server.seen[0].query == {"DateSent>": "2026-03-02", "PageSize": "1000"}
    assert server.seen[1].target == f"{PATH}?Page=1"
    assert all("4179" not in seen.target for seen in server.seen)


@pytest.mark.parametrize(("seconds", "found"), [(-1, None), (0, "SM1"), (1, "SM1")])
def test_an_older_message_is_another_one(seconds: int, found: str | None) -> None:
    """The same text to the same number from before the attempt does not count; Twilio's times are whole seconds."""
    created = format_datetime(NOW + timedelta(seconds=seconds))
    with provider(a_page(listed(date_created=created))) as server:
        assert twilio(server).find(an_sms(), since=NOW + timedelta(milliseconds=900)) == found


@pytest.mark.parametrize("following", ["http://127.0.0.1:9/x", "//evil.example/", "/other", 7])
def test_the_key_goes_nowhere_else(following: object) -> None:
    """A next page that is not of this list is not asked for, and the search has failed."""
    with provider(a_page(following=following)) as server, pytest.raises(ProviderUnavailableError):  # type: ignore[arg-type]
        twilio(server).find(an_sms(), since=NOW)

    assert len(server.seen) == 1


def test_a_search_has_an_end() -> None:
    """After five pages the search gives up instead of calling the message lost."""
    with provider(a_page(following=f"{PATH}?Page=1")) as server, pytest.raises(ProviderUnavailableError):
        twilio(server).find(an_sms(), since=NOW)

    assert len(server.seen) == 5


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (answers(500), ProviderUnavailableError),
        (answers(200, "<html>"), ProviderUnavailableError),
        (stays_silent, ProviderUnavailableError),
        (answers(401, '{"code": 20003}'), ProviderMisconfiguredError),
    ],
)
def test_a_search_that_fails(behaviour: Behaviour, error: type[ProviderError]) -> None:
    """It says so; it does not say that the message is not there."""
    with provider(behaviour) as server, pytest.raises(error):
        twilio(server, IMPATIENT).find(an_sms(), since=NOW)
