"""Settings: what is missing is named, what is wrong is refused, and nothing leaves the machine in the clear."""

import dataclasses
import re

import pytest

from chalicelib.settings import PROMISED_REGIONS, Settings, SettingsError

REQUIRED = {
    "STAGE": "test",
    "AWS_REGION": "eu-central-2",
    "RECORDS_TABLE": "records",
    "KEYS_TABLE": "keys",
    "LEDGER_TABLE": "ledger",
    "TRANSIENT_TABLE": "transient",
    "FILES_BUCKET": "files",
    "ROOTS_BUCKET": "roots",
    "TENANT_KEY_ARN": "arn:aws:kms:eu-central-2:123456789012:key/1",
    "DISPATCH_QUEUE_URL": "https://sqs.eu-central-2.amazonaws.com/123456789012/dispatch",
    "PROVIDERS_SECRET_ARN": "arn:aws:secretsmanager:eu-central-2:123456789012:secret:providers",
    "DATA_KEY_ARN": "arn:aws:kms:eu-central-2:123456789012:key/11111111-0000-0000-0000-000000000000",
    "ACCESS_LOG_GROUP": "/access/zusage-test-pages",
    "PUBLIC_BASE_URL": "https://api.example.ch",
    "EMAIL_PROVIDERS": "mailgun,ses",
    "SMS_PROVIDERS": "twilio,smsapi",
    "MAIL_SENDER": "termine@mail.example.ch",
    "ORGANIZER_MAIL": "termine@mail.example.ch",
    "CONTROLLER_NAME": "Muster AG",
    "CONTROLLER_POSTAL": "Muster AG, Seestrasse 1, 8000 Zürich",
    "CONTROLLER_MAIL": "kontakt@example.ch",
    "CONTROLLER_COUNTRY": "CH",
    "DPO_NAME": "Datenschutzstelle",
    "DPO_POSTAL": "Muster AG, Datenschutzstelle, Seestrasse 1, 8000 Zürich",
    "DPO_MAIL": "datenschutz@example.ch",
    "OPERATOR_NAME": "Zusage",
}
URLS = ["PUBLIC_BASE_URL", "MAILGUN_BASE_URL", "TWILIO_BASE_URL", "SMSAPI_BASE_URL", "SNS_SIGNING_ORIGIN"]
URLS += ["PAYREXX_BASE_URL", "MICROSOFT_LOGIN_URL", "MICROSOFT_GRAPH_URL"]
URLS += ["GOOGLE_ACCOUNTS_URL", "GOOGLE_OAUTH_URL", "GOOGLE_CALENDAR_URL", "CALDAV_PRIVATE_ORIGINS"]


def read(**changes: str) -> Settings:
    """Settings out of a whole environment with some variables changed."""
    return Settings.from_env({**REQUIRED, **changes})


def test_every_variable_is_read() -> None:
    """One field a variable, named alike, with the value as it stands."""
    fields = [field.name for field in dataclasses.fields(Settings)]
    environment = {
        name.upper(): f"https://{name.replace('_', '-')}.example" if name.upper() in URLS else f"value of {name}"
        for name in fields
    } | {"AWS_REGION": "eu-central-1"}

    found = Settings.from_env(environment)

    assert {name.upper(): getattr(found, name) for name in fields} == environment


def test_these_are_required_and_the_others_are_not() -> None:
    """What has a default may be left out."""
    required = [f.name.upper() for f in dataclasses.fields(Settings) if f.default is dataclasses.MISSING]

    assert required == [*REQUIRED]
    assert read().mailgun_domain == ""
    assert read().twilio_base_url == "https://api.dublin.ie1.twilio.com"


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_missing_is_named(name: str) -> None:
    """Left out or left empty, which a template can easily do."""
    environment = {key: value for key, value in REQUIRED.items() if key != name}

    for given in (environment, {**environment, name: ""}):
        with pytest.raises(SettingsError, match=rf"^{name} is not set$"):
            Settings.from_env(given)


def test_the_first_that_is_missing_is_named() -> None:
    """One after the other can be mended."""
    with pytest.raises(SettingsError, match=r"^STAGE is not set$"):
        Settings.from_env({})


def test_an_empty_choice_is_the_default() -> None:
    """A parameter that an operator left empty arrives as an empty variable."""
    assert read(SMSAPI_BASE_URL="").smsapi_base_url == "https://api.smsapi.com"


def test_only_the_given_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """And other variables in it don't matter."""
    monkeypatch.setenv("MAILGUN_DOMAIN", "of.the.process.example")

    assert read(PATH="/bin", HOME="/").mailgun_domain == ""


