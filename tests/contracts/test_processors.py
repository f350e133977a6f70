"""One register of processors: adapters, settings, template, messages and declarations all stay within it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.adapters._provider import Provider
from chalicelib.adapters.mailgun import MailgunEmail
from chalicelib.adapters.registry import EMAIL_PROVIDERS, SMS_PROVIDERS, WEBHOOKS
from chalicelib.adapters.ses import SesEmail
from chalicelib.adapters.smsapi import SmsapiSms
from chalicelib.adapters.twilio import TwilioSms
from chalicelib.domain.disclosing import CARRIES, Received
from chalicelib.messages.catalogue import LANGUAGES, MESSAGES, Message
from chalicelib.messages.processing_words import PROCESSING_LANGUAGES, processing_words
from chalicelib.messages.rendering import placeholders
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.processors import PROCESSORS, Country, Role, Safeguard, Transfer, processor
from chalicelib.settings import PROMISED_REGIONS, Settings
from infra.tools.dependencies import SERVICES
from tests.contracts.entry_points import ROOT, template

ADAPTERS: tuple[type[Provider[Any]], ...] = (MailgunEmail, SesEmail, TwilioSms, SmsapiSms)
CALLED = {held.name for held in PROCESSORS if held.role is not Role.HOST}

# Whoever adds a country decides here, in the open, that it lies in Switzerland or the European Union.
PROMISED_COUNTRIES = {"CH", "DE", "IE", "PL"}

# What a value of a message says of a person. A new value is added here, and so weighed against the register.
SAYS: Mapping[str, frozenset[Received]] = {
    "given_name": frozenset({Received.NAME}),
    "family_name": frozenset({Received.NAME}),
    "business": frozenset({Received.BUSINESS}),
    "business_contact": frozenset({Received.BUSINESS}),
    "service": frozenset({Received.APPOINTMENT}),
    "expert": frozenset({Received.APPOINTMENT}),
    "when": frozenset({Received.APPOINTMENT}),
    "until": frozenset({Received.APPOINTMENT}),
    "zone": frozenset({Received.APPOINTMENT}),
    "times": frozenset({Received.APPOINTMENT}),
    "appointments": frozenset({Received.APPOINTMENT, Received.LINK}),
    "where": frozenset({Received.APPOINTMENT}),
    "price": frozenset({Received.APPOINTMENT}),
    "pay_until": frozenset({Received.APPOINTMENT}),
    "manage_link": frozenset({Received.LINK}),
    "link": frozenset({Received.LINK}),
    "effective": frozenset(),
    "begins": frozenset(),
    "ends": frozenset(),
    "closes": frozenset(),
    "valid_days": frozenset(),
    "valid_hours": frozenset(),
    "valid_minutes": frozenset(),
}
PARTS = {"subject.txt": "subject", "body.txt": "text", "body.html": "html", "sms.txt": "text"}
PARTS |= {"each.txt": "text", "each.html": "html"}


def urls_by_setting() -> Iterator[tuple[str, str]]:
    """Each setting that says where a processor is reached, with the processor's name."""
    for each in fields(Settings):
        if each.name.endswith("_base_url") and each.name != "public_base_url":
            yield each.name, each.name.removesuffix("_base_url")
    yield "sns_signing_origin", "ses"


def texts() -> Iterator[tuple[Message, str, str, Path]]:
    """Every text of every message, with its language and the part of the mail or text message that it becomes."""
    for message in MESSAGES:
        for language in LANGUAGES:
            for path in sorted((ROOT / "chalicelib" / "messages" / message.name / language).iterdir()):
                yield message, language, path.name, path
            footer = ROOT / "chalicelib" / "messages" / "_footer" / language / f"{message.about}.txt"
            yield message, language, "body.txt", footer


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_takes_no_more_than_the_register_allows(adapter: type[Provider[Any]]) -> None:
    """Part by part; and the register promises no more than some part of a message can hold."""
    held = processor(adapter.processor)

    held.check_disclosure(adapter.discloses())
    assert adapter.discloses() == held.receives
    assert adapter.name == held.name


def test_every_adapter_and_webhook_is_registered() -> None:
    """And every processor that delivers messages has both."""
    assert {*EMAIL_PROVIDERS, *SMS_PROVIDERS} == {*WEBHOOKS} == {each.name for each in ADAPTERS} == CALLED - {"payrexx"}


