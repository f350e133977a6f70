"""What an expert's own calendar has to be told."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._base import SYNC
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref


class CalendarNews(RecordsTable, discriminator="CalendarNews"):
    """That an appointment is new, moved or gone; what it is by then is read when the calendar is told."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(7), "at"),),
        then=Then.DELETE,
        because="a calendar that can't be told for a week is no longer linked",
    )

    at = internal(InstantAttribute(), why="since when it waits")
    next_at = internal(InstantAttribute(), why="when it is tried next")
    customer = internal(UnicodeAttribute(), why="where the appointment lies")
    appointment = internal(UnicodeAttribute(), why="which appointment it is about")

    @classmethod
    def ref(cls, tenant: str, staff: str, news: str) -> "Ref[CalendarNews]":
        """Where it lies: with everything else about the expert."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{staff}", f"CALENDAR-NEWS#{news}")

    def due(self) -> tuple[str, datetime | None]:
        """When it is tried next, as long as anybody tries."""
        return super().due() if self.is_absent() else (SYNC, self.next_at)
