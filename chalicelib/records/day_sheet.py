"""The busy time of one expert, or one room, on one UTC day."""

from datetime import UTC, date, datetime, time, timedelta

from pynamodb.attributes import BinaryAttribute

from chalicelib.domain.busy import DayBusy
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import internal, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query


class DaySheet(RecordsTable, discriminator="DaySheet"):
    """Busy intervals with the id of what occupies them; no personal data. Every booking passes through its version."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(7), "ends_at"),),
        then=Then.DELETE,
        because="a past day needs no sheet; a week is room for corrections",
    )

    busy = internal(
        BinaryAttribute(legacy_encoding=False), why="times only, with ids of appointments that tell of themselves"
    )
    outside = plain(
        BinaryAttribute(legacy_encoding=False, null=True), export=False, why="a copy of times kept elsewhere"
    )

    @classmethod
    def ref(cls, tenant: str, calendar: str, day: date) -> "Ref[DaySheet]":
        """Where the sheet of one day lies."""
        return Ref(cls, cls.partition(tenant, calendar), day.isoformat())

    @classmethod
    def partition(cls, tenant: str, calendar: str) -> str:
        """The partition of all sheets of an expert or a room."""
        return f"TENANT#{tenant}#DAY#{calendar}"

    @classmethod
    def blank(cls, tenant: str, calendar: str, day: date) -> "DaySheet":
        """The sheet of a day on which nothing was booked yet."""
        ref = cls.ref(tenant, calendar, day)
        return cls(ref.pk, ref.sk, busy=DayBusy().encode())

    @classmethod
    def between(
        cls, tenant: str, calendar: str, first: date, last: date, *, consistent: bool = False
    ) -> "list[DaySheet]":
        """The sheets of the days from `first` to `last`: one Query."""
        days = cls.sk.between(first.isoformat(), last.isoformat())
        return query(cls, cls.partition(tenant, calendar), days, consistent=consistent)

    @classmethod
    def since(cls, tenant: str, calendar: str, first: date) -> "list[DaySheet]":
        """The sheets from a day on, as they are this very moment."""
        return query(cls, cls.partition(tenant, calendar), cls.sk >= first.isoformat(), consistent=True)

    @property
    def day(self) -> date:
        """The UTC day."""
        return date.fromisoformat(self.sk)

    @property
    def ends_at(self) -> datetime:
        """The end of the day."""
        return datetime.combine(self.day, time(), UTC) + timedelta(days=1)

    @property
    def content(self) -> DayBusy:
        """The busy intervals."""
        return DayBusy.decode(self.busy, self.outside or b"")

    @content.setter
    def content(self, content: DayBusy) -> None:
        self.busy, self.outside = content.encode(), content.encode_outside() or None
