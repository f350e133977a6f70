"""What a record tells its person: the fields that its kind declares for the access answer, as plain values of JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from pynamodb.attributes import MapAttribute

from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.records._base import Record, Standing
from chalicelib.records._fields import Form

Json = Any


@dataclass(frozen=True, kw_only=True)
class ToldField:
    """One field: how it is stored, and what it says; unreadable when the key it was sealed with is destroyed."""

    name: str
    form: Form
    value: Json
    readable: bool = True


@dataclass(frozen=True, kw_only=True)
class Told:
    """One record: what it is for, on what basis, until when, in which state, and what it says."""

    kind: str
    id: str
    purposes: tuple[str, ...]
    basis: str
    source: str
    recipients: tuple[str, ...]
    standing: Standing
    kept_until: datetime | None
    held_until: datetime | None
    blocked_since: datetime | None
    restricted_since: datetime | None
    fields: tuple[ToldField, ...]


def told(record: Record) -> Told:
    """What a record tells. Whoever hands it out has noted that in the ledger."""
    handling = record.handling
    said = record.declarations()
    return Told(
        kind=record.kind_name(),
        id=record.sk,
        purposes=tuple(purpose.value for purpose in handling.purposes),
        basis=f"{handling.basis.gdpr}; {handling.basis.fadp}",
        source=record.came_from().value,
        recipients=handling.recipients,
        standing=record.standing(),
        kept_until=record.expires_at,
        held_until=record.held_until,
        blocked_since=record.blocked_since,
        restricted_since=record.restricted_since,
        fields=tuple(_field(record, name, each.form) for name, each in said.items() if each.access),
    )


def _field(record: Record, name: str, form: Form) -> ToldField:
    try:
        return ToldField(name=name, form=form, value=as_json(getattr(record, name)))
    except KeyDestroyedError:
        return ToldField(name=name, form=form, value=None, readable=False)


def as_json(value: object) -> Json:
    """A stored value as JSON has it: instants in UTC, words of ours by their value, sets in order."""
    return next((write(value) for kind, write in _WRITTEN if isinstance(value, kind)), value)


_WRITTEN: tuple[tuple[Any, Callable[[Any], Json]], ...] = (
    (datetime, lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
    (Enum, lambda word: as_json(word.value)),
    (Decimal, lambda number: int(number) if number == int(number) else float(number)),
    (MapAttribute, lambda held: as_json(held.attribute_values)),
    (Mapping, lambda held: {str(name): as_json(each) for name, each in held.items()}),
    (set | frozenset, lambda held: sorted(as_json(each) for each in held)),
    (list | tuple, lambda held: [as_json(each) for each in held]),
    (bytes, bytes.hex),
)
