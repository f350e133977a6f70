"""What staff accept of terms and notice: shown, noted once, and asked again when something important has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain import versions as terms
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, RestrictedError
from chalicelib.domain.versions import TERMS_VERSION, Version
from chalicelib.records.staff import Acceptance, Staff
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.notice import accepting
from chalicelib.services.notice.accepting import Accepting
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, registered
from tests.fakes import DrivenClock
from tests.notices import facts, kept, kind, publications, version
from tests.services.looking import ledger, stored, the
from tests.stage import Stage, stage

OLD = version("2026-11-22", facts(kind("Newsletter", basis="CONSENT")))
WORDS = version("2026-12-01", facts(kind("Newsletter", basis="CONSENT", source="TENANT")))
NEWS = version("2027-01-01", facts(kind("Newsletter", basis="CONSENT", source="TENANT", periods=(kept(since="at"),))))
CONSENT = version("2027-02-01", facts(kind("Newsletter", basis="CONSENT", purposes=("APPOINTMENT", "SECURITY"))))
BEFORE = datetime(2026, 11, 25, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


@contextmanager
def accepted(*held: Version, told: str = OLD.version) -> Iterator[tuple[Stage, Accepting, StaffSession]]:
    """A member of staff who accepted a version when registering, and the service with these versions."""
    with stage(DrivenClock(BEFORE)) as on:
        vars(on.services)["registering"] = replace(on.services.registering, versions=publications(*held))
        session = on.services.sessions.authenticate(registered(on, notice_version=told).token)
        yield on, Accepting(on.clock, publications(*held)), session


def accept(service: Accepting, caller: StaffSession, notice: str, **changes: Any) -> accepting.Acceptances:
    """Accepts a version of the notice."""
    given = {"terms_version": TERMS_VERSION, "notice_version": notice, "language": "de", **changes}
    return service.accept(caller, network=NETWORK, **given)


def test_what_was_accepted_at_registration_is_shown() -> None:
    """With when and in which language; nothing is asked as long as it is in force."""
    with accepted(OLD, NEWS) as (_, service, caller):
        held = service.standing(caller)

        (proof,) = held.accepted
        assert (proof.terms_version, proof.notice_version, proof.language) == (TERMS_VERSION, OLD.version, "de")
        assert proof.accepted_at == BEFORE
        assert (held.notice, held.announced) == (OLD, (NEWS,))
        assert (held.asks_acceptance, held.asks_consent) == (False, ())


@pytest.mark.parametrize(("at", "asks"), [(NEW_YEAR.replace(hour=22, minute=59, second=59), False), (NEW_YEAR, True)])
def test_an_important_version_is_asked_for_from_the_second_it_is_in_force(at: datetime, asks: bool) -> None:
    """One that only changes words is not."""
    with accepted(OLD, WORDS, NEWS) as (on, service, caller):
        on.clock.now = at

        assert service.standing(caller).asks_acceptance is asks


def test_accepting_ends_the_question_and_is_proven() -> None:
    """A second proof beside the first, an entry in the ledger, and no message about what was just shown."""
    with accepted(OLD, NEWS) as (on, service, caller):
        on.clock.now = NEW_YEAR
        held = accept(service, caller, NEWS.version, language="en")

        assert [each.notice_version for each in held.accepted] == [OLD.version, NEWS.version]
        assert not held.asks_acceptance
        assert stored(Acceptance)[-1].language == "en"
        assert stored(Acceptance)[-1].accepted_at == NEW_YEAR
        (entry,) = ledger(Action.NOTICE_ACCEPTED)
        assert (entry.actor, entry.thing, entry.network) == (caller.staff, NEWS.version, NETWORK)
        assert the(Staff).told_version == NEWS.version


def test_what_is_announced_can_be_accepted_ahead() -> None:
    """And is not asked for when it comes into force."""
    with accepted(OLD, NEWS) as (on, service, caller):
        accept(service, caller, NEWS.version)
        on.clock.now = NEW_YEAR

        assert not service.standing(caller).asks_acceptance


def test_accepting_twice_changes_nothing() -> None:
    """The proof says when it was accepted first."""
    with accepted(OLD, NEWS) as (on, service, caller):
        on.clock.move(days=1)
        again = accept(service, caller, OLD.version)

        assert [each.accepted_at for each in again.accepted] == [BEFORE]
        assert ledger(Action.NOTICE_ACCEPTED) == []


def test_an_older_version_than_the_one_told_takes_nothing_back() -> None:
    """Who was told of what is to come may still accept what is in force."""
    with accepted(OLD, NEWS, told=NEWS.version) as (_, service, caller):
        accept(service, caller, OLD.version)

        assert the(Staff).told_version == NEWS.version


@pytest.mark.parametrize(
    ("field", "changed"),
    [("terms_version", {"terms_version": "2020-01-01"}), ("notice_version", {"notice_version": OLD.version})],
)
def test_what_is_past_or_unknown_is_refused(field: str, changed: dict[str, str]) -> None:
    """By the name of the field, with the version to show instead; nothing is noted."""
    with accepted(OLD, NEWS) as (on, service, caller):
        on.clock.now = NEW_YEAR
        with pytest.raises(InvalidInputError) as refused:
            accept(service, caller, changed.pop("notice_version", NEWS.version), **changed)

        assert refused.value.field == field
        assert len(stored(Acceptance)) == 1


def test_a_consent_is_asked_for_again_when_its_purpose_changes() -> None:
    """For what rests on it, until the version is accepted."""
    with accepted(OLD, NEWS, CONSENT) as (on, service, caller):
        on.clock.now = CONSENT.effective_at
        before = service.standing(caller).asks_consent
        after = accept(service, caller, CONSENT.version).asks_consent

        assert (before, after) == (("Newsletter",), ())


def test_new_terms_are_asked_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the notice."""
    with accepted(OLD) as (_, service, caller):
        monkeypatch.setattr(accepting, "TERMS_VERSION", "2027-01-01")
        monkeypatch.setattr(terms, "TERMS_VERSION", "2027-01-01")
        assert service.standing(caller).asks_acceptance
        accept(service, caller, OLD.version, terms_version="2027-01-01")

        assert not service.standing(caller).asks_acceptance


