"""SMSAPI: what goes out, and what each answer means although most come with status 200."""

import json
import re

import pytest

from chalicelib.adapters._http import Timeouts
from chalicelib.adapters.smsapi import SmsapiSms, idx_of
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

TAKEN = answers(200, '{"count": 1, "list": [{"id": "6373A1", "points": 0.16, "status": "QUEUE", "error": null}]}')


def smsapi(server: ProviderServer, timeouts: Timeouts = PATIENT) -> SmsapiSms:
    """The provider, speaking to the server of the test."""
    return SmsapiSms(
        base_url=server.url,
        token="token-1",
        sender="Praxis",
        public_base_url="https://api.example.ch",
        callback_secret="s/e cret",
        http=server.http(timeouts),
    )


def test_a_message_goes_out() -> None:
    """Digits only, UTF-8, an id that makes a repetition known, and where to report."""
    with provider(TAKEN) as server:
        sent = smsapi(server).send(an_sms())

    assert sent == "6373A1"
    assert (server.seen[0].method, server.seen[0].target) == ("POST", "/sms.do")
    assert server.seen[0].headers["authorization"] == "Bearer token-1"
    assert server.seen[0].form == {
        "to": PHONE[1:],
        "message": "Grüezi + bis morgen & danke",
        "from": "Praxis",
        "encoding": "utf-8",
        "format": "json",
        "idx": idx_of(REFERENCE),
        "check_idx": "1",
        "notify_url": f"https://api.example.ch/v1/webhooks/smsapi/s%2Fe%20cret/{REFERENCE}",
    }


def test_the_id_for_repetitions() -> None:
    """Short, without capitals, and different for references that differ in capitals only."""
    assert re.fullmatch("[0-9a-f]{32}", idx_of(REFERENCE))
    assert idx_of(REFERENCE) != idx_of(REFERENCE.lower())
    assert SmsapiSms.knows_repeats


def test_a_repetition_counts_as_taken() -> None:
    """Error 53: the message was taken the first time."""
    with provider(answers(200, '{"error": 53, "message": "Not unique idx"}')) as server:
        assert smsapi(server).send(an_sms()) == f"idx:{idx_of(REFERENCE)}"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (200, 13, RecipientRefusedError),
        (200, 11, ProviderMisconfiguredError),
        (200, 14, ProviderMisconfiguredError),
        (200, 101, ProviderMisconfiguredError),
        (401, 101, ProviderMisconfiguredError),
        (200, 103, ProviderMisconfiguredError),
        (200, 105, ProviderMisconfiguredError),
        (200, 8, ProviderUnavailableError),
        (200, 201, ProviderUnavailableError),
        (200, 666, ProviderUnavailableError),
        (200, 999, ProviderUnavailableError),
        (200, 4711, ProviderMisconfiguredError),
    ],
)
def test_what_a_code_means(status: int, code: int, error: type[ProviderError]) -> None:
    """The error in the body decides; the number in it does not get into ours."""
    body = json.dumps({"error": code, "message": "no", "invalid_numbers": [{"number": PHONE}]})
    with provider(answers(status, body)) as server, pytest.raises(ProviderError) as raised:
        smsapi(server).send(an_sms())

    assert (type(raised.value), raised.value.code) == (error, str(code))
    assert getattr(raised.value, "suppress", True)
    assert PHONE not in str(raised.value)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (answers(500, "<html>"), ProviderUnavailableError),
        (answers(502, '{"error": 4711}'), ProviderUnavailableError),
        (answers(429, ""), ProviderUnavailableError),
        (answers(401, ""), ProviderMisconfiguredError),
        (answers(302, "", Location="http://127.0.0.1:9/"), ProviderMisconfiguredError),
        (answers(200, "ERROR:101"), OutcomeUnknownError),
        (answers(200, '{"count": 0, "list": []}'), OutcomeUnknownError),
        (answers(200, '{"list": [{"id": 1}]}'), OutcomeUnknownError),
        (answers(200, '{"list": "x"}'), OutcomeUnknownError),
        (answers(200, '{"error": "new kind"}'), OutcomeUnknownError),
        (answers(200, '{"list": [{"id": "1", "error": 13}]}'), RecipientRefusedError),
        (stays_silent, OutcomeUnknownError),
        (resets, OutcomeUnknownError),
        (trickles(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), OutcomeUnknownError),
    ],
)
def test_what_other_answers_mean(behaviour: Behaviour, error: type[ProviderError]) -> None:
    """Not taken, ours to mend, or in doubt; and never a second request."""
    with provider(behaviour) as server, pytest.raises(ProviderError) as raised:
        smsapi(server, IMPATIENT).send(an_sms())

    assert type(raised.value) is error
    assert len(server.seen) == 1


def test_smsapi_does_not_search() -> None:
    """It needs no search: what is in doubt is handed over again, and a repetition is known."""
    with provider(TAKEN) as server:
        assert smsapi(server).find(an_sms(), since=NOW) is None

    assert server.seen == []
