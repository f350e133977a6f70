"""Record: what every kind of stored data has in common.

A record carries its Handling; from it follow, on every write, the instant of expiry, the TTL behind it and the place
in the due index; on every read, an expired record is absent. Sealed fields are stored as one blob under the subject's
key, bound to kind, tenant, subject and key of the record. Every write is conditional on the version that was read.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar, cast
from zlib import crc32
from zoneinfo import ZoneInfo

from pynamodb.attributes import BinaryAttribute as Binary
from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute, VersionAttribute
from pynamodb.models import Model

from chalicelib.domain.handling import Handling
from chalicelib.records._binding import binding
from chalicelib.records._fields import InstantAttribute, Sealed

SHARDS = 4
EXPIRY = "EXPIRY"
SEND = "SEND"
TTL_GRACE = timedelta(hours=24)
R = TypeVar("R", bound="Record")


class Record(Model):
    """The base of all record kinds. A kind without a `handling` can't be defined; one table class a table."""

    handling: ClassVar[Handling]
    has_due_index: ClassVar[bool] = False
    abstract: ClassVar[bool] = True

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    version = VersionAttribute()
    zone = UnicodeAttribute(default="UTC")
    expires_at = InstantAttribute(null=True)
    ttl = InstantAttribute(null=True)
    sealed = Binary(null=True, legacy_encoding=False)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.abstract = "Meta" in cls.__dict__
        if not cls.abstract and not isinstance(cls.__dict__.get("handling"), Handling):
            raise TypeError(f"record kind {cls.__name__} declares no handling")

    def __init__(self, hash_key: Any = None, range_key: Any = None, **attributes: Any) -> None:
        self._plain: dict[str, Any] | None = None
        mine = {name: attributes.pop(name) for name in self.sealed_fields() if name in attributes}
        super().__init__(hash_key, range_key, **attributes)
        if mine:
            self._plain = mine

    @classmethod
    def sealed_fields(cls) -> dict[str, Sealed[Any]]:
        """The personal fields of this kind, by name."""
        return {name: f for base in reversed(cls.__mro__) for name, f in vars(base).items() if isinstance(f, Sealed)}

    @classmethod
    def kind_name(cls) -> str:
        """The kind as it is stored, which outlives the name of the class."""
        return str(cast("DiscriminatorAttribute", cls.get_attributes()["kind"]).get_discriminator(cls))

    @property
    def tenant(self) -> str:
        """The tenant this record belongs to; empty for those of the installation."""
        return part(self.pk, "TENANT")

    @property
    def subject(self) -> str:
        """The person this record is about; the tenant itself where it is about nobody else."""
        return part(self.pk, "SUBJECT") or self.tenant

    def opened(self) -> dict[str, Any]:
        """The sealed fields in the clear; KeyDestroyedError when the subject was shredded."""
        if self._plain is None:
            blob = self.sealed
            self._plain = {} if blob is None else json.loads(self._unseal(blob))
        return self._plain

    def expiry(self) -> datetime | None:
        """The instant at which the first of the declared periods that are running is over."""
        zone = ZoneInfo(self.zone)
        starts = ((keep.period, getattr(self, keep.since)) for keep in self.handling.keep)
        return min((period.after(start, zone) for period, start in starts if start is not None), default=None)

    def due(self) -> tuple[str, datetime | None]:
        """What has to happen next to this record, and when."""
        return EXPIRY, self.expires_at

    def is_expired(self) -> bool:
        """Whether the record is past its period: then it is absent for everybody."""
        return self.expires_at is not None and self.expires_at <= binding.now()

    def serialize(self, null_check: bool = True) -> dict[str, Any]:  # noqa: FBT001 (PynamoDB's signature)
        """What is stored: stamped with its expiry and sealed."""
        self.stamp()
        if self._plain is not None:
            self.sealed = self._seal(json.dumps(self._plain, ensure_ascii=False, separators=(",", ":")).encode())
        return super().serialize(null_check)

    def stamp(self) -> None:
        """Computes expiry, TTL and place in the due index."""
        self.expires_at = self.expiry()
        self.ttl = self.expires_at + TTL_GRACE if self.expires_at else None

    def _aad(self) -> bytes:
        return "|".join((self.kind_name(), self.tenant, self.subject, self.sk)).encode()

    def _seal(self, plain: bytes) -> bytes:
        return binding.seals().seal(plain, tenant=self.tenant, subject=self.subject, aad=self._aad())

    def _unseal(self, blob: bytes) -> bytes:
        return binding.seals().open(blob, tenant=self.tenant, subject=self.subject, aad=self._aad())


def part(key: str, name: str) -> str:
    """The value that follows `name` in a composed key such as TENANT#<id>#SUBJECT#<id>; empty if absent."""
    pieces = iter(key.split("#"))
    return next((next(pieces, "") for piece in pieces if piece == name), "")


def shard(action: str, key: str) -> str:
    """The shard of the due index that a partition key falls into."""
    return f"{action}#{crc32(key.encode()) % SHARDS}"


def shards(action: str) -> Iterator[str]:
    """All shards of one action."""
    return (f"{action}#{number}" for number in range(SHARDS))
