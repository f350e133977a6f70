"""An expert's hours as they are sent and shown: wall times in the expert's zone, or in that of a travel."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from chalicelib.api.http.models import Body, Id, Instant, LocalDate, LocalTime, View, many, refused
from chalicelib.api.http.people import Zone
from chalicelib.domain.slots import Availability, Travel, WorkingRange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.records.appointment import Appointment
    from chalicelib.records.availability import Availability as Held
    from chalicelib.services.offering.hours import Absence

Region = Annotated[
    str,
    Field(
        pattern=r"^[A-Z]{2}(-[A-Z]{2})?$",
        examples=["CH-ZH"],
        description="Whose public holidays count: a country (CH, DE, AT, LI, FR, IT), a canton or a Land.",
    ),
]


class Range(Body):
    """From `start` to before `end`, on one day, at a site if one is named; `24:00` ends the day."""

    start: LocalTime
    end: LocalTime
    site: Id | None = None


Ranges = Annotated[list[Range], Field(max_length=24)]


class Weekday(Body):
    """The ranges of one weekday; 1 is Monday, 7 Sunday (ISO 8601)."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    ranges: Ranges


class DateHours(Body):
    """The ranges of one date, in place of the weekly ones; none: closed."""

    date: LocalDate
    ranges: Ranges


class Trip(Body):
    """From the first to the last of these dates, wall times are those of another zone."""

    first: LocalDate
    last: LocalDate
    zone: Zone


class Away(Body):
    """From when until when an expert is away, and who stands in; why is nobody's business. Without an id it is new."""

    id: Id | None = None
    frm: Annotated[Instant, Field(alias="from")]
    until: Instant
    stand_in: Id | None = None


class Affected(View):
    """What is booked in an absence, to be handed over, moved or cancelled."""

    id: Id
    customer: Id
    service: Id
    starts_at: Instant
    ends_at: Instant
    state: Literal["unpaid", "pending", "confirmed"]


class HoursView(View):
    """Hours as they are stored. Absences that are over are left out once something is changed."""

    zone: str
    holidays: str | None
    weekly: list[Weekday]
    exceptions: list[DateHours]
    travels: list[Trip]
    absences: list[Away]


class HoursSetView(HoursView):
    """Hours as they now are, with the appointments that fall into absences."""

    affected: list[Affected]


_LONGEST, _LAST_YEAR = timedelta(days=740), 2100


def is_time_off(frm: datetime, until: datetime) -> bool:
    """Whether it is a time that an absence or a closure can have: forwards, and of two years at most."""
    return timedelta(0) < until - frm <= _LONGEST and until.year <= _LAST_YEAR


class Hours(Body):
    """Hours as they are set: all of them at once."""

    zone: Zone
    holidays: Region | None = None
    weekly: Annotated[list[Weekday], Field(max_length=7)]
    exceptions: Annotated[list[DateHours], Field(max_length=400)] = Field(default_factory=list)
    travels: Annotated[list[Trip], many(50)] = Field(default_factory=list)
    absences: Annotated[list[Away], many(50)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> "Hours":
        days = [each.weekday for each in self.weekly]
        dates = [each.date for each in self.exceptions]
        if len(set(days)) < len(days) or len(set(dates)) < len(dates):
            raise refused("names a day twice", "Send each weekday and each date once, with all of its ranges.")
        if not all(is_time_off(each.frm, each.until) for each in self.absences):
            raise refused("has an absence that ends before it begins, or after years", "Send two years at most each.")
        try:
            rules_of(self)
        except ValueError:
            raise refused(
                "has ranges or travels that overlap, are empty or not in order",
                "Send them in order, each ending after it starts and not after the next one starts.",
            ) from None
        return self


def rules_of(hours: Hours) -> Availability:
    """The hours as the slot rules take them. ValueError when ranges or travels overlap."""
    weekly = {each.weekday - 1: _ranges(each.ranges) for each in hours.weekly}
    exceptions = {each.date: _ranges(each.ranges) for each in hours.exceptions}
    travels = tuple(Travel(each.first, each.last, each.zone) for each in hours.travels)
    return Availability(zone=hours.zone, weekly=weekly, exceptions=exceptions, travels=travels)


def absences_sent(hours: Hours) -> "list[Absence]":
    """The absences that were sent."""
    from chalicelib.services.offering.hours import Absence  # noqa: PLC0415 (loaded with the first call that needs it)

    return [Absence(**{**each.model_dump(), "id": each.id or ""}) for each in hours.absences]


def hours_view(held: "Held") -> HoursView:
    """The hours as they are shown."""
    return HoursView(**_shown(held))


def hours_set(held: "Held", affected: "Iterable[Appointment]") -> HoursSetView:
    """The hours as they are shown after a change."""
    return HoursSetView(**_shown(held), affected=[_affected(each) for each in affected])


def _shown(held: "Held") -> dict[str, object]:
    from chalicelib.services.offering.hours import absences_of  # noqa: PLC0415 (as above)

    rules = held.rules()
    weekly = [Weekday(weekday=day + 1, ranges=_shown_ranges(ranges)) for day, ranges in sorted(rules.weekly.items())]
    exceptions = [DateHours(date=day, ranges=_shown_ranges(each)) for day, each in sorted(rules.exceptions.items())]
    return {
        "zone": rules.zone,
        "holidays": held.holidays,
        "weekly": weekly,
        "exceptions": exceptions,
        "travels": [Trip(first=each.first, last=each.last, zone=each.zone) for each in rules.travels],
        "absences": [Away(**vars(each)) for each in absences_of(held)],
    }


def _affected(held: "Appointment") -> Affected:
    return Affected(
        id=held.id,
        customer=held.subject,
        service=held.service,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        state=held.state.value,
    )


def _ranges(ranges: list[Range]) -> tuple[WorkingRange, ...]:
    return tuple(WorkingRange(_minutes(each.start), _minutes(each.end), each.site) for each in ranges)


def _shown_ranges(ranges: tuple[WorkingRange, ...]) -> list[Range]:
    return [Range(start=_clock(each.start), end=_clock(each.end), site=each.site) for each in ranges]


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
