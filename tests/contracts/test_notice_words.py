"""The notice's words: the same in all languages, and one for everything that declarations and versions speak of."""

import re
from datetime import date
from enum import Enum
from typing import Any

import pytest

from chalicelib.domain.disclosing import Received
from chalicelib.domain.fact_changes import What
from chalicelib.domain.facts import Facts
from chalicelib.domain.handling import Basis, Category, Counted, Key, Purpose, Source, Subject, Then
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, spoken_date, words
from chalicelib.records._fields import Form
from chalicelib.records.declared import facts
from chalicelib.records.processors import Role, Safeguard, Transfer
from chalicelib.records.publications import published
from chalicelib.services.notice._wording import spoken

in_each_language = pytest.mark.parametrize("language", NOTICE_LANGUAGES)
CHOICES: dict[str, type[Enum]] = {
    "categories": Category,
    "purposes": Purpose,
    "bases": Basis,
    "sources": Source,
    "about": Subject,
    "then": Then,
    "counted": Counted,
    "keys": Key,
    "forms": Form,
    "roles": Role,
    "transfers": Transfer,
    "safeguards": Safeguard,
    "change": What,
}


def shape(said: Any) -> Any:
    """Keys, lengths of lists, and the placeholders of each text."""
    if isinstance(said, dict):
        return {key: shape(value) for key, value in sorted(said.items())}
    if isinstance(said, list):
        return [shape(each) for each in said]
    return sorted(re.findall(r"\{([a-z_]*)\}", said))


def texts(said: Any) -> list[str]:
    """Every text, however deep it lies."""
    if isinstance(said, str):
        return [said]
    inner = said.values() if isinstance(said, dict) else said
    return [text for each in inner for text in texts(each)]


def stated() -> list[tuple[str, Facts]]:
    """What is declared now, and every version that was ever published: each can be asked for in any language."""
    return [("declared now", facts()), *((each.version, each.facts) for each in published())]


@in_each_language
def test_every_language_has_the_words_and_placeholders_of_the_governing_one(language: str) -> None:
    """A translation leaves nothing out and adds nothing."""
    assert shape(words(language)) == shape(words("en"))


@in_each_language
def test_no_text_is_empty_or_untidy(language: str) -> None:
    """Swiss spelling; no space at an end except where a sentence is put in."""
    said = {name: text for name, text in words(language).items() if name != "authority_land"}

    assert all(text.strip() == text and text and "  " not in text for text in texts(said))
    assert "ß" not in "".join(texts(words(language)))


@in_each_language
@pytest.mark.parametrize("group", CHOICES)
def test_every_member_has_its_word(language: str, group: str) -> None:
    """What can be declared can be said; a word may outlive its member, since old versions speak of it."""
    assert {member.name for member in CHOICES[group]} <= words(language)[group].keys()


@in_each_language
def test_everything_that_can_be_received_has_its_word(language: str) -> None:
    """By the value that is published."""
    assert {str(each) for each in Received} <= words(language)["fields"].keys()


@in_each_language
@pytest.mark.parametrize(("version", "held"), stated(), ids=[name for name, _ in stated()])
def test_every_kind_and_everything_it_names_has_its_word(language: str, version: str, held: Facts) -> None:
    """Its name, what its periods count from, its fields, the interest that is weighed, and where its recipients are."""
    said, personal = spoken(language), [kind for kind in held.kinds if kind.personal]
    weighed = {kind.kind for kind in personal if kind.basis == Basis.LEGITIMATE_INTEREST.name}
    keeps = [keep for kind in held.kinds for keep in (*kind.periods, *([kind.blocked] if kind.blocked else []))]

    assert {kind.kind for kind in held.kinds} - said["kind_names"].keys() == set()
    assert {keep.since for keep in keeps} - said["starts"].keys() == set()
    assert {other.where for keep in keeps for other in keep.elsewhere} - said["elsewhere"].keys() == set()
    assert {name for kind in personal for name in kind.fields} - said["field_names"].keys() == set()
    assert weighed - said["interests"].keys() == set()
    assert {each.place for each in held.processors} - said["places"].keys() == set()
    assert {each.parent_country for each in held.processors} - {""} - said["countries"].keys() == set()


@in_each_language
@pytest.mark.parametrize(
    "group", ["kind_names", "interests", "field_names", "starts", "places", "countries", "elsewhere"]
)
def test_no_word_is_left_behind(language: str, group: str) -> None:
    """A word for what was neither declared nor ever published is a leftover, or a slip of the pen."""
    every = [held for _, held in stated()]
    kinds = [kind for held in every for kind in held.kinds]
    keeps = [keep for kind in kinds for keep in (*kind.periods, *([kind.blocked] if kind.blocked else []))]
    spoken_of = {
        "kind_names": {kind.kind for kind in kinds},
        "interests": {kind.kind for kind in kinds},
        "field_names": {name for kind in kinds for name in kind.fields},
        "starts": {keep.since for keep in keeps},
        "places": {each.place for held in every for each in held.processors},
        "countries": {each.parent_country for held in every for each in held.processors},
        "elsewhere": {other.where for keep in keeps for other in keep.elsewhere},
    }

    assert spoken(language)[group].keys() - spoken_of[group] == set()


@pytest.mark.parametrize(
    ("language", "said", "first"),
    [
        ("en", "23 November 2026", "1 March 2027"),
        ("de", "23. November 2026", "1. März 2027"),
        ("fr", "23 novembre 2026", "1er mars 2027"),
        ("it", "23 novembre 2026", "1° marzo 2027"),
    ],
)
def test_dates_are_said_as_people_write_them(language: str, said: str, first: str) -> None:
    """Also the first of a month, which is different."""
    assert spoken_date(date(2026, 11, 23), language) == said
    assert spoken_date(date(2027, 3, 1), language) == first


def test_another_language_is_refused() -> None:
    """Rather than shown in part."""
    with pytest.raises(LookupError):
        words("rm")
