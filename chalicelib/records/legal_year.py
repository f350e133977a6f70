"""The keys of financial years: what the law has kept for ten years is sealed under one, whoever it is about.

A year's key is the installation's. It ends with the record that stands for it, and so does the readability of all that
was issued in that year, at once and in every backup. That must not be before the last of it ends anywhere: so the
record counts in the zone whose midnight comes last, from the last day on which a year of that name can end.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from pynamodb.attributes import NumberAttribute

from chalicelib.domain.handling import Basis, Category, Counted, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import end_of_financial_year, years
from chalicelib.records._base import Record, legal_year
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref

LAST_ZONE = "Etc/GMT+12"  # twelve hours behind UTC, despite the sign; no zone is farther behind
_LAST_DAY = (12, 31)  # a financial year is named by the calendar year it ends in, so it ends by then
_NAME = legal_year(0).removesuffix("0")


class LegalYear(RecordsTable, discriminator="LegalYear"):
    """Stands for the key of one financial year. When its ten years are over, the key is destroyed with it."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.LEGAL_DUTY,),
        basis=Basis.LEGAL_OBLIGATION,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(years(10), "last_day", Counted.FROM_END_OF_FINANCIAL_YEAR),),
        then=Then.DELETE,
    )

    year = internal(NumberAttribute(), why="which financial year: it says nothing about a person")
    last_day = internal(InstantAttribute(), why="the last second on which anything can be issued in that year")

    @classmethod
    def of(cls, year: int) -> "LegalYear":
        """The record of a year."""
        ref, zone = cls.ref(year), ZoneInfo(LAST_ZONE)
        end = end_of_financial_year(year, zone, ends=_LAST_DAY)
        return cls(ref.pk, ref.sk, zone=LAST_ZONE, year=year, last_day=end - timedelta(seconds=1))

    @classmethod
    def ref(cls, year: int) -> "Ref[LegalYear]":
        """Where it lies: with its key, among what belongs to the installation."""
        return Ref(cls, f"TENANT#{INSTALLATION}#SUBJECT#{legal_year(year)}", "LEGAL-YEAR")

    @classmethod
    def of_key(cls, record: Record) -> "Ref[LegalYear] | None":
        """Where the year lies whose key seals `record`; None for what is sealed with the person's key."""
        tenant, subject = record.key_of()
        named = tenant == INSTALLATION and subject.startswith(_NAME)
        return cls.ref(int(subject.removeprefix(_NAME))) if named else None
