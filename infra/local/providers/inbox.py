"""Everything the simulated providers took, kept in memory."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class File:
    """A file that came with an e-mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that a provider sent back about a message, and what the API answered (0: it did not)."""

    event: str
    status: int
    answer: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Captured:
    """A message as a provider takes it, before the inbox numbers it."""

    kind: Literal["email", "sms"]
    provider: str
    provider_id: str
    at: datetime
    to: str
    sender: str
    text: str
    subject: str = ""
    html: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    callback_url: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)  # come back with reports
    details: Mapping[str, Any] = field(default_factory=dict)
    received: Mapping[str, str] = field(default_factory=dict)  # the whole request, field by field, as it came in


@dataclass
class Message:
    """A captured message with its number and what was reported about it since."""

    number: int
    captured: Captured
    reports: list[Report] = field(default_factory=list)


class Inbox:
    """The messages in the order in which they came; safe to use from several threads."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._lock = threading.Lock()
        self._last = 0

    def add(self, captured: Captured) -> Message:
        """Keeps a message and gives it the next number, which is never used again."""
        with self._lock:
            self._last += 1
            message = Message(self._last, captured)
            self._messages.append(message)
            return message

    def get(self, number: int) -> Message | None:
        """The message with this number."""
        return next((message for message in self.all() if message.number == number), None)

    def all(self, *, provider: str = "") -> list[Message]:
        """All messages, or those of one provider, the oldest first."""
        with self._lock:
            return [m for m in self._messages if provider in ("", m.captured.provider)]

    def find(self, *, to: str = "", since: datetime | None = None, after: int = 0, kind: str = "") -> list[Message]:
        """The messages to `to`, taken at or after `since`, with a number above `after`."""
        return [
            message
            for message in self.all()
            if message.number > after
            and to in ("", message.captured.to)
            and kind in ("", message.captured.kind)
            and (since is None or message.captured.at >= since)
        ]

    def clear(self) -> None:
        """Forgets all messages."""
        with self._lock:
            self._messages.clear()
