"""The record of processing says what the declarations say, and counts without naming anybody."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import (
    Basis,
    Category,
    Counted,
    Elsewhere,
    Handling,
    Keep,
    Key,
    Purpose,
    Source,
    Subject,
    Then,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import days, minutes, months, years
from chalicelib.messages.notice_words import words
from chalicelib.messages.processing_words import PROCESSING_LANGUAGES, processing_words
from chalicelib.records._fields import InstantAttribute, Sealed, internal, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.ledger_day import LedgerDay
from chalicelib.records.processors import PROCESSORS
from chalicelib.records.writing import Transaction
from chalicelib.services.ledger.telling import FEWEST_TENANTS, SETTLED
from chalicelib.services.notice import processing_record
from chalicelib.services.notice.processing_record import (
    DAYS,
    Activity,
    HandOver,
    ProcessingRecording,
    Responsible,
    activities,
    by_month,
    processors,
)
from tests.fakes import DrivenClock
from tests.stage import stage

TEN_YEARS = "120 months from the end of the contract, counted from the end of that financial year"
WHO = Responsible(name="Muster AG", postal="Seestrasse 1", mail="datenschutz@example.ch")


class TriedInvoice(RecordsTable, discriminator="TriedInvoice"):
    """A kind with everything that a declaration can say."""

    handling = Handling(
        category=Category.PAYMENT,
        purposes=(Purpose.ACCOUNT, Purpose.LEGAL_DUTY),
        basis=Basis.LEGAL_OBLIGATION,
        source=Source.TENANT,
        about=Subject.CUSTOMER,
        recipients=("mailgun",),
        keep=(
            Keep(
                months(12),
                "ended_at",
                Counted.FROM_END_OF_DAY,
                elsewhere=(Elsewhere(months(24), "the terms of 2025"),),
            ),
            Keep(minutes(90), "at"),
            Keep(days(0), "left_at"),
        ),
        then=Then.BLOCK_THEN_DELETE,
        blocked=Keep(years(10), "ended_at", Counted.FROM_END_OF_FINANCIAL_YEAR),
        key=Key.OF_THE_YEAR,
        because="tried out",
    )

    ended_at = plain(InstantAttribute(null=True))
    of_customer = pseudonym(UnicodeAttribute())
    number = internal(UnicodeAttribute(), why="counts")
    amount = Sealed[str](export=False, why="tried")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Activity]:
    """Makes its row in a language; the notice has no word for it."""

    def with_name(language: str) -> dict[str, Any]:
        said = words(language)
        return {**said, "kind_names": {**said["kind_names"], "TriedInvoice": "Invoice"}}

    monkeypatch.setattr(processing_record, "spoken", with_name)
    return lambda language: activities(language, [TriedInvoice])[0]


def counted(clock: DrivenClock, day: date, tenants: int, **processors: int) -> None:
    """So many businesses with these counts on that day."""
    for number in range(tenants):
        held = LedgerDay.current(f"{number + 1:032x}", day)
        held.processors = dict(processors)
        transaction = Transaction()
        transaction.create(held)
        transaction.commit()


@pytest.fixture
def clock() -> DrivenClock:
    """A clock that stands at noon."""
    return DrivenClock(datetime(2026, 12, 10, 12, 0, tzinfo=UTC))


@pytest.fixture
def recording(clock: DrivenClock) -> Iterator[ProcessingRecording]:
    """The service on empty tables."""
    with stage(clock):
        yield ProcessingRecording(clock, WHO, WHO)


def test_a_row_says_everything_that_is_declared(tried: Callable[[str], Activity]) -> None:
    """In English."""
    row = tried("en")

    assert row.purposes == ("running the account of the business", "keeping what the law or a legal claim requires")
    assert (row.gdpr, row.fadp) == ("Art. 6(1)(c) GDPR", "Art. 31(1) FADP: law")
    assert row.responsible == "the business, for which the operator processes the data"
    assert row.about == "customers of businesses"
    assert row.recipients == ("mailgun", "aws")
    assert row.category == "payment data"
    assert row.measures == "encrypted with a key of the financial year: amount"
    assert row.why == "tried out"
    assert row.kept == (
        "12 months from the end of the contract, counted from the end of that day",
        "where the terms of 2025 names a longer period, the one stated here holds",
        "1 hour 30 minutes from the entry",
        "until the end of the work there",
        f"then blocked, and kept for a legal duty only: {TEN_YEARS}",
    )


def test_a_row_says_it_in_german(tried: Callable[[str], Activity]) -> None:
    """With the words of the notice and those of its own."""
    row = tried("de")

    assert row.kept[0] == "12 Monate ab Vertragsende, gezählt ab dem Ende jenes Tages"
    assert row.measures == "mit einem Schlüssel des Geschäftsjahres verschlüsselt: amount"
    assert row.about == "Kundinnen und Kunden der Betriebe"


def test_field_by_field(tried: Callable[[str], Activity]) -> None:
    """How it is stored, who is told, what becomes of it, and why."""
    fields = {each.name: each for each in tried("en").fields}

    assert {name: each.form for name, each in fields.items()} == {
        "amount": "encrypted",
        "ended_at": "as it is",
        "of_customer": "as a pseudonym",
        "number": "as it is",
    }
    assert (fields["amount"].access, fields["amount"].export, fields["amount"].why) == (True, False, "tried")
    assert (fields["number"].access, fields["number"].export, fields["number"].erase) == (False, False, "removed")


@pytest.mark.parametrize("language", PROCESSING_LANGUAGES)
def test_every_kind_and_every_processor_has_its_row(language: str) -> None:
    """With every field that the kind declares, in the order of the catalogue."""
    rows, held = activities(language), processors(language)

    assert [row.kind for row in rows] == [kind.kind_name() for kind in RECORDS]
    assert [{field.name for field in row.fields} for row in rows] == [set(kind.declarations()) for kind in RECORDS]
    assert [each.name for each in held] == [each.name for each in PROCESSORS]
    assert [bool(each.parent) for each in held] == [each.parent is not None for each in PROCESSORS]


def test_who_answers_for_it_and_as_of_when(recording: ProcessingRecording, clock: DrivenClock) -> None:
    """The day is UTC's; measures are those of the language."""
    clock.now = datetime(2026, 12, 10, 23, 30, tzinfo=UTC)

    told = recording.current("de")

    assert (told.controller, told.officer, told.language) == (WHO, WHO, "de")
    assert told.as_of == date(2026, 12, 10)
    assert told.measures == tuple(processing_words("de")["measures_text"])
    assert told.hand_overs == ()


