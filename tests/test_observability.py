"""Logs and metrics: what may be written, and what never is, even by mistake."""

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import observability
from chalicelib.observability import (
    FailedError,
    SafeFormatter,
    count,
    frames,
    logger,
    mask,
    quieten_libraries,
    shielded,
)

SECRET = "jane.doe@example.org"


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one line that was logged."""
    return json.loads(capsys.readouterr().out.strip())


def test_an_entry(capsys: pytest.CaptureFixture[str]) -> None:
    """An event name, ids, words and numbers are written as they are, with a time in UTC."""
    told = {"request_id": "0f6d3a4e-8a53-4a5b-9f6e-0d0c5a1c7a11", "kind": "appointment", "count": 3, "ms": 1.5}
    logger.info("swept", extra=told)

    entry = written(capsys)
    assert {**entry, **told} == entry
    assert (entry["message"], entry["level"], entry["service"]) == ("swept", "INFO", "zusage")
    assert entry["timestamp"].endswith("+00:00")


@pytest.mark.parametrize(
    "key", ["email", "given_name", "body", "path", "ip", "headers", "Authorization", "xray_trace_id"]
)
def test_unknown_keys(capsys: pytest.CaptureFixture[str], key: str) -> None:
    """A key that is not on the list is left out."""
    logger.info("event", extra={key: "value"})

    assert key not in written(capsys)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (SECRET, "[e-mail]"),
        (f"for <{SECRET}>, twice", "for <[e-mail]>, twice"),
        ("+41 79 123 45 67", "[phone]"),
        ("079-123-45-67", "[phone]"),
        ("call +41791234567 now", "call [phone] now"),
        ("from 203.0.113.77", "from [ip]"),
        ("from 2001:db8:1:2:3:4:5:6", "from [ip]"),
        ("from 2001:db8:1:2::77!", "from [ip]!"),
        ("POST /v1/tenants/{tenant}/appointments", "POST /v1/tenants/{tenant}/appointments"),
        ("_respond:143", "_respond:143"),
        ("took 12345678 of 10", "took 12345678 of 10"),
    ],
)
def test_masking(text: str, masked: str) -> None:
    """What looks like an address, a phone number or a network address is masked; our own words are not."""
    assert mask(text) == masked


@pytest.mark.parametrize("key", ["message", "kind", "reason", "code"])
def test_masking_in_entries(capsys: pytest.CaptureFixture[str], key: str) -> None:
    """Values under known keys pass the net too."""
    if key == "message":
        logger.info("for %s", SECRET)
    else:
        logger.info("event", extra={key: f"for {SECRET}"})

    assert written(capsys)[key] == "for [e-mail]"


@given(st.emails())
def test_no_address_gets_through(address: str) -> None:
    """Whatever counts as an e-mail address is gone, or at least cut."""
    assert address not in mask(f"x {address} y")


@pytest.mark.parametrize(
    "extra",
    [
        {"request_id": f"x {SECRET}"},
        {"tenant": [SECRET]},
        {"count": SECRET},
        {"counts": {"kind": SECRET, SECRET: 1}},
        {"status": [SECRET]},
        {"kind": {"name": SECRET}},
        {"frames": "x"},
    ],
)
def test_values_of_the_wrong_kind(capsys: pytest.CaptureFixture[str], extra: dict[str, object]) -> None:
    """Ids must look like ids, numbers must be numbers, and nothing nested carries anything in."""
    logger.info("event", extra=extra)

    assert SECRET not in capsys.readouterr().out


def test_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    """Of an exception the log keeps its class and the lines it went through; its text and its cause are left out."""
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        logger.exception("unhandled", stack_info=True)

    logged = capsys.readouterr().out
    entry = json.loads(logged)
    assert entry["error"] == "KeyError"
    assert entry["frames"][-1].startswith("test_observability.py:")
    assert SECRET not in logged


def test_frames_are_bounded() -> None:
    """A deep recursion keeps its innermost lines only."""

    def fall(depth: int) -> None:
        if not depth:
            raise ValueError
        fall(depth - 1)

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        fall(40)

    assert len(frames(caught.value.__traceback__)) == 12


def test_no_other_handler_sees_an_entry() -> None:
    """Handlers of others would format the exception's text, so entries do not reach them."""
    assert logging.getLogger("zusage").propagate is False


def test_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """A count goes out in the embedded metric format, split by its dimensions."""
    count("NotificationSkipped", channel="sms", reason="suppressed")

    entry = written(capsys)
    metric = entry["_aws"]["CloudWatchMetrics"][0]
    assert metric["Namespace"] == "Zusage"
    assert metric["Dimensions"] == [["service", "channel", "reason"]]
    assert entry["NotificationSkipped"] == [1.0]
    assert (entry["channel"], entry["reason"]) == ("sms", "suppressed")


def test_a_failing_function(capsys: pytest.CaptureFixture[str]) -> None:
    """An error that leaves a function is logged safely, and what the platform gets to print holds no text of it."""

    def fail(_: object) -> None:
        raise ValueError(SECRET)

    with pytest.raises(FailedError) as caught:
        shielded({}, fail)

    assert str(caught.value) == "ValueError"
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert SECRET not in capsys.readouterr().out


def test_a_function_that_works() -> None:
    """What goes well passes through untouched."""
    assert shielded(3, lambda event: event + 1) == 4


def test_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other people's lines pass the same net, from warnings up."""
    handler = logging.StreamHandler(sys.stdout)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    before = root.level
    try:
        quieten_libraries()
    finally:
        root.setLevel(before)

    line = logging.LogRecord("urllib3", logging.WARNING, "x", 1, "no route to %s", (SECRET,), None)
    assert isinstance(handler.formatter, SafeFormatter)
    assert json.loads(handler.format(line))["message"] == "no route to [e-mail]"


def test_no_tracer() -> None:
    """The tracing library is neither needed nor loaded."""
    assert not hasattr(observability, "tracer")
    assert "aws_xray_sdk" not in sys.modules
