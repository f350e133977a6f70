"""Stand-ins for what lies outside: a clock to drive, a queue and providers that remember, KMS without AWS."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from chalicelib.domain.errors import ProviderError
from chalicelib.services.ports import Email, Sms


@dataclass
class DrivenClock:
    """A clock that moves only when told to."""

    now: datetime = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it was set to."""
        return self.now

    def move(self, **by: float) -> None:
        """Goes on by a timedelta's arguments."""
        self.now += timedelta(**by)


@dataclass
class ListLog:
    """An access log that remembers visits of pages."""

    visits: list[Mapping[str, str | int]] = field(default_factory=list)

    def ready(self) -> None:
        """Always is."""

    def write(self, visit: Mapping[str, str | int]) -> None:
        """Keeps it."""
        self.visits.append(visit)


@dataclass
class ListQueue:
    """A queue that remembers bodies and delays."""

    bodies: list[str] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)

    def put(self, bodies: Sequence[str], *, delay_seconds: Sequence[int] | None = None) -> None:
        """Adds messages."""
        self.bodies += bodies
        self.delays += delay_seconds or [0] * len(bodies)


@dataclass
class MemoryProvider:
    """A provider that remembers what it was handed; `failures` are raised first, one a call."""

    name: str
    sent: list[Email | Sms] = field(default_factory=list)
    failures: list[ProviderError] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def send(self, message: Email | Sms) -> str:
        """Takes the message, unless a failure is due."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        return f"{self.name}-{len(self.sent)}"

    def find(self, message: Email | Sms, *, since: datetime) -> str | None:
        """The id it was told to know for the reference."""
        return self.known.get(message.reference)


class PlainKms:
    """Key management that wraps by prefixing the tenant: counts its calls, refuses foreign keys."""

    PREFIX: ClassVar[bytes] = b"wrapped:"

    def __init__(self) -> None:
        self.calls = 0

    def new_data_key(self, tenant: str) -> tuple[bytes, bytes]:
        """A fresh key."""
        self.calls += 1
        key = secrets.token_bytes(32)
        return key, self.PREFIX + hashlib.sha256(tenant.encode()).digest() + key

    def open_data_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The key."""
        self.calls += 1
        head = self.PREFIX + hashlib.sha256(tenant.encode()).digest()
        if not wrapped.startswith(head):
            raise ValueError("wrapped for another tenant")
        return wrapped[len(head) :]


@dataclass
class MemoryFiles:
    """Objects by key; `failures` are raised first, one a call."""

    objects: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        """Stores one."""
        assert content_type
        self.objects.add(name)
        self.contents[name] = content

    def get(self, name: str) -> bytes | None:
        """What is stored."""
        return self.contents[name] if name in self.objects else None

    def delete_all(self, *, prefix: str) -> None:
        """As the bucket does it."""
        if self.failures:
            raise self.failures.pop(0)
        self.deleted.append(prefix)
        self.objects -= {key for key in self.objects if key.startswith(prefix)}
