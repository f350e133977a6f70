"""Group appointments: the seats of one group share their time, on the sheets of experts and rooms alike."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

from chalicelib.domain.busy import DayBusy, to_intervals
from chalicelib.domain.slots import Interval, Offer, blocked
from chalicelib.domain.wall_time import DAY, day_number, instant_of

_BYTES = 8


class Taken(NamedTuple):
    """The busy time of a calendar; `seats` are the groups in it that can still be joined, with the seats left."""

    busy: list[Interval]
    seats: Mapping[datetime, int]


def group_of(service: str, start: int, duration: int) -> int:
    """The number that entries of a service at one start (in UTC minutes since 1970) share; never 0, which is none."""
    digest = sha256(f"{service}|{start}|{duration}".encode()).digest()
    return int.from_bytes(digest[:_BYTES]) or 1


def taken(days: Iterable[tuple[date, DayBusy]], offer: Offer, *, service: str, seats: int) -> Taken:
    """What the days of one calendar leave to an offer of a service with so many seats.

    A group can be joined as long as it lies as the offer would lay it now: buffers may have changed since.
    """
    days = list(days)
    joinable = {
        number: (start, seats - len(owners))
        for number, (interval, owners) in (_groups(days) if seats > 1 else {}).items()
        if len(owners) < seats and (start := _start(offer, service, number, interval)) is not None
    }
    rest = days if not joinable else ((day, _apart_from(joinable, content)) for day, content in days)
    return Taken([each for day, content in rest for each in to_intervals(day, content)], dict(joinable.values()))


def _groups(days: Iterable[tuple[date, DayBusy]]) -> dict[int, tuple[Interval, set[str]]]:
    """By number the time of each group, put together over midnights, and who is in it."""
    parts: dict[int, list[int]] = defaultdict(list)
    owners: dict[int, set[str]] = defaultdict(set)
    for day, content in days:
        midnight = day_number(day) * DAY
        for each in content.entries:
            if each.group:
                parts[each.group] += [midnight + each.start, midnight + each.end]
                owners[each.group].add(each.owner)
    return {number: (Interval(min(ends), max(ends)), owners[number]) for number, ends in parts.items()}


def _start(offer: Offer, service: str, number: int, interval: Interval) -> datetime | None:
    """When the group starts, if it is one of this offer and lies where the offer would put it now."""
    minute = interval.start + offer.buffer_before
    start = instant_of(minute)
    fits = blocked(offer, start) == interval and group_of(service, minute, offer.duration) == number
    return start if fits else None


def _apart_from(numbers: Container[int], content: DayBusy) -> DayBusy:
    return DayBusy(tuple(each for each in content.entries if each.group not in numbers), content.outside)