@pytest.mark.parametrize(("setting", "name"), [*urls_by_setting()])
def test_the_hosts_in_settings_and_template_are_the_registers(setting: str, name: str) -> None:
    """By default, as a parameter's default, and in production by a rule that allows no other."""
    parameter = "".join(word.title() for word in setting.split("_"))
    default = next(each.default for each in fields(Settings) if each.name == setting)
    hosts = processor(name).hosts

    assert urlsplit(str(default)).hostname in hosts
    assert template("prod")["Parameters"][parameter]["Default"] == default
    if setting != "sns_signing_origin":
        (allowed,) = [
            one["Assert"]["Fn::Contains"][0]
            for one in template("prod")["Rules"]["ProvidersInEurope"]["Assertions"]
            if one["Assert"]["Fn::Contains"][1] == {"Ref": parameter}
        ]
        assert {*allowed} == {f"https://{host}" for host in hosts}


def test_the_rule_covers_every_provider_that_is_reached_by_an_address() -> None:
    """A new one can't be forgotten there."""
    rule = template("prod")["Rules"]["ProvidersInEurope"]

    named = {one["Assert"]["Fn::Contains"][1]["Ref"] for one in rule["Assertions"]}
    assert named == {"".join(word.title() for word in s.split("_")) for s, _ in urls_by_setting()} - {
        "SnsSigningOrigin"
    }
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


def test_everything_stays_in_the_promised_regions() -> None:
    """The same two stand in the settings, the template's rules, the second region's, the tools and the register."""
    second = json.loads((ROOT / "infra" / "template" / "second_region" / "vault.json").read_text())
    place = {"Fn::Contains": [[*PROMISED_REGIONS], {"Ref": "AWS::Region"}]}

    for rules in (template("prod")["Rules"], template("local")["Rules"], second["Rules"]):
        assert [one["Assert"] for one in rules["StaysInPromisedRegions"]["Assertions"]] == [place]
    told = set(re.findall(r"\b[a-z]{2}-[a-z]+-\d\b", " ".join(f"{p.region} {' '.join(p.hosts)}" for p in PROCESSORS)))
    assert told == {*PROMISED_REGIONS}


def test_every_service_of_aws_that_is_called_is_a_host_of_the_register() -> None:
    """In both regions; SES's own host is called email."""
    hosts = processor("aws").hosts | processor("ses").hosts

    for service in SERVICES:
        host = {"ses": "email"}.get(service, service)
        assert {f"{host}.{region}.amazonaws.com" for region in PROMISED_REGIONS} <= hosts


def test_processors_are_in_switzerland_and_the_european_union() -> None:
    """There is no other country to choose."""
    assert {country.name for country in Country} == PROMISED_COUNTRIES
    assert {held.country for held in PROCESSORS} == {*Country}


def test_every_declared_recipient_is_registered_and_every_messenger_declared() -> None:
    """A processor that no kind of data names would be missing from the notices."""
    named = {name for kind in RECORDS for name in kind.handling.recipients}

    assert named == CALLED


@pytest.mark.parametrize(
    ("message", "language", "name", "path"),
    [pytest.param(*each, id=f"{each[0].name}-{each[1]}-{each[3].parent.parent.name}-{each[2]}") for each in texts()],
)
def test_a_message_says_no_more_than_its_part_may_carry(message: Message, language: str, name: str, path: Path) -> None:
    """No name in a text message, no phone number of a customer anywhere."""
    kind = "Sms" if name == "sms.txt" else "Email"
    said: set[Received] = set().union(*(SAYS[each] for each in placeholders(path.read_text(encoding="utf-8"))))

    assert said <= CARRIES[kind][PARTS[name]]


def test_every_value_of_a_message_is_weighed() -> None:
    """None is left over, either."""
    fields = set().union(*(message.fields | message.each for message in MESSAGES))

    assert fields | {"appointments"} == {*SAYS}


@pytest.mark.parametrize("language", PROCESSING_LANGUAGES)
@pytest.mark.parametrize(
    ("heading", "members"),
    [("roles", Role), ("countries", Country), ("transfers", Transfer), ("safeguards", Safeguard)],
)
def test_the_record_of_processing_has_a_word_for_everything(language: str, heading: str, members: Any) -> None:
    """In English the very words of the register."""
    told = processing_words(language)[heading]

    assert {*told} == {member.name for member in members}
    assert language != "en" or told == {member.name: member.value for member in members}


def test_both_languages_of_the_record_say_the_same_things() -> None:
    """Every word of one stands in the other, none is empty, and German is Swiss."""
    english, german = (processing_words(language) for language in ("en", "de"))

    assert _shape(english) == _shape(german)
    assert "ß" not in json.dumps(german, ensure_ascii=False)


def _shape(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: _shape(value) for key, value in said.items()}
    if isinstance(said, list):
        return len(said)
    return bool(said.strip())
