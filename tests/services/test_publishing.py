"""The privacy notice says what the declarations say, in every language, and its version names them."""

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.handling import Subject
from chalicelib.domain.versions import NOTICE_VERSION
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words
from chalicelib.records.catalogue import RECORDS
from chalicelib.services.publishing import Notice
from tests.builders import business
from tests.stage import Stage, stage

# The notice's content in English at each version. Whoever changes a declaration gives the notice a new version, and so
# asks everybody who registers to accept it.
CONTENT = {"2026-11-22": "0a41a9095d804792589e2d8b0fb677eae278f5645b5a357e3d942ba713c00dc7"}


def of_tenant(on: Stage, language: str = "en") -> Notice:
    """The notice of a business for its customers."""
    return on.services.publishing.of_tenant(business(on).tenant, language)


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_every_kind_is_in_one_of_the_two_notices(language: str) -> None:
    """Nothing is stored that no notice speaks of."""
    with stage() as on:
        tenants, operators = of_tenant(on, language), on.services.publishing.of_operator(language)

    said = [kind.kind for notice in (tenants, operators) for kind in notice.kinds]
    assert sorted(said) == sorted(kind.kind_name() for kind in RECORDS)
    assert {k.kind for k in tenants.kinds} == {k.kind_name() for k in RECORDS if k.handling.about is Subject.CUSTOMER}


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_what_it_says_follows_from_the_declaration(language: str) -> None:
    """Purposes, basis, periods and recipients of an appointment are those of its Handling."""
    with stage() as on:
        held = next(kind for kind in of_tenant(on, language).kinds if kind.kind == "Appointment")

    said = words(language)
    assert held.purposes == (said["purposes"]["APPOINTMENT"], said["purposes"]["NOTIFICATION"])
    assert held.basis == said["bases"]["CONTRACT"]
    assert said["units"]["months"][1].format(n=12) in held.kept[0]
    assert len(held.recipients) == 4
    assert held.sealed


def test_periods_in_english() -> None:
    """The first that ends holds; each is named with its start."""
    with stage() as on:
        kept = {kind.kind: kind.kept for kind in on.services.publishing.of_operator("en").kinds}

    assert kept["Tenant"] == (
        "12 months from the end of the contract",
        "7 days from registration, if the address is not confirmed",
    )
    assert kept["Session"] == ("8 hours from the last use", "7 days from the start")
    assert kept["Availability"] == ("until the end of the work there",)


def test_a_business_is_the_controller_of_its_notice() -> None:
    """With company, postal address and mail as registered; the operator is named as who processes for it."""
    with stage() as on:
        notice = of_tenant(on)

    assert notice.controller.name == "Praxis Brunner"
    assert notice.controller.postal == "Praxis Brunner, Seestrasse 12, 8002 Zürich, CH"
    assert notice.controller.mail == "regula@praxis-brunner.example"
    assert notice.intro.startswith("Zusage processes this data on behalf of Praxis Brunner.")
    assert notice.officer.mail in notice.ask
    assert "Art. 77" in notice.authority


def test_only_processors_that_receive_something_are_named() -> None:
    """With company and place."""
    with stage() as on:
        recipients = of_tenant(on).recipients

    assert [each.name for each in recipients] == ["mailgun", "ses", "twilio", "smsapi"]
    assert all(each.place and each.company for each in recipients)


def test_an_unknown_business_has_no_notice() -> None:
    """It is told plainly."""
    with stage() as on, pytest.raises(NotFoundError):
        on.services.publishing.of_tenant("0" * 31 + "1", "en")


def test_the_languages_say_the_same_things() -> None:
    """Every language has the same words as the governing one, none of them empty."""
    shapes = {language: _shape(words(language)) for language in NOTICE_LANGUAGES}

    assert all(shape == shapes["en"] for shape in shapes.values())
    assert all(text.strip() for language in NOTICE_LANGUAGES for text in _texts(words(language)))
    assert "ß" not in "".join(_texts(words("de")))


def test_another_language_is_refused() -> None:
    """Rather than shown in part."""
    with pytest.raises(LookupError):
        words("rm")


def test_the_version_names_the_content() -> None:
    """A changed declaration without a new version turns this red."""
    with stage() as on:
        notice = on.services.publishing.of_operator("en")
        kinds = [asdict(kind) for kind in (*notice.kinds, *of_tenant(on).kinds)]

    content = json.dumps([kinds, notice.rights, [asdict(each) for each in of_recipients()]], sort_keys=True)
    assert CONTENT[NOTICE_VERSION] == sha256(content.encode()).hexdigest()


def of_recipients() -> list[Any]:
    """The recipients that customers' notice names."""
    with stage() as on:
        return list(of_tenant(on).recipients)


def _shape(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: _shape(value) for key, value in said.items()}
    return len(said) if isinstance(said, list) else "text"


def _texts(said: Any) -> list[str]:
    if isinstance(said, str):
        return [said]
    inner = said.values() if isinstance(said, dict) else said
    return [text for each in inner for text in _texts(each)]
