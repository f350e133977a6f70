"""accounts, `https-only`: encrypted on every way in, out and within."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.adapters import mailgun, smsapi, twilio
from chalicelib.adapters.registry import Outside
from chalicelib.domain.errors import ProviderUnavailableError
from chalicelib.settings import Settings, SettingsError
from infra.tools.fragments import logical_id
from tests.adapters.provider_builders import an_email, an_sms, now
from tests.adapters.provider_server import ProviderServer, answers, provider
from tests.contracts.entry_points import resources, template
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack
from tests.promises.certificates import self_signed, served_with

pytestmark = [pytest.mark.deployed, pytest.mark.promise("https-only")]

A_YEAR = 365 * 24 * 3600
URLS = (
    *("PUBLIC_BASE_URL", "MAILGUN_BASE_URL", "TWILIO_BASE_URL", "SMSAPI_BASE_URL", "SNS_SIGNING_ORIGIN"),
    *("PAYREXX_BASE_URL", "MICROSOFT_LOGIN_URL", "MICROSOFT_GRAPH_URL"),
    *("GOOGLE_ACCOUNTS_URL", "GOOGLE_OAUTH_URL", "GOOGLE_CALENDAR_URL"),
)
ADAPTERS: dict[str, tuple[Any, Any, bytes]] = {
    "mailgun": (mailgun.build, an_email(), b'{"id": "<taken@mail.example.ch>"}'),
    "twilio": (twilio.build, an_sms(), b'{"sid": "SM1"}'),
    "smsapi": (smsapi.build, an_sms(), b'{"list": [{"id": "TAKEN", "error": null}]}'),
}


def policies_of(kind: str, names: str) -> dict[str, list[dict[str, Any]]]:
    """The statements of the resource policies of one type, by the logical id of what they guard."""
    guarded: dict[str, list[dict[str, Any]]] = {}
    for policy in resources(kind).values():
        listed = policy[names] if isinstance(policy[names], list) else [policy[names]]
        for each in listed:
            guarded.setdefault(each["Ref"], []).extend(policy["PolicyDocument"]["Statement"])
    return guarded


def refuses_plain_transport(statements: list[dict[str, Any]]) -> bool:
    """Whether one of them denies everybody what does not come over TLS."""
    tls_only = {"Bool": {"aws:SecureTransport": "false"}}
    return any((s["Effect"], s["Principal"], s["Condition"]) == ("Deny", "*", tls_only) for s in statements)


def test_our_own_name_speaks_modern_tls_only() -> None:
    """The production stack has a domain with TLS 1.2 at least, and can't be deployed without one."""
    domain = resources("AWS::ApiGateway::DomainName")["ApiDomain"]
    api = template("prod")["Resources"]["RestAPI"]["Properties"]
    asserted = template("prod")["Rules"]["OwnDomainWithModernTls"]["Assertions"]

    assert {one["SecurityPolicy"] for one in (api, domain)} == {"SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"}
    assert api["DisableExecuteApiEndpoint"] == {"Fn::If": ["HasDomain", True, False]}
    assert {one["Assert"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"] for one in asserted} == {"DomainName", "CertificateArn"}


@pytest.mark.parametrize(
    ("kind", "policy", "names"),
    [
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
    ],
)
def test_every_queue_topic_and_bucket_refuses_plain_transport(kind: str, policy: str, names: str) -> None:
    """By its own policy, whoever asks."""
    guarded = policies_of(policy, names)

    assert {name: refuses_plain_transport(guarded.get(name, [])) for name in resources(kind)} == dict.fromkeys(
        resources(kind), True
    )


def test_no_address_is_left_out() -> None:
    """Whatever a new provider is reached by is tried below."""
    known = {each.name.upper() for each in fields(Settings) if each.name.endswith(("_url", "_origin"))}

    assert known - {"DISPATCH_QUEUE_URL"} == {*URLS}


@pytest.mark.parametrize("name", URLS)
def test_an_installation_can_not_be_set_to_plain_http(stack: Stack, name: str) -> None:
    """What the deployed function was given is read anew with one address changed; the template refuses it as well."""
    function = stack.cloud.resources[logical_id("dispatch")]
    held = stack.cloud.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    held["AWS_REGION"] = "eu-central-2"  # the one variable that Lambda itself sets
    parameter = "".join(word.capitalize() for word in name.split("_"))
    allowed = template("prod")["Parameters"][parameter]["AllowedPattern"]

    assert Settings.from_env({**held, name: "https://api.example.ch"})
    assert re.fullmatch(allowed, "https://api.example.ch")
    for plain in ("http://api.example.ch", "http://127.0.0.1.example.ch", "ftp://api.example.ch", "//api.example.ch"):
        with pytest.raises(SettingsError, match=f"^{name} must begin with https"):
            Settings.from_env({**held, name: plain})
        assert not re.fullmatch(allowed, plain)


def test_every_answer_asks_browsers_to_stay_with_https(stack: Stack) -> None:
    """Each documented operation, called well or badly, and what the gateway answers by itself."""
    paths = stack.client.cloud.call("GET", "/openapi.json").json()["paths"]
    asked = [(method.upper(), re.sub(r"\{\w+\}", "x", path)) for path, item in paths.items() for method in item]
    asked += [("GET", "/v1/nowhere"), ("PATCH", "/v1/health"), ("GET", "/v1/health")]

    answered = {each: stack.client.cloud.call(*each).headers for each in asked}

    assert len(answered) >= 30
    ages = {
        each: int((re.match(r"max-age=(\d+)", headers.get("strict-transport-security", "")) or ["0", "0"])[1])
        for each, headers in answered.items()
    }
    assert [each for each, age in ages.items() if age < A_YEAR] == []


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_provider_that_nobody_vouches_for_gets_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real adapter breaks off before it says a word; once the certificate is trusted, it talks."""
    build, message, good = ADAPTERS[name]
    certificate = self_signed(tmp_path)

    with provider(answers(200, good), context=served_with(certificate)) as impostor:
        adapter = build(config_for(impostor), SECRETS, Outside(clock=now, ses=Mock(), hosts=frozenset()))
        with pytest.raises(ProviderUnavailableError):
            adapter.send(message)
        refused = list(impostor.seen)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        adapter.send(message)

    assert refused == []
    assert len(impostor.seen) == 1


SECRETS = dict.fromkeys(("mailgun_api_key", "twilio_auth_token", "smsapi_token", "smsapi_callback_secret"), "insecure")


def config_for(server: ProviderServer) -> dict[str, str]:
    """Settings that point at the server."""
    addresses = {f"{name}_base_url": server.url for name in ADAPTERS}
    names = {"mailgun_domain": "mail.example.ch", "twilio_account_sid": "AC1", "twilio_sender": "Zusage"}
    return {**addresses, **names, "smsapi_sender": "Zusage", "public_base_url": "https://api.example.ch"}


def test_the_deployed_dispatcher_gives_an_impostor_nothing(stack: Stack, tmp_path: Path) -> None:
    """Pointed at a server with a certificate of its own making, it turns to the next provider."""
    anna, practice = Person(), stack.business()

    with (
        provider(answers(200, b"{}"), context=served_with(self_signed(tmp_path))) as impostor,
        pointed_at(stack, MAILGUN_BASE_URL=impostor.url, TWILIO_BASE_URL=impostor.url),
    ):
        booked = stack.book(practice, anna, sms=True)
        stack.settled(booked["id"], "accepted", message="appointment-confirmed")

    assert impostor.seen == []
    assert (stack.mail(anna, BOOKED)["provider"], stack.texts(anna)[0]["provider"]) == ("ses", "smsapi")


@contextmanager
def pointed_at(stack: Stack, **changes: str) -> Iterator[None]:
    """The dispatcher with other settings for a while."""
    functions, name = stack.cloud.client("lambda"), stack.cloud.resources[logical_id("dispatch")]
    held = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**held, **changes}})
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": held})
