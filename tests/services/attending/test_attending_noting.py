"""Staff look at one appointment and note what became of it; what they note, people may ask for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import ConflictError, NotFoundError, RestrictedError, VersionMismatchError
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from tests.builders import MONDAY_10, NETWORK, booked
from tests.records.record_builders import store
from tests.services.attending_builders import cancel, colleague, practice, task
from tests.services.looking import ledger, now_of

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(("seconds", "good"), [(-1, False), (0, True), (1, True)])
def test_nobody_came_once_it_has_begun(seconds: int, *, good: bool) -> None:
    """To the second; noted with who says so."""
    with practice() as (on, of):
        held = booked(on, of)
        on.clock.now = MONDAY_10 + seconds * SECOND
        if not good:
            with pytest.raises(ConflictError, match="begun"):
                on.services.attending_notes.no_show(task(of, held), came=False)
            return

        assert on.services.attending_notes.no_show(task(of, held), came=False).no_show_at == on.clock.now
        assert [(each.actor, each.about) for each in ledger(Action.NO_SHOW_NOTED)] == [(of.expert, held.subject)]


def test_it_can_be_taken_back() -> None:
    """Twice is once, in both directions."""
    with practice() as (on, of):
        held, notes = booked(on, of), on.services.attending_notes
        on.clock.now = MONDAY_10 + HOUR
        for came in (False, False, True, True):
            on.clock.move(seconds=1)
            notes.no_show(task(of, held), came=came)

        assert now_of(held).no_show_at is None
        assert [len(ledger(each)) for each in (Action.NO_SHOW_NOTED, Action.NO_SHOW_UNDONE)] == [1, 1]


def test_what_was_off_was_not_missed() -> None:
    """Only what stands."""
    with practice() as (on, of):
        held = booked(on, of)
        cancel(on, of, held)
        on.clock.now = MONDAY_10 + HOUR
        with pytest.raises(ConflictError, match="confirmed"):
            on.services.attending_notes.no_show(task(of, held), came=False)


@pytest.mark.parametrize("text", ["Kommt mit Krücken", None])
def test_a_note_takes_the_place_of_the_one_before(text: str | None) -> None:
    """Sealed, and part of the access answer."""
    with practice() as (on, of):
        held, notes = booked(on, of), on.services.attending_notes
        notes.note(task(of, held), "Erster")
        notes.note(task(of, held), text)

        stored = now_of(held)
        assert stored.note == text
        assert "note" not in stored.attribute_values
        asked = Asked(ground=Ground.LEGAL_CLAIM, actor=of.expert, network=NETWORK)
        (told,) = [
            each
            for each in on.services.viewing.of_customer(of.tenant, held.subject, asked)
            if each.kind == "Appointment"
        ]
        assert {each.name: each.value for each in told.fields}["note"] == text
        assert len(ledger(Action.APPOINTMENT_NOTED)) == 2


def test_notes_change_the_version_seen_before() -> None:
    """Links stay as they are."""
    with practice() as (on, of):
        held, notes = booked(on, of), on.services.attending_notes
        noted = notes.note(task(of, held, version=1), "Eins")

        assert (int(noted.version), int(noted.sequence)) == (2, int(held.sequence))
        with pytest.raises(VersionMismatchError):
            notes.note(task(of, held, version=1), "Zwei")


def test_one_appointment_with_all_that_belongs_to_it() -> None:
    """Answers, the note, and how many of the customer's appointments were missed; the look is noted."""
    with practice() as (on, of):
        held, missed = booked(on, of), booked(on, of, starts_at=MONDAY_10 - DAY * 3)
        ref = GivenAnswer.ref(of.tenant, held.subject, held.id, "q")
        held.answers = {"q"}
        transaction = Transaction()
        transaction.update(held)
        transaction.commit()
        kept = {"kept_until": MONDAY_10 + DAY, "appointment_ends_at": held.ends_at, "purpose": "p"}
        store(GivenAnswer(ref.pk, ref.sk, appointment=held.id, question="Krücken?", answer="Ja", **kept))
        on.clock.now = MONDAY_10 - HOUR
        on.services.attending_notes.no_show(task(of, missed), came=False)

        seen = on.services.attending_notes.see(task(of, held))

        assert (seen.appointment.given_name, seen.state, seen.no_shows) == ("Anna", State.CONFIRMED, 1)
        assert [(each.question, each.answer) for each in seen.answers] == [("Krücken?", "Ja")]
        assert [(each.about, each.thing) for each in ledger(Action.APPOINTMENT_READ)] == [(held.subject, held.id)]


def test_no_shows_count_under_all_ids_of_a_person() -> None:
    """Whichever of the merged entries they lie under."""
    with practice() as (on, of):
        one, two = booked(on, of), booked(on, of, starts_at=MONDAY_10 + HOUR, email="a@andere.example")
        for person, changes in ((one, {"merged": {two.subject}}), (two, {"merged_into": one.subject})):
            customer = fetch(Customer.ref(of.tenant, person.subject))
            assert customer is not None
            for name, value in changes.items():
                setattr(customer, name, value)
            transaction = Transaction()
            transaction.update(customer)
            transaction.commit()
        on.clock.now = MONDAY_10 + DAY
        for each in (one, two):
            on.services.attending_notes.no_show(task(of, each), came=False)

        assert [on.services.attending_notes.see(task(of, each)).no_shows for each in (one, two)] == [2, 2]


def test_a_restricted_person_is_shown_without_what_is_about_them() -> None:
    """And nothing is noted about them any more."""
    with practice() as (on, of):
        held, notes = booked(on, of), on.services.attending_notes
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
        on.clock.now = MONDAY_10 + HOUR

        assert notes.see(task(of, held)).answers == []
        for write in (lambda: notes.note(task(of, held), "x"), lambda: notes.no_show(task(of, held), came=False)):
            with pytest.raises(RestrictedError, match="lifted"):
                write()


def test_experts_see_and_note_their_own() -> None:
    """What is a colleague's does not exist for them; a refused look is no look."""
    with practice() as (on, of):
        held, beat, notes = booked(on, of), colleague(on, of), on.services.attending_notes
        on.clock.now = MONDAY_10 + HOUR
        mine = task(of, held, caller=beat)
        for act in (lambda: notes.see(mine), lambda: notes.note(mine, "x"), lambda: notes.no_show(mine, came=False)):
            with pytest.raises(NotFoundError):
                act()

        assert ledger(Action.APPOINTMENT_READ) == []
        notes.see(task(of, held, caller=replace(of.session, roles=frozenset({"expert"}))))


def test_all_appointments_of_somebody_are_those_under_their_id() -> None:
    """And nobody else's."""
    with practice() as (on, of):
        mine = booked(on, of)
        booked(on, of, starts_at=MONDAY_10 + HOUR, email="b@kundin.example")

        assert [each.id for each in Appointment.all_of(of.tenant, mine.subject)] == [mine.id]
