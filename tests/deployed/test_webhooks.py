"""Reports of providers: believed when they are proven, once, in whatever order they come, and otherwise not at all."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from infra.local.providers.exchange import Call
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, kind_of, until
from tests.deployed.webhook_calls import CHANNELS, make, report_of, sent_by

pytestmark = pytest.mark.deployed

PROVIDERS = tuple(CHANNELS)


def state_of(stack: Stack, appointment: str, provider: str) -> tuple[str, list[str]]:
    """Where the confirmation stands, and what was reported of it after the provider took it."""
    until(
        lambda: all("reports" in each for each in stack.notifications(appointment, message="appointment-confirmed")),
        "the messages were handed over",
    )
    (held,) = stack.notifications(appointment, channel=CHANNELS[provider], message="appointment-confirmed")
    return held["state"], [report["state"] for report in held["reports"]][1:]


def entries_about(stack: Stack, appointment: str, provider: str) -> int:
    """How many reports of the confirmation the ledger knows."""
    (held,) = stack.notifications(appointment, channel=CHANNELS[provider], message="appointment-confirmed")
    thing = held["sk"].removeprefix("NOTIFICATION#")
    return len(stack.stored("ledger", action="provider:notification:reported", thing=thing))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_report_counts_once_however_often_it_comes(stack: Stack, provider: str) -> None:
    """Thrice at first, and once more an hour later; each time the provider hears that all is well."""
    appointment, taken = sent_by(stack, provider)
    call = report_of(stack, taken, "delivered")

    answers = [make(stack, call).status for _ in range(3)]
    stack.cloud.move_time(hours=1)
    answers.append(make(stack, call).status)

    assert answers == [200] * 4
    assert state_of(stack, appointment, provider) == ("delivered", ["delivered"])
    assert entries_about(stack, appointment, provider) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_reports_in_the_wrong_order_and_late(stack: Stack, provider: str) -> None:
    """What is further stays; a failure that is known only afterwards is believed; nothing is lost."""
    appointment, taken = sent_by(stack, provider)
    deferred, delivered = (report_of(stack, taken, event) for event in ("deferred", "delivered"))

    assert make(stack, delivered).status == 200
    stack.cloud.move_time(minutes=50)
    assert make(stack, deferred).status == 200
    overtaken = state_of(stack, appointment, provider)[0]
    assert make(stack, report_of(stack, taken, "bounced")).status == 200

    assert overtaken == "delivered"
    assert state_of(stack, appointment, provider)[0] == {"smsapi": "delivered"}.get(provider, "bounced")


def other_status(call: Call) -> Call:
    """Says something else under the same signature."""
    form = parse_qs(call.body.decode())
    return replace(call, body=urlencode({**form, "MessageStatus": ["failed"]}, doseq=True).encode())


def changed(path: tuple[str, ...], value: Any) -> Callable[[Call], Call]:
    """Changes one place in a JSON body."""

    def change(call: Call) -> Call:
        body = json.loads(call.body)
        place = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return replace(call, body=json.dumps(body).encode())

    return change


def without_header(name: str) -> Callable[[Call], Call]:
    """Leaves the proof out."""
    return lambda call: replace(call, headers={k: v for k, v in call.headers.items() if k.lower() != name})


def at_path(old: str, new: str) -> Callable[[Call], Call]:
    """Calls another address."""
    return lambda call: replace(call, url=call.url.replace(old, new))


FORGERIES: list[tuple[str, str, Callable[[Call], Call]]] = [
    ("twilio", "another status", other_status),
    ("twilio", "no signature", without_header("x-twilio-signature")),
    ("twilio", "another message's address", lambda call: replace(call, url=call.url[:-4] + "AAAA")),
    ("twilio", "a weaker proof", lambda call: replace(call, headers={**call.headers, "X-Twilio-Signature": ""})),
    ("mailgun", "another time", changed(("signature", "timestamp"), "1795310525")),
    ("mailgun", "another token", changed(("signature", "token"), "f" * 50)),
    ("mailgun", "no signature", changed(("signature", "signature"), None)),
    ("mailgun", "an empty signature", changed(("signature",), {})),
    ("ses", "another message", changed(("Message",), '{"eventType": "Bounce"}')),
    ("ses", "another topic", changed(("TopicArn",), "arn:aws:sns:eu-central-2:000000000000:somebody-elses")),
    ("ses", "a certificate from elsewhere", changed(("SigningCertURL",), "http://127.0.0.1:9/x.pem")),
    ("ses", "the old algorithm", changed(("SignatureVersion",), "1")),
    ("ses", "no signature", changed(("Signature",), "")),
    ("smsapi", "another secret", at_path("smsapi-callback-secret", "smsapi-callback-secre")),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "how", "forge"), FORGERIES, ids=[f"{one[0]}: {one[1]}" for one in FORGERIES])
def test_a_forged_report_is_refused(
    stack: Stack, sent: dict[str, tuple[str, Any]], provider: str, how: str, forge: Callable[[Call], Call]
) -> None:
    """With 403 and without a word about what was wrong; the message stays as it was."""
    appointment, taken = sent[provider]
    before = state_of(stack, appointment, provider)

    answer = make(stack, forge(report_of(stack, taken, "bounced")))

    assert kind_of(answer) == (403, "signature-invalid"), how
    assert state_of(stack, appointment, provider) == before


@pytest.fixture(scope="module")
def sent(cloud: Any) -> dict[str, tuple[str, Any]]:
    """One message of each provider."""
    return {provider: sent_by(Stack(cloud), provider) for provider in PROVIDERS}


@pytest.mark.parametrize(("provider", "window"), [("mailgun", timedelta(hours=9)), ("ses", timedelta(minutes=75))])
def test_a_genuine_call_is_worthless_when_it_is_too_old(stack: Stack, provider: str, window: timedelta) -> None:
    """Whoever overheard it can't use it later."""
    appointment, taken = sent_by(stack, provider)
    call = report_of(stack, taken, "bounced")

    stack.cloud.move_time(seconds=window.total_seconds() + 2)

    assert kind_of(make(stack, call)) == (403, "signature-invalid")
    assert state_of(stack, appointment, provider)[1] == []