def test_whose_data_is_restricted_accepts_nothing_meanwhile() -> None:
    """The record of a person can't be changed; that is said, and nothing is noted."""
    with accepted(OLD, NEWS) as (_, service, caller):
        held = the(Staff)
        held.restricted_since = BEFORE
        transaction = Transaction()
        transaction.mark(held)
        transaction.commit()

        with pytest.raises(RestrictedError):
            accept(service, caller, NEWS.version)
        assert len(stored(Acceptance)) == 1


def test_the_same_acceptance_at_the_same_moment_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second gets the same answer; a race with something else is told."""
    with accepted(OLD, NEWS) as (_, service, caller):
        first = Accepting(service.clock, service.versions)
        whole = Transaction.commit

        def beaten(self: Transaction) -> None:
            monkeypatch.setattr(Transaction, "commit", whole)
            accept(first, caller, NEWS.version)
            whole(self)

        monkeypatch.setattr(Transaction, "commit", beaten)
        held = accept(service, caller, NEWS.version)
        assert [each.notice_version for each in held.accepted] == [OLD.version, NEWS.version]
        assert len(ledger(Action.NOTICE_ACCEPTED)) == 1


def test_a_race_with_something_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying again settles it."""
    with accepted(OLD, NEWS) as (_, service, caller):
        monkeypatch.setattr(Transaction, "commit", _lost)

        with pytest.raises(LostRaceError):
            accept(service, caller, NEWS.version)


def _lost(self: Transaction) -> None:
    raise LostRaceError(frozenset())