def test_hand_overs_are_added_up_over_businesses(recording: ProcessingRecording, clock: DrivenClock) -> None:
    """Per processor and day; nobody is named."""
    counted(clock, date(2026, 12, 7), FEWEST_TENANTS, mailgun=3, twilio=1)
    counted(clock, date(2026, 12, 8), FEWEST_TENANTS + 2, mailgun=1)

    assert recording.current("en").hand_overs == (
        HandOver(processor="mailgun", day=date(2026, 12, 7), count=15),
        HandOver(processor="twilio", day=date(2026, 12, 7), count=5),
        HandOver(processor="mailgun", day=date(2026, 12, 8), count=7),
    )


def test_what_few_businesses_handed_over_is_left_out(recording: ProcessingRecording, clock: DrivenClock) -> None:
    """The record is public, and the figure would be theirs; the installation itself is no business."""
    counted(clock, date(2026, 12, 7), FEWEST_TENANTS - 1, mailgun=3)
    own = LedgerDay.current(INSTALLATION, date(2026, 12, 7))
    own.processors = {"mailgun": 9}
    transaction = Transaction()
    transaction.create(own)
    transaction.commit()

    assert recording.current("en").hand_overs == ()


@pytest.mark.parametrize(("seconds", "shown"), [(-1, False), (0, True), (1, True)])
def test_a_day_is_shown_once_it_is_settled(
    recording: ProcessingRecording, clock: DrivenClock, seconds: int, *, shown: bool
) -> None:
    """From then on its figures do not change, so two looks tell nothing by differing."""
    counted(clock, date(2026, 12, 10), FEWEST_TENANTS, ses=1)

    clock.now = datetime(2026, 12, 11, tzinfo=UTC) + SETTLED + timedelta(seconds=seconds)

    assert bool(recording.current("en").hand_overs) is shown


def test_the_last_31_days_are_shown(recording: ProcessingRecording, clock: DrivenClock) -> None:
    """The day before them is not."""
    last = date(2026, 12, 8)
    for back in (0, DAYS - 1, DAYS):
        counted(clock, last - timedelta(days=back), FEWEST_TENANTS, ses=1)

    shown = [each.day for each in recording.current("en").hand_overs]

    assert shown == [last - timedelta(days=DAYS - 1), last]


def test_a_settled_day_is_looked_up_once(
    recording: ProcessingRecording, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for the record again and again costs nothing more."""
    asked: list[date] = []
    monkeypatch.setattr(processing_record, "handed_over", lambda day: asked.append(day) or {})

    recording.current("en")
    recording.current("de")
    clock.now = clock() + timedelta(days=1)
    recording.current("en")

    assert len(asked) == len({*asked}) == DAYS + 1


def test_hand_overs_by_month() -> None:
    """For the page and the workbook."""
    found = by_month(
        [
            HandOver(processor="ses", day=date(2026, 11, 30), count=2),
            HandOver(processor="ses", day=date(2026, 12, 1), count=3),
            HandOver(processor="ses", day=date(2026, 12, 2), count=4),
        ]
    )

    assert found == {("ses", "2026-11"): 2, ("ses", "2026-12"): 7}