def test_a_token_of_mailgun_can_not_carry_another_event(stack: Stack) -> None:
    """Mailgun signs time and token only: once taken, the token is worth nothing in front of another body."""
    appointment, taken = sent_by(stack, "mailgun")
    call = report_of(stack, taken, "delivered")
    make(stack, call)

    answer = make(stack, changed(("event-data", "event"), "complained")(call))

    assert answer.status == 200
    assert state_of(stack, appointment, "mailgun") == ("delivered", ["delivered"])


@pytest.mark.parametrize("provider", ["mailgun", "twilio", "smsapi"])
def test_a_report_of_what_is_unknown_changes_nothing(stack: Stack, sent: Any, provider: str) -> None:
    """It is genuine, but the message is gone, or never was: taken, so that the provider does not repeat it."""
    _, taken = sent[provider]
    reference = "A" * 64
    strange = {
        **taken,
        "variables": dict.fromkeys(taken["variables"], reference),
        "callback_url": "/".join([*taken["callback_url"].split("/")[:-1], reference]),
    }
    before = stack.stored("records", kind="Suppression")

    answer = make(stack, report_of(stack, strange, "bounced"))

    assert answer.status == 200
    assert stack.stored("records", kind="Suppression") == before


def test_who_writes_stop_gets_no_text_messages_until_start(stack: Stack) -> None:
    """At every business; by signed webhook."""
    anna, practice = Person(), stack.business()
    stack.book(practice, anna, sms=True)
    (text,) = stack.inbox.wait_for(1, to=anna.phone)

    stop = make(stack, report_of(stack, text, "stop"))
    silenced = stack.book(stack.business(), anna, sms=True)
    stack.mail(anna, BOOKED, count=2)
    stack.settled(silenced["id"], "skipped", channel="sms", message="appointment-confirmed")
    start = make(stack, report_of(stack, text, "start"))
    stack.book(practice, anna, sms=True)

    assert (stop.status, start.status) == (200, 200)
    assert stop.headers["content-type"].startswith("text/xml")
    assert len(stack.inbox.wait_for(2, to=anna.phone)) == 2
