"""The catalogue: every kind is in it once and says all of what it has to, and tables and processors fit."""

import dataclasses
import importlib
import json
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    DiscriminatorAttribute,
    VersionAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex

import chalicelib.records
from chalicelib.adapters.registry import EMAIL_PROVIDERS, SMS_PROVIDERS
from chalicelib.domain.handling import Basis, Handling, Keep, Purpose, Subject
from chalicelib.domain.periods import Period
from chalicelib.messages.catalogue import MESSAGES
from chalicelib.records._base import Record
from chalicelib.records._fields import Declared, Erase, Form, InstantAttribute, Sealed
from chalicelib.records._tables import TABLES, DueIndex, LookupIndex, PeopleIndex, TransientTable
from chalicelib.records.appointment import Appointment
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.processors import processor
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from tests.contracts.entry_points import ROOT

MODULES = [name for _, name, _ in pkgutil.iter_modules(chalicelib.records.__path__, "chalicelib.records.")]
KEYS = {"pk", "sk", "kind", "version", "zone", "expires_at", "ttl", "sealed"}
KEYS |= {"held_until", "blocked_since", "restricted_since"}
KEYS |= {"due_shard", "due_at", "lookup_pk", "lookup_sk", "people_pk", "people_sk"}
PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|mobile|tel|name|given|family|surname|company|street|postal|zip|city|address|birth\w*|iban|ip"
    r"|network|text|body|note|comment|message|subject|title|token|secret|password|password_hash)(_|$)"
)
NOT_PERSONAL = {
    ("Service", "name"): "what is offered; a tenant is told not to put people's names into it",
    ("Resource", "name"): "what a room or a device is called",
    ("Notification", "message"): "the name of one of our texts, not a text",
    ("Notification", "address_index"): "a keyed hash, without which a stop could not be matched",
    ("LedgerEntry", "network"): "an IP address shortened to its network before it gets here",
    ("Session", "network"): "an IP address shortened to its network before it gets here",
    ("Appointment", "mail_wanted"): "whether mails are wanted; the address itself is sealed",
    ("Customer", "email_index"): "a keyed hash, by which a person is recognised",
    ("Customer", "phone_index"): "a keyed hash, by which likely duplicates are found",
}


def kinds_below(record: type[Record]) -> Iterator[type[Record]]:
    """All kinds declared in the product, found without the list."""
    for each in record.__subclasses__():
        if each.__module__.startswith("chalicelib."):
            if not each.abstract:
                yield each
            yield from kinds_below(each)


def plain(kind: type[Record]) -> dict[str, Attribute[Any]]:
    """The attributes of a kind that are stored as they are, by name."""
    return {name: each for name, each in kind.get_attributes().items() if name not in KEYS}


def all_periods(kind: type[Record]) -> list[Keep]:
    """Those that end its use, and that of a legal duty behind them."""
    blocked = kind.handling.blocked
    return [*kind.handling.keep, *([blocked] if blocked else [])]


def unexplained(fields: Mapping[str, Declared]) -> list[str]:
    """The fields that owe a reason and give none."""
    return [name for name, said in fields.items() if owes_a_reason(said) and not said.why.strip()]


def owes_a_reason(said: Declared) -> bool:
    """What no export and no erasure covers, and what the person is not told of."""
    return not said.access or (not said.export and said.erase is not Erase.REMOVE)


def of_people(kind: type[Record]) -> str:
    """The name of a kind, for tests."""
    return kind.__name__


each_kind = pytest.mark.parametrize("kind", RECORDS, ids=of_people)


# The list


def test_every_kind_is_listed_once() -> None:
    """What is not listed would be neither swept, exported nor erased."""
    for module in MODULES:
        importlib.import_module(module)

    assert Counter(RECORDS) == Counter(kinds_below(Record))


def test_every_kind_is_stored_under_a_name_of_its_own() -> None:
    """The name in the store is said, so that renaming a class changes nothing."""
    names = [kind.kind_name() for kind in RECORDS]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in names)


@each_kind
def test_every_kind_lies_in_one_table(kind: type[Record]) -> None:
    """And takes its keys from there."""
    assert sum(issubclass(kind, table) for table in TABLES) == 1


# The declaration


@each_kind
def test_every_kind_says_what_it_is_for_on_what_basis_and_how_long(kind: type[Record]) -> None:
    """In words of the law, and in its docstring for people."""
    handling = kind.handling

    assert isinstance(handling, Handling)
    assert all(isinstance(purpose, Purpose) for purpose in handling.purposes)
    assert len(set(handling.purposes)) == len(handling.purposes) > 0
    assert isinstance(handling.basis, Basis)
    assert all(isinstance(keep.period, Period) for keep in handling.keep)
    assert len((kind.__doc__ or "").strip()) > 20


@each_kind
def test_periods_are_counted_from_a_real_instant(kind: type[Record]) -> None:
    """An attribute that holds one, or a property of the class; a slip of the pen would keep for ever."""
    instants = {name for name, each in kind.get_attributes().items() if isinstance(each, InstantAttribute)}
    computed = {name for base in kind.__mro__ for name, each in vars(base).items() if isinstance(each, property)}

    assert {keep.since for keep in all_periods(kind)} <= (instants - KEYS) | computed


