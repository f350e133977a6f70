"""The composition root: building it calls nobody and loads little, and what it builds is what the settings say."""

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import boto3
import pytest

from chalicelib.adapters.ses import CLIENT_CONFIG
from chalicelib.api import http
from chalicelib.records._tables import TABLES
from chalicelib.wiring import Services, aws_client, services
from tests.fakes import DrivenClock
from tests.stage import AWS, settings, stage

ROOT = Path(__file__).parents[1]
HEAVY: tuple[str, ...] = (
    "icalendar",
    "boto3",
    "cryptography",
    "OpenSSL",
    "argon2",
    "PIL",
    "webauthn",
    "moto",
    "requests",
    "email.mime",
)
HEAVY += (
    "chalicelib.messages.rendering",
    "chalicelib.messages.calendar_file",
    "chalicelib.services.notifying.dispatching",
)
HEAVY_ADAPTERS = ("chalicelib.adapters",)
EAGER_API = {
    *("booking.booking", "booking.offers", "booking.own_appointment", "health", "openapi.document", "pages"),
    *("sign_in.forms", "sign_in.sessions", "tenancy.registrations", "webhooks"),
}
MACHINERY = {f"http.{each.name}" for each in iter_modules(http.__path__)}
EAGER_RECORDS = {"keys", "ledger", "reading", "writing"}
SECRETS = {
    "twilio_auth_token": "hush-1",
    "smsapi_token": "hush-2",
    "smsapi_callback_secret": "hush-3",
    "mailgun_api_key": "hush-4",
    "mailgun_signing_key": "hush-5",
}
PROVIDED = {
    "mailgun_domain": "mail.example.ch",
    "twilio_account_sid": "AC1",
    "twilio_sender": "+41790000001",
    "smsapi_sender": "Praxis",
    "ses_configuration_set": "receipts",
    "mail_events_topic_arn": "arn:aws:sns:eu-central-2:123456789012:mail-events",
}


class Clients:
    """Makes AWS clients, and remembers for what."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, service: str, limits: Any = None) -> Any:
        """A client that has credentials but that nobody answers."""
        self.made.append(service)
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, region_name="eu-central-2", config=limits, **keys)  # type: ignore[call-overload]


def built(clients: Clients, **changes: str) -> Services:
    """Services that make their clients there."""
    return Services(settings(**{**PROVIDED, **changes}), clock=DrivenClock(), client=clients)


def with_secrets(found: Services) -> Services:
    """The same, with the providers' secrets at hand."""
    vars(found)["_secrets"] = SECRETS
    return found


def loaded_by(statement: str) -> dict[str, Any]:
    """What a fresh interpreter has loaded after a statement, in an environment without any of our variables."""
    code = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict.fromkeys(json.loads(done.stdout.splitlines()[-1]))


