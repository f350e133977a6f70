"""Kinds that nobody uses yet, to try what their declarations ask for; tests hand them over beside the catalogue."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.handling import (
    Basis,
    Category,
    Counted,
    Handling,
    Keep,
    Key,
    Purpose,
    Source,
    Subject,
    Then,
)
from chalicelib.domain.periods import Period, days, months, years
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable


def handling(*keep: Keep, then: Then = Then.DELETE, **more: Any) -> Handling:
    """A declaration that says only what matters to the test."""
    values: dict[str, Any] = {
        "category": Category.TECHNICAL,
        "purposes": (Purpose.OPERATION,),
        "basis": Basis.CONTRACT,
        "source": Source.SYSTEM,
        "about": Subject.CUSTOMER,
        "recipients": (),
    }
    return Handling(keep=keep, then=then, **{**values, **more})


class TrialInvoice(RecordsTable, discriminator="TrialInvoice"):
    """Kept for two months, then blocked until a legal duty of ten years is over."""

    handling = handling(
        Keep(months(2), "issued_at"),
        then=Then.BLOCK_THEN_DELETE,
        blocked=Keep(years(10), "issued_at", Counted.FROM_END_OF_FINANCIAL_YEAR),
        basis=Basis.LEGAL_OBLIGATION,
        key=Key.OF_THE_PERSON,
    )

    issued_at = plain(InstantAttribute())
    amount = plain(NumberAttribute(default=120))
    payer = Sealed[str]()

    def stamp(self) -> None:
        """A place in somebody's list, as an appointment has."""
        super().stamp()
        self.lookup_pk, self.lookup_sk = f"TENANT#{self.tenant}#INVOICES", self.sk


class TrialSurvey(RecordsTable, discriminator="TrialSurvey"):
    """What somebody answered: without the person after a month."""

    handling = handling(Keep(months(1), "answered_at"), then=Then.ANONYMISE)

    answered_at = plain(InstantAttribute())
    stars = plain(NumberAttribute())
    language = plain(UnicodeAttribute(attr_name="lang"))
    customer = pseudonym(UnicodeAttribute())
    received_as = internal(UnicodeAttribute(), why="the number under which a provider knows it")
    words = Sealed[str]()


class TrialDocument(RecordsTable, discriminator="TrialDocument"):
    """Something with files."""

    handling = handling(Keep(days(30), "sent_at"))
    has_files = True

    sent_at = plain(InstantAttribute())


class TrialNote(RecordsTable, discriminator="TrialNote"):
    """A kind whose period changes: see `with_period`."""

    handling = handling(Keep(days(30), "noted_at"))

    noted_at = plain(InstantAttribute())
    text = Sealed[str]()


TRIALS = (TrialInvoice, TrialSurvey, TrialDocument, TrialNote)


def with_period(period: Period, counted: Counted = Counted.FROM_THEN) -> None:
    """Another version of the declaration of notes."""
    TrialNote.handling = handling(Keep(period, "noted_at", counted))


def where(tenant: str, person: str, word: str, number: int = 1) -> tuple[str, str]:
    """The key of a trial record."""
    return f"TENANT#{tenant}#SUBJECT#{person}", f"{word}#{number:032x}"


def note(at: datetime, *, tenant: str, person: str, number: int = 1, **changes: Any) -> TrialNote:
    """A note of that moment."""
    return TrialNote(*where(tenant, person, "NOTE", number), noted_at=at, **changes)
