"""When an expert works."""

from datetime import date, datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import Travel, WorkingRange
from chalicelib.records._fields import InstantAttribute, internal, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query

Ranges = list[list[Any]]


class Availability(RecordsTable, discriminator="Availability"):
    """An expert's weekly hours and the dates that differ, in minutes of the expert's wall clock.

    A range is [start, end] or [start, end, site]. `travels` holds [first day, last day, zone], `absences`
    {"id", "from", "until", "stand_in"} with instants (ISO); why somebody is away is nobody's business.
    """

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(0), "left_at"),),
        then=Then.DELETE,
    )

    expert_zone = plain(UnicodeAttribute())
    weekly = plain(JSONAttribute())
    exceptions = plain(JSONAttribute())
    travels = plain(JSONAttribute(default=list))
    absences = plain(JSONAttribute(default=list))
    holidays = plain(UnicodeAttribute(null=True))
    linked = internal(BooleanAttribute(default=False), why="whether a calendar of their own is to be told")
    left_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, staff: str) -> "Ref[Availability]":
        """Where the availability of one expert lies."""
        return Ref(cls, f"TENANT#{tenant}", f"AVAILABILITY#{staff}")

    @classmethod
    def all_of(cls, tenant: str) -> "list[Availability]":
        """The hours of all experts of a tenant."""
        return query(cls, f"TENANT#{tenant}", cls.sk.startswith("AVAILABILITY#"))

    @classmethod
    def of(cls, tenant: str, staff: str, *, zone: str, rules: Rules) -> "Availability":
        """The record of these rules; `zone` is the tenant's (for expiry), the rules carry the expert's own."""
        ref = cls.ref(tenant, staff)
        record = cls(ref.pk, ref.sk, zone=zone)
        record.change(rules)
        return record

    @property
    def expert(self) -> str:
        """Whose hours they are."""
        return self.sk.removeprefix("AVAILABILITY#")

    def change(self, rules: Rules) -> None:
        """Takes over new rules."""
        self.expert_zone = rules.zone
        self.weekly = {str(day): _plain(ranges) for day, ranges in rules.weekly.items()}
        self.exceptions = {day.isoformat(): _plain(ranges) for day, ranges in rules.exceptions.items()}
        self.travels = [[each.first.isoformat(), each.last.isoformat(), each.zone] for each in rules.travels]

    def forget(self, staff: str) -> bool:
        """Takes a colleague out who was to stand in; whether they were."""
        named = [each for each in self.absences if each["stand_in"] == staff]
        for each in named:
            each["stand_in"] = None
        return bool(named)

    def zone_at(self, at: datetime) -> str:
        """The zone of the wall where the expert is at an instant."""
        travels = tuple(_travel(*each) for each in self.travels)
        return Rules(zone=self.expert_zone, weekly={}, exceptions={}, travels=travels).zone_at(at)

    def rules(self) -> Rules:
        """The rules, as the slot computation takes them; without public holidays, which are nobody's own."""
        weekly = {int(day): _ranges(ranges) for day, ranges in self.weekly.items()}
        exceptions = {date.fromisoformat(day): _ranges(ranges) for day, ranges in self.exceptions.items()}
        travels = tuple(_travel(*each) for each in self.travels)
        return Rules(zone=self.expert_zone, weekly=weekly, exceptions=exceptions, travels=travels)


def _plain(ranges: tuple[WorkingRange, ...]) -> Ranges:
    return [[each.start, each.end, *([each.site] if each.site else [])] for each in ranges]


def _ranges(plain: Ranges) -> tuple[WorkingRange, ...]:
    return tuple(WorkingRange(*each) for each in plain)


def _travel(first: str, last: str, zone: str) -> Travel:
    return Travel(date.fromisoformat(first), date.fromisoformat(last), zone)
