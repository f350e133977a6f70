"""When an expert works."""

from datetime import date

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.domain.slots import Availability as Rules
from chalicelib.domain.slots import WorkingRange
from chalicelib.records._fields import InstantAttribute, internal, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

Ranges = list[tuple[int, int]]


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

    def rules(self) -> Rules:
        """The rules, as the slot computation takes them."""
        weekly = {int(day): _ranges(ranges) for day, ranges in self.weekly.items()}
        exceptions = {date.fromisoformat(day): _ranges(ranges) for day, ranges in self.exceptions.items()}
        return Rules(zone=self.expert_zone, weekly=weekly, exceptions=exceptions)


def _plain(ranges: tuple[WorkingRange, ...]) -> Ranges:
    return [(each.start, each.end) for each in ranges]


def _ranges(plain: Ranges) -> tuple[WorkingRange, ...]:
    return tuple(WorkingRange(start, end) for start, end in plain)
