"""An expert's hours as they are sent and shown: wall times in the expert's zone."""

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from chalicelib.api._models import Body, LocalDate, LocalTime, View, refused
from chalicelib.api._people import Zone
from chalicelib.domain.slots import Availability, WorkingRange


class Range(Body):
    """From `start` to before `end`, on one day; `24:00` ends the day."""

    start: LocalTime
    end: LocalTime


Ranges = Annotated[list[Range], Field(max_length=24)]


class Weekday(Body):
    """The ranges of one weekday; 1 is Monday, 7 Sunday (ISO 8601)."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    ranges: Ranges


class DateHours(Body):
    """The ranges of one date, in place of the weekly ones; none: closed."""

    date: LocalDate
    ranges: Ranges


class HoursView(View):
    """Hours as they are stored."""

    zone: str
    weekly: list[Weekday]
    exceptions: list[DateHours]


class Hours(Body):
    """Hours as they are set: all of them at once."""

    View: ClassVar[type[HoursView]] = HoursView

    zone: Zone
    weekly: Annotated[list[Weekday], Field(max_length=7)]
    exceptions: Annotated[list[DateHours], Field(max_length=400)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> "Hours":
        days = [each.weekday for each in self.weekly]
        dates = [each.date for each in self.exceptions]
        if len(set(days)) < len(days) or len(set(dates)) < len(dates):
            raise refused("names a day twice", "Send each weekday and each date once, with all of its ranges.")
        try:
            rules_of(self)
        except ValueError:
            raise refused(
                "has ranges that overlap, are empty or not in order",
                "Send the ranges of a day in order, each ending after it starts and not after the next one starts.",
            ) from None
        return self


def rules_of(hours: Hours) -> Availability:
    """The hours as the slot rules take them. ValueError when ranges overlap."""
    weekly = {each.weekday - 1: _ranges(each.ranges) for each in hours.weekly}
    exceptions = {each.date: _ranges(each.ranges) for each in hours.exceptions}
    return Availability(zone=hours.zone, weekly=weekly, exceptions=exceptions)


def hours_of(rules: Availability) -> HoursView:
    """The rules as they are shown."""
    return HoursView(
        zone=rules.zone,
        weekly=[Weekday(weekday=day + 1, ranges=_shown(ranges)) for day, ranges in sorted(rules.weekly.items())],
        exceptions=[DateHours(date=day, ranges=_shown(ranges)) for day, ranges in sorted(rules.exceptions.items())],
    )


def _ranges(ranges: list[Range]) -> tuple[WorkingRange, ...]:
    return tuple(WorkingRange(_minutes(each.start), _minutes(each.end)) for each in ranges)


def _shown(ranges: tuple[WorkingRange, ...]) -> list[Range]:
    return [Range(start=_clock(each.start), end=_clock(each.end)) for each in ranges]


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
