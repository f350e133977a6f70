"""What the adapters of all calendars share: what they may be handed, and their words for what went wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.adapters._http import Reply, Timeouts
from chalicelib.domain.clock import Clock
from chalicelib.domain.disclosing import Received, disclosed, parts_of
from chalicelib.domain.errors import (
    AccessEndedError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    ThingGoneError,
    ThrottledError,
)
from chalicelib.domain.own_calendars import OwnEvent

NAME = "Zusage"
"""What our calendar in an expert's account is called."""

QUICK = Timeouts(connect=3, read=6, whole=8)

_BUSY = frozenset({429, 503})
_GONE = frozenset({404, 410})
_LONGEST = 86_400


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a calendar's adapter needs of the world; `hosts` are those that the register names."""

    clock: Clock
    hosts: frozenset[str]
    timeouts: Timeouts = QUICK


class OwnCalendar:
    """The base: no part of an appointment leaves that is not declared here."""

    name: ClassVar[str]
    receives: ClassVar[frozenset[str]] = frozenset({"key", "title", "starts_at", "ends_at"})

    @classmethod
    def discloses(cls) -> frozenset[Received]:
        """The kinds of data that the declared parts hold; the register has to allow each."""
        return disclosed(OwnEvent.__name__, cls.receives)

    def admit(self, event: OwnEvent) -> None:
        """TypeError for a part that is not declared."""
        for part in parts_of(event):
            if part not in self.receives:
                raise TypeError(f"{self.name} may not receive {part}")


def checked(
    provider: str,
    reply: Reply,
    *,
    good: frozenset[int] = frozenset({200, 201, 204, 207}),
    throttled: Callable[[Reply], bool] = lambda _: False,
) -> Reply:
    """The reply, if it is a success; otherwise the error for it."""
    if reply.status in good:
        return reply
    raise _error(provider, reply, throttled=throttled(reply))


def _error(provider: str, reply: Reply, *, throttled: bool) -> ProviderError:
    code = str(reply.status)
    if reply.status in _BUSY or throttled:
        return ThrottledError(provider, code, retry_after=_seconds(reply.headers))
    if reply.status >= 500:
        return ProviderUnavailableError(provider, code)
    if reply.status in {401, 403}:
        return AccessEndedError(provider, code)
    if reply.status in _GONE:
        return ThingGoneError(provider, code)
    return ProviderMisconfiguredError(provider, code)


def _seconds(headers: Mapping[str, str]) -> int:
    """How long to wait; a date, which the header may also hold, is left to our own back-off."""
    text = headers.get("retry-after", "")
    return min(int(text), _LONGEST) if text.isascii() and text.isdigit() else 0
