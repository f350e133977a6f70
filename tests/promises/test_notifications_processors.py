"""notifications, `processors-register`: who gets personal data is listed, and nobody else can be reached."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.tools.fragments import logical_id
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, until
from tests.deployed.webhook_calls import CHANNELS, sent_by

pytestmark = [pytest.mark.deployed, pytest.mark.promise("processors-register")]

FACTS = ("company", "role", "purpose", "receives", "place", "country", "region", "hosts", "contract", "transfer")
BASE_URLS = {"mailgun": "MAILGUN_BASE_URL", "twilio": "TWILIO_BASE_URL", "smsapi": "SMSAPI_BASE_URL"}
ELSEWHERE = {
    "mailgun": "https://api.mailgun.net",
    "twilio": "https://api.twilio.com",
    "smsapi": "https://api.smsapi.pl",
}


def register(stack: Stack) -> dict[str, Any]:
    """The published register, by name."""
    told = stack.cloud.call("GET", "/v1/processing-record").json()["processors"]
    return {each["name"]: each for each in told}


def environment(stack: Stack, function: str) -> dict[str, str]:
    """The variables of a deployed function."""
    held = stack.cloud.client("lambda").get_function_configuration(FunctionName=stack.cloud.resources[function])
    variables: dict[str, str] = held["Environment"]["Variables"]
    return variables


@contextmanager
def changed(stack: Stack, **variables: str) -> Iterator[None]:
    """The deployed dispatcher with other settings, for as long as it takes."""
    client, name = stack.cloud.client("lambda"), stack.cloud.resources[logical_id("dispatch")]
    held = environment(stack, logical_id("dispatch"))
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {**held, **variables}})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": held})


def refusals(stack: Stack) -> list[tuple[str, str]]:
    """The providers that could not be set up, and why, as the functions logged it."""
    lines = [json.loads(line) for line in stack.cloud.logs().splitlines() if "provider not set up" in line]
    return [(line["provider"], line["code"]) for line in lines]


def test_each_is_listed_with_everything_the_law_asks_for(stack: Stack) -> None:
    """Place, purpose, kinds of data, contract and the basis of the transfer, also in the notice of a business."""
    held = register(stack)

    assert set(CHANNELS) | {"aws", "payrexx"} == set(held)
    assert all(each[fact] for each in held.values() for fact in FACTS)
    assert all(each["safeguards"] for each in held.values() if each["parent"])
    notice = stack.cloud.call("GET", f"/v1/tenants/{stack.business().tenant}/notice").json()
    named = {each["name"]: each for each in notice["recipients"]}
    assert set(CHANNELS) <= set(named)
    assert all(each["company"] and each["place"] for each in named.values())


def test_whoever_is_set_up_to_deliver_is_listed(stack: Stack) -> None:
    """The providers in the settings of every deployed function."""
    listed = set(register(stack))

    for function in ("APIHandler", logical_id("dispatch")):
        variables = environment(stack, function)
        chosen = {*variables["EMAIL_PROVIDERS"].split(","), *variables["SMS_PROVIDERS"].split(",")}
        assert chosen <= listed


@pytest.mark.parametrize("provider", CHANNELS)
def test_whoever_gets_a_message_is_listed_for_it(stack: Stack, provider: str) -> None:
    """Each of the four takes a confirmation, and the register says that it may have what went there."""
    _, taken = sent_by(stack, provider)

    held = register(stack)[taken["provider"]]
    assert "appointment" in held["receives"]
    assert {"email": "e-mail address", "sms": "phone number"}[taken["kind"]] in held["receives"]


@pytest.mark.parametrize("provider", BASE_URLS)
def test_a_host_that_is_not_listed_is_not_reached(stack: Stack, provider: str) -> None:
    """The deployed dispatcher, told to use the provider's host in another region, uses another provider instead."""
    anna, practice = Person(), stack.business()
    before = refusals(stack).count((provider, "host"))

    with changed(stack, **{BASE_URLS[provider]: ELSEWHERE[provider]}):
        if provider == "smsapi":
            stack.inbox.fail("twilio", "status", status=503, times=1)
        stack.book(practice, anna, sms=True)
        stack.mail(anna, BOOKED)
        until(lambda: refusals(stack).count((provider, "host")) > before, f"{provider} was refused")
        taken = [one["provider"] for one in (*stack.mails(anna), *stack.texts(anna))]

    assert provider not in taken
    assert ELSEWHERE[provider].removeprefix("https://") not in register(stack)[provider]["hosts"]


def test_a_name_that_is_not_listed_gets_nothing(stack: Stack) -> None:
    """Nothing is sent while such a provider is set, and everything once it is not."""
    anna, practice = Person(), stack.business()
    before = stack.cloud.logs().count('"LookupError"')

    with changed(stack, EMAIL_PROVIDERS="sendgrid"):
        booked = stack.book(practice, anna)
        # The register knows no such name; had it not been asked, the lack of an adapter would show as a KeyError.
        until(lambda: stack.cloud.logs().count('"LookupError"') > before, "it was refused")
        assert stack.mails(anna) == []
    stack.cloud.move_time(minutes=2)
    stack.wake()

    stack.mail(anna, BOOKED)
    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
