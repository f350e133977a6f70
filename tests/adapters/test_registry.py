"""The registry: every provider and webhook can be made out of settings and secrets, and says what is missing."""

from typing import Any

import boto3
import pytest

from chalicelib.adapters.registry import EMAIL_PROVIDERS, SMS_PROVIDERS, WEBHOOKS, Outside
from chalicelib.adapters.ses import CLIENT_CONFIG
from chalicelib.domain.errors import ProviderMisconfiguredError, SignatureInvalidError, TryAgainError
from chalicelib.services.ports import Receipt
from tests.adapters.provider_builders import REFERENCE, a_call, an_sms, now
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


OUTSIDE = Outside(clock=now, ses=ses_client, timeouts=IMPATIENT)


@pytest.mark.parametrize("name", [*ALL])
def test_everything_can_be_made(name: str) -> None:
    """Out of the settings and secrets of an installation."""
    assert ALL[name](CONFIG, SECRETS, OUTSIDE)


@pytest.mark.parametrize("registry", [EMAIL_PROVIDERS, SMS_PROVIDERS])
def test_providers_bear_the_name_they_are_registered_by(registry: Any) -> None:
    """The name in the settings, in receipts and in the register of processors is one."""
    assert all(build(CONFIG, SECRETS, OUTSIDE).name == name for name, build in registry.items())


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
