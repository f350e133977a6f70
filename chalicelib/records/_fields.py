"""Kinds of fields: instants, personal fields that are sealed, and what they declare about themselves."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER

E = TypeVar("E", bound=Enum)
T = TypeVar("T")


class InstantAttribute(Attribute[datetime]):
    """An aware instant, stored as whole epoch seconds (which DynamoDB's TTL wants, and which sort)."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        """Epoch seconds; naive times are refused."""
        if value.tzinfo is None:
            raise ValueError("a naive time can't be stored")
        return str(int(value.timestamp()))

    def deserialize(self, value: str) -> datetime:
        """The instant in UTC."""
        return datetime.fromtimestamp(int(value), UTC)


class EnumAttribute(Attribute[E], Generic[E]):
    """A member of an enum, stored by its value."""

    attr_type = "S"

    def __init__(self, kind: type[E], **options: Any) -> None:
        super().__init__(**options)
        self._kind = kind

    def serialize(self, value: E) -> str:
        """The member's value."""
        return str(value.value)

    def deserialize(self, value: str) -> E:
        """The member."""
        return self._kind(value)


class Erase(Enum):
    """What happens to a field when its subject asks for erasure."""

    REMOVE = "removed"
    BLOCK = "blocked for a legal duty"


class Openable(Protocol):
    """What holds sealed fields: a record."""

    def opened(self) -> dict[str, Any]:
        """The sealed fields in the clear."""
        ...


@dataclass
class Sealed(Generic[T]):
    """A personal field. It is never stored by itself: all of a record's sealed fields form one encrypted blob."""

    in_access: bool = True
    in_export: bool = True
    on_erasure: Erase = Erase.REMOVE
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, record: None, owner: type) -> "Sealed[T]": ...
    @overload
    def __get__(self, record: Openable, owner: type) -> T: ...
    def __get__(self, record: Openable | None, owner: type) -> "T | Sealed[T]":
        if record is None:
            return self
        return cast("T", record.opened().get(self.name))

    def __set__(self, record: Openable, value: T) -> None:
        record.opened()[self.name] = value
