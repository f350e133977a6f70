"""Times that became free, until they were offered to those who wait for one."""

from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._base import OFFER
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

_WHY = "a time without anybody's name"


class FreedTime(RecordsTable, discriminator="FreedTime"):
    """A time of a service that somebody gave back. Due at once, and removed when nobody is left to offer it to.

    While it is kept for somebody, it stands in the day sheets of `calendars` under its id, and is due once that ends.
    """

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(0), "starts_at"),),
        then=Then.DELETE,
    )

    service = internal(UnicodeAttribute(), why=_WHY)
    expert = internal(UnicodeAttribute(), why=_WHY)
    starts_at = internal(InstantAttribute(), why=_WHY)
    ends_at = internal(InstantAttribute(), why=_WHY)
    next_at = internal(InstantAttribute(), why="when it is offered next")
    calendars = internal(UnicodeSetAttribute(null=True), why="whose time is kept while it is offered")
    blocked_from = internal(InstantAttribute(null=True), why=_WHY)
    blocked_until = internal(InstantAttribute(null=True), why=_WHY)
    group = internal(NumberAttribute(default=0), why=_WHY)

    @classmethod
    def ref(cls, tenant: str, freed: str) -> "Ref[FreedTime]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"FREED#{freed}")

    @property
    def id(self) -> str:
        """Its id."""
        return self.sk.removeprefix("FREED#")

    @property
    def slot(self) -> str:
        """What it is, however often it becomes free: who declined it is not asked again."""
        return f"{int(self.starts_at.timestamp())}#{self.expert}"

    def due(self) -> tuple[str, datetime | None]:
        """When it is offered next, as long as it lies ahead."""
        return super().due() if self.is_absent() else (OFFER, self.next_at)
