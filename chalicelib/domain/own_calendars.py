"""Experts' own calendars: what opens one, what is asked of it, and what it is told. Only starts and ends, both ways."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from math import ceil, floor
from typing import Self

from chalicelib.domain.busy import split_by_day
from chalicelib.domain.slots import Interval

STRETCH = timedelta(days=186)
"""How far ahead each look at a calendar goes. What lies beyond is looked at once a day, one such stretch at a time."""

STRETCHES = 4
"""How many there are in all: beyond the longest horizon that a service can have."""

MICROSOFT, GOOGLE, CALDAV = "microsoft-graph", "google-calendar", "caldav"


@dataclass(frozen=True, kw_only=True)
class Access:
    """What opens somebody's calendar.

    A token ends at `until`. A password has no end; it goes with a user and the address of a collection of calendars,
    of which `main` is asked, or all.
    """

    token: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    until: datetime | None = None
    user: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    main: str = field(default="", repr=False)

    def plain(self) -> dict[str, str]:
        """As it is sealed."""
        return {name: value for name, value in asdict(replace(self, until=None)).items() if value} | (
            {"until": self.until.isoformat()} if self.until else {}
        )

    @classmethod
    def of(cls, plain: dict[str, str]) -> Self:
        """The opposite."""
        until = plain.get("until")
        return cls(**{**plain, "until": datetime.fromisoformat(until) if until else None})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Span:
    """Time that is taken in somebody's calendar; nothing says by what."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Subscription:
    """That a provider reports changes: under which number, and until when."""

    number: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a provider says, unasked: that something has `changed`, and never what.

    The secret proves it. The messages of one `channel` have growing numbers, where they have any. It may say as well
    that reports come no longer, unless they are asked for anew: it `ends` them.
    """

    secret: str = field(repr=False)
    channel: str = ""
    number: int = 0
    changed: bool = True
    ends: bool = False


@dataclass(frozen=True, kw_only=True)
class OwnEvent:
    """What a calendar is told of an appointment. `key` is the appointment's id; no word is about the customer."""

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime


def stretch(now: datetime, at: int) -> tuple[date, date]:
    """The first and the last UTC day of a stretch; the first of them, 0, begins today."""
    first = now.astimezone(UTC).date() + at * STRETCH
    return first, first + STRETCH - timedelta(days=1)


def minutes_by_day(spans: Iterable[Span], first: date, last: date) -> dict[date, tuple[tuple[int, int], ...]]:
    """The minutes of each UTC day from `first` to `last` that the spans touch: merged, in order, without empty days."""
    cut = sorted(part for span in spans for part in _parts(span) if first <= part[0] <= last)
    return {
        day: _merged((start, end) for _, start, end in parts) for day, parts in groupby(cut, key=lambda part: part[0])
    }


def _parts(span: Span) -> list[tuple[date, int, int]]:
    """The span cut at midnights; whatever touches a minute takes all of it."""
    start, end = floor(span.start.timestamp() / 60), ceil(span.end.timestamp() / 60)
    return split_by_day(Interval(start, end)) if start < end else []


def _merged(times: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in times:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
