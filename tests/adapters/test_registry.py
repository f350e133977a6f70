"""The registry: every provider and webhook can be made out of settings and secrets, and says what is missing."""

from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib.adapters.registry import EMAIL_PROVIDERS, SMS_PROVIDERS, WEBHOOKS, Outside
from chalicelib.adapters.ses import CLIENT_CONFIG
from chalicelib.domain.disclosing import CARRIES, parts_of
from chalicelib.domain.errors import ProviderMisconfiguredError, SignatureInvalidError, TryAgainError
from chalicelib.records.processors import PROCESSORS, processor
from chalicelib.services.ports import Attachment, Receipt, Sms
from tests.adapters.provider_builders import REFERENCE, a_call, an_email, an_sms, now
from tests.adapters.provider_server import IMPATIENT, answers, provider, stays_silent
from tests.adapters.sns_messages import TOPIC, a_certificate, a_message, signed

CONFIG = {
    "public_base_url": "https://api.example.ch",
    "mailgun_base_url": "https://api.eu.mailgun.net",
    "mailgun_domain": "mail.example.ch",
    "twilio_base_url": "https://api.dublin.ie1.twilio.com",
    "twilio_account_sid": "AC1",
    "twilio_sender": "+41790000001",
    "smsapi_base_url": "https://api.smsapi.com",
    "smsapi_sender": "Praxis",
    "ses_configuration_set": "receipts",
    "mail_events_topic_arn": TOPIC,
    "sns_signing_origin": "https://sns.eu-central-2.amazonaws.com",
}
SECRETS = {
    "mailgun_api_key": "key",
    "mailgun_signing_key": "signing key",
    "twilio_auth_token": "token",
    "smsapi_token": "token",
    "smsapi_callback_secret": "secret",
}
ALL: dict[str, Any] = {
    **{f"provider {name}": build for name, build in {**EMAIL_PROVIDERS, **SMS_PROVIDERS}.items()},
    **{f"webhook {name}": build for name, build in WEBHOOKS.items()},
}


def ses_client() -> Any:
    """An SES client that never asks this machine for credentials."""
    keys: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("ses", region_name="eu-central-2", config=CLIENT_CONFIG, **keys)


HOSTS = frozenset(host for held in PROCESSORS for host in held.hosts)
OUTSIDE = Outside(clock=now, ses=ses_client, hosts=HOSTS, timeouts=IMPATIENT)


@pytest.mark.parametrize("name", [*ALL])
def test_everything_can_be_made(name: str) -> None:
    """Out of the settings and secrets of an installation."""
    assert ALL[name](CONFIG, SECRETS, OUTSIDE)


@pytest.mark.parametrize("registry", [EMAIL_PROVIDERS, SMS_PROVIDERS])
def test_providers_bear_the_name_they_are_registered_by(registry: Any) -> None:
    """The name in the settings, in receipts and in the register of processors is one."""
    assert all(build(CONFIG, SECRETS, OUTSIDE).name == name for name, build in registry.items())


def whole(kind: type) -> Any:
    """A message with something in every part that it can have."""
    file = Attachment(filename="invite.ics", content_type="text/calendar; method=REQUEST", content=b"BEGIN:VCALENDAR")
    return an_sms() if kind is Sms else an_email(attachments=(file,))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *((name, part) for name in EMAIL_PROVIDERS for part in CARRIES["Email"]),
        *((name, part) for name in SMS_PROVIDERS for part in CARRIES["Sms"]),
    ],
)
def test_a_part_that_is_not_declared_goes_to_nobody(monkeypatch: pytest.MonkeyPatch, name: str, part: str) -> None:
    """Each provider, each part of a message: before anything goes out, and without saying what it was."""
    sender = {**EMAIL_PROVIDERS, **SMS_PROVIDERS}[name](CONFIG, SECRETS, OUTSIDE)
    message = whole(sender.takes)  # type: ignore[union-attr]
    monkeypatch.setattr(type(sender), "receives", frozenset(parts_of(message)) - {part})

    for asked in (lambda: sender.send(message), lambda: sender.find(message, since=now())):
        with pytest.raises(TypeError) as refused:
            asked()
        assert str(refused.value) == f"{name} may not receive {part}"


@pytest.mark.parametrize("name", EMAIL_PROVIDERS)
def test_no_header_is_declared(name: str) -> None:
    """Nothing we send sets one; whoever wants to says what it carries."""
    with pytest.raises(TypeError, match=r"may not receive headers\.x-phone$"):
        EMAIL_PROVIDERS[name](CONFIG, SECRETS, OUTSIDE).send(an_email(headers={"X-Phone": "+41790000002"}))


