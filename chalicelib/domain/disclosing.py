"""What leaves for others: the kinds of personal data that a recipient can get, and which part of a message holds which.

A provider declares the parts of a message that it takes; the register of processors says which kinds of data it may
receive. `CARRIES` joins the two, so that neither can be widened without the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any


class Received(StrEnum):
    """A kind of personal data that somebody else gets; the notices have a word for each."""

    EMAIL_ADDRESS = "e-mail address"
    PHONE_NUMBER = "phone number"
    NAME = "name"
    APPOINTMENT = "appointment"
    BUSINESS = "business"
    LINK = "link"
    REFERENCE = "reference"
    PRICE = "price"
    STORED = "stored"


_NOTHING: frozenset[Received] = frozenset()
_BUSINESS = frozenset({Received.BUSINESS})
_WORDS = frozenset({Received.NAME, Received.APPOINTMENT, Received.BUSINESS, Received.LINK})

CARRIES: Mapping[str, Mapping[str, frozenset[Received]]] = {
    "Email": {
        "to": frozenset({Received.EMAIL_ADDRESS}),
        "to_name": frozenset({Received.NAME}),
        "sender": _NOTHING,  # the installation's own address
        "sender_name": _BUSINESS,
        "reply_to": _BUSINESS,
        "subject": _WORDS,
        "text": _WORDS,
        "html": _WORDS,
        "attachments.filename": _NOTHING,
        "attachments.content_type": _NOTHING,
        "attachments.content": _WORDS | {Received.EMAIL_ADDRESS},  # a calendar file names who is invited
        "reference": frozenset({Received.REFERENCE}),
    },
    "Sms": {
        "to": frozenset({Received.PHONE_NUMBER}),
        "text": _WORDS - {Received.NAME},
        "reference": frozenset({Received.REFERENCE}),
    },
    "Order": {
        "amount": frozenset({Received.PRICE}),
        "currency": frozenset({Received.PRICE}),
        "purpose": frozenset({Received.APPOINTMENT}),
        "reference": frozenset({Received.REFERENCE}),
        "language": _NOTHING,
        "back_to": _NOTHING,  # a page that is the same for everybody
        "minutes": _NOTHING,
    },
    "OwnEvent": {  # what an expert's own calendar is told
        "key": frozenset({Received.REFERENCE}),
        "title": frozenset({Received.APPOINTMENT}),
        "starts_at": frozenset({Received.APPOINTMENT}),
        "ends_at": frozenset({Received.APPOINTMENT}),
    },
}
"""By kind of message and part; what lies deeper has a dot. A part that is not listed goes to nobody."""


def disclosed(kind: str, parts: Iterable[str]) -> frozenset[Received]:
    """Which kinds of data these parts of a message can hold. LookupError for a part that nobody may get."""
    known = CARRIES[kind]
    found: set[Received] = set()
    for part in parts:
        if part not in known:
            raise LookupError(f"nothing says what {part} of {kind} carries")
        found |= known[part]
    return frozenset(found)


def parts_of(message: object) -> Iterator[str]:
    """The names of everything in a message that is not empty, however deep it lies: `to`, `headers.list-id`."""
    if not is_dataclass(message):
        raise TypeError(f"what a {type(message).__name__} holds can't be told")
    for each in fields(message):
        yield from _parts(each.name, getattr(message, each.name))


def _parts(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _parts(f"{name}.{str(key).lower()}", inner)
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from (f"{name}.{part}" for part in parts_of(inner)) if is_dataclass(inner) else _parts(name, inner)
    elif is_dataclass(value):
        yield from (f"{name}.{part}" for part in parts_of(value))
    elif value:
        yield name
