"""The simulated providers fail on demand, in each way in which real ones do."""

import http.client
import time
from typing import Any

import pytest

from infra.local.http_calls import call
from infra.local.providers.faults import Fault, Faults
from infra.local.providers.server import SimulatorServer
from tests.local.simulator_builders import a_simulator, ask, mailgun_request, serving, smsapi_request, twilio_request


def control(server: SimulatorServer, orders: Any) -> int:
    """Gives orders; returns the status."""
    return call(server.port, "POST", "/_control", host=f"127.0.0.1:{server.port}", json=orders).status


def test_answers_with_a_status_until_it_is_switched_off() -> None:
    """In the provider's own form; other providers go on working."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"twilio": {"mode": "status", "status": 429}}})
        failed = [ask(server, twilio_request(simulator, {})) for _ in range(3)]
        other = ask(server, mailgun_request(simulator, {}))
        control(server, {"faults": {"twilio": None}})
        mended = ask(server, twilio_request(simulator, {}))

    assert [(one.status, one.json()["code"]) for one in failed] == [(429, 20429)] * 3
    assert (other.status, mended.status) == (200, 201)


@pytest.mark.parametrize(("times", "statuses"), [(1, [500, 200]), (2, [500, 500, 200])])
def test_fails_for_the_next_requests_only(times: int, statuses: list[int]) -> None:
    """Then it works again by itself."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"mailgun": {"mode": "status", "times": times}}})
        seen = [ask(server, mailgun_request(simulator, {})).status for _ in statuses]

    assert seen == statuses


def test_answers_with_an_error_number_at_status_200() -> None:
    """SMSAPI's way to fail."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"smsapi": {"mode": "status", "status": 200, "code": 103}}})
        failed = ask(server, smsapi_request(simulator, {}))

    assert (failed.status, failed.json()["error"]) == (200, 103)


def test_answers_nonsense() -> None:
    """Status 200 and a body that is nothing."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"mailgun": {"mode": "nonsense"}}})
        failed = ask(server, mailgun_request(simulator, {}))

    assert failed.status == 200
    with pytest.raises(ValueError, match="Expecting value"):
        failed.json()
    assert simulator.inbox.all() == []


@pytest.mark.parametrize(("mode", "taken"), [("reset", 0), ("take_then_reset", 1)])
def test_resets_the_connection(mode: str, taken: int) -> None:
    """With or without having taken the message."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"mailgun": {"mode": mode}}})
        with pytest.raises(ConnectionResetError):
            ask(server, mailgun_request(simulator, {}))

    assert len(simulator.inbox.all()) == taken


@pytest.mark.parametrize(("mode", "taken"), [("hang", 0), ("take_then_hang", 1)])
def test_keeps_the_caller_waiting(mode: str, taken: int) -> None:
    """Until the caller gives up."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"mailgun": {"mode": mode, "seconds": 30}}})
        with pytest.raises(TimeoutError):
            ask(server, mailgun_request(simulator, {}), timeout=0.2)

    assert len(simulator.inbox.all()) == taken


def test_answers_slowly() -> None:
    """With the documented answer, in the end."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"mailgun": {"mode": "slow", "seconds": 0.1}}})
        begun = time.monotonic()
        answer = ask(server, mailgun_request(simulator, {}))

    assert time.monotonic() - begun >= 0.1
    assert answer.status == 200
    assert len(simulator.inbox.all()) == 1


def test_hangs_up_without_a_word_in_the_end() -> None:
    """A caller with patience gets no answer either."""
    simulator = a_simulator()

    with serving(simulator) as server:
        control(server, {"faults": {"mailgun": {"mode": "hang", "seconds": 0.1}}})
        begun = time.monotonic()
        with pytest.raises(http.client.RemoteDisconnected):
            ask(server, mailgun_request(simulator, {}))

    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize(
    "orders",
    [
        {"faults": {"nobody": {"mode": "hang"}}},
        {"faults": {"ses": {"mode": "sleep"}}},
        {"faults": {"ses": {"mode": "hang", "why": 1}}},
        {"configure": {"secrets": "x"}},
        [],
    ],
)
def test_refuses_orders_that_make_no_sense(orders: Any) -> None:
    """Instead of doing nothing silently."""
    with serving(a_simulator()) as server:
        assert control(server, orders) == 400


def test_clear_empties_the_inbox_and_mends_everything() -> None:
    """A number once given is not given again."""
    simulator = a_simulator()

    with serving(simulator) as server:
        ask(server, mailgun_request(simulator, {}))
        control(server, {"faults": {"mailgun": {"mode": "status"}}})
        control(server, {"clear": True})
        mended = ask(server, mailgun_request(simulator, {}))

    assert mended.status == 200
    assert [message.number for message in simulator.inbox.all()] == [2]


def test_is_told_where_the_api_and_the_topic_are() -> None:
    """Which is known after the deployment only."""
    simulator = a_simulator()

    with serving(simulator) as server:
        status = control(server, {"configure": {"api_base": "http://app.localhost:7", "topic_arn": "arn:x"}})

    assert (status, simulator.setup.api_base, simulator.setup.topic_arn) == (200, "http://app.localhost:7", "arn:x")


def test_zero_times_is_never() -> None:
    """The border of the count."""
    faults = Faults()

    faults.switch("ses", {"mode": "hang", "times": 0})

    assert faults.next("ses") is None


@pytest.mark.parametrize(
    ("mode", "takes"), [("take_then_hang", True), ("take_then_reset", True), ("hang", False), ("reset", False)]
)
def test_knows_when_the_message_is_taken(mode: str, takes: bool) -> None:
    """The two ways to lose an answer."""
    assert Fault(mode=mode).takes_message is takes