@each_kind
def test_every_kind_ends_some_day(kind: type[Record]) -> None:
    """At least one period runs from the start, or from the end of what the record belongs to."""
    attributes = kind.get_attributes()
    runs = [
        keep.since for keep in kind.handling.keep if keep.since not in attributes or not attributes[keep.since].null
    ]

    assert runs or {keep.since for keep in kind.handling.keep} & {"ended_at", "left_at"}


@each_kind
def test_no_period_is_longer_than_ten_years(kind: type[Record]) -> None:
    """The longest that any law asks for; and none is negative."""
    for keep in all_periods(kind):
        assert 0 <= keep.period.months <= 120
        assert 0 <= keep.period.days <= 366
        assert 0 <= keep.period.seconds <= 86_400


@each_kind
def test_a_legitimate_interest_is_explained(kind: type[Record]) -> None:
    """Whoever weighs interests says how; except where the record is about nobody."""
    handling = kind.handling

    assert handling.basis is not Basis.LEGITIMATE_INTEREST or handling.because or handling.about is Subject.NOBODY


# Personal fields


@each_kind
def test_every_field_declares_itself(kind: type[Record]) -> None:
    """All that a kind adds to what every record has, and nothing that it does not have."""
    assert kind.declarations().keys() == plain(kind).keys() | kind.sealed_fields().keys()


@each_kind
def test_every_sealed_field_says_what_becomes_of_it(kind: type[Record]) -> None:
    """It is told in the access answer, or says why not, and is either removed or kept for a duty that is declared."""
    for name, field in kind.sealed_fields().items():
        said = kind.declarations()[name]

        assert isinstance(field, Sealed)
        assert field.name == name
        assert said.form is Form.SEALED
        assert said.access or said.why
        assert said.erase is not Erase.BLOCK or kind.handling.blocked is not None


@each_kind
def test_a_field_that_no_export_and_no_erasure_covers_says_why(kind: type[Record]) -> None:
    """And so does one of which the person is not told."""
    assert unexplained(kind.declarations()) == []


PLAIN = Declared(form=Form.PLAIN, access=True, export=True, erase=Erase.REMOVE)


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({}, False),
        ({"export": False}, False),
        ({"erase": Erase.KEEP}, False),
        ({"erase": Erase.BLOCK}, False),
        ({"export": False, "erase": Erase.KEEP}, True),
        ({"export": False, "erase": Erase.BLOCK}, True),
        ({"export": False, "erase": Erase.KEEP, "why": "a keyed hash that says nothing"}, False),
        ({"access": False}, True),
        ({"access": False, "why": " "}, True),
        ({"access": False, "why": "counts tries"}, False),
    ],
)
def test_what_counts_as_unexplained(changes: dict[str, Any], *, silent: bool) -> None:
    """Neither handed out nor removed, or not told, without a reason."""
    assert unexplained({"field": dataclasses.replace(PLAIN, **changes)}) == (["field"] if silent else [])


@each_kind
def test_what_is_sealed_belongs_to_somebody(kind: type[Record]) -> None:
    """A kind about nobody has no personal field; and a kind under which keys lie is never itself sealed."""
    if kind.handling.about is Subject.NOBODY:
        assert kind.sealed_fields() == {}


@each_kind
def test_nothing_personal_is_stored_in_the_clear(kind: type[Record]) -> None:
    """By the names of its attributes; each exception is listed with its reason."""
    smells = {name for name in plain(kind) if PERSONAL.search(name)}

    assert {(kind.__name__, name) for name in smells} <= NOT_PERSONAL.keys()


def test_every_exception_is_needed() -> None:
    """A list that only grows excuses more than it says."""
    needed = {(kind.__name__, name) for kind in RECORDS for name in plain(kind) if PERSONAL.search(name)}

    assert needed == NOT_PERSONAL.keys()
    assert all(len(reason) > 20 for reason in NOT_PERSONAL.values())


@pytest.mark.parametrize(
    ("name", "smells"),
    [
        ("email", True),
        ("contact_mail", True),
        ("given_name", True),
        ("phone", True),
        ("street", True),
        ("birthday", True),
        ("ip", True),
        ("starts_at", False),
        ("description_version", False),
        ("expert", False),
        ("zip", True),
        ("notice", False),
    ],
)
def test_the_nose(name: str, *, smells: bool) -> None:
    """What counts as the name of something personal."""
    assert (PERSONAL.search(name) is not None) is smells


@each_kind
def test_a_sealed_field_is_no_attribute(kind: type[Record]) -> None:
    """What is declared twice would be stored in the clear."""
    assert not kind.sealed_fields().keys() & kind.get_attributes().keys()


# Processors


