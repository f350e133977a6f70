"""The simulated Twilio answers as documented."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from infra.local.providers.exchange import Request, UnknownEventError
from infra.local.providers.signing import twilio_signature
from infra.local.providers.simulator import Simulator
from tests.local.simulator_builders import NOW, REFERENCE, a_simulator, answer, basic, twilio_request


def listed(simulator: Simulator, **query: str) -> list[dict[str, Any]]:
    """The messages that Twilio lists."""
    request = twilio_request(simulator, {}, method="GET", query=query, body=b"")
    messages: list[dict[str, Any]] = json.loads(answer(simulator, request).body)["messages"]
    return messages


def test_takes_a_text_message() -> None:
    """201 with the message's id, its state and its segments as text."""
    simulator = a_simulator()

    taken = answer(simulator, twilio_request(simulator, {"Body": "ü" * 161}))

    body = json.loads(taken.body)
    captured = simulator.inbox.all()[0].captured
    assert taken.status == 201
    assert (body["status"], body["num_segments"], body["error_code"]) == ("queued", "2", None)
    assert body["sid"] == captured.provider_id
    assert body["sid"].startswith("SM")
    assert len(body["sid"]) == 34
    assert captured.callback_url.endswith(REFERENCE)


def test_the_whole_request_is_kept() -> None:
    """Field by field, so that checks can say what a provider really got; unknown fields too."""
    simulator = a_simulator()

    answer(simulator, twilio_request(simulator, {"Body": "hello", "Extra": "more than needed"}))

    received = simulator.inbox.all()[0].captured.received
    assert {*received} == {"To", "From", "Body", "StatusCallback", "Extra"}
    assert received["Extra"] == "more than needed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "079 000 00 02"}, 21211),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1600}, 0),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": ""}, 0),
        ({"StatusCallback": "ftp://app.localhost/x"}, 21609),
        ({"StatusCallback": "http://my_host/x"}, 21609),
    ],
)
def test_refuses_what_is_no_message(fields: dict[str, str], code: int) -> None:
    """Status 400 with the documented code and a page that explains it."""
    simulator = a_simulator()

    given = answer(simulator, twilio_request(simulator, fields))

    body = json.loads(given.body)
    assert given.status == (400 if code else 201)
    assert body.get("code", 0) == code
    assert len(simulator.inbox.all()) == (0 if code else 1)
    if code:
        assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"


def test_takes_the_account_token_or_an_api_key() -> None:
    """Both are documented; anything else is 401 with code 20003."""
    simulator = a_simulator()
    secrets = simulator.setup.secrets
    key = basic(secrets["twilio_api_key_sid"], secrets["twilio_api_key_secret"])

    assert answer(simulator, twilio_request(simulator, {}, headers=key)).status == 201
    for wrong in ({}, basic("", ""), basic(secrets["twilio_api_key_sid"], secrets["twilio_auth_token"])):
        refused = answer(simulator, twilio_request(simulator, {}, headers=wrong))
        assert (refused.status, json.loads(refused.body)["code"]) == (401, 20003)


def test_knows_its_own_account_only() -> None:
    """Another account is not found."""
    simulator = a_simulator()
    path = "/twilio/2010-04-01/Accounts/AC2/Messages.json"

    assert answer(simulator, twilio_request(simulator, {}, path=path)).status == 404


def test_lists_messages_newest_first() -> None:
    """By number, by day, and at most as many as asked for."""
    simulator = a_simulator()
    for body, to in (("one", "+41790000002"), ("two", "+41790000003"), ("three", "+41790000002")):
        answer(simulator, twilio_request(simulator, {"Body": body, "To": to}))

    assert [message["body"] for message in listed(simulator)] == ["three", "two", "one"]
    assert [message["body"] for message in listed(simulator, To="+41790000003")] == ["two"]
    assert len(listed(simulator, PageSize="2")) == 2
    assert len(listed(simulator, **{"DateSent>": f"{NOW:%Y-%m-%d}"})) == 3
    assert listed(simulator, **{"DateSent>": "2026-03-03"}) == []


def test_reports_a_state_to_the_address_of_the_message() -> None:
    """Signed over the public address and all parameters; a failure carries its code."""
    simulator = a_simulator()
    answer(simulator, twilio_request(simulator, {}))
    message = simulator.inbox.all()[0]

    call = simulator.providers["twilio"].report(message, "failed")

    fields = dict(parse_qsl(call.body.decode()))
    expected = twilio_signature(simulator.setup.secrets["twilio_auth_token"], call.url, fields.items())
    assert call.url == message.captured.callback_url
    assert (fields["MessageStatus"], fields["ErrorCode"]) == ("failed", "30008")
    assert call.headers["X-Twilio-Signature"] == expected


def test_someone_who_wrote_stop_gets_nothing_until_start() -> None:
    """The inbound message is passed on with its empty fields, and sending is refused with code 21610 meanwhile."""
    simulator = a_simulator()
    answer(simulator, twilio_request(simulator, {}))
    message = simulator.inbox.all()[0]
    twilio = simulator.providers["twilio"]

    stop = twilio.report(message, "stop")
    refused = answer(simulator, twilio_request(simulator, {}))
    twilio.report(message, "start")
    taken = answer(simulator, twilio_request(simulator, {}))

    fields = dict(parse_qsl(stop.body.decode(), keep_blank_values=True))
    expected = twilio_signature(simulator.setup.secrets["twilio_auth_token"], stop.url, fields.items())
    assert stop.url == "http://app.localhost:1/v1/webhooks/twilio/inbound"
    assert (fields["From"], fields["OptOutType"], fields["ToState"]) == ("+41790000002", "STOP", "")
    assert stop.headers["X-Twilio-Signature"] == expected
    assert json.loads(refused.body)["code"] == 21610
    assert taken.status == 201


def test_reports_no_mail_events() -> None:
    """Nobody complains of spam by text message."""
    simulator = a_simulator()
    answer(simulator, twilio_request(simulator, {}))

    with pytest.raises(UnknownEventError):
        simulator.providers["twilio"].report(simulator.inbox.all()[0], "complained")


def test_lists_the_state_that_was_reported() -> None:
    """A message that was reported delivered is listed so."""
    simulator = a_simulator()
    answer(simulator, twilio_request(simulator, {}))

    simulator.report(simulator.inbox.all()[0], "delivered", times=1, late_seconds=0)

    assert listed(simulator)[0]["status"] == "delivered"


def test_garbage_instead_of_a_login_is_refused() -> None:
    """A header of another kind is no login."""
    simulator = a_simulator()
    request = Request(method="POST", path="/twilio/2010-04-01/Accounts/x", headers={"authorization": "Bearer x"})

    assert answer(simulator, request).status == 401
