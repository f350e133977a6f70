"""The simulated SMSAPI answers as documented: errors with status 200, reports by GET."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.providers.exchange import UnknownEventError
from tests.local.simulator_builders import REFERENCE, a_simulator, answer, smsapi_request


def test_takes_a_text_message() -> None:
    """The answer lists the message with its parts and our own id."""
    simulator = a_simulator()

    taken = answer(simulator, smsapi_request(simulator, {}))

    entry = json.loads(taken.body)["list"][0]
    captured = simulator.inbox.all()[0].captured
    assert taken.status == 200
    assert (entry["number"], entry["status"], entry["idx"], entry["parts"]) == ("41790000003", "QUEUE", "one", 1)
    assert (captured.to, captured.provider_id) == ("+41790000003", entry["id"])


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"to": "x"}, 13), ({"message": ""}, 11), ({"from": "Other"}, 14), ({"max_parts": "1", "message": "x" * 161}, 11)],
)
def test_refuses_with_status_200(fields: dict[str, str], code: int) -> None:
    """The number of the error is in the body."""
    simulator = a_simulator()

    refused = answer(simulator, smsapi_request(simulator, fields))

    assert (refused.status, json.loads(refused.body)["error"]) == (200, code)
    assert simulator.inbox.all() == []


def test_recognises_a_message_handed_over_twice() -> None:
    """The same idx is refused with 53 when asked to check, and taken otherwise."""
    simulator = a_simulator()
    answer(simulator, smsapi_request(simulator, {}))

    again = answer(simulator, smsapi_request(simulator, {}))
    unchecked = answer(simulator, smsapi_request(simulator, {"check_idx": ""}))

    assert json.loads(again.body)["error"] == 53
    assert json.loads(unchecked.body)["count"] == 1


def test_refuses_a_wrong_token() -> None:
    """Bearer authentication."""
    simulator = a_simulator()

    refused = answer(simulator, smsapi_request(simulator, {}, headers={"authorization": "Bearer x"}))

    assert (refused.status, json.loads(refused.body)["error"]) == (401, 101)


@pytest.mark.parametrize(
    ("event", "status"), [("delivered", "404"), ("failed", "406"), ("bounced", "405"), ("stop", "412")]
)
def test_reports_by_get_to_the_address_of_the_message(event: str, status: str) -> None:
    """With the number of the state and our own id."""
    simulator = a_simulator()
    answer(simulator, smsapi_request(simulator, {}))

    call = simulator.providers["smsapi"].report(simulator.inbox.all()[0], event)

    url = urlsplit(call.url)
    query = parse_qs(url.query)
    assert call.method == "GET"
    assert url.path.endswith(f"/{REFERENCE}")
    assert (query["status"], query["idx"], query["to"]) == ([status], ["one"], ["41790000003"])


def test_reports_no_mail_events() -> None:
    """Nobody complains of spam by text message."""
    simulator = a_simulator()
    answer(simulator, smsapi_request(simulator, {}))

    with pytest.raises(UnknownEventError):
        simulator.providers["smsapi"].report(simulator.inbox.all()[0], "complained")
