"""Kinds of fields: instants, enums, personal fields that are sealed, and what every field declares about itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER

A = TypeVar("A", bound=Attribute[Any])
E = TypeVar("E", bound=Enum)
T = TypeVar("T")


class InstantAttribute(Attribute[datetime]):
    """An aware instant, stored as whole epoch seconds (which DynamoDB's TTL wants, and which sort)."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        """Epoch seconds; naive times are refused."""
        if value.tzinfo is None:
            raise ValueError("a naive time can't be stored")
        return str(int(value.replace(microsecond=0).timestamp()))  # a float of seconds would round up far ahead

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


class Form(Enum):
    """How a field is stored."""

    SEALED = "sealed"
    PSEUDONYM = "pseudonym"
    PLAIN = "plain"


class Erase(Enum):
    """What happens to a field when its subject asks for erasure."""

    REMOVE = "removed"
    BLOCK = "blocked for a legal duty"
    KEEP = "kept"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a field says about itself, and why where that is not what people would expect.

    How it is stored, whether the access answer (Art. 15) and the portable export (Art. 20) hold it, and what erasure
    (Art. 17) does to it.
    """

    form: Form
    access: bool
    export: bool
    erase: Erase
    why: str = ""


_DECLARED = "declared"


def plain(field: A, *, export: bool = True, erase: Erase = Erase.REMOVE, why: str = "") -> A:
    """Stored as it is; the person is told of it."""
    return _declare(field, Declared(form=Form.PLAIN, access=True, export=export, erase=erase, why=why))


def pseudonym(field: A, *, export: bool = False, erase: Erase = Erase.REMOVE, why: str = "") -> A:
    """An id or a keyed hash: it points at a person and says nothing by itself. Told in the access answer."""
    return _declare(field, Declared(form=Form.PSEUDONYM, access=True, export=export, erase=erase, why=why))


def internal(field: A, *, why: str, erase: Erase = Erase.REMOVE) -> A:
    """Stored as it is and told to nobody: it says nothing about a person; `why` says what it is for."""
    return _declare(field, Declared(form=Form.PLAIN, access=False, export=False, erase=erase, why=why))


def _declare(field: A, declared: Declared) -> A:
    setattr(field, _DECLARED, declared)
    return field


def declared(field: object) -> Declared | None:
    """What a field declares; None where it says nothing."""
    return cast("Declared | None", getattr(field, _DECLARED, None))


class Openable(Protocol):
    """What holds sealed fields: a record."""

    def opened(self) -> dict[str, Any]:
        """The sealed fields in the clear."""
        ...


class Sealed(Generic[T]):
    """A personal field. It is never stored by itself: all of a record's sealed fields form one encrypted blob."""

    def __init__(self, *, access: bool = True, export: bool = True, erase: Erase = Erase.REMOVE, why: str = "") -> None:
        self.declared = Declared(form=Form.SEALED, access=access, export=export, erase=erase, why=why)
        self.name = ""

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
