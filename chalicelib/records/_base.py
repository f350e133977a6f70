"""Record: what every kind of stored data has in common.

A record carries its Handling; from it follow, on every write, the instant of expiry, the TTL behind it and the place
in the due index; on every read, an expired record is absent. Sealed fields are stored as one blob under the subject's
key, bound to kind, tenant, subject and key of the record. Every write is conditional on the version that was read.

What stands in the way of a use stands on the record itself: *blocked* (kept for a legal duty or hold only) is absent
for everybody, and *restricted* (Art. 18 GDPR) can be stored but neither opened nor changed, unless somebody asks with
a ground (see `exceptions`).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar, TypeVar, cast
from zlib import crc32
from zoneinfo import ZoneInfo

from pynamodb.attributes import Attribute, DiscriminatorAttribute, UnicodeAttribute, VersionAttribute
from pynamodb.attributes import BinaryAttribute as Binary
from pynamodb.models import Model

from chalicelib.domain.asking import Asked
from chalicelib.domain.errors import RestrictedError
from chalicelib.domain.handling import Counted, Handling, Keep, Key, Said, Source, Then
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import end_of_day, end_of_financial_year, financial_year
from chalicelib.records._binding import binding
from chalicelib.records._fields import Declared, InstantAttribute, Sealed, declared

SHARDS = 4
EXPIRY = "EXPIRY"
BLOCK = "BLOCK"
CLOSE = "CLOSE"
ANONYMISE = "ANONYMISE"
FILES = "FILES"
SEND = "SEND"
TENANCY = "TENANCY"
LAPSE = "LAPSE"
OFFER = "OFFER"
SYNC = "SYNC"
SETTLE = "SETTLE"
TTL_GRACE = timedelta(hours=24)
R = TypeVar("R", bound="Record")


class Standing(Enum):
    """What may be done with a record now."""

    LIVE = "live"
    RESTRICTED = "restricted"
    BLOCKED = "blocked"
    EXPIRED = "expired"


class Record(Model):
    """The base of all record kinds; one table class a table. What leaves anything undeclared can't be defined."""

    handling: ClassVar[Handling]
    said: ClassVar[Mapping[str, Said]] = {}  # its words by language, where messages/notice does not have them
    has_due_index: ClassVar[bool] = False
    has_files: ClassVar[bool] = False  # whether objects lie under the prefix of its key; they go before it does
    outlives_tenant: ClassVar[bool] = False  # whether it ends by its own period only, not with the business
    abstract: ClassVar[bool] = True
    financial_year_ends: ClassVar[tuple[int, int]] = (12, 31)  # month and day, by which periods may count

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    version = VersionAttribute()
    zone = UnicodeAttribute(default="UTC")
    expires_at = InstantAttribute(null=True)
    ttl = InstantAttribute(null=True)
    held_until = InstantAttribute(null=True)
    blocked_since = InstantAttribute(null=True)
    restricted_since = InstantAttribute(null=True)
    sealed = Binary(null=True, legacy_encoding=False)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.abstract = "Meta" in cls.__dict__
        if cls.abstract:
            return
        if not isinstance(cls.__dict__.get("handling"), Handling):
            raise TypeError(f"record kind {cls.__name__} declares no handling")
        silent = [name for name, each in vars(cls).items() if isinstance(each, Attribute) and declared(each) is None]
        if silent:
            raise TypeError(f"field {silent[0]} of record kind {cls.__name__} declares nothing")

    def __init__(self, hash_key: Any = None, range_key: Any = None, **attributes: Any) -> None:
        self._plain: dict[str, Any] | None = None
        self.asked: Asked | None = None
        mine = {name: attributes.pop(name) for name in self.sealed_fields() if name in attributes}
        super().__init__(hash_key, range_key, **attributes)
        if mine:
            self._plain = mine

    @classmethod
    def sealed_fields(cls) -> dict[str, Sealed[Any]]:
        """The personal fields of this kind, by name."""
        return {name: f for base in reversed(cls.__mro__) for name, f in vars(base).items() if isinstance(f, Sealed)}

    @classmethod
    def declarations(cls) -> dict[str, Declared]:
        """What each field of this kind declares, sealed ones first; the frame that all kinds share is left out."""
        attributes = ((name, declared(each)) for name, each in cls.get_attributes().items())
        found = {name: field.declared for name, field in cls.sealed_fields().items()}
        return found | {name: said for name, said in attributes if said is not None}

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

    def came_from(self) -> Source:
        """Where it comes from: what its kind declares, unless the record knows better."""
        return self.handling.source

    def opened(self) -> dict[str, Any]:
        """The sealed fields in the clear. KeyDestroyedError when shredded, RestrictedError when restricted."""
        self.check_usable()
        if self._plain is None:
            blob = self.sealed
            self._plain = {} if blob is None else json.loads(self._unseal(blob))
        return self._plain

    def standing(self) -> Standing:
        """What may be done with it now. A period that is over hides it even while a hold keeps it."""
        now = binding.now()
        if self.expires_at is not None and self.expires_at <= now:
            return Standing.BLOCKED if self.held_until is not None and self.held_until > now else Standing.EXPIRED
        if self.blocked_since is not None and self.blocked_since <= now:
            return Standing.BLOCKED
        return Standing.LIVE if self.restricted_since is None else Standing.RESTRICTED

    def is_absent(self) -> bool:
        """Whether it is past its period or blocked: then it is absent for everybody who doesn't ask with a ground."""
        return self.standing() in {Standing.EXPIRED, Standing.BLOCKED}

    def check_usable(self) -> None:
        """RestrictedError when it may neither be opened nor changed, and nobody asked with a ground."""
        if self.asked is None and self.standing() in {Standing.RESTRICTED, Standing.BLOCKED}:
            raise RestrictedError("This person's data may be stored, but not used: have the restriction lifted first.")

    def expiry(self) -> datetime | None:
        """The instant at which it ends: the first of the running periods, or that of the legal duty behind it."""
        ends, blocked = self._kept_until(), self.handling.blocked
        if blocked and _is_over(self.blocked_since):
            ends = self.blocked_since
        duty = self._end(blocked) if blocked else None
        return max(ends, duty) if ends is not None and duty is not None else ends

    def end(self, at: datetime) -> None:
        """Brings its end forward to `at`, which has come: only a legal duty still keeps it, and blocked."""
        if self.handling.blocked:
            self.blocked_since = at
        else:
            self.expires_at = at

    def due(self) -> tuple[str, datetime | None]:
        """What has to happen next to this record, and when."""
        if self.expires_at is None or self.blocked_since is None or self.blocked_since <= binding.now():
            return self.ends_by(), self._gone_at()
        return BLOCK, self.blocked_since

    @classmethod
    def ends_by(cls) -> str:
        """What has to be done at the end of its period, as the due index calls it."""
        if cls.handling.then is Then.ANONYMISE:
            return ANONYMISE
        return FILES if cls.has_files else EXPIRY

    def serialize(self, null_check: bool = True) -> dict[str, Any]:  # noqa: FBT001 (PynamoDB's signature)
        """What is stored: stamped with its expiry and sealed."""
        self.stamp()
        if self._plain is not None:
            self.sealed = self._seal(json.dumps(self._plain, ensure_ascii=False, separators=(",", ":")).encode())
        return super().serialize(null_check)

    def stamp(self) -> None:
        """Computes when it ends, when it is blocked before that, and the TTL behind both and any hold.

        What is over stays over, even if its declaration allows more by now.
        """
        if not _is_over(self.expires_at):
            self.expires_at = self.expiry()
        if not _is_over(self.blocked_since):
            self.blocked_since = self._kept_until() if self.handling.blocked else None
        gone = self._gone_at()
        self.ttl = gone + TTL_GRACE if gone else None

    def _kept_until(self) -> datetime | None:
        return min((end for end in map(self._end, self.handling.keep) if end is not None), default=None)

    def _gone_at(self) -> datetime | None:
        return self.expires_at and max(self.expires_at, self.held_until or self.expires_at)

    def _end(self, keep: Keep) -> datetime | None:
        start, zone = getattr(self, keep.since), ZoneInfo(self.zone)
        if start is not None and keep.counted is Counted.FROM_END_OF_DAY:
            start = end_of_day(start, zone)
        elif start is not None and keep.counted is Counted.FROM_END_OF_FINANCIAL_YEAR:
            year = financial_year(start, zone, ends=self.financial_year_ends)
            start = end_of_financial_year(year, zone, ends=self.financial_year_ends)
        return None if start is None else keep.period.after(start, zone)

    def _aad(self) -> bytes:
        return "|".join((self.kind_name(), self.tenant, self.subject, self.sk)).encode()

    def key_of(self) -> tuple[str, str]:
        """Whose key seals it, as tenant and subject: the person's, or that of the financial year of its duty."""
        if self.handling.key is Key.OF_THE_PERSON or self.handling.blocked is None:
            return self.tenant, self.subject
        start = getattr(self, self.handling.blocked.since)
        return INSTALLATION, legal_year(financial_year(start, ZoneInfo(self.zone), ends=self.financial_year_ends))

    def _seal(self, plain: bytes) -> bytes:
        tenant, subject = self.key_of()
        return binding.seals().seal(plain, tenant=tenant, subject=subject, aad=self._aad())

    def _unseal(self, blob: bytes) -> bytes:
        tenant, subject = self.key_of()
        return binding.seals().open(blob, tenant=tenant, subject=subject, aad=self._aad())


def _is_over(at: datetime | None) -> bool:
    return at is not None and at <= binding.now()


def legal_year(year: int) -> str:
    """The name under which the key of a financial year lies."""
    return f"legal-{year}"


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
