"""What a wish comes to: which services when, how long, and with which answers.

The services of a visit follow each other; between two of them lies the room that both ask for around themselves. What
is repeated keeps its time on the business's wall, whatever its clocks do meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import InvalidInputError, NotFoundError, SlotTakenError
from chalicelib.domain.terms import Place
from chalicelib.services.booking._bookable import check_ahead, offered
from chalicelib.services.booking._fitting import MOST
from chalicelib.services.booking.answering import check
from chalicelib.services.booking.wishing import Repeat, Wish
from chalicelib.services.door.choosing import Asked
from chalicelib.services.door.door import Door
from chalicelib.services.door.offers import duration_of


@dataclass(frozen=True, kw_only=True)
class Part:
    """One appointment of a wish."""

    asked: Asked
    answers: dict[str, str]

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.asked.starts_at.astimezone(UTC) + timedelta(minutes=self.asked.duration)


def plan(wish: Wish, door: Door, *, now: datetime) -> list[Part]:
    """The appointments of a wish in order of time; NotFoundError or InvalidInputError when there can't be such."""
    visit = list(_visit(wish, door))
    check_ahead(wish.starts_at, now=now)
    if wish.repeat is None:
        return visit
    fewest = min(*(int(part.asked.service.occurrences) for part in visit), MOST // len(visit))
    if wish.repeat.times > fewest:
        raise InvalidInputError(f"Repeat it {fewest} times at most.", field="repeat.times")
    zone = ZoneInfo(str(visit[0].asked.service.zone))
    return [part for start in _starts(wish.starts_at, wish.repeat, zone) for part in _moved(visit, start)]


def _visit(wish: Wish, door: Door) -> Iterator[Part]:
    start, after = wish.starts_at, 0
    for number, item in enumerate(wish.items):
        service = offered(door.service(item.service))
        if item.expert is not None and item.expert not in service.experts:
            raise NotFoundError("This expert does not do this service.")
        terms = door.terms(service)
        _check_reachable(wish, terms.place)
        start += timedelta(minutes=terms.buffer_before + after if number else 0)
        duration = duration_of(terms, item.duration)
        asked = Asked(service=service, expert=item.expert, starts_at=start, duration=duration, on_grid=not number)
        yield Part(asked=asked, answers=check(terms.questions, item.answers))
        start, after = start + timedelta(minutes=duration), terms.buffer_after


def _check_reachable(wish: Wish, place: Place) -> None:
    if place is Place.PHONE and wish.phone is None:
        raise InvalidInputError("Give the number at which you can be reached.", field="customer.phone")
    if place is Place.CUSTOMER and not wish.address:
        raise InvalidInputError("Give the address to come to.", field="address")


def _starts(first: datetime, repeat: Repeat, zone: ZoneInfo) -> Iterator[datetime]:
    yield first
    local = first.astimezone(zone).replace(tzinfo=None)
    for number in range(1, repeat.times):
        wall = local + timedelta(weeks=number * repeat.weeks)
        start = wall.replace(tzinfo=zone).astimezone(UTC)
        if start.astimezone(zone).replace(tzinfo=None) != wall:
            raise SlotTakenError(f"Choose another time: the clocks skip it on {wall:%Y-%m-%d}.", field="starts_at")
        yield start


def _moved(visit: list[Part], start: datetime) -> Iterator[Part]:
    by = start - visit[0].asked.starts_at
    for part in visit:
        yield replace(part, asked=replace(part.asked, starts_at=part.asked.starts_at + by))
