"""A provider that is not set up completely stops nobody else."""

from collections.abc import Mapping

import pytest

from chalicelib.domain.errors import ProviderMisconfiguredError
from chalicelib.services.ports import Sms
from chalicelib.wiring import Services
from tests.stage import settings

SECRETS = {
    "mailgun_api_key": "insecure",
    "mailgun_signing_key": "insecure",
    "smsapi_token": "insecure",
    "smsapi_callback_secret": "insecure",
    "twilio_auth_token": "insecure",
}
COMPLETE = {
    "mailgun_domain": "mail.example.ch",
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_sender": "+41790000001",
    "smsapi_sender": "Zusage",
    "email_providers": "mailgun",
}


def services(secrets: Mapping[str, str], **changes: str) -> Services:
    """Services with these secrets filled in."""
    built = Services(settings(**{**COMPLETE, **changes}))
    vars(built)["_secrets"] = secrets
    return built


def test_all_providers_are_there_when_all_is_set_up() -> None:
    """In the order of preference."""
    built = services(SECRETS)

    assert [each.name for each in built.sms_providers] == ["twilio", "smsapi"]
    assert [each.name for each in built.email_providers] == ["mailgun"]
    assert set(built.webhooks) == {"mailgun", "twilio", "smsapi"}


@pytest.mark.parametrize("missing", ["twilio_auth_token"])
def test_a_missing_secret_leaves_the_others(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The provider refuses with a misconfiguration, its webhook is not there, and the log says what is missing."""
    built = services({name: value for name, value in SECRETS.items() if name != missing})
    first, second = built.sms_providers

    with pytest.raises(ProviderMisconfiguredError):
        first.send(Sms(to="+41795550123", text="Guten Tag", reference="r"))

    assert (first.name, second.name) == ("twilio", "smsapi")
    assert set(built.webhooks) == {"mailgun", "smsapi"}
    assert f'"code":"{missing}"' in capsys.readouterr().out


def test_a_missing_setting_is_the_same() -> None:
    """It need not be a secret."""
    built = services(SECRETS, mailgun_domain="")

    with pytest.raises(ProviderMisconfiguredError):
        built.email_providers[0].find(Sms(to="", text="", reference=""), since=built.clock())  # type: ignore[arg-type]


def test_who_is_not_in_the_register_of_processors_is_never_built() -> None:
    """Whatever the settings say."""
    with pytest.raises(LookupError, match="register of processors"):
        _ = services(SECRETS, sms_providers="carrier-pigeon").sms_providers