def test_without_a_mapping_it_is_the_processs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a function."""
    for name, value in {**REQUIRED, "MAILGUN_DOMAIN": "mail.example.ch"}.items():
        monkeypatch.setenv(name, value)

    assert Settings.from_env() == read(MAILGUN_DOMAIN="mail.example.ch")


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.ch",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://evillocalhost",
        "http://127.0.0.2.example",
        "http://localhost@evil.example",
        "http://evil.example#.localhost",
        "http://evil.example?.localhost",
        "http://evil.example\\.localhost",
        "http://evil.example%23.localhost",
        "http://.localhost.",
        "http:///localhost",
        "http:localhost",
        "ftp://localhost",
        "ws://localhost",
        "//api.example.ch",
        "api.example.ch",
        "https:api.example.ch",
        "https://",
        "https:",
        "https:///path",
        "https://:443",
        "https://user:secret@",
        "https://exa mple.ch",
        "https://user:secret@api.example.ch",
        "https://api.example.ch?to=evil.example",
        "https://api.example.ch#fragment",
        "https://api.example.ch:99999",
        "https://api.example.ch:port",
        "https://[",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_what_would_leave_the_machine_in_the_clear_or_goes_nowhere(name: str, url: str) -> None:
    """Refused with the name of the variable, and without its value, which may hold a password."""
    with pytest.raises(SettingsError) as caught:
        read(**{name: url})
    assert str(caught.value) == f"{name} must begin with https:// and name a host, without user or query"


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.ch",
        "https://api.example.ch:8443",
        "https://api.example.ch/base",
        "HTTPS://API.EXAMPLE.CH",
        "https://127.0.0.1.example.ch",
        "http://127.0.0.1",
        "http://127.0.0.1:4566",
        "http://localhost:4566",
        "http://LOCALHOST:4566",
        "http://api.localhost:4566/v1",
    ],
)
def test_what_is_encrypted_or_stays_on_the_machine(name: str, url: str) -> None:
    """Taken as it is."""
    assert getattr(read(**{name: url}), name.lower()) == url


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("url", ["https://api.example.ch/", "https://api.example.ch/base/", "http://localhost:4566/"])
def test_a_slash_at_the_end(name: str, url: str) -> None:
    """Paths are appended, and two slashes are another path."""
    with pytest.raises(SettingsError, match=rf"^{name} must not end with a slash$"):
        read(**{name: url})


def test_the_rule_holds_without_an_environment_too() -> None:
    """However the settings are made."""
    with pytest.raises(SettingsError, match="PUBLIC_BASE_URL"):
        dataclasses.replace(read(), public_base_url="http://api.example.ch")


@pytest.mark.parametrize(
    ("listed", "order"),
    [
        ("mailgun,ses", ("mailgun", "ses")),
        ("ses, mailgun", ("ses", "mailgun")),
        (" ses ,, ", ("ses",)),
        (",", ()),
    ],
)
def test_the_order_of_providers(listed: str, order: tuple[str, ...]) -> None:
    """As listed, whatever the spaces."""
    found = read(EMAIL_PROVIDERS=listed, SMS_PROVIDERS=listed)

    assert found.email_order() == found.sms_order() == order


def test_settings_hold_no_secrets() -> None:
    """They may be printed: where a key or a secret lies, never what it is."""
    names = [field.name for field in dataclasses.fields(Settings)]
    sensitive = [name for name in names if re.search(r"secret|token|password|credential|(^|_)key(_|$)", name)]

    assert sensitive == ["tenant_key_arn", "providers_secret_arn", "data_key_arn"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-3", "EU-CENTRAL-2", "eu-central-2 "])
def test_another_region_is_refused(region: str) -> None:
    """No function starts there, and none uses a key, a secret or a topic that lies there."""
    with pytest.raises(SettingsError, match=r"^AWS_REGION is in a region that is not promised"):
        read(AWS_REGION=region)
    for name in ("TENANT_KEY_ARN", "PROVIDERS_SECRET_ARN", "MAIL_EVENTS_TOPIC_ARN"):
        with pytest.raises(SettingsError, match=rf"^{name} is in a region that is not promised"):
            read(**{name: f"arn:aws:anything:{region}:123456789012:thing"})


@pytest.mark.parametrize("region", PROMISED_REGIONS)
def test_the_promised_regions_are_taken(region: str) -> None:
    """Zurich and Frankfurt."""
    assert read(AWS_REGION=region, MAIL_EVENTS_TOPIC_ARN=f"arn:aws:sns:{region}:1:mail").aws_region == region


def test_settings_do_not_change() -> None:
    """While a process runs."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        read().stage = "prod"  # type: ignore[misc]
