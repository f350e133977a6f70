"""What customers ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.questions import Given


@dataclass(frozen=True, kw_only=True)
class Item:
    """A service of a visit, with an expert or with any (None), for one of its durations or the usual one (None)."""

    service: str
    expert: str | None = None
    duration: int | None = None
    answers: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """The same again every so many weeks, `times` times in all, at the same time on the business's wall."""

    weeks: int
    times: int


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a customer asks for. Address and number are normalised already; `starts_at` is aware.

    `further` services follow in the same visit. A `reservation` is the right to a time that was kept for them.
    """

    tenant: str
    service: str
    expert: str | None
    starts_at: datetime
    given_name: str
    family_name: str
    email: str
    phone: str | None
    language: str
    zone: str
    sms_wanted: bool
    duration: int | None = None
    answers: Mapping[str, Given] = field(default_factory=dict)
    address: str | None = None
    reservation: str | None = None
    further: tuple[Item, ...] = ()
    repeat: Repeat | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """All services, the first one first."""
        first = Item(service=self.service, expert=self.expert, duration=self.duration, answers=self.answers)
        return (first, *self.further)
