"""Published versions are data: kept as they were told to people, in order, and the newest says what is declared."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.facts import Facts
from chalicelib.domain.handling import Elsewhere, Keep
from chalicelib.domain.periods import months, years
from chalicelib.domain.versions import Version
from chalicelib.records.appointment import Appointment
from chalicelib.records.declared import facts
from chalicelib.records.processors import PROCESSORS
from chalicelib.records.publications import FOLDER, published, written
from chalicelib.records.staff import Staff
from tests.records.record_builders import person, staff, store
from tests.stage import stage

ALL = pytest.mark.parametrize("held", published(), ids=lambda each: each.version)


def test_the_newest_version_states_what_is_declared() -> None:
    """Whoever changes a declaration publishes a version: `make notice VERSION=<today>`."""
    assert published()[-1].facts == facts()


def test_the_first_version_stays_as_it_was_told() -> None:
    """What people accepted can't be changed behind them."""
    first = published()[0]

    assert first.version == "2026-11-22"
    assert {each.name for each in first.facts.processors} == {"mailgun", "ses", "twilio", "smsapi"}
    assert len(first.facts.kinds) == 18
    ledger = first.facts.kind("LedgerEntry")
    assert ledger is not None
    assert (ledger.about, ledger.periods[0].counted) == ("STAFF", "FROM_THEN")


@ALL
def test_a_file_is_named_by_its_version_and_holds_nothing_else(held: Version) -> None:
    """It reads and writes without loss."""
    content = (FOLDER / f"{held.version}.json").read_text(encoding="utf-8")

    assert written(held) == content
    assert Facts.read(json.loads(json.dumps(held.facts.written()))) == held.facts


def test_versions_sort_by_name_as_they_come_into_force() -> None:
    """Who was told of which one is compared by name."""
    held = published()

    assert [each.version for each in held] == sorted(each.version for each in held)
    assert [each.effective for each in held] == sorted(each.effective for each in held)


def test_facts_follow_the_declaration() -> None:
    """Periods with what was published elsewhere, fields that people are told of, members by their names."""
    (kind,) = facts([Appointment], PROCESSORS).kinds

    assert kind.purposes == ("APPOINTMENT", "NOTIFICATION")
    assert (kind.fields["email"], kind.fields["expert"], kind.fields["state"]) == ("SEALED", "PSEUDONYM", "PLAIN")
    assert "sequence" not in kind.fields
    assert kind.periods[0].period == months(12)


def test_periods_that_disagree_are_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried with a declaration that does."""
    disagreeing = Keep(months(12), "ends_at", elsewhere=(Elsewhere(years(2), "the terms of 2024"),))
    monkeypatch.setattr(Appointment, "handling", replace(Appointment.handling, keep=(disagreeing,)))

    (kind,) = facts([Appointment], PROCESSORS).kinds

    (other,) = kind.periods[0].elsewhere
    assert (other.period, other.where) == (years(2), "the terms of 2024")


def test_staff_are_found_by_the_version_they_were_told_of() -> None:
    """One that is not noted counts as the first; who was told of the version asked for, or a newer one, is left out."""
    told = {"a" * 32: None, "b" * 32: "2026-12-01", "c" * 32: "2027-01-01", "d" * 32: "2027-02-01"}
    with stage() as on:
        for subject, version in told.items():
            person(on, subject=subject)
            store(staff(subject=subject, told_version=version))

        found = [(each.subject, each.told) for each in Staff.told_before("2027-01-01")]

    assert found == [("a" * 32, "2026-11-22"), ("b" * 32, "2026-12-01")]