@pytest.mark.parametrize("name", ["provider mailgun", "provider twilio", "provider smsapi", "webhook ses"])
@pytest.mark.parametrize(
    "url",
    [
        *("https://api.mailgun.net", "https://api.twilio.com", "https://api.smsapi.pl", "https://example.org"),
        *("https://api.eu.mailgun.net.example.org", "https://sns.us-east-1.amazonaws.com"),
    ],
)
def test_another_host_is_not_reached(name: str, url: str) -> None:
    """The provider's own in another region, somebody else's, one that looks alike."""
    keys = [key for key in CONFIG if key.endswith(("_base_url", "_signing_origin")) and key != "public_base_url"]

    with pytest.raises(ProviderMisconfiguredError, match="host"):
        ALL[name]({**CONFIG, **dict.fromkeys(keys, url)}, SECRETS, OUTSIDE)


@pytest.mark.parametrize("name", ["mailgun", "twilio", "smsapi"])
def test_the_host_of_another_processor_is_not_reached(name: str) -> None:
    """Each reaches its own hosts only, whatever else is registered."""
    others = frozenset(host for held in PROCESSORS if held.name != name for host in held.hosts)

    with pytest.raises(ProviderMisconfiguredError, match="host"):
        ALL[f"provider {name}"](CONFIG, SECRETS, replace(OUTSIDE, hosts=others))


@pytest.mark.parametrize(("region", "built"), [("eu-central-2", True), ("eu-central-1", True), ("us-east-1", False)])
def test_ses_is_used_in_the_promised_regions(region: str, *, built: bool) -> None:
    """Wherever its client leads."""
    keys: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("ses", region_name=region, config=CLIENT_CONFIG, **keys)
    outside = replace(OUTSIDE, ses=lambda: client, hosts=processor("ses").hosts)

    if built:
        assert EMAIL_PROVIDERS["ses"](CONFIG, SECRETS, outside)
    else:
        with pytest.raises(ProviderMisconfiguredError, match="host"):
            EMAIL_PROVIDERS["ses"](CONFIG, SECRETS, outside)


def test_every_provider_can_call_back() -> None:
    """A provider without a webhook would never report a bounce."""
    assert set(WEBHOOKS) == {*EMAIL_PROVIDERS, *SMS_PROVIDERS}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("provider mailgun", "mailgun_api_key"),
        ("provider mailgun", "mailgun_domain"),
        ("provider twilio", "twilio_auth_token"),
        ("provider twilio", "twilio_sender"),
        ("provider smsapi", "smsapi_token"),
        ("provider smsapi", "smsapi_callback_secret"),
        ("webhook mailgun", "mailgun_signing_key"),
        ("webhook twilio", "twilio_auth_token"),
        ("webhook smsapi", "smsapi_callback_secret"),
        ("webhook ses", "mail_events_topic_arn"),
        ("webhook ses", "sns_signing_origin"),
    ],
)
def test_what_is_missing_is_named(name: str, missing: str) -> None:
    """An empty setting or secret stops the one provider and names the key."""
    config = {**CONFIG, **({missing: ""} if missing in CONFIG else {})}
    secrets = {**SECRETS, **({missing: ""} if missing in SECRETS else {})}

    with pytest.raises(ProviderMisconfiguredError, match=missing):
        ALL[name](config, secrets, OUTSIDE)


@pytest.mark.parametrize(
    ("more", "authorization"),
    [
        ({}, "Basic QUMxOnRva2Vu"),  # AC1:token
        ({"twilio_api_key_sid": "SK1", "twilio_api_key_secret": "key"}, "Basic U0sxOmtleQ=="),  # SK1:key
    ],
)
def test_twilio_prefers_its_api_key(more: dict[str, str], authorization: str) -> None:
    """A key can be revoked alone; without one the account's token has to do."""
    with provider(answers(201, '{"sid": "SM1"}')) as server:
        SMS_PROVIDERS["twilio"]({**CONFIG, "twilio_base_url": server.url}, {**SECRETS, **more}, OUTSIDE).send(an_sms())

    assert server.seen[0].headers["authorization"] == authorization


def test_ses_events_with_a_certificate_from_the_network() -> None:
    """The certificate is fetched from the origin in the settings; without it the call is to be repeated."""
    event = {"eventType": "Delivery", "mail": {"tags": {"ref": [REFERENCE]}}, "delivery": {}}
    with provider(answers(404), stays_silent, answers(200, b"nonsense"), answers(200, a_certificate())) as server:
        url = f"{server.url}/SimpleNotificationService-0123.pem"
        call = a_call("/v1/webhooks/ses", body=signed(a_message(event), SigningCertURL=url))
        webhook = WEBHOOKS["ses"]({**CONFIG, "sns_signing_origin": server.url}, SECRETS, OUTSIDE)
        for refusal in (TryAgainError, TryAgainError, SignatureInvalidError):
            with pytest.raises(refusal):
                webhook.read(call)
        (receipt,) = webhook.read(call)

    assert isinstance(receipt, Receipt)
    assert receipt.reference == REFERENCE
    assert [seen.method for seen in server.seen] == ["GET"] * 4