@each_kind
def test_recipients_are_in_the_register_of_processors(kind: type[Record]) -> None:
    """Each once, and each gets the data for a purpose that the record has."""
    recipients = kind.handling.recipients

    assert len(set(recipients)) == len(recipients)
    assert {processor(name).purpose for name in recipients} <= set(kind.handling.purposes)


@pytest.mark.parametrize("kind", [Appointment, Tenant], ids=of_people)
def test_what_messages_are_made_of_names_their_recipients(kind: type[Record]) -> None:
    """Texts about appointments hold the customer, and the business with how to reach it, over both channels."""
    channels = {channel for message in MESSAGES for channel in message.channels if message.about == "appointment"}

    assert channels == {"email", "sms"}
    assert set(kind.handling.recipients) == {*EMAIL_PROVIDERS, *SMS_PROVIDERS}


def test_staff_are_named_in_mails_only() -> None:
    """A text message says when and with which business."""
    texts = [path.read_text() for path in (ROOT / "chalicelib" / "messages").rglob("sms.txt")]

    assert texts
    assert not [text for text in texts if "expert" in text or "given_name" in text or "family_name" in text]
    assert set(Staff.handling.recipients) == {*EMAIL_PROVIDERS}


# Tables

INDEXES: dict[str, tuple[type[GlobalSecondaryIndex[Any]], ...]] = {
    "RecordsTable": (DueIndex, LookupIndex),
    "LedgerTable": (PeopleIndex,),
}


def template_tables() -> dict[str, Any]:
    """The tables of the template by logical id."""
    resources = json.loads((ROOT / "infra" / "template" / "tables.json").read_text())["Resources"]
    return {name: body["Properties"] for name, body in resources.items() if body["Type"] == "AWS::DynamoDB::Table"}


def stored_keys(keys: list[Any]) -> list[tuple[str, str, str]]:
    """Role, stored name and type of key attributes, the hash key first."""
    roles = [(("HASH" if key.is_hash_key else "RANGE"), str(key.attr_name), str(key.attr_type)) for key in keys]
    return sorted(roles)


def template_keys(table: Any, schema: Any) -> list[tuple[str, str, str]]:
    """The same out of the template."""
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    return sorted((key["KeyType"], key["AttributeName"], types[key["AttributeName"]]) for key in schema)


def test_tables_and_template_are_the_same() -> None:
    """One class a table, under its logical id."""
    assert sorted(table.__name__ for table in TABLES) == sorted(template_tables())


@pytest.mark.parametrize("table", TABLES, ids=of_people)
def test_keys_and_ttl_are_those_of_the_template(table: type[Record]) -> None:
    """DynamoDB would store under any other name too, and never expire it."""
    held, attributes = template_tables()[table.__name__], table.get_attributes()

    keys = [each for each in attributes.values() if each.is_hash_key or each.is_range_key]
    assert stored_keys(keys) == template_keys(held, held["KeySchema"])
    assert held["TimeToLiveSpecification"] == {"AttributeName": attributes["ttl"].attr_name, "Enabled": True}
    assert attributes["ttl"].attr_type == "N"


def test_indexes_are_those_of_the_template() -> None:
    """Names, keys, types and what they hold."""
    for table in TABLES:
        body = template_tables()[table.__name__]
        held = {each["IndexName"]: each for each in body.get("GlobalSecondaryIndexes", ())}
        indexes = INDEXES.get(table.__name__, ())

        assert {index.Meta.index_name for index in indexes} == held.keys()
        for index in indexes:
            meta: Any = index.Meta
            keys = [each for each in vars(index).values() if isinstance(each, Attribute)]
            theirs = held[meta.index_name]
            assert stored_keys(keys) == template_keys(body, theirs["KeySchema"])
            assert theirs["Projection"]["ProjectionType"] == meta.projection.projection_type
            attributes = table.get_attributes()
            assert all(attributes[str(key.attr_name)].attr_type == key.attr_type for key in keys)


def test_only_records_has_a_due_index() -> None:
    """What is elsewhere ends by reading and by DynamoDB's own deletion."""
    assert {table.__name__ for table in TABLES if table.has_due_index} == {"RecordsTable"}


@each_kind
def test_attributes_are_stored_under_their_own_names(kind: type[Record]) -> None:
    """So that conditions, streams and filters may speak of them."""
    assert all(name == each.attr_name for name, each in kind.get_attributes().items())
    assert isinstance(kind.get_attributes()["kind"], DiscriminatorAttribute)
    assert isinstance(kind.get_attributes()["version"], VersionAttribute)


@each_kind
def test_binary_is_stored_as_binary(kind: type[Record]) -> None:
    """Not as text in base64 inside of it, which costs a third more."""
    binaries = [each for each in kind.get_attributes().values() if isinstance(each, BinaryAttribute)]

    assert not [each for each in binaries if each.legacy_encoding]


def test_what_lives_in_transient_is_short_lived() -> None:
    """It is never backed up, so nothing there may matter for longer than a week."""
    for kind in RECORDS:
        if issubclass(kind, TransientTable):
            assert all(keep.period.months == 0 and keep.period.days <= 7 for keep in kind.handling.keep)
