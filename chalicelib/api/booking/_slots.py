"""Free times as they are asked for and shown."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PlainSerializer, WithJsonSchema

from chalicelib.api.http.models import Id, Instant, Query, View, many
from chalicelib.api.http.people import Zone

if TYPE_CHECKING:
    from chalicelib.services.offering.free_times import FreeTimes

POLLED = "no-cache"
"""May be kept, but is asked for each time: whoever has the present answer already gets a 304."""

_EXAMPLE = "2026-11-02T10:00:00+01:00"


def _write(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


ZonedInstant = Annotated[
    datetime,
    PlainSerializer(_write, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [_EXAMPLE]}),
]
Duration = Annotated[int | None, Field(ge=1, le=1440, description="One of the service's; otherwise the usual one.")]
Shown = Annotated[Zone | None, Field(description="The zone in which times come back; otherwise UTC.")]


class SlotsAsked(Query):
    """Which range, at most 62 days; with which expert, or with whoever is free."""

    frm: Annotated[Instant, Field(alias="from")]
    to: Instant
    expert: Id | None = None
    duration: Duration = None
    zone: Shown = None


class FirstAsked(Query):
    """From when on; otherwise from now on."""

    frm: Annotated[Instant | None, Field(alias="from")] = None
    expert: Id | None = None
    duration: Duration = None
    zone: Shown = None


class VisitAsked(Query):
    """Which services, in this order, and which range, at most 62 days."""

    services: Annotated[str, Field(pattern=r"^[0-9a-f]{32}(,[0-9a-f]{32}){1,4}$", description="Two to five ids.")]
    frm: Annotated[Instant, Field(alias="from")]
    to: Instant
    zone: Shown = None


class StandIn(View):
    """An expert who is away in the range, and who stands in."""

    expert: Id
    frm: Annotated[ZonedInstant, Field(alias="from")]
    until: ZonedInstant
    stand_in: Id


class Slots(View):
    """The starts that can be booked now, and who is free then.

    `free` and `seats` have an entry for each of `starts`: the places in `experts` of those who are free (all of them
    for what they do together), and, for group appointments, how many people can still come.
    """

    duration: int
    starts: Annotated[list[ZonedInstant], many(100_000)]
    experts: Annotated[list[Id], many(100)]
    free: Annotated[list[list[int]], many(100_000)]
    seats: Annotated[list[int] | None, many(100_000)] = None
    away: list[StandIn]


class Leg(View):
    """One service of a visit, which starts `offset` minutes after the visit does."""

    service: Id
    offset: int
    duration: int


class VisitSlots(View):
    """The starts at which all services of a visit fit one after the other."""

    starts: Annotated[list[ZonedInstant], many(100_000)]
    legs: list[Leg]


def slots_view(found: "FreeTimes", zone: str | None) -> Slots:
    """The free times in a zone, UTC unless it is named."""
    experts, starts = sorted(found.by_expert), found.starts
    places: dict[datetime, list[int]] = {start: [] for start in starts}
    for place, expert in enumerate(experts):
        for start in found.by_expert[expert]:
            places[start].append(place)
    return Slots(
        duration=found.duration,
        starts=in_zone(starts, zone),
        experts=experts,
        free=list(places.values()),
        seats=found.seats_left() if int(found.service.seats) > 1 else None,
        away=[
            StandIn(expert=expert, frm=frm, until=until, stand_in=away.stand_in)
            for expert, away in found.away
            for frm, until in [in_zone([away.frm, away.until], zone)]
        ],
    )


def in_zone(instants: list[datetime], zone: str | None) -> list[datetime]:
    """The instants as a clock there shows them."""
    there = ZoneInfo(zone) if zone else None
    return [each.astimezone(there) for each in instants] if there else instants