def matching(modules: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """Those of the modules that are one of `names` or lie in it."""
    return [module for module in modules if any(module == name or module.startswith(f"{name}.") for name in names)]


@pytest.fixture(scope="module")
def loaded_by_app() -> dict[str, Any]:
    """What every cold start loads."""
    return loaded_by("import app")


def test_importing_the_app_loads_nothing_heavy(loaded_by_app: dict[str, Any]) -> None:
    """Nor asks the environment for anything: none of our variables was set."""
    assert "chalicelib.wiring" in loaded_by_app
    assert matching(loaded_by_app, HEAVY) == []


def test_importing_the_app_loads_no_provider(loaded_by_app: dict[str, Any]) -> None:
    """Only what sends or hears of them needs them."""
    assert matching(loaded_by_app, HEAVY_ADAPTERS) == []


def test_importing_the_app_loads_no_service(loaded_by_app: dict[str, Any]) -> None:
    """No function needs all of them: each is loaded when it is first asked for."""
    assert matching(loaded_by_app, ("chalicelib.services",)) == []


@pytest.mark.parametrize(("floor", "eager"), [("api", EAGER_API), ("records", EAGER_RECORDS)])
def test_importing_the_app_loads_what_most_calls_need(
    loaded_by_app: dict[str, Any], floor: str, eager: set[str]
) -> None:
    """A resource that few calls ask for belongs on the list of `api._seldom`, a kind of record to its service."""
    names = matching(loaded_by_app, (f"chalicelib.{floor}",))
    within = {name.split(".", 2)[2] for name in names if name.count(".") > 1}
    folders = {name.rpartition(".")[0] for name in within}

    assert {name for name in within - folders if "_" not in {part[0] for part in name.split(".")}} - MACHINERY == eager


def test_importing_the_app_makes_no_views_and_reads_no_words_that_few_need(loaded_by_app: dict[str, Any]) -> None:
    """Shapes, pages and words of notice, ledger and promises come with their resource."""
    seldom = ("_ledger_views", "_notice_views", "_notice_page", "_trust_page", "_processing_page", "_processing_book")

    views = tuple(f"chalicelib.api.accountability.{name}" for name in seldom)
    assert matching(loaded_by_app, ("chalicelib.messages", *views)) == []


def test_what_is_told_of_modules_is_true() -> None:
    """The same look finds them where they are."""
    modules = loaded_by("import chalicelib.adapters.registry, chalicelib.messages.calendar_file, boto3")

    found = {*matching(modules, HEAVY + HEAVY_ADAPTERS)}
    assert {"boto3", "chalicelib.messages.calendar_file", "chalicelib.adapters.mailgun"} <= found


def test_building_calls_nobody() -> None:
    """Not even for a client; sockets are closed to tests besides."""
    clients = Clients()

    found = built(clients)

    assert clients.made == []
    assert found.sweeping.clock is found.clock


@pytest.mark.parametrize(
    ("service", "clients"),
    [
        ("sweeping", []),
        ("agenda", ["kms"]),
        ("extracting", ["kms"]),
        ("attending_entering", ["kms"]),
        ("attending_changes", ["kms"]),
        ("attending_notes", ["kms"]),
        ("booking", ["kms"]),
        ("offering", ["kms"]),
        ("changing", ["kms"]),
        ("sessions", []),
        ("signing_in", ["kms"]),
        ("registering", ["kms"]),
        ("linking", ["kms"]),
        ("outbox", ["sqs"]),
    ],
)
def test_each_service_makes_the_clients_it_needs(service: str, clients: list[str]) -> None:
    """Once, however often it is asked for."""
    made = Clients()
    found = built(made)

    assert getattr(found, service) is getattr(found, service)
    assert made.made == clients


def test_services_share_their_keys() -> None:
    """One keyring a process: what one has loaded the other has."""
    found = built(Clients())

    assert found.booking.vault is found.vault is found.registering.vault is found.linking.vault


@pytest.mark.parametrize(
    ("email", "sms"), [("mailgun,ses", "twilio,smsapi"), ("ses,mailgun", "smsapi"), ("ses", "smsapi,twilio"), ("", ",")]
)
def test_providers_come_in_the_order_of_the_settings(email: str, sms: str) -> None:
    """Those listed and no others."""
    found = with_secrets(built(Clients(), email_providers=email, sms_providers=sms))

    assert [each.name for each in found.email_providers] == [name for name in email.split(",") if name]
    assert [each.name for each in found.sms_providers] == [name for name in sms.split(",") if name]
    assert {*found.webhooks} == {name for name in f"{email},{sms}".split(",") if name}


@pytest.mark.parametrize("channel", ["email_providers", "sms_providers"])
def test_an_unregistered_provider_cannot_be_built(channel: str) -> None:
    """The register of processors is asked first."""
    found = with_secrets(built(Clients(), **{channel: "sendgrid"}))

    with pytest.raises(LookupError, match="sendgrid is not in the register of processors"):
        getattr(found, channel)


def test_the_dispatcher_reaches_both_channels() -> None:
    """With the providers of each, the sender and the name from the settings."""
    found = with_secrets(built(Clients()))

    assert found.dispatching.providers == {"email": found.email_providers, "sms": found.sms_providers}
    composing = found.dispatching.composing
    assert (composing.mail_sender, composing.organizer_mail, composing.product) == (
        found.settings.mail_sender,
        found.settings.organizer_mail,
        found.settings.operator_name,
    )


def test_records_are_bound_to_the_tables_of_the_settings() -> None:
    """Each table class to its own."""
    names = {f"{name}_table": f"physical-{name}" for name in ("records", "keys", "ledger", "transient")}

    built(Clients(), **names)

    assert [table.Meta.table_name for table in TABLES] == [*names.values()]
    built(Clients())


def test_a_fake_takes_the_place_of_an_adapter() -> None:
    """The stage of the tests is built that way."""
    with stage() as on:
        assert on.services.outbox.queue is on.queue
        assert on.services.booking.vault is on.vault
        assert on.dispatching.providers["email"] == [on.mailgun, on.ses]


def test_clients_give_up_before_whoever_waits_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds to connect, ten for an answer, three attempts; or the limits that an adapter asks for."""
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)

    usual, own = aws_client("sqs").meta.config, aws_client("ses", CLIENT_CONFIG).meta.config

    assert (usual.connect_timeout, usual.read_timeout, usual.retries["total_max_attempts"]) == (2, 10, 3)
    assert own.retries["total_max_attempts"] == 1


def test_services_do_not_change() -> None:
    """Settings and clock are those that everything was built with."""
    with pytest.raises(FrozenInstanceError):
        built(Clients()).clock = DrivenClock()  # type: ignore[misc]


def test_what_is_printed_of_services_holds_no_secret() -> None:
    """A log line, a debugger, a trace."""
    found = with_secrets(built(Clients()))
    providers = [*found.email_providers, *found.sms_providers, *found.webhooks.values()]

    shown = repr(found) + "".join(repr(each) for each in (*providers, found.vault, found.dispatching))
    assert "hush" not in shown
    assert "Settings(stage='test'" in repr(found)


def test_the_process_has_its_services_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of its environment, at the first call, with the clock of the machine."""
    for name, value in {**AWS, **{key.upper(): str(value) for key, value in vars(settings()).items()}}.items():
        monkeypatch.setenv(name, value)
    services.cache_clear()
    try:
        found = services()

        assert services() is found
        assert found.settings == settings()
        assert found.clock().tzinfo is UTC
    finally:
        services.cache_clear()
