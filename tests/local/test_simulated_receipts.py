"""What the simulated providers report is what the product's webhooks accept and understand: no simulation drifts."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

import pytest

from chalicelib.adapters._provider import Outside
from chalicelib.adapters.smsapi import idx_of
from chalicelib.adapters.webhooks.mailgun import MailgunWebhook
from chalicelib.adapters.webhooks.ses import SesWebhook
from chalicelib.adapters.webhooks.smsapi import build as build_smsapi
from chalicelib.adapters.webhooks.twilio import build as build_twilio
from chalicelib.domain.delivery import Delivery
from chalicelib.services.ports import OptOut, Receipt, Webhook, WebhookRequest
from infra.local.providers.exchange import Call, Request
from infra.local.providers.simulator import Simulator
from tests.local.simulator_builders import (
    API,
    NOW,
    REFERENCE,
    a_mail,
    a_simulator,
    answer,
    mailgun_request,
    smsapi_request,
    twilio_request,
)


def received(call: Call) -> WebhookRequest:
    """The call as the API gets it."""
    url = urlsplit(call.url)
    headers = {name.lower(): value for name, value in call.headers.items()}
    return WebhookRequest(
        path=url.path,
        query=tuple(parse_qsl(url.query, keep_blank_values=True)),
        headers=headers,
        body=call.body,
        content_type=headers.get("content-type", ""),
    )


def webhook(simulator: Simulator, provider: str) -> Webhook:
    """The product's own webhook, set up for the simulated account."""
    setup = simulator.setup
    if provider == "mailgun":
        return MailgunWebhook(signing_key=setup.secrets["mailgun_signing_key"], clock=setup.clock)
    if provider == "ses":
        return SesWebhook(
            topic_arn=setup.topic_arn,
            signing_origin=setup.own_url,
            clock=setup.clock,
            fetch=lambda url: answer(simulator, Request(method="GET", path=urlsplit(url).path)).body,
        )
    outside = Outside(clock=setup.clock, ses=lambda: pytest.fail("no client is needed"), hosts=frozenset())
    build = {"twilio": build_twilio, "smsapi": build_smsapi}[provider]
    config = {"public_base_url": API, "twilio_account_sid": setup.account["TwilioAccountSid"]}
    return build(config, setup.secrets, outside)


def reported(provider: str, event: str) -> Sequence[Receipt | OptOut]:
    """What the product reads from a report about a message that the provider took."""
    simulator = a_simulator()
    if provider == "ses":
        raw = f"X-SES-MESSAGE-TAGS: ref={REFERENCE}\r\n".encode() + a_mail().as_bytes()
        simulator.ses.take("termine@mail.example.ch", ["anna@example.ch"], raw)
    else:
        requests = {
            "mailgun": lambda: mailgun_request(simulator, {}),
            "twilio": lambda: twilio_request(simulator, {}),
            "smsapi": lambda: smsapi_request(simulator, {"idx": idx_of(REFERENCE)}),
        }
        answer(simulator, requests[provider]())
    call = simulator.providers[provider].report(simulator.inbox.all()[0], event)
    return webhook(simulator, provider).read(received(call))


@pytest.mark.parametrize(
    ("provider", "event", "delivery", "suppress"),
    [
        ("mailgun", "delivered", Delivery.DELIVERED, False),
        ("mailgun", "bounced", Delivery.BOUNCED, True),
        ("mailgun", "complained", Delivery.COMPLAINED, True),
        ("mailgun", "failed", Delivery.FAILED, False),
        ("ses", "delivered", Delivery.DELIVERED, False),
        ("ses", "bounced", Delivery.BOUNCED, True),
        ("ses", "complained", Delivery.COMPLAINED, True),
        ("ses", "failed", Delivery.FAILED, False),
        ("twilio", "delivered", Delivery.DELIVERED, False),
        ("twilio", "deferred", Delivery.SENT, False),
        ("twilio", "bounced", Delivery.BOUNCED, True),
        ("twilio", "failed", Delivery.FAILED, False),
        ("smsapi", "delivered", Delivery.DELIVERED, False),
        ("smsapi", "failed", Delivery.FAILED, False),
    ],
)
def test_a_report_is_a_receipt(provider: str, event: str, delivery: Delivery, suppress: bool) -> None:
    """Each event ends as the state it stands for, with our reference."""
    receipts = reported(provider, event)

    assert [type(receipt) for receipt in receipts] == [Receipt]
    receipt = receipts[0]
    assert isinstance(receipt, Receipt)
    assert (receipt.reference, receipt.delivery, receipt.suppress) == (REFERENCE, delivery, suppress)


@pytest.mark.parametrize("provider", ["mailgun", "ses"])
def test_a_delay_says_nothing(provider: str) -> None:
    """It is understood and changes nothing."""
    assert reported(provider, "deferred") == []


@pytest.mark.parametrize(("event", "stop"), [("stop", True), ("start", False)])
def test_stop_and_start_reach_us(event: str, stop: bool) -> None:
    """With the number that wrote it."""
    outs = reported("twilio", event)

    assert [(out.phone, out.stop) for out in outs if isinstance(out, OptOut)] == [("+41790000002", stop)]


def test_the_topic_can_be_subscribed() -> None:
    """The product accepts the question of SNS and confirms at the address in it."""
    simulator = a_simulator()
    fetched = []

    def fetch(url: str) -> bytes:
        fetched.append(urlsplit(url).path)
        return simulator.ses._signer.pem

    hook = SesWebhook(
        topic_arn=simulator.setup.topic_arn, signing_origin=simulator.setup.own_url, clock=lambda: NOW, fetch=fetch
    )

    assert hook.read(received(simulator.ses.subscription())) == []
    assert fetched == [urlsplit(simulator.ses.certificate_url).path, "/"]
